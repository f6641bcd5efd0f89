use crate::MoneyError;
use crate::payments::{PAYMENT_FROM, Payment, read_payment};
use store::Tx;

store::statements! {
    // Each half ends after a page of its own index, however long the history.
    PAGE = PAYMENT_FROM!("JOIN (
            SELECT id FROM (SELECT id FROM payments
                WHERE payer_account = $1 AND id < $2 ORDER BY id DESC LIMIT $3) AS paid
            UNION ALL
            SELECT id FROM (SELECT id FROM payments
                WHERE payee_account = $1 AND id < $2 AND state = 1 ORDER BY id DESC LIMIT $3) AS received
        ) AS page ON page.id = p.id ORDER BY p.id DESC LIMIT $3");
}

pub(super) fn page(
    tx: &mut Tx<'_>,
    account: i64,
    before: i64,
    limit: usize,
) -> Result<Vec<Payment>, MoneyError> {
    let args = [account.into(), before.into(), (limit as i64).into()];
    tx.query(&PAGE, &args, |row| Ok(read_payment(row)))?
        .into_iter()
        .collect()
}
