use crate::MoneyError;
use base::Timestamp;
use risk::{BadProfile, Profile};
use store::{DbError, Sql, Tx};

/// Rows of a page; a page is what verifying keeps of a table.
pub(super) const PAGE: i64 = 20_000;
/// Accounts whose balances and profiles are made again in one pass over the history: some 190 MB.
pub(super) const ACCOUNTS_OF_A_PASS: i64 = 550_000;
/// Ranges of accounts that were opened with a habit; only a bench's world has any.
const OPENINGS_MAX: i64 = 10_000;

store::statements! {
    SUM = "SELECT CAST(COALESCE(SUM(posted_minor), 0) AS BIGINT) FROM accounts";
    ACCOUNTS = "SELECT id, posted_minor, held_minor, day, day_used_minor, year, year_used_minor, kind,
            last_payment FROM accounts WHERE id > $1 ORDER BY id LIMIT $2";
    PROFILES = "SELECT id, profile FROM accounts WHERE id > $1 ORDER BY id LIMIT $2";
    OPENINGS = "SELECT first_account, last_account, profile FROM opening_profiles
        ORDER BY first_account LIMIT $1";
    BASELINES = "SELECT account, profile, up_to_number FROM profile_baselines
        WHERE account > $1 ORDER BY account LIMIT $2";
    LAST_ACCOUNT = "SELECT last_account FROM ledger_head WHERE id = 1";
    TRANSFERS = "SELECT id, payment, debit_account, credit_account, amount_minor, at_us FROM transfers
        WHERE id > $1 ORDER BY id LIMIT $2";
    PAYMENTS = "SELECT p.id, p.kind, p.state, p.payer_account, p.payee_account, p.amount_minor, p.at_us,
            p.day, p.channel, p.assessment, h.state, p.payer_previous, p.payee_previous
        FROM payments p LEFT JOIN holds h ON h.payment = p.id
        WHERE p.id > $1 ORDER BY p.id LIMIT $2";
    SIGNS = "SELECT id, account, sign, at_us FROM warning_signs WHERE id > $1 ORDER BY id LIMIT $2";
    ANSWERS = "SELECT a.id, a.body, p.nonce FROM answers a LEFT JOIN payments p ON p.id = a.id
        WHERE a.id > $1 ORDER BY a.id LIMIT $2";
    POSTED_WITHOUT_TRANSFER = "SELECT p.id FROM payments p LEFT JOIN holds h ON h.payment = p.id
        LEFT JOIN transfers t ON t.id = COALESCE(h.transfer, p.id)
        WHERE p.state = 1 AND (t.id IS NULL OR t.payment <> p.id OR t.debit_account <> p.payer_account
            OR t.credit_account <> p.payee_account OR t.amount_minor <> p.amount_minor
            OR t.currency <> p.currency) LIMIT 20";
    TRANSFER_WITHOUT_PAYMENT = "SELECT t.id FROM transfers t LEFT JOIN payments p ON p.id = t.payment
        LEFT JOIN holds h ON h.payment = t.payment
        WHERE t.payment <> 0
            AND (p.id IS NULL OR p.state <> 1 OR t.id <> COALESCE(h.transfer, p.id)) LIMIT 20";
    OPENING_FROM_A_CUSTOMER = "SELECT t.id FROM transfers t JOIN accounts a ON a.id = t.debit_account
        WHERE t.payment = 0 AND a.kind <> 0 LIMIT 20";
    MIXED_CURRENCIES = "SELECT t.id FROM transfers t JOIN accounts a ON a.id = t.debit_account
        JOIN accounts b ON b.id = t.credit_account
        WHERE t.currency <> a.currency OR t.currency <> b.currency LIMIT 20";
    HELD_WITHOUT_HOLD = "SELECT p.id FROM payments p LEFT JOIN holds h ON h.payment = p.id
        WHERE (p.state IN (0, 2) AND h.payment IS NULL) OR (h.payment IS NOT NULL AND h.state <> p.state)
        LIMIT 20";
    HOLD_WITHOUT_PAYMENT = "SELECT h.payment FROM holds h LEFT JOIN payments p ON p.id = h.payment
        WHERE p.id IS NULL OR p.payer_account <> h.payer_account LIMIT 20";
    UNEXPLAINED_END = "SELECT payment FROM holds
        WHERE (state <> 0 AND (ended_at_us IS NULL OR ended_by IS NULL))
            OR (state = 0 AND ended_at_us IS NOT NULL) OR (state = 1 AND transfer IS NULL)
            OR (state <> 1 AND transfer IS NOT NULL) OR deadline_us > latest_deadline_us LIMIT 20";
    PAYMENT_WITHOUT_ANSWER = "SELECT p.id FROM payments p LEFT JOIN answers a ON a.id = p.id
        WHERE a.id IS NULL AND p.id >= (SELECT answers_from FROM ledger_head WHERE id = 1) LIMIT 20";
}

