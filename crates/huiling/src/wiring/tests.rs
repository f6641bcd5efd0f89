//! What events become: the real handlers, a database on disk, one customer.

use super::handlers::{self, Parts};
use super::rooms;
use base::{Ambient, Currency, CustomerId, Language, PhoneNumber, WalletId};
use calls::CallPolicy;
use money::limits::Tier;
use money::wallets::{self, NewWallet};
use money::{Policy, rails};
use people::customers::{self, Created, NewCustomer};
use security::sealing::Keyring;
use std::sync::Arc;
use store::harness::{TestDb, sqlite};
use store::outbox::{self, Handlers};
use support::notify::{self, Message};

struct Home {
    db: TestDb,
    ambient: Ambient,
    parts: Parts,
    handlers: Arc<Handlers>,
    customer: CustomerId,
    wallet: WalletId,
}

impl Home {
    fn new() -> Self {
        let db = sqlite(&rooms::migrations()[1..]);
        let ambient = db.ambient().clone();
        let policy = Policy::cn();
        let parts = Parts {
            ambient: ambient.clone(),
            keyring: Keyring::ephemeral(&ambient),
            call_policy: CallPolicy::standard(policy.zone.clone(), "95138"),
            policy: Arc::new(policy),
            public_url: "https://wallet.example".into(),
        };
        let (customer, wallet) = move_in(&db, &parts);
        Self {
            handlers: Arc::new(handlers::all(&parts)),
            db,
            ambient,
            parts,
            customer,
            wallet,
        }
    }

    fn pump(&self) -> usize {
        outbox::pump(&self.db, &self.handlers, 100).unwrap()
    }

    /// Newest first.
    fn messages(&self) -> Vec<Message> {
        let (keyring, customer) = (self.parts.keyring.clone(), self.customer);
        let read = self
            .db
            .read(move |tx| notify::inbox(tx, &keyring, customer, None, 50));
        read.unwrap().into_iter().map(|item| item.message).collect()
    }
}

fn move_in(db: &TestDb, parts: &Parts) -> (CustomerId, WalletId) {
    let parts = parts.clone();
    let written = db.write(move |tx| {
        rails::ensure_rail(tx, Currency::Cny).unwrap();
        let phone = PhoneNumber::parse("13800138001").unwrap();
        let new = NewCustomer {
            name: "王小明".into(),
            phone: phone.clone(),
            birth_date: "1990-01-01".parse().unwrap(),
            language: Language::ZhHans,
            zone: "Asia/Shanghai".into(),
            email: None,
            document_index: None,
            document_sealed: None,
        };
        let Created::New(customer) = customers::create(tx, &parts.ambient, &new).unwrap() else {
            panic!("they are new")
        };
        let wallet = NewWallet {
            customer,
            name: &new.name,
            phone: &phone,
            tier: Tier::Three,
            granted_minor: 20_000_000,
            currency: Currency::Cny,
        };
        let wallet = wallets::open(tx, &parts.ambient, &parts.policy, &wallet).unwrap();
        Ok::<_, store::DbError>((customer, wallet.id))
    });
    written.unwrap()
}

#[test]
fn a_freeze_says_who_may_lift_it_and_a_reason_changes_nothing_of_that() {
    for (by, reason, told) in [
        ("customer", "", Message::WalletFrozen { by_customer: true }),
        ("customer-stop", "01", Message::WalletFrozenByStop),
        (
            "call:01",
            "stopped by the customer on the telephone",
            Message::WalletFrozenByStop,
        ),
        (
            "staff:01",
            "the customer asked for it",
            Message::WalletFrozen { by_customer: false },
        ),
    ] {
        let home = Home::new();
        let (ambient, wallet) = (home.ambient.clone(), home.wallet);
        let frozen = home
            .db
            .write(move |tx| wallets::freeze(tx, &ambient, wallet, by, reason));
        assert_eq!(frozen.unwrap(), Some(0));
        assert_eq!(home.pump(), 2, "the wallet's opening, and the freeze");
        assert_eq!(home.messages(), [told], "{by}");
    }
}
