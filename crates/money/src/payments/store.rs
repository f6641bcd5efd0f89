use super::posting::Moment;
use super::{
    Channel, Decided, EndedBy, Hold, HoldEnd, Kind, KnownAnswers, Outcome, Party, PartyWallet, Payment,
    PaymentState, payment_id,
};
use crate::wallets::WalletNumber;
use crate::{MoneyError, accounts};
use base::{Amount, CallId, CustomerId, Timestamp, WalletId};
use risk::Assessment;
use store::ColumnKind::{Bigint, Bytea, Text};
use store::{Column, DbError, InsertShape, Row, SelectShape, Shape, Sql, Tx};

/// Payments with both wallets and the hold, read by [`read_payment`].
macro_rules! payment_from {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.nonce, p.kind, p.state, p.amount_minor, p.currency, p.at_us, p.channel, p.note,
            p.assessment, p.payer_account, a.id, a.number, a.customer, a.name,
            p.payee_account, b.id, b.number, b.customer, b.name,
            h.deadline_us, h.extended, h.details_call, h.details_played_at_us,
            h.ended_at_us, h.ended_by, h.end_reason
        FROM payments p LEFT JOIN wallets a ON a.account = p.payer_account
            LEFT JOIN wallets b ON b.account = p.payee_account
            LEFT JOIN holds h ON h.payment = p.id ",
            $rest
        )
    };
}
pub(crate) use payment_from as PAYMENT_FROM;

store::statements! {
    ONE = payment_from!("WHERE p.id = $1 AND p.nonce = $2");
    HELD = payment_from!("WHERE h.state = 0 ORDER BY h.deadline_us LIMIT $1");
    HELD_OF = payment_from!("WHERE h.payer_account = $1 AND h.state = 0 ORDER BY h.deadline_us LIMIT 100");
    SET_STATE = "UPDATE payments SET state = $2 WHERE id = $1";
    // However long the statement, so many of its payments are looked at.
    PAID_BEFORE = "SELECT COUNT(*) FROM (SELECT 1 AS one FROM (
            WITH RECURSIVE chain (payer, payee, state, previous, step) AS (
                SELECT p.payer_account, p.payee_account, p.state,
                    CASE WHEN p.payer_account = a.id THEN p.payer_previous ELSE p.payee_previous END,
                    CAST(1 AS BIGINT)
                FROM accounts a JOIN payments p ON p.id = a.last_payment WHERE a.id = $1
                UNION ALL
                SELECT p.payer_account, p.payee_account, p.state,
                    CASE WHEN p.payer_account = $1 THEN p.payer_previous ELSE p.payee_previous END,
                    chain.step + 1
                FROM chain JOIN payments p ON p.id = chain.previous WHERE chain.step < $3)
            SELECT payer, payee, state FROM chain) AS recent
        WHERE payer = $1 AND payee = $2 AND state = 1 LIMIT 1) AS found";
    INSERT_TRANSFER = "INSERT INTO transfers (id, payment, debit_account, credit_account, amount_minor,
        currency, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    FORGET = "DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE id < $1 ORDER BY id LIMIT $2)";
    OLDEST_ANSWER = "SELECT MIN(id) FROM answers";
    ANSWERS_FROM = "UPDATE ledger_head SET answers_from = $1 WHERE id = 1 AND answers_from < $1";
}

static KNOWN: SelectShape = SelectShape {
    columns: "key, request, body",
    table: "answers",
    key: ("key", Bytea),
    for_update: false,
};

static ANSWERS: InsertShape = InsertShape {
    table: "answers",
    columns: &[
        ("id", Bigint),
        ("key", Bytea),
        ("request", Bytea),
        ("body", Bytea),
    ],
    conflict: "",
};

