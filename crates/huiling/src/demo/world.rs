//! The town's first two weeks, made at the first start: people, wallets, money, habits.

use super::people;
use super::staff::FIRST_PASSWORD;
use crate::error::HuilingError;
use ::people::customers::{self, Created, NewCustomer};
use base::{Ambient, Amount, Clock, Currency, CustomerId, Language, PhoneNumber, Timestamp};
use money::limits::Tier;
use money::payments::{Channel, IdempotencyKey, Kind, pay_all};
use money::wallets::NewWallet;
use money::{Order, Policy, rails, wallets};
use security::logins::{self, Created as LoginMade};
use security::passwords::{self, Cost};
use security::sealing::Keyring;
use security::sessions::{self, SessionPolicy};
use std::sync::Arc;
use store::{Db, Tx};

pub const POPULATION: usize = 240;
const DAYS: i64 = 14;
const PAYMENTS_A_DAY: usize = 360;
const SLICE: usize = 120;

/// Somebody who lives in the town, as the simulation needs them.
#[derive(Clone, Copy, Debug)]
pub struct Inhabitant {
    pub customer: CustomerId,
    pub account: i64,
    /// What they usually pay, in minor units.
    pub usual_minor: i64,
}

/// Makes what is missing of the town; a second run finds everybody there and does nothing.
pub fn settle(
    db: &Db,
    keyring: &Keyring,
    policy: &Arc<Policy>,
    ambient: &Ambient,
) -> Result<Vec<Inhabitant>, HuilingError> {
    let known = inhabitants(db)?;
    if known.len() >= POPULATION {
        return Ok(known);
    }
    let start = ambient.now().plus_secs(-DAYS * 86_400);
    let past = Ambient {
        clock: Clock::manual(start),
        rng: ambient.rng.clone(),
    };
    let password: Arc<str> = passwords::hash(ambient, Cost::PRODUCTION, FIRST_PASSWORD).into();
    for index in known.len()..POPULATION {
        move_in(db, keyring, policy, &past, &password, index)?;
    }
    let town = inhabitants(db)?;
    for day in 0..DAYS {
        live_a_day(db, policy, &past, start.plus_secs(day * 86_400), &town)?;
    }
    Ok(town)
}

fn inhabitants(db: &Db) -> Result<Vec<Inhabitant>, HuilingError> {
    let mut wallets = db.read(|tx| wallets::list(tx, None, 1_000))?;
    // In the order of their numbers: ids of one millisecond have none.
    wallets.sort_by(|a, b| a.phone.as_str().cmp(b.phone.as_str()));
    let lives_here = |wallet: &&money::Wallet| wallet.phone.as_str().starts_with("+8613800001");
    Ok(wallets
        .iter()
        .filter(lives_here)
        .map(|wallet| Inhabitant {
            customer: wallet.customer,
            account: wallet.account,
            usual_minor: usual_minor(wallet.account),
        })
        .collect())
}

/// Between ¥8 and ¥130, different for each.
fn usual_minor(account: i64) -> i64 {
    800 + (account * 7_919) % 12_200
}

fn move_in(
    db: &Db,
    keyring: &Keyring,
    policy: &Arc<Policy>,
    past: &Ambient,
    password: &Arc<str>,
    index: usize,
) -> Result<(), HuilingError> {
    let (keyring, policy, past, password) = (keyring.clone(), policy.clone(), past.clone(), password.clone());
    let name = people::name(&past.rng);
    let birth_date = "1988-05-17"
        .parse()
        .map_err(|_| HuilingError::Unusable("a date".into()))?;
    db.write(move |tx| {
        let new = NewCustomer {
            name: name.clone(),
            phone: people::number(index),
            birth_date,
            language: Language::ZhHans,
            zone: "Asia/Shanghai".into(),
            email: None,
            document_index: None,
            document_sealed: None,
        };
        let Created::New(customer) = customers::create(tx, &past, &new)? else {
            return Ok(());
        };
        let wallet = NewWallet {
            customer,
            name: &new.name,
            phone: &new.phone,
            tier: Tier::Three,
            granted_minor: 20_000_000,
            currency: Currency::Cny,
        };
        let wallet = wallets::open(tx, &past, &policy, &wallet)?;
        install(tx, &past, &keyring, customer, &new.phone, &password)?;
        let money = Amount::new(600_000 + past.rng.below(1_500_000) as i64, Currency::Cny);
        let key = key(&format!("first-salary-{index}"));
        rails::top_up(tx, &past, &policy, &key, wallet.account, money)?;
        Ok::<_, TownError>(())
    })
    .map_err(|error| HuilingError::Unusable(format!("the town cannot be settled: {error}")))
}

