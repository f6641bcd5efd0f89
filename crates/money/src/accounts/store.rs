use super::{Account, AccountKind};
use crate::MoneyError;
use crate::limits::{Limits, Usage};
use base::Timestamp;
use risk::{Profile, WarningSign};
use store::ColumnKind::{Bigint, Bytea, Text};
use store::{Column, DbError, InsertShape, Row, SelectShape, Shape, Tx, UpdateShape};

store::statements! {
    TAKE_NUMBERS = "UPDATE ledger_head SET last_number = $2 +
            CASE WHEN last_number > $1 THEN last_number ELSE $1 END
        WHERE id = 1 RETURNING last_number";
    TAKE_ACCOUNTS = "UPDATE ledger_head SET last_account = last_account + $1 WHERE id = 1
        RETURNING last_account";
    SET_FROZEN = "UPDATE accounts SET frozen_at_us = $2 WHERE id = $1";
    SET_LIMITS = "UPDATE accounts SET payment_limit_minor = $2, day_limit_minor = $3,
        year_limit_minor = $4, balance_limit_minor = $5 WHERE id = $1";
    KEEP_SIGN = "INSERT INTO warning_signs (id, account, sign, at_us) VALUES ($1, $2, $3, $4)";
    KEEP_OPENING = "INSERT INTO opening_profiles (first_account, last_account, profile) VALUES ($1, $2, $3)";
}

const COLUMNS: &str = "id, kind, currency, posted_minor, held_minor, payment_limit_minor, day_limit_minor,
    year_limit_minor, balance_limit_minor, day, day_used_minor, year, year_used_minor, frozen_at_us, profile,
    last_payment";

static LOAD: SelectShape = SelectShape {
    columns: COLUMNS,
    table: "accounts",
    key: ("id", Bigint),
    for_update: false,
};

static LOAD_LOCKED: SelectShape = SelectShape {
    columns: COLUMNS,
    table: "accounts",
    key: ("id", Bigint),
    for_update: true,
};

static WRITE_BACK: UpdateShape = UpdateShape {
    table: "accounts",
    key: ("id", Bigint),
    columns: &[
        ("posted_minor", Bigint),
        ("held_minor", Bigint),
        ("day", Bigint),
        ("day_used_minor", Bigint),
        ("year", Bigint),
        ("year_used_minor", Bigint),
        ("profile", Bytea),
        ("last_payment", Bigint),
    ],
};

static INSERT: InsertShape = InsertShape {
    table: "accounts",
    columns: &[
        ("id", Bigint),
        ("kind", Bigint),
        ("currency", Text),
        ("posted_minor", Bigint),
        ("held_minor", Bigint),
        ("payment_limit_minor", Bigint),
        ("day_limit_minor", Bigint),
        ("year_limit_minor", Bigint),
        ("balance_limit_minor", Bigint),
        ("day", Bigint),
        ("day_used_minor", Bigint),
        ("year", Bigint),
        ("year_used_minor", Bigint),
        ("profile", Bytea),
    ],
    conflict: "ON CONFLICT (id) DO NOTHING",
};

pub const SHAPES: &[Shape] = &[
    Shape::Select(&LOAD),
    Shape::Select(&LOAD_LOCKED),
    Shape::Update(&WRITE_BACK),
    Shape::Insert(&INSERT),
];

/// Numbers for orders and transfers: milliseconds since the epoch in the upper bits, so that they
/// ascend with time, and a count below. A number taken is never given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    next: i64,
}

/// Bits of a number below its milliseconds.
pub(crate) const COUNT_BITS: u32 = 21;

impl Numbers {
    pub fn next(&mut self) -> i64 {
        let number = self.next;
        self.next += 1;
        number
    }

    /// The smallest number that could be given at a moment.
    pub fn at(moment: Timestamp) -> i64 {
        moment.as_ms().max(0) << COUNT_BITS
    }
}

