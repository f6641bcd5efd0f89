use super::{Frozen, NewWallet, Wallet, WalletNumber};
use crate::MoneyError;
use crate::limits::{Limits, Tier, Usage};
use base::{Ambient, CustomerId, PhoneNumber, Timestamp, WalletId};
use store::ColumnKind::{Bigint, Bytea, Text};
use store::{Column, DbError, InsertShape, Row, Shape, Sql, Tx, Value};

macro_rules! wallet_where {
    ($rest:literal) => {
        concat!(
            "SELECT w.id, w.number, w.customer, w.account, w.name, w.phone, w.tier, w.opened_at_us,
            a.currency, a.posted_minor, a.held_minor, a.payment_limit_minor, a.day_limit_minor,
            a.year_limit_minor, a.balance_limit_minor, a.day, a.day_used_minor, a.year, a.year_used_minor,
            a.frozen_at_us, w.frozen_by, w.frozen_reason
        FROM wallets w JOIN accounts a ON a.id = w.account WHERE ",
            $rest
        )
    };
}

store::statements! {
    BY_ID = wallet_where!("w.id = $1");
    BY_CUSTOMER = wallet_where!("w.customer = $1");
    BY_NUMBER = wallet_where!("w.number = $1");
    BY_ACCOUNT = wallet_where!("w.account = $1");
    BY_PHONE = wallet_where!("w.phone = $1 LIMIT 2");
    LIST = wallet_where!("w.id > $1 ORDER BY w.id LIMIT $2");
    INSERT = "INSERT INTO wallets (id, number, customer, account, name, phone, tier, opened_at_us)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (number) DO NOTHING";
    SET_PHONE = "UPDATE wallets SET phone = $2 WHERE customer = $1";
    SET_TIER = "UPDATE wallets SET tier = $2 WHERE id = $1";
    SET_FROZEN_BY = "UPDATE wallets SET frozen_by = $2, frozen_reason = $3 WHERE id = $1";
}

static BARE: InsertShape = InsertShape {
    table: "wallets",
    columns: &[
        ("id", Bytea),
        ("number", Text),
        ("customer", Bytea),
        ("account", Bigint),
        ("name", Text),
        ("phone", Text),
        ("tier", Bigint),
        ("opened_at_us", Bigint),
    ],
    conflict: "",
};

pub const SHAPES: &[Shape] = &[Shape::Insert(&BARE)];

/// Many wallets, for a bench: account, number and owner of each.
pub(crate) fn insert_bare(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    rows: &[(i64, WalletNumber, CustomerId)],
    now: Timestamp,
) -> Result<(), DbError> {
    let phones: Vec<String> = rows
        .iter()
        .map(|(account, ..)| format!("+86139{account:08}"))
        .collect();
    let ids: Vec<WalletId> = rows.iter().map(|_| WalletId::new(ambient)).collect();
    let count = rows.len();
    tx.insert_rows(
        &BARE,
        &[
            Column::Bytes(ids.iter().map(|id| id.as_bytes()).collect()),
            Column::Text(rows.iter().map(|(_, number, _)| number.as_str()).collect()),
            Column::Bytes(rows.iter().map(|(.., owner)| owner.as_bytes()).collect()),
            Column::Int(rows.iter().map(|(account, ..)| *account).collect()),
            Column::Text(vec!["Bench"; count]),
            Column::Text(phones.iter().map(String::as_str).collect()),
            Column::Int(vec![Tier::Three.number(); count]),
            Column::Int(vec![now.as_us(); count]),
        ],
    )?;
    Ok(())
}

/// `false` if the number is taken.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    id: WalletId,
    number: &WalletNumber,
    account: i64,
    new: &NewWallet<'_>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let args = [
        id.as_bytes().into(),
        number.as_str().into(),
        new.customer.as_bytes().into(),
        account.into(),
        new.name.into(),
        new.phone.as_str().into(),
        new.tier.number().into(),
        now.into(),
    ];
    Ok(tx.execute(&INSERT, &args)? == 1)
}

pub(super) fn by_id(tx: &mut Tx<'_>, wallet: WalletId) -> Result<Option<Wallet>, MoneyError> {
    one(tx, &BY_ID, wallet.as_bytes().into())
}