/// Puts the app on the telephone of whoever moves in: a 1 on its keypad counts only where a device is known.
fn install(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    customer: CustomerId,
    phone: &PhoneNumber,
    password: &str,
) -> Result<(), TownError> {
    let made = logins::create_customer(tx, ambient, keyring, customer, phone, password, Language::ZhHans)?;
    let LoginMade::Created(login) = made else {
        return Ok(());
    };
    if let Some(known) = logins::by_id(tx, login)? {
        let opened = sessions::open(tx, ambient, &known, SessionPolicy::default(), None, "a telephone")?;
        sessions::raise(tx, ambient, opened.session.id)?;
    }
    Ok(())
}

/// Everybody pays a few others about what they usually pay, at hours when people are awake.
fn live_a_day(
    db: &Db,
    policy: &Arc<Policy>,
    past: &Ambient,
    morning: Timestamp,
    town: &[Inhabitant],
) -> Result<(), HuilingError> {
    for slice in 0..PAYMENTS_A_DAY / SLICE {
        let at = morning.plus_secs(slice as i64 * 14_400);
        past.clock.advance_ms(at.as_ms() - past.now().as_ms());
        let orders: Vec<Order> = (0..SLICE)
            .map(|_| usual_order(past, town, &past.rng.next_u64().to_string()))
            .collect();
        let (policy, past) = (policy.clone(), past.clone());
        db.write(move |tx| pay_all(tx, &past, &policy, &orders))?;
    }
    Ok(())
}

/// A payment such as this person makes every day.
pub fn usual_order(ambient: &Ambient, town: &[Inhabitant], key_text: &str) -> Order {
    let payer = town[ambient.rng.below(town.len() as u64) as usize];
    // People pay the same few neighbours most of the time.
    let near = 1 + ambient.rng.below(5) as usize;
    let at = town
        .iter()
        .position(|other| other.account == payer.account)
        .unwrap_or(0);
    let payee = town[(at + near * 7) % town.len()];
    let amount = payer.usual_minor / 2 + ambient.rng.below(payer.usual_minor as u64) as i64;
    order(payer, payee, amount, key_text)
}

/// A payment that looks like a fraudster's wish: large, and to somebody new.
pub fn risky_order(ambient: &Ambient, town: &[Inhabitant], key_text: &str) -> Order {
    let payer = town[ambient.rng.below(town.len() as u64) as usize];
    let at = town
        .iter()
        .position(|other| other.account == payer.account)
        .unwrap_or(0);
    let payee = town[(at + 60 + ambient.rng.below(100) as usize) % town.len()];
    order(
        payer,
        payee,
        payer.usual_minor * (8 + ambient.rng.below(8) as i64),
        key_text,
    )
}

fn order(payer: Inhabitant, payee: Inhabitant, amount_minor: i64, key_text: &str) -> Order {
    let mut request_hash = [0; 32];
    request_hash[..8].copy_from_slice(&amount_minor.to_be_bytes());
    Order {
        caller: payer.customer.0,
        key: key(&format!("town-{key_text}")),
        request_hash,
        payer_account: payer.account,
        payee_account: payee.account,
        amount: Amount::new(amount_minor, Currency::Cny),
        note: String::new(),
        channel: Channel::App,
        second_factor: true,
        kind: Kind::Transfer,
    }
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).expect("short visible ASCII")
}

#[derive(Debug, thiserror::Error)]
enum TownError {
    #[error(transparent)]
    Database(#[from] store::DbError),
    #[error(transparent)]
    Money(#[from] money::MoneyError),
    #[error(transparent)]
    People(#[from] ::people::PeopleError),
    #[error(transparent)]
    Security(#[from] security::SecurityError),
}
