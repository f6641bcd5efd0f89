//! Random operations beside an oracle so simple that it can be trusted: a map of balances and a map
//! of open holds.

use crate::MoneyError;
use crate::payments::{
    self, Order, Outcome, Refusal, ReleaseOutcome, ReleasedBy, VoidOutcome, VoidedBy, details_played,
    expire_due, release, void,
};
use crate::testing::{World, on_each_engine, order};
use crate::wallets::{self, Wallet};
use base::{CallId, PaymentId, Rng, StaffId, Timestamp};
use std::collections::HashMap;

const STEPS: usize = 160;
const START_MINOR: i64 = 900_000;

struct OpenHold {
    payer: i64,
    payee: i64,
    minor: i64,
    deadline: Timestamp,
}

struct Oracle {
    posted: HashMap<i64, i64>,
    open: HashMap<PaymentId, OpenHold>,
    ended: HashMap<PaymentId, bool>,
    frozen: Vec<i64>,
    answered: Vec<(Order, Vec<u8>)>,
}

impl Oracle {
    fn held(&self, account: i64) -> i64 {
        let of = |hold: &&OpenHold| hold.payer == account;
        self.open.values().filter(of).map(|hold| hold.minor).sum()
    }

    fn move_money(&mut self, payer: i64, payee: i64, minor: i64) {
        *self.posted.get_mut(&payer).unwrap() -= minor;
        *self.posted.get_mut(&payee).unwrap() += minor;
    }

    fn paid(&mut self, order: &Order, outcome: &Outcome) {
        let (payer, payee, minor) = (order.payer_account, order.payee_account, order.amount.minor);
        let available = self.posted[&payer] - self.held(payer);
        let frozen = self.frozen.contains(&payer);
        match outcome {
            Outcome::Posted(_) => {
                assert!(!frozen && available >= minor);
                self.move_money(payer, payee, minor);
            }
            Outcome::Held {
                payment, deadline, ..
            } => {
                assert!(!frozen && available >= minor);
                let hold = OpenHold {
                    payer,
                    payee,
                    minor,
                    deadline: *deadline,
                };
                assert!(self.open.insert(*payment, hold).is_none());
            }
            Outcome::Refused(Refusal::NotEnough { available_minor }) => {
                assert!(*available_minor == available && available < minor);
            }
            Outcome::Refused(Refusal::PayerFrozen) => assert!(frozen),
            Outcome::Refused(_) | Outcome::Challenged { .. } => {}
            Outcome::KeyReused => panic!("every key is used for one request"),
        }
    }
}

#[test]
fn random_operations_agree_with_the_oracle() {
    on_each_engine(|world| {
        let wallets: Vec<Wallet> = ["甲", "乙", "丙", "丁"]
            .into_iter()
            .enumerate()
            .map(|(place, name)| world.customer(name, &format!("1390000000{place}"), START_MINOR))
            .collect();
        let mut oracle = Oracle {
            posted: wallets
                .iter()
                .map(|wallet| (wallet.account, START_MINOR))
                .collect(),
            open: HashMap::new(),
            ended: HashMap::new(),
            frozen: Vec::new(),
            answered: Vec::new(),
        };
        let rng = Rng::from_seed(2_026);
        for step in 0..STEPS {
            world.ambient.clock.advance_ms(rng.below(900_000) as i64);
            match rng.below(10) {
                0..=4 => pay_some(&world, &wallets, &rng, step, &mut oracle),
                5 => repeat_some(&world, &rng, &oracle),
                6 => release_some(&world, &rng, &mut oracle),
                7 => void_some(&world, &rng, &mut oracle),
                8 => expire(&world, &mut oracle),
                _ => freeze_or_unfreeze(&world, &wallets, &rng, &mut oracle),
            }
            for wallet in &wallets {
                let now = world.wallet(wallet);
                assert_eq!(now.posted_minor, oracle.posted[&wallet.account], "step {step}");
                assert_eq!(now.held_minor, oracle.held(wallet.account), "step {step}");
            }
        }
        assert!(
            oracle.ended.values().any(|posted| *posted),
            "some hold was released"
        );
        assert!(
            oracle.ended.values().any(|posted| !*posted),
            "some hold was voided"
        );
        world.prove();
    });
}

fn pay_some(world: &World, wallets: &[Wallet], rng: &Rng, step: usize, oracle: &mut Oracle) {
    let orders: Vec<Order> = (0..=rng.below(4))
        .map(|number| {
            let payer = rng.below(4) as usize;
            let payee = (payer + 1 + rng.below(3) as usize) % 4;
            let minor = 1 + rng.below(if rng.below(3) == 0 { 300_000 } else { 20_000 }) as i64;
            order(
                &format!("{step}-{number}"),
                &wallets[payer],
                &wallets[payee],
                minor,
            )
        })
        .collect();
    for (order, answer) in orders.iter().zip(world.pay(&orders)) {
        assert!(!answer.replayed);
        oracle.paid(order, &answer.outcome);
        oracle.answered.push((order.clone(), answer.body));
    }
}