static PAYMENTS: InsertShape = InsertShape {
    table: "payments",
    columns: &[
        ("id", Bigint),
        ("nonce", Bigint),
        ("kind", Bigint),
        ("state", Bigint),
        ("payer_account", Bigint),
        ("payee_account", Bigint),
        ("amount_minor", Bigint),
        ("currency", Text),
        ("at_us", Bigint),
        ("day", Bigint),
        ("channel", Bigint),
        ("note", Text),
        ("assessment", Text),
        ("payer_previous", Bigint),
        ("payee_previous", Bigint),
    ],
    conflict: "",
};

static TRANSFERS: InsertShape = InsertShape {
    table: "transfers",
    columns: &[
        ("id", Bigint),
        ("payment", Bigint),
        ("debit_account", Bigint),
        ("credit_account", Bigint),
        ("amount_minor", Bigint),
        ("currency", Text),
        ("at_us", Bigint),
    ],
    conflict: "",
};

pub const SHAPES: &[Shape] = &[
    Shape::Select(&KNOWN),
    Shape::Insert(&ANSWERS),
    Shape::Insert(&PAYMENTS),
    Shape::Insert(&TRANSFERS),
];

/// Payments that are looked at for a payee whom the payer knows.
const LOOKED_AT_MAX: i64 = 4_000;

/// What was answered to a key before.
pub(super) struct Known {
    pub request: Vec<u8>,
    pub body: Vec<u8>,
}

pub(super) struct Answered<'a> {
    pub number: i64,
    pub key: &'a [u8; 16],
    pub request: &'a [u8],
    pub body: &'a [u8],
}

pub(super) fn known_answers(tx: &mut Tx<'_>, keys: &[[u8; 16]]) -> Result<KnownAnswers, DbError> {
    let mut sorted: Vec<&[u8]> = keys.iter().map(|key| key.as_slice()).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let found = tx.select_by_keys(&KNOWN, &Column::Bytes(sorted), |row| {
        let known = Known {
            request: row.bytes(1)?,
            body: row.bytes(2)?,
        };
        Ok((row.id16(0)?, known))
    })?;
    Ok(found.into_iter().collect())
}

pub(super) fn insert_answers(tx: &mut Tx<'_>, answered: &[Answered<'_>]) -> Result<(), DbError> {
    tx.insert_rows(
        &ANSWERS,
        &[
            Column::Int(answered.iter().map(|a| a.number).collect()),
            Column::Bytes(answered.iter().map(|a| a.key.as_slice()).collect()),
            Column::Bytes(answered.iter().map(|a| a.request).collect()),
            Column::Bytes(answered.iter().map(|a| a.body).collect()),
        ],
    )?;
    Ok(())
}

