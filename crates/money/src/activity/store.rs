use crate::MoneyError;
use crate::payments::{PAYMENT_FROM, Payment, read_payment};
use store::{DbError, Tx};

store::statements! {
    HEAD = "SELECT last_payment FROM accounts WHERE id = $1";
    AFTER = "SELECT CASE WHEN payer_account = $1 THEN payer_previous ELSE payee_previous END FROM payments
        WHERE id = $2 AND (payer_account = $1 OR (payee_account = $1 AND state <> 3))";
    LINKS = PAYMENT_FROM!("JOIN (
            WITH RECURSIVE chain (id, step) AS (
                SELECT CAST($2 AS BIGINT), CAST(1 AS BIGINT)
                UNION ALL
                SELECT CASE WHEN l.payer_account = $1 THEN l.payer_previous ELSE l.payee_previous END,
                    chain.step + 1
                FROM chain JOIN payments l ON l.id = chain.id WHERE chain.step < $3)
            SELECT id FROM chain
        ) AS page ON page.id = p.id ORDER BY p.id DESC");
}

/// The head of an account's chain; `None` without a payment.
pub(super) fn head(tx: &mut Tx<'_>, account: i64) -> Result<Option<i64>, DbError> {
    let head = tx.query(&HEAD, &[account.into()], |row| row.int(0))?;
    Ok(head.into_iter().next().filter(|id| *id != 0))
}

/// What the chain goes on with after one of its payments: `None` when that one is not in it,
/// `Some(None)` at its end.
pub(super) fn after(tx: &mut Tx<'_>, account: i64, payment: i64) -> Result<Option<Option<i64>>, DbError> {
    let next = tx.query(&AFTER, &[account.into(), payment.into()], |row| row.int(0))?;
    Ok(next.into_iter().next().map(|id| Some(id).filter(|id| *id != 0)))
}

/// So many payments of an account's chain from one of them on, newest first.
pub(super) fn links(
    tx: &mut Tx<'_>,
    account: i64,
    from: i64,
    count: usize,
) -> Result<Vec<Payment>, MoneyError> {
    let args = [account.into(), from.into(), (count as i64).into()];
    tx.query(&LINKS, &args, |row| Ok(read_payment(row)))?
        .into_iter()
        .collect()
}

/// Every payment with both accounts and its state, newest first.
#[cfg(test)]
pub(super) fn everything(tx: &mut Tx<'_>) -> Result<Vec<[i64; 4]>, DbError> {
    let all = store::Sql("SELECT id, payer_account, payee_account, state FROM payments ORDER BY id DESC");
    tx.query(&all, &[], |row| {
        Ok([row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?])
    })
}

/// As the ledger was before statements were chains.
#[cfg(test)]
pub(super) fn unchain(tx: &mut Tx<'_>) -> Result<(), DbError> {
    for sql in [
        "ALTER TABLE accounts DROP COLUMN last_payment",
        "ALTER TABLE payments DROP COLUMN payer_previous",
        "ALTER TABLE payments DROP COLUMN payee_previous",
        "CREATE INDEX payments_by_payer ON payments (payer_account, id)",
        "CREATE INDEX payments_by_payee ON payments (payee_account, id)",
        "DELETE FROM migrations WHERE room = 'money' AND number = 4",
    ] {
        tx.execute(&store::Sql(sql), &[])?;
    }
    Ok(())
}

/// Takes a payment out of its payer's statement.
#[cfg(test)]
pub(super) fn skip(tx: &mut Tx<'_>, account: i64) -> Result<(), DbError> {
    let skip = store::Sql(
        "UPDATE accounts SET last_payment =
            (SELECT payer_previous FROM payments WHERE id = accounts.last_payment) WHERE id = $1",
    );
    tx.execute(&skip, &[account.into()])?;
    Ok(())
}
