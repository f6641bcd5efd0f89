use crate::accounts::{self, Account, AccountKind, rail_account};
use crate::limits::Limits;
use crate::payments::insert_openings;
use crate::wallets::{self, WalletNumber};
use crate::{MoneyError, rails};
use ::store::{Db, Tx};
use base::{Amount, Currency, CustomerId, Timestamp};
use risk::{Posted, Profile};

/// The first account of a fresh bench world; the others follow in a row.
pub const FIRST_BENCH_ACCOUNT: i64 = 1_001;
const ACCOUNTS_OF_A_WRITE: usize = 20_000;
/// What each account begins with: ¥100,000.
const OPENING_MINOR: i64 = 10_000_000;

/// Opens that many accounts in an empty database, each with ¥100,000 from the bank's rail, a habit
/// of small payments and limits far away, so that a bench meets neither. They have no wallets.
pub fn bench_world(db: &Db, count: usize) -> Result<(), MoneyError> {
    db.write(|tx| rails::ensure_rail(tx, Currency::Cny))?;
    let now = db.ambient().now();
    let mut opened = 0;
    while opened < count {
        let some = (count - opened).min(ACCOUNTS_OF_A_WRITE);
        db.write(move |tx| open_some(tx, some, now))?;
        opened += some;
    }
    Ok(())
}

/// Gives wallets to accounts of a bench world, from the one at `first` (zero is the first of all)
/// on, one for each owner. The wallet at a place has the number [`bench_wallet_number`] of it.
pub fn bench_wallets(db: &Db, first: usize, owners: Vec<CustomerId>) -> Result<(), MoneyError> {
    let now = db.ambient().now();
    let ambient = db.ambient().clone();
    db.write(move |tx| {
        let rows: Vec<_> = (first..)
            .zip(&owners)
            .map(|(place, owner)| {
                let account = FIRST_BENCH_ACCOUNT + place as i64;
                (account, bench_wallet_number(place), *owner)
            })
            .collect();
        wallets::insert_bare(tx, &ambient, &rows, now)?;
        Ok(())
    })
}

/// The number of the wallet at a place of a bench world.
pub fn bench_wallet_number(place: usize) -> WalletNumber {
    WalletNumber::nth(place as u64)
}

fn open_some(tx: &mut Tx<'_>, count: usize, now: Timestamp) -> Result<(), MoneyError> {
    let mut numbers = accounts::reserve(tx, now, count)?;
    let first = accounts::reserve_accounts(tx, count)?;
    let far = Limits {
        payment_minor: i64::MAX / 4,
        day_minor: i64::MAX / 4,
        year_minor: i64::MAX / 4,
        balance_minor: i64::MAX / 4,
    };
    let mut pattern = Account::new(first, AccountKind::Customer, Currency::Cny, far, 0);
    pattern.posted_minor = OPENING_MINOR;
    pattern.profile = small_payer(now);
    let ids: Vec<i64> = (first..).take(count).collect();
    let rows: Vec<Account> = ids
        .iter()
        .map(|id| Account {
            id: *id,
            ..pattern.clone()
        })
        .collect();
    accounts::insert(tx, &rows)?;
    accounts::keep_opening(tx, first, first + count as i64 - 1, &pattern.profile)?;
    let rail = rail_account(Currency::Cny);
    let amount = Amount::new(OPENING_MINOR, Currency::Cny);
    insert_openings(tx, numbers.next(), rail, &ids, amount, now)?;
    let mut rail_row = accounts::load_locked(tx, &[rail])?;
    if let Some(row) = rail_row.first_mut() {
        row.post(-(OPENING_MINOR * count as i64))?;
    }
    accounts::write_back(tx, &rail_row)
}

/// Somebody who paid ¥1 to ¥20 a day for a month.
fn small_payer(now: Timestamp) -> Profile {
    let mut profile = Profile::default();
    for day in 0..30 {
        profile.learn_paid(&Posted {
            amount_minor: 100 + day * 65,
            payee_account: day + 1,
            at: now.plus_secs((day - 40) * 86_400),
        });
    }
    profile.learn_received();
    profile
}