/// What may not be there, and the query that finds it.
pub(super) const CONTRADICTIONS: &[(&str, Sql)] = &[
    ("a posted payment without its transfer", POSTED_WITHOUT_TRANSFER),
    ("a transfer without a posted payment", TRANSFER_WITHOUT_PAYMENT),
    ("an opening balance that a customer paid", OPENING_FROM_A_CUSTOMER),
    ("a transfer between currencies", MIXED_CURRENCIES),
    ("a payment that disagrees with its hold", HELD_WITHOUT_HOLD),
    ("a hold without its payment", HOLD_WITHOUT_PAYMENT),
    ("a hold whose end is not explained", UNEXPLAINED_END),
    ("a payment without an answer", PAYMENT_WITHOUT_ANSWER),
];

pub(super) struct AccountRow {
    pub id: i64,
    pub posted_minor: i64,
    pub held_minor: i64,
    pub day: i64,
    pub day_used_minor: i64,
    pub year: i64,
    pub year_used_minor: i64,
    pub is_rail: bool,
    pub last_payment: i64,
}

pub(super) struct Opening {
    pub first_account: i64,
    pub last_account: i64,
    pub profile: Result<Profile, BadProfile>,
}

/// A profile from before its history was kept.
pub(super) struct Baseline {
    pub account: i64,
    pub profile: Result<Profile, BadProfile>,
    pub up_to_number: i64,
}

pub(super) struct SignRow {
    pub id: i64,
    pub account: i64,
    pub sign: i64,
    pub at: Timestamp,
}

pub(super) struct TransferRow {
    pub id: i64,
    /// Zero: an opening balance.
    pub payment: i64,
    pub debit: i64,
    pub credit: i64,
    pub amount_minor: i64,
    pub at: Timestamp,
}

pub(super) struct PaymentRow {
    pub id: i64,
    pub kind: i64,
    pub state: i64,
    pub payer: i64,
    pub payee: i64,
    pub amount_minor: i64,
    pub at: Timestamp,
    pub day: i64,
    pub channel: i64,
    pub assessment: String,
    pub was_held: bool,
    pub payer_previous: i64,
    pub payee_previous: i64,
}

pub(super) struct AnswerRow {
    pub id: i64,
    pub body: Vec<u8>,
    /// Of the payment, if there is one.
    pub nonce: Option<i64>,
}

pub(super) fn sum(tx: &mut Tx<'_>) -> Result<i64, MoneyError> {
    Ok(tx.query_one(&SUM, &[], |row| row.int(0))?)
}

pub(super) fn contradictions(tx: &mut Tx<'_>, sql: &Sql) -> Result<Vec<i64>, DbError> {
    tx.query(sql, &[], |row| row.int(0))
}

pub(super) fn accounts(tx: &mut Tx<'_>, after: i64) -> Result<Vec<AccountRow>, DbError> {
    tx.query(&ACCOUNTS, &[after.into(), ACCOUNTS_OF_A_PASS.into()], |row| {
        Ok(AccountRow {
            id: row.int(0)?,
            posted_minor: row.int(1)?,
            held_minor: row.int(2)?,
            day: row.int(3)?,
            day_used_minor: row.int(4)?,
            year: row.int(5)?,
            year_used_minor: row.int(6)?,
            is_rail: row.int(7)? == 0,
            last_payment: row.int(8)?,
        })
    })
}

/// The stored profiles of a page of accounts, as they are.
pub(super) fn profiles(tx: &mut Tx<'_>, after: i64) -> Result<Vec<(i64, Vec<u8>)>, DbError> {
    tx.query(&PROFILES, &[after.into(), PAGE.into()], |row| {
        Ok((row.int(0)?, row.bytes(1)?))
    })
}

pub(super) fn openings(tx: &mut Tx<'_>) -> Result<Vec<Opening>, DbError> {
    tx.query(&OPENINGS, &[OPENINGS_MAX.into()], |row| {
        Ok(Opening {
            first_account: row.int(0)?,
            last_account: row.int(1)?,
            profile: row.with_bytes(2, Profile::decode)?,
        })
    })
}

