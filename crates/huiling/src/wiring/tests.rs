//! What events become: the real handlers, a database on disk, one customer.

use super::handlers::{self, Parts};
use super::rooms;
use super::upkeep::Deadlines;
use base::{Ambient, Amount, Currency, CustomerId, Language, PaymentId, PhoneNumber, WalletId};
use calls::{CallPolicy, QuietHours};
use money::limits::Tier;
use money::payments::{self, Channel, IdempotencyKey, Kind, VoidedBy};
use money::wallets::{self, NewWallet};
use money::{MoneyError, Order, Outcome, PaymentState, Policy, rails};
use people::customers::{self, Created, NewCustomer};
use security::four_eyes::{self, Action, Requested, Wanted};
use security::sealing::Keyring;
use security::staff::{self, Added, Role};
use std::sync::Arc;
use store::Sql;
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
        let (customer, wallet) = move_in(&db, &parts, "王小明", "13800138001");
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

    /// A payment between two others that is held, with what the payer needs for it.
    fn held(&self, name: &'static str, phone: &'static str) -> PaymentId {
        let (_, payer) = move_in(&self.db, &self.parts, name, phone);
        let (parts, payee) = (self.parts.clone(), self.wallet);
        let answered = self.db.write(move |tx| {
            let payer = wallets::by_id(tx, payer)?.unwrap();
            let payee = wallets::by_id(tx, payee)?.unwrap();
            let key = IdempotencyKey::parse(phone).unwrap();
            let salary = Amount::new(400_000, Currency::Cny);
            rails::top_up(tx, &parts.ambient, &parts.policy, &key, payer.account, salary)?;
            let order = Order {
                caller: payer.customer.0,
                key,
                request_hash: [1; 32],
                payer_account: payer.account,
                payee_account: payee.account,
                amount: Amount::new(125_000, Currency::Cny),
                note: String::new(),
                channel: Channel::App,
                second_factor: true,
                kind: Kind::Transfer,
            };
            payments::pay_all(tx, &parts.ambient, &parts.policy, &[order])
        });
        match answered.unwrap().remove(0).outcome {
            Outcome::Held { payment, .. } => payment,
            other => panic!("it is held: {other:?}"),
        }
    }

    fn state(&self, payment: PaymentId) -> PaymentState {
        let found = self.db.read(move |tx| payments::get(tx, payment));
        found.unwrap().unwrap().state
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

fn move_in(db: &TestDb, parts: &Parts, name: &'static str, phone: &'static str) -> (CustomerId, WalletId) {
    let parts = parts.clone();
    let written = db.write(move |tx| {
        rails::ensure_rail(tx, Currency::Cny).unwrap();
        let phone = PhoneNumber::parse(phone).unwrap();
        let new = NewCustomer {
            name: name.into(),
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
fn a_customer_hears_that_their_number_fails_and_that_it_was_changed() {
    let home = Home::new();
    let (customer, ambient) = (home.customer, home.ambient.clone());
    let failed = home.db.write(move |tx| {
        let body = r#"{"wrong":true}"#;
        outbox::publish(tx, &ambient, calls::events::NUMBER_FAILED, &customer.0, body)
    });
    failed.unwrap();
    home.pump();
    let number = "138 **** 8001".to_owned();
    let failed = Message::NumberFailed { number, wrong: true };
    assert_eq!(home.messages(), std::slice::from_ref(&failed));

    // Messages of one millisecond have no order among themselves.
    home.ambient.clock.advance_ms(1_000);
    let parts = home.parts.clone();
    let changed = home.db.write(move |tx| {
        let phone = PhoneNumber::parse("13700137001").unwrap();
        let (ambient, keyring, policy) = (&parts.ambient, &parts.keyring, &parts.call_policy);
        calls::numbers::change(tx, ambient, keyring, policy, customer, &phone)
    });
    assert_eq!(changed.unwrap(), calls::numbers::NumberChange::Changed);
    home.pump();
    let number = "137 **** 7001".to_owned();
    assert_eq!(home.messages(), [Message::NumberChanged { number }, failed]);
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

#[test]
fn a_hold_that_cannot_be_stopped_keeps_no_other_past_its_deadline() {
    let home = Home::new();
    let broken = home.held("钱一", "13800138011");
    let sound = home.held("孙二", "13800138012");
    let damaged = home.db.write(move |tx| {
        let payer = payments::get(tx, broken)?.unwrap().payer.account;
        let damage = Sql("UPDATE payments SET assessment = 'no assessment' WHERE payer_account = $1");
        Ok::<_, MoneyError>(tx.execute(&damage, &[payer.into()])?)
    });
    assert_eq!(damaged.unwrap(), 1);
    home.ambient.clock.advance_ms(41 * 60_000);
    let mut deadlines = Deadlines::default();
    deadlines.expire(&home.db, &home.ambient);
    assert_eq!(home.state(sound), PaymentState::Voided);
    let later = home.held("李三", "13800138013");
    home.ambient.clock.advance_ms(41 * 60_000);
    deadlines.expire(&home.db, &home.ambient);
    assert_eq!(home.state(later), PaymentState::Voided, "nor afterwards");
}

#[test]
fn without_a_line_no_call_is_announced_and_the_payer_is_told_who_decides() {
    let mut home = Home::new();
    home.parts.call_policy.concurrent_calls = 0;
    home.handlers = Arc::new(handlers::all(&home.parts));
    let payment = home.held("周五", "13800138021");
    while home.pump() > 0 {}
    let told = home.db.read(move |tx| {
        let payer = payments::get(tx, payment)?
            .unwrap()
            .payer
            .wallet
            .unwrap()
            .customer;
        let cases = tx.query_one(&Sql("SELECT COUNT(*) FROM call_case"), &[], |row| row.int(0))?;
        assert_eq!(cases, 0, "nobody is to be called");
        Ok::<_, MoneyError>(payer)
    });
    home.customer = told.unwrap();
    let messages = home.messages();
    assert!(
        matches!(messages[..], [Message::PaymentHeldForStaff { .. }]),
        "{messages:?}"
    );
}

#[test]
fn a_payer_whom_no_call_can_reach_in_time_hears_that_and_is_promised_none() {
    let mut home = Home::new();
    home.parts.call_policy.quiet = QuietHours {
        from_second: 0,
        until_second: 24 * 3_600 - 1,
    };
    home.handlers = Arc::new(handlers::all(&home.parts));
    let payment = home.held("李雷", "13800138002");
    let read = move |tx: &mut store::Tx<'_>| payments::get(tx, payment);
    let payer = home.db.read(read).unwrap().unwrap().payer;
    home.customer = payer.wallet.unwrap().customer;
    // The event is late: the customer may not be awake any more.
    home.ambient.clock.advance_ms(61_000);
    while home.pump() > 0 {}
    let heard: Vec<&str> = home.messages().iter().map(Message::kind).collect();
    assert_eq!(heard, ["no_call_comes"]);
    assert_eq!(home.state(payment), PaymentState::Held, "its deadline stops it");
}

#[test]
fn what_staff_asked_for_about_a_payment_is_over_when_its_customer_has_settled_it() {
    let home = Home::new();
    let settled = home.held("钱一", "13800138011");
    let waiting = home.held("孙二", "13800138012");
    let parts = home.parts.clone();
    let asked = home.db.write(move |tx| {
        let (ambient, role) = (&parts.ambient, Role::RiskOfficer);
        let added = staff::add(tx, ambient, &parts.keyring, "chen.hua", role, "hash")?;
        let Added::Added(officer) = added else {
            panic!("{added:?}")
        };
        let mut asked = Vec::new();
        for (action, payment) in [
            (Action::ReleasePayment, settled),
            (Action::VoidPayment, settled),
            (Action::ReleasePayment, waiting),
        ] {
            let wanted = Wanted {
                action,
                subject: &payment.to_string(),
                payload: "",
                reason: "Came to the branch",
                ends_by: None,
            };
            asked.push(four_eyes::request(tx, ambient, (officer, role), &wanted)?);
        }
        Ok::<_, security::SecurityError>(asked)
    });
    let Requested::Requested(other) = asked.unwrap()[2] else {
        panic!("it is asked for")
    };
    let ambient = home.ambient.clone();
    let moved = home
        .db
        .write(move |tx| payments::extend_deadline(tx, &ambient, waiting));
    let moved = moved.unwrap().expect("it is held");
    while home.pump() > 0 {}
    let ambient = home.ambient.clone();
    let ended = home
        .db
        .write(move |tx| payments::void(tx, &ambient, settled, VoidedBy::Freeze, ""));
    ended.unwrap();
    while home.pump() > 0 {}
    let now = home.ambient.now();
    let open = home.db.read(move |tx| four_eyes::open_requests(tx, now));
    let open: Vec<_> = open
        .unwrap()
        .into_iter()
        .map(|request| (request.id, request.expires_at))
        .collect();
    assert_eq!(
        open,
        [(other, moved)],
        "the other payment still waits, as long as it is held"
    );
    let past = home.db.read(|tx| four_eyes::decided(tx, 10)).unwrap();
    assert_eq!(past.len(), 2);
    assert!(past.iter().all(|past| past.ended == four_eyes::Ended::Overtaken));
}