/// Rows for what was posted, held or refused for its risk; other refusals are answers only.
pub(super) fn insert_payments(
    tx: &mut Tx<'_>,
    decided: &[Decided<'_>],
    moment: &Moment,
) -> Result<(), DbError> {
    let rows: Vec<(&Decided<'_>, PaymentState)> = decided
        .iter()
        .filter_map(|decided| Some((decided, PaymentState::of(&decided.decision.outcome)?)))
        .collect();
    let assessments: Vec<String> = rows
        .iter()
        .map(|(decided, _)| {
            let assessment = decided.decision.assessment.as_ref();
            assessment.map(Assessment::encode).unwrap_or_default()
        })
        .collect();
    let column = |of: fn(&Decided<'_>) -> i64| Column::Int(rows.iter().map(|(row, _)| of(row)).collect());
    tx.insert_rows(
        &PAYMENTS,
        &[
            column(|row| row.number),
            column(|row| row.nonce),
            column(|row| row.order.kind.number()),
            Column::Int(rows.iter().map(|(_, state)| state.number()).collect()),
            column(|row| row.order.payer_account),
            column(|row| row.order.payee_account),
            column(|row| row.order.amount.minor),
            Column::Text(
                rows.iter()
                    .map(|(row, _)| row.order.amount.currency.code())
                    .collect(),
            ),
            Column::Int(vec![moment.at.as_us(); rows.len()]),
            column(|row| row.day),
            column(|row| channel_number(row.order.channel)),
            Column::Text(rows.iter().map(|(row, _)| row.order.note()).collect()),
            Column::Text(assessments.iter().map(String::as_str).collect()),
            column(|row| row.previous.of_payer),
            column(|row| row.previous.of_payee),
        ],
    )?;
    Ok(())
}

pub(super) fn insert_transfers(
    tx: &mut Tx<'_>,
    decided: &[Decided<'_>],
    moment: &Moment,
) -> Result<(), DbError> {
    let posted: Vec<&Decided<'_>> = decided
        .iter()
        .filter(|decided| matches!(decided.decision.outcome, Outcome::Posted(_)))
        .collect();
    let column = |of: fn(&Decided<'_>) -> i64| Column::Int(posted.iter().map(|row| of(row)).collect());
    tx.insert_rows(
        &TRANSFERS,
        &[
            column(|row| row.number),
            column(|row| row.number),
            column(|row| row.order.payer_account),
            column(|row| row.order.payee_account),
            column(|row| row.order.amount.minor),
            Column::Text(
                posted
                    .iter()
                    .map(|row| row.order.amount.currency.code())
                    .collect(),
            ),
            Column::Int(vec![moment.at.as_us(); posted.len()]),
        ],
    )?;
    Ok(())
}

/// Opening balances: one transfer from `rail` to each of the accounts, under numbers in a row.
pub(crate) fn insert_openings(
    tx: &mut Tx<'_>,
    first_number: i64,
    rail: i64,
    accounts: &[i64],
    amount: Amount,
    at: Timestamp,
) -> Result<(), DbError> {
    let count = accounts.len();
    let numbers = (first_number..).take(count).collect();
    tx.insert_rows(
        &TRANSFERS,
        &[
            Column::Int(numbers),
            Column::Int(vec![0; count]),
            Column::Int(vec![rail; count]),
            Column::Int(accounts.to_vec()),
            Column::Int(vec![amount.minor; count]),
            Column::Text(vec![amount.currency.code(); count]),
            Column::Int(vec![at.as_us(); count]),
        ],
    )?;
    Ok(())
}

/// The transfer of a payment that was held.
pub(super) fn insert_transfer(
    tx: &mut Tx<'_>,
    number: i64,
    payment: i64,
    row: &Payment,
    at: Timestamp,
) -> Result<(), DbError> {
    let args = [
        number.into(),
        payment.into(),
        row.payer.account.into(),
        row.payee.account.into(),
        row.amount.minor.into(),
        row.amount.currency.code().into(),
        at.into(),
    ];
    tx.execute(&INSERT_TRANSFER, &args)?;
    Ok(())
}

pub(super) fn set_state(tx: &mut Tx<'_>, payment: i64, state: PaymentState) -> Result<(), DbError> {
    tx.execute(&SET_STATE, &[payment.into(), state.number().into()])?;
    Ok(())
}

pub(super) fn payment(tx: &mut Tx<'_>, number: i64, nonce: i64) -> Result<Option<Payment>, MoneyError> {
    query(tx, &ONE, &[number.into(), nonce.into()]).map(|found| found.into_iter().next())
}

pub(super) fn held(tx: &mut Tx<'_>, limit: usize) -> Result<Vec<Payment>, MoneyError> {
    query(tx, &HELD, &[(limit as i64).into()])
}

pub(super) fn held_of(tx: &mut Tx<'_>, payer_account: i64) -> Result<Vec<Payment>, MoneyError> {
    query(tx, &HELD_OF, &[payer_account.into()])
}

/// Whether the payer has paid the payee before: then they are no strangers. It looks at the last
/// [`LOOKED_AT_MAX`] payments of the payer, in and out.
pub(crate) fn paid_before(tx: &mut Tx<'_>, payer: i64, payee: i64) -> Result<bool, DbError> {
    let args = [payer.into(), payee.into(), LOOKED_AT_MAX.into()];
    tx.query_one(&PAID_BEFORE, &args, |row| row.bool(0))
}

pub(super) fn forget_answers(tx: &mut Tx<'_>, below: i64, max: usize) -> Result<u64, MoneyError> {
    // No order may be decided meanwhile, or it could miss the answer that is being forgotten.
    accounts::lock_ledger(tx)?;
    let forgotten = tx.execute(&FORGET, &[below.into(), (max as i64).into()])?;
    let oldest = tx.query_one(&OLDEST_ANSWER, &[], |row| row.opt_int(0))?;
    let from = oldest.map_or(below, |oldest| oldest.min(below));
    tx.execute(&ANSWERS_FROM, &[from.into()])?;
    Ok(forgotten)
}

fn query(tx: &mut Tx<'_>, sql: &Sql, args: &[store::Value<'_>]) -> Result<Vec<Payment>, MoneyError> {
    tx.query(sql, args, |row| Ok(read_payment(row)))?
        .into_iter()
        .collect()
}

/// Reads a row of `PAYMENT_FROM!`.
pub(crate) fn read_payment(row: &Row<'_>) -> Result<Payment, MoneyError> {
    let number = row.int(0)?;
    let code = row.text(5)?;
    let currency = code.parse().map_err(|_| MoneyError::damaged("currency", &code))?;
    let (kind, state, channel) = (row.int(2)?, row.int(3)?, row.int(7)?);
    let assessment = row.text(9)?;
    Ok(Payment {
        id: payment_id(number, row.int(1)?),
        kind: Kind::from_number(kind).ok_or_else(|| MoneyError::damaged("payment kind", kind))?,
        state: PaymentState::from_number(state).ok_or_else(|| MoneyError::damaged("payment state", state))?,
        amount: Amount::new(row.int(4)?, currency),
        created_at: row.time(6)?,
        channel: channel_from(channel).ok_or_else(|| MoneyError::damaged("channel", channel))?,
        note: row.text(8)?,
        assessment: (!assessment.is_empty())
            .then(|| Assessment::decode(&assessment))
            .transpose()
            .map_err(|source| MoneyError::DamagedAssessment {
                payment: number,
                source,
            })?,
        payer: read_party(row, 10)?,
        payee: read_party(row, 15)?,
        hold: read_hold(row)?,
    })
}

fn read_party(row: &Row<'_>, from: usize) -> Result<Party, MoneyError> {
    let account = row.int(from)?;
    let Some(id) = row.opt_id16(from + 1)? else {
        return Ok(Party {
            account,
            wallet: None,
        });
    };
    let wallet = PartyWallet {
        id: WalletId(id),
        number: WalletNumber::stored(row.text(from + 2)?),
        customer: CustomerId(row.id16(from + 3)?),
        name: row.text(from + 4)?,
    };
    Ok(Party {
        account,
        wallet: Some(wallet),
    })
}

fn read_hold(row: &Row<'_>) -> Result<Option<Hold>, MoneyError> {
    let Some(deadline) = row.opt_time(20)? else {
        return Ok(None);
    };
    let played = row.opt_id16(22)?.zip(row.opt_time(23)?);
    let ended = match row.opt_time(24)? {
        None => None,
        Some(at) => {
            let by = row.opt_text(25)?.unwrap_or_default();
            Some(HoldEnd {
                at,
                by: EndedBy::parse(&by).ok_or_else(|| MoneyError::damaged("end of a hold", &by))?,
                reason: row.opt_text(26)?,
            })
        }
    };
    Ok(Some(Hold {
        deadline,
        extended: row.bool(21)?,
        details_played: played.map(|(call, at)| (CallId(call), at)),
        ended,
    }))
}

fn channel_number(channel: Channel) -> i64 {
    match channel {
        Channel::App => 0,
        Channel::Api => 1,
        Channel::Phone => 2,
        Channel::Staff => 3,
    }
}

pub(crate) fn channel_from(number: i64) -> Option<Channel> {
    [Channel::App, Channel::Api, Channel::Phone, Channel::Staff]
        .into_iter()
        .find(|channel| channel_number(*channel) == number)
}
