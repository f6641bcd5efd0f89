//! Calls under way, and the line they go by.

use super::World;
use base::PaymentId;
use calls::Rules;
use calls::attempts::{self, Begun, Words};
use calls::scripts::{Act, Outcome};
use money::payments;
use store::Sql;

/// The process that places calls is alive: without it every status is unknown.
static BEAT: Sql = Sql(
    "INSERT INTO call_node (node, lease_until_us, line, line_since_us) \
    VALUES ('test', $1, 'up', 0) ON CONFLICT (node) DO UPDATE SET lease_until_us = excluded.lease_until_us",
);

static LINE_DOWN: Sql = Sql("UPDATE call_node SET line = 'down'");

impl World {
    /// The dialer's node gives a sign of life for a day.
    pub fn beat(&self) {
        let until = self.ambient.now().plus_secs(86_400);
        self.db
            .write(move |tx| tx.execute(&BEAT, &[until.as_us().into()]))
            .unwrap();
    }

    /// The node lives, and its trunk carries no calls.
    pub fn line_goes_down(&self) {
        self.db.write(|tx| tx.execute(&LINE_DOWN, &[])).unwrap();
    }

    /// The telephone rings for what is due.
    pub fn ring(&self) -> Vec<Begun> {
        let (ambient, policy) = (self.ambient.clone(), self.call_policy.clone());
        self.db
            .write(move |tx| {
                let begun = attempts::begin_due(tx, &ambient, &policy, "test", 10)?;
                for one in &begun {
                    attempts::ringing(tx, &ambient, &one.attempt, false)?;
                }
                Ok::<_, calls::CallsError>(begun)
            })
            .unwrap()
    }

    /// The call is answered; with words when `with_words`.
    pub fn answer(&self, begun: &Begun, with_words: bool) {
        let (ambient, begun) = (self.ambient.clone(), begun.clone());
        let words = with_words.then(|| Words::random(&self.ambient.rng));
        self.db
            .write(move |tx| attempts::answered(tx, &ambient, &begun.case, &begun.attempt, words, false))
            .unwrap();
    }

    /// The call has spoken amount and payee in full.
    pub fn details_played(&self, payment: PaymentId, begun: &Begun) {
        let (now, call) = (self.ambient.now(), begun.attempt.id);
        self.db
            .write(move |tx| payments::details_played(tx, payment, call, now))
            .unwrap();
    }

    /// A 2 on the keypad.
    pub fn stop(&self, begun: &Begun) {
        let (ambient, policy, begun) = (self.ambient.clone(), self.call_policy.clone(), begun.clone());
        let done = self.db.write(move |tx| {
            let money = money::Policy::cn();
            let rules = Rules {
                calls: &policy,
                money: &money,
            };
            calls::act(tx, &ambient, &rules, &begun, Act::Stop, false)
        });
        assert_eq!(done.unwrap(), Outcome::Stopped);
    }

    pub fn hang_up(&self, begun: &Begun, disposition: calls::Disposition) {
        let (ambient, policy, call) = (self.ambient.clone(), self.call_policy.clone(), begun.attempt.id);
        self.db
            .write(move |tx| attempts::finish(tx, &ambient, &policy, call, disposition))
            .unwrap();
    }
}
