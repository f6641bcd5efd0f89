//! A small world for this room's tests.

use crate::limits::Tier;
use crate::payments::{Channel, IdempotencyKey, Kind, Order};
use crate::wallets::{self, NewWallet, Wallet};
use crate::{Answer, MoneyError, Policy, rails};
use base::{Ambient, Amount, Currency, CustomerId, PhoneNumber};
use std::sync::Arc;
use store::harness::TestDb;

pub(crate) struct World {
    pub db: TestDb,
    pub ambient: Ambient,
    pub policy: Arc<Policy>,
}

pub(crate) fn cny(minor: i64) -> Amount {
    Amount::new(minor, Currency::Cny)
}

pub(crate) fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).unwrap()
}

/// An order from the app with a second factor, under a key of its own for each `name`.
pub(crate) fn order(name: &str, payer: &Wallet, payee: &Wallet, amount_minor: i64) -> Order {
    Order {
        caller: payer.customer.0,
        key: key(name),
        request_hash: [amount_minor as u8; 32],
        payer_account: payer.account,
        payee_account: payee.account,
        amount: cny(amount_minor),
        note: String::new(),
        channel: Channel::App,
        second_factor: true,
        kind: Kind::Transfer,
    }
}

/// Runs a test in a world of its own on each engine.
pub(crate) fn on_each_engine(test: impl Fn(World)) {
    store::harness::each_engine(&[crate::MIGRATIONS], |db| test(World::new(db)));
}

impl World {
    pub fn new(db: TestDb) -> Self {
        Self {
            ambient: db.ambient().clone(),
            policy: Arc::new(crate::keep_rules(&db, Policy::cn()).unwrap()),
            db,
        }
    }

    /// A customer of class three with a wallet, topped up.
    pub fn customer(&self, name: &'static str, phone: &str, balance_minor: i64) -> Wallet {
        let phone = PhoneNumber::parse(phone).unwrap();
        let customer = CustomerId::new(&self.ambient);
        let (ambient, policy) = (self.ambient.clone(), self.policy.clone());
        let opened: Result<Wallet, MoneyError> = self.db.write(move |tx| {
            let new = NewWallet {
                customer,
                name,
                phone: &phone,
                tier: Tier::Three,
                granted_minor: 20_000_000,
                currency: Currency::Cny,
            };
            let wallet = wallets::open(tx, &ambient, &policy, &new)?;
            if balance_minor > 0 {
                let reference = key(wallet.number.as_str());
                rails::top_up(
                    tx,
                    &ambient,
                    &policy,
                    &reference,
                    wallet.account,
                    cny(balance_minor),
                )?;
            }
            Ok(wallet)
        });
        opened.unwrap()
    }

    pub fn pay(&self, orders: &[Order]) -> Vec<Answer> {
        let (ambient, policy, orders) = (self.ambient.clone(), self.policy.clone(), orders.to_vec());
        self.db
            .write(move |tx| crate::payments::pay_all(tx, &ambient, &policy, &orders))
            .unwrap()
    }

    pub fn pay_one(&self, order: &Order) -> Answer {
        self.pay(std::slice::from_ref(order)).remove(0)
    }

    pub fn wallet(&self, of: &Wallet) -> Wallet {
        let id = of.id;
        self.db.read(move |tx| wallets::by_id(tx, id)).unwrap().unwrap()
    }

    /// The whole history proves what is stored.
    pub fn prove(&self) {
        let report = crate::verify(&self.db).unwrap();
        assert_eq!(report.problems, Vec::<String>::new());
        assert!(report.is_sound());
    }
}