pub(super) fn baselines(tx: &mut Tx<'_>, after: i64) -> Result<Vec<Baseline>, DbError> {
    tx.query(&BASELINES, &[after.into(), PAGE.into()], |row| {
        Ok(Baseline {
            account: row.int(0)?,
            profile: row.with_bytes(1, Profile::decode)?,
            up_to_number: row.int(2)?,
        })
    })
}

pub(super) fn last_account(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    tx.query_one(&LAST_ACCOUNT, &[], |row| row.int(0))
}

pub(super) fn signs(tx: &mut Tx<'_>, after: i64) -> Result<Vec<SignRow>, DbError> {
    tx.query(&SIGNS, &[after.into(), PAGE.into()], |row| {
        Ok(SignRow {
            id: row.int(0)?,
            account: row.int(1)?,
            sign: row.int(2)?,
            at: row.time(3)?,
        })
    })
}

pub(super) fn transfers(tx: &mut Tx<'_>, after: i64) -> Result<Vec<TransferRow>, DbError> {
    tx.query(&TRANSFERS, &[after.into(), PAGE.into()], |row| {
        Ok(TransferRow {
            id: row.int(0)?,
            payment: row.int(1)?,
            debit: row.int(2)?,
            credit: row.int(3)?,
            amount_minor: row.int(4)?,
            at: row.time(5)?,
        })
    })
}

pub(super) fn payments(tx: &mut Tx<'_>, after: i64) -> Result<Vec<PaymentRow>, DbError> {
    tx.query(&PAYMENTS, &[after.into(), PAGE.into()], |row| {
        Ok(PaymentRow {
            id: row.int(0)?,
            kind: row.int(1)?,
            state: row.int(2)?,
            payer: row.int(3)?,
            payee: row.int(4)?,
            amount_minor: row.int(5)?,
            at: row.time(6)?,
            day: row.int(7)?,
            channel: row.int(8)?,
            assessment: row.text(9)?,
            was_held: row.opt_int(10)?.is_some(),
            payer_previous: row.int(11)?,
            payee_previous: row.int(12)?,
        })
    })
}

pub(super) fn answers(tx: &mut Tx<'_>, after: i64) -> Result<Vec<AnswerRow>, DbError> {
    tx.query(&ANSWERS, &[after.into(), PAGE.into()], |row| {
        Ok(AnswerRow {
            id: row.int(0)?,
            body: row.bytes(1)?,
            nonce: row.opt_int(2)?,
        })
    })
}

#[cfg(test)]
pub(super) fn forget_rules(tx: &mut Tx<'_>) -> Result<(), DbError> {
    tx.execute(&Sql("DELETE FROM risk_rules"), &[])?;
    Ok(())
}

/// As if all that was had happened before signs were kept.
#[cfg(test)]
pub(super) fn begin_history_now(tx: &mut Tx<'_>) -> Result<(), DbError> {
    tx.execute(&Sql("DELETE FROM warning_signs"), &[])?;
    let baselines = Sql("INSERT INTO profile_baselines (account, profile, up_to_number)
        SELECT a.id, a.profile, h.last_number FROM accounts a CROSS JOIN ledger_head h WHERE h.last_number > 0");
    tx.execute(&baselines, &[])?;
    Ok(())
}

#[cfg(test)]
pub(super) fn profile(tx: &mut Tx<'_>, account: i64) -> Result<Vec<u8>, DbError> {
    let profile = Sql("SELECT profile FROM accounts WHERE id = $1");
    tx.query_one(&profile, &[account.into()], |row| row.bytes(0))
}

#[cfg(test)]
pub(super) fn set_profile(tx: &mut Tx<'_>, account: i64, profile: &[u8]) -> Result<(), DbError> {
    let change = Sql("UPDATE accounts SET profile = $2 WHERE id = $1");
    tx.execute(&change, &[account.into(), profile.into()])?;
    Ok(())
}

#[cfg(test)]
pub(super) fn set_assessment(tx: &mut Tx<'_>, payment: i64, assessment: &str) -> Result<(), DbError> {
    let change = Sql("UPDATE payments SET assessment = $2 WHERE id = $1");
    tx.execute(&change, &[payment.into(), assessment.into()])?;
    Ok(())
}

/// Makes a fen and loses the answers, as no verb can.
#[cfg(test)]
pub(super) fn forge(tx: &mut Tx<'_>, account: i64) -> Result<(), DbError> {
    let more = Sql("UPDATE accounts SET posted_minor = posted_minor + 1 WHERE id = $1");
    tx.execute(&more, &[account.into()])?;
    tx.execute(&Sql("DELETE FROM answers"), &[])?;
    Ok(())
}
