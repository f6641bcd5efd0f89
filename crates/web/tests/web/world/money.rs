//! Payments in every state.

use super::Person;
use super::World;
use base::{Amount, Currency, PaymentId};
use calls::cases;
use money::payments::{Channel, Kind, Order, Outcome};
use money::{rails, wallets};

impl World {
    pub fn top_up(&self, person: &Person, minor: i64) {
        let order = rails::top_up_order(
            &self.key(),
            person.wallet.account,
            Amount::new(minor, Currency::Cny),
        );
        let answer = self.gatherer.pay_blocking(order).unwrap();
        assert!(
            matches!(answer.outcome, Outcome::Posted(_)),
            "{:?}",
            answer.outcome
        );
    }

    pub fn pay(&self, from: &Person, to: &Person, minor: i64, note: &str) -> Outcome {
        let order = Order {
            caller: from.login.0,
            key: self.key(),
            request_hash: [0; 32],
            payer_account: from.wallet.account,
            payee_account: to.wallet.account,
            amount: Amount::new(minor, Currency::Cny),
            note: note.into(),
            channel: Channel::App,
            second_factor: true,
            kind: Kind::Transfer,
        };
        self.gatherer.pay_blocking(order).unwrap().outcome
    }

    /// A payment that is held, with its case and notice.
    pub fn hold(&self, from: &Person, to: &Person, minor: i64, note: &str) -> PaymentId {
        let outcome = self.pay(from, to, minor, note);
        let Outcome::Held { payment, .. } = outcome else {
            panic!("not held: {outcome:?}")
        };
        let (ambient, policy) = (self.ambient.clone(), self.call_policy.clone());
        self.db
            .write(move |tx| cases::open_for_payment(tx, &ambient, &policy, payment))
            .unwrap();
        payment
    }

    pub fn freeze(&self, person: &Person, by: &'static str) {
        let (ambient, wallet) = (self.ambient.clone(), person.wallet.id);
        self.db
            .write(move |tx| wallets::freeze(tx, &ambient, wallet, by, ""))
            .unwrap();
    }
}