/// Takes `count` numbers. It locks the head of the ledger until the transaction ends, so whatever
/// moves money comes one after the other, and this comes before any account is locked.
pub(crate) fn reserve(tx: &mut Tx<'_>, now: Timestamp, count: usize) -> Result<Numbers, DbError> {
    let count = count as i64;
    let args = [Numbers::at(now).into(), count.into()];
    let last = tx.query_one(&TAKE_NUMBERS, &args, |row| row.int(0))?;
    Ok(Numbers {
        next: last - count + 1,
    })
}

/// Puts this transaction behind any other that moves money, so that two of them never wait for each
/// other's accounts.
pub(crate) fn lock_ledger(tx: &mut Tx<'_>) -> Result<(), DbError> {
    reserve(tx, Timestamp::default(), 0)?;
    Ok(())
}

/// Takes `count` account ids and returns the first.
pub(crate) fn reserve_accounts(tx: &mut Tx<'_>, count: usize) -> Result<i64, DbError> {
    let count = count as i64;
    let last = tx.query_one(&TAKE_ACCOUNTS, &[count.into()], |row| row.int(0))?;
    Ok(last - count + 1)
}

pub(crate) fn reserve_account(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    reserve_accounts(tx, 1)
}

pub(crate) fn load(tx: &mut Tx<'_>, ids: &[i64]) -> Result<Vec<Account>, MoneyError> {
    load_by(tx, &LOAD, ids)
}

/// Locks the accounts in the order of their ids, which must be ascending and distinct.
pub(crate) fn load_locked(tx: &mut Tx<'_>, ids: &[i64]) -> Result<Vec<Account>, MoneyError> {
    debug_assert!(ids.is_sorted_by(|a, b| a < b));
    load_by(tx, &LOAD_LOCKED, ids)
}

fn load_by(tx: &mut Tx<'_>, shape: &'static SelectShape, ids: &[i64]) -> Result<Vec<Account>, MoneyError> {
    tx.select_by_keys(shape, &Column::Int(ids.to_vec()), |row| Ok(read(row)))?
        .into_iter()
        .collect()
}

fn read(row: &Row<'_>) -> Result<Account, MoneyError> {
    let id = row.int(0)?;
    let kind = match row.int(1)? {
        0 => AccountKind::Rail,
        1 => AccountKind::Customer,
        other => return Err(MoneyError::damaged("account kind", other)),
    };
    let code = row.text(2)?;
    let profile = row.with_bytes(14, Profile::decode)?;
    Ok(Account {
        id,
        kind,
        currency: code.parse().map_err(|_| MoneyError::damaged("currency", &code))?,
        posted_minor: row.int(3)?,
        held_minor: row.int(4)?,
        limits: Limits {
            payment_minor: row.int(5)?,
            day_minor: row.int(6)?,
            year_minor: row.int(7)?,
            balance_minor: row.int(8)?,
        },
        usage: Usage {
            day: row.int(9)?,
            day_used_minor: row.int(10)?,
            year: row.int(11)?,
            year_used_minor: row.int(12)?,
        },
        frozen_at: row.opt_time(13)?,
        profile: profile.map_err(|source| MoneyError::DamagedProfile { account: id, source })?,
        last_payment: row.int(15)?,
    })
}

/// Writes balances, usage, profiles and the heads of statements back; what else an account has is set by
/// verbs of its own.
pub(crate) fn write_back(tx: &mut Tx<'_>, accounts: &[Account]) -> Result<(), MoneyError> {
    let profiles: Vec<_> = accounts.iter().map(|account| account.profile.encode()).collect();
    let column = |of: fn(&Account) -> i64| Column::Int(accounts.iter().map(of).collect());
    let written = tx.update_rows(
        &WRITE_BACK,
        &column(|account| account.id),
        &[
            column(|account| account.posted_minor),
            column(|account| account.held_minor),
            column(|account| account.usage.day),
            column(|account| account.usage.day_used_minor),
            column(|account| account.usage.year),
            column(|account| account.usage.year_used_minor),
            Column::Bytes(profiles.iter().map(|profile| profile.as_slice()).collect()),
            column(|account| account.last_payment),
        ],
    )?;
    match accounts.get(written as usize) {
        None => Ok(()),
        Some(account) => Err(MoneyError::NoAccount { account: account.id }),
    }
}