pub(super) fn by_customer(tx: &mut Tx<'_>, customer: CustomerId) -> Result<Option<Wallet>, MoneyError> {
    one(tx, &BY_CUSTOMER, customer.as_bytes().into())
}

pub(super) fn by_number(tx: &mut Tx<'_>, number: &WalletNumber) -> Result<Option<Wallet>, MoneyError> {
    one(tx, &BY_NUMBER, number.as_str().into())
}

pub(super) fn by_account(tx: &mut Tx<'_>, account: i64) -> Result<Option<Wallet>, MoneyError> {
    one(tx, &BY_ACCOUNT, account.into())
}

/// At most two: more than one is as good as many.
pub(super) fn by_phone(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<Vec<Wallet>, MoneyError> {
    many(tx, &BY_PHONE, &[phone.as_str().into()])
}

pub(super) fn list(
    tx: &mut Tx<'_>,
    after: Option<WalletId>,
    limit: usize,
) -> Result<Vec<Wallet>, MoneyError> {
    let after = after.unwrap_or(WalletId([0; 16]));
    many(tx, &LIST, &[after.as_bytes().into(), (limit as i64).into()])
}

pub(super) fn set_phone(tx: &mut Tx<'_>, customer: CustomerId, phone: &PhoneNumber) -> Result<(), DbError> {
    tx.execute(&SET_PHONE, &[customer.as_bytes().into(), phone.as_str().into()])?;
    Ok(())
}

pub(super) fn set_tier(tx: &mut Tx<'_>, wallet: WalletId, tier: Tier) -> Result<(), DbError> {
    tx.execute(&SET_TIER, &[wallet.as_bytes().into(), tier.number().into()])?;
    Ok(())
}

pub(super) fn set_frozen_by(
    tx: &mut Tx<'_>,
    wallet: WalletId,
    frozen: Option<(&str, &str)>,
) -> Result<(), DbError> {
    let (by, reason) = frozen.unzip();
    tx.execute(
        &SET_FROZEN_BY,
        &[wallet.as_bytes().into(), by.into(), reason.into()],
    )?;
    Ok(())
}

fn one(tx: &mut Tx<'_>, sql: &Sql, key: Value<'_>) -> Result<Option<Wallet>, MoneyError> {
    Ok(many(tx, sql, &[key])?.into_iter().next())
}

fn many(tx: &mut Tx<'_>, sql: &Sql, args: &[Value<'_>]) -> Result<Vec<Wallet>, MoneyError> {
    tx.query(sql, args, |row| Ok(read(row)))?.into_iter().collect()
}

fn read(row: &Row<'_>) -> Result<Wallet, MoneyError> {
    let (phone, tier, currency) = (row.text(5)?, row.int(6)?, row.text(8)?);
    let frozen = match row.opt_time(19)? {
        None => None,
        Some(at) => Some(Frozen {
            at,
            by: row.opt_text(20)?.unwrap_or_default(),
            reason: row.opt_text(21)?.unwrap_or_default(),
        }),
    };
    Ok(Wallet {
        id: WalletId(row.id16(0)?),
        number: WalletNumber::stored(row.text(1)?),
        customer: CustomerId(row.id16(2)?),
        account: row.int(3)?,
        name: row.text(4)?,
        phone: PhoneNumber::parse(&phone).map_err(|_| MoneyError::damaged("wallet's phone", "(hidden)"))?,
        tier: Tier::from_number(tier).ok_or_else(|| MoneyError::damaged("tier", tier))?,
        opened_at: row.time(7)?,
        currency: currency
            .parse()
            .map_err(|_| MoneyError::damaged("currency", &currency))?,
        posted_minor: row.int(9)?,
        held_minor: row.int(10)?,
        limits: Limits {
            payment_minor: row.int(11)?,
            day_minor: row.int(12)?,
            year_minor: row.int(13)?,
            balance_minor: row.int(14)?,
        },
        usage: Usage {
            day: row.int(15)?,
            day_used_minor: row.int(16)?,
            year: row.int(17)?,
            year_used_minor: row.int(18)?,
        },
        frozen,
    })
}