fn repeat_some(world: &World, rng: &Rng, oracle: &Oracle) {
    if oracle.answered.is_empty() {
        return;
    }
    let (order, body) = &oracle.answered[rng.below(oracle.answered.len() as u64) as usize];
    let answer = world.pay_one(order);
    assert!(answer.replayed && answer.body == *body);
}

/// An open hold more often than one that has ended.
fn some_hold(rng: &Rng, oracle: &Oracle) -> Option<PaymentId> {
    let mut open: Vec<PaymentId> = oracle.open.keys().copied().collect();
    let mut ended: Vec<PaymentId> = oracle.ended.keys().copied().collect();
    open.sort();
    ended.sort();
    let from = if rng.below(4) == 0 || open.is_empty() {
        ended
    } else {
        open
    };
    (!from.is_empty()).then(|| from[rng.below(from.len() as u64) as usize])
}

fn release_some(world: &World, rng: &Rng, oracle: &mut Oracle) {
    let Some(payment) = some_hold(rng, oracle) else {
        return;
    };
    let call = CallId::new(&world.ambient);
    let by = match rng.below(3) {
        0 => ReleasedBy::Staff(StaffId([1; 16]), StaffId([2; 16])),
        1 => ReleasedBy::CustomerKeypad(call),
        _ => ReleasedBy::CustomerApp { proof: [3; 16] },
    };
    let spoken = rng.below(4) > 0;
    let ambient = world.ambient.clone();
    let outcome: Result<ReleaseOutcome, MoneyError> = world.db.write(move |tx| {
        if spoken {
            details_played(tx, payment, call, ambient.now())?;
        }
        release(tx, &ambient, payment, by)
    });
    match outcome.unwrap() {
        ReleaseOutcome::Posted => {
            let hold = oracle.open.remove(&payment).expect("it was open");
            assert!(world.ambient.now() < hold.deadline && !oracle.frozen.contains(&hold.payer));
            oracle.move_money(hold.payer, hold.payee, hold.minor);
            oracle.ended.insert(payment, true);
        }
        ReleaseOutcome::AlreadyPosted => assert!(oracle.ended[&payment]),
        ReleaseOutcome::AlreadyVoided => assert!(!oracle.ended[&payment]),
        ReleaseOutcome::DeadlinePassed => assert!(world.ambient.now() >= oracle.open[&payment].deadline),
        ReleaseOutcome::PayeeCannotReceive => {
            assert!(oracle.frozen.contains(&oracle.open[&payment].payee));
        }
        ReleaseOutcome::DetailsNotPlayed => assert!(!spoken),
        other => panic!("{other:?} cannot be: freezing voids the holds"),
    }
}

fn void_some(world: &World, rng: &Rng, oracle: &mut Oracle) {
    let Some(payment) = some_hold(rng, oracle) else {
        return;
    };
    let ambient = world.ambient.clone();
    let by = VoidedBy::CustomerCall(CallId([5; 16]));
    let outcome = world
        .db
        .write(move |tx| void(tx, &ambient, payment, by, "pressed 2"));
    match outcome.unwrap() {
        VoidOutcome::Voided => {
            oracle.open.remove(&payment).expect("it was open");
            oracle.ended.insert(payment, false);
        }
        VoidOutcome::AlreadyPosted => assert!(oracle.ended[&payment]),
        VoidOutcome::AlreadyVoided => assert!(!oracle.ended[&payment]),
        VoidOutcome::NotFound => panic!("it exists"),
    }
}

fn expire(world: &World, oracle: &mut Oracle) {
    let ambient = world.ambient.clone();
    let voided = world.db.write(move |tx| expire_due(tx, &ambient, 100)).unwrap();
    let now = world.ambient.now();
    let due: Vec<PaymentId> = oracle
        .open
        .iter()
        .filter(|(_, hold)| hold.deadline <= now)
        .map(|(payment, _)| *payment)
        .collect();
    assert_eq!(voided, due.len());
    for payment in due {
        oracle.open.remove(&payment);
        oracle.ended.insert(payment, false);
    }
}

fn freeze_or_unfreeze(world: &World, wallets: &[Wallet], rng: &Rng, oracle: &mut Oracle) {
    let wallet = &wallets[rng.below(4) as usize];
    let (id, account, ambient) = (wallet.id, wallet.account, world.ambient.clone());
    if oracle.frozen.contains(&account) {
        let lifted = world
            .db
            .write(move |tx| wallets::unfreeze(tx, &ambient, id, "proved"));
        assert!(lifted.unwrap());
        oracle.frozen.retain(|frozen| *frozen != account);
        return;
    }
    let voided = world
        .db
        .write(move |tx| wallets::freeze(tx, &ambient, id, "customer", "lost"));
    let own: Vec<PaymentId> = oracle
        .open
        .iter()
        .filter(|(_, hold)| hold.payer == account)
        .map(|(payment, _)| *payment)
        .collect();
    assert_eq!(voided.unwrap(), Some(own.len()));
    for payment in own {
        oracle.open.remove(&payment);
        oracle.ended.insert(payment, false);
    }
    oracle.frozen.push(account);
    let held = world.db.read(move |tx| payments::held_of(tx, account));
    assert!(held.unwrap().is_empty());
}