/// Inserts accounts that are not there yet.
pub(crate) fn insert(tx: &mut Tx<'_>, accounts: &[Account]) -> Result<(), DbError> {
    let profiles: Vec<_> = accounts.iter().map(|account| account.profile.encode()).collect();
    let column = |of: fn(&Account) -> i64| Column::Int(accounts.iter().map(of).collect());
    tx.insert_rows(
        &INSERT,
        &[
            column(|account| account.id),
            column(|account| match account.kind {
                AccountKind::Rail => 0,
                AccountKind::Customer => 1,
            }),
            Column::Text(accounts.iter().map(|account| account.currency.code()).collect()),
            column(|account| account.posted_minor),
            column(|account| account.held_minor),
            column(|account| account.limits.payment_minor),
            column(|account| account.limits.day_minor),
            column(|account| account.limits.year_minor),
            column(|account| account.limits.balance_minor),
            column(|account| account.usage.day),
            column(|account| account.usage.day_used_minor),
            column(|account| account.usage.year),
            column(|account| account.usage.year_used_minor),
            Column::Bytes(profiles.iter().map(|profile| profile.as_slice()).collect()),
        ],
    )?;
    Ok(())
}

pub(crate) fn set_frozen(tx: &mut Tx<'_>, account: i64, at: Option<Timestamp>) -> Result<(), DbError> {
    let at = at.map(Timestamp::as_us);
    tx.execute(&SET_FROZEN, &[account.into(), at.into()])?;
    Ok(())
}

pub(crate) fn set_limits(tx: &mut Tx<'_>, account: i64, limits: &Limits) -> Result<(), DbError> {
    let args = [
        account.into(),
        limits.payment_minor.into(),
        limits.day_minor.into(),
        limits.year_minor.into(),
        limits.balance_minor.into(),
    ];
    tx.execute(&SET_LIMITS, &args)?;
    Ok(())
}

/// Remembers what a profile has learned besides transfers, under a number of the ledger.
pub(crate) fn keep_sign(
    tx: &mut Tx<'_>,
    number: i64,
    account: i64,
    sign: WarningSign,
    at: Timestamp,
) -> Result<(), DbError> {
    let sign = sign_number(sign);
    tx.execute(
        &KEEP_SIGN,
        &[number.into(), account.into(), sign.into(), at.into()],
    )?;
    Ok(())
}

/// Remembers the habit that accounts in a row are opened with.
pub(crate) fn keep_opening(
    tx: &mut Tx<'_>,
    first_account: i64,
    last_account: i64,
    profile: &Profile,
) -> Result<(), DbError> {
    let profile = profile.encode();
    let args = [
        first_account.into(),
        last_account.into(),
        profile.as_slice().into(),
    ];
    tx.execute(&KEEP_OPENING, &args)?;
    Ok(())
}

fn sign_number(sign: WarningSign) -> i64 {
    match sign {
        WarningSign::BusyLine => 0,
        WarningSign::FailedSecondFactor => 1,
        WarningSign::WrongKeys => 2,
    }
}

pub(crate) fn sign_from(number: i64) -> Option<WarningSign> {
    use WarningSign::{BusyLine, FailedSecondFactor, WrongKeys};
    [BusyLine, FailedSecondFactor, WrongKeys]
        .into_iter()
        .find(|sign| sign_number(*sign) == number)
}

#[cfg(test)]
pub(crate) fn damage_profile(tx: &mut Tx<'_>, account: i64) -> Result<(), DbError> {
    let damage = store::Sql("UPDATE accounts SET profile = $2 WHERE id = $1");
    tx.execute(&damage, &[account.into(), vec![1u8, 2].into()])?;
    Ok(())
}
