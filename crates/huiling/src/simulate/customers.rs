//! What customers do: pay by habit, now and then something risky, ask again when no answer came,
//! sign in the app, stop, freeze.

use super::memory::{Sent, Waiting};
use super::staff::Wish;
use super::town::{code, top_up_order};
use super::world::{Broken, Step, World};
use base::{Amount, Currency, PaymentId};
use money::payments::{self, Channel, IdempotencyKey, Kind, ReleaseOutcome, VoidOutcome, VoidedBy, pay_all};
use money::signature::{self, Signed};
use money::{Order, Outcome, PaymentState, wallets};
use security::sessions::{self, SessionPolicy};

const HOUR_MS: i64 = 3_600_000;
/// Answers are kept for a week; nobody asks for one that old.
const ASKED_AGAIN_WITHIN_MS: i64 = 6 * 24 * HOUR_MS;

impl World {
    /// Plans a day: people wake at seven and sleep at eleven.
    pub fn morning(&mut self, day: u32) -> Result<(), Broken> {
        for person in 0..self.town.len() {
            for _ in 0..self.chance.below(3) {
                self.plan_payment(person)?;
            }
            if self.percent(4) {
                let at = self.draw(3, 20) * HOUR_MS + self.draw(0, HOUR_MS);
                self.later_ms(at, Step::TopUp(person));
            }
        }
        for _ in 0..self.chance.below(3) {
            let person = self.chance.below(self.town.len() as u64) as usize;
            let at = self.draw(4 * HOUR_MS, 18 * HOUR_MS);
            self.later_ms(at, Step::Freeze(person));
        }
        for _ in 0..2 + self.chance.below(3) {
            self.plan_application(day)?;
        }
        for _ in 0..12 {
            let draw = self.chance.below(64) as usize;
            let at = self.draw(3 * HOUR_MS, 20 * HOUR_MS);
            self.later_ms(at, Step::Again(draw));
        }
        if self.percent(20) {
            let at = self.draw(4 * HOUR_MS, 16 * HOUR_MS);
            let lasts = self.draw(5_000, 20 * 60_000);
            self.later_ms(at, Step::DiskFull(true));
            self.later_ms(at + lasts, Step::DiskFull(false));
        }
        if self.percent(20) {
            let at = self.draw(4 * HOUR_MS, 16 * HOUR_MS);
            let by = self.draw(1_000, 3 * HOUR_MS);
            self.later_ms(at, Step::Jump(by));
        }
        self.unfreeze_some()
    }

    fn plan_payment(&mut self, person: usize) -> Result<(), Broken> {
        let usual = self.town[person].usual_minor;
        let risky = self.percent(3);
        let (far, amount) = if risky {
            (60 + self.chance.below(100), usual * self.draw(8, 15))
        } else {
            (
                7 * (1 + self.chance.below(5)),
                usual / 2 + self.chance.below(usual as u64) as i64,
            )
        };
        let payee = (person + far as usize) % self.town.len();
        let key = format!("p{}", self.memory.sent.len());
        let order = self.order(person, payee, amount, &key)?;
        let sent = self.remember(order);
        let at = self.draw(3 * HOUR_MS, 19 * HOUR_MS);
        self.later_ms(at, Step::Send(sent));
        if self.percent(5) {
            let again = at + self.draw(0, 2 * 24 * HOUR_MS);
            self.later_ms(again, Step::Send(sent));
        }
        if self.percent(1) {
            let mut order = self.order(person, payee, amount + 1, &key)?;
            order.caller = self.memory.sent[sent].order.caller;
            let forged = self.remember(order);
            self.memory.sent[forged].forged = true;
            self.later_ms(at + self.draw(1_000, HOUR_MS), Step::Send(forged));
        }
        Ok(())
    }

    fn order(&self, payer: usize, payee: usize, amount_minor: i64, key: &str) -> Result<Order, Broken> {
        let mut request_hash = [0; 32];
        request_hash[..8].copy_from_slice(&amount_minor.to_be_bytes());
        let key = IdempotencyKey::parse(key).map_err(|error| self.broken(error.to_string()))?;
        Ok(Order {
            caller: self.town[payer].customer.0,
            key,
            request_hash,
            payer_account: self.town[payer].account,
            payee_account: self.town[payee].account,
            amount: Amount::new(amount_minor, Currency::Cny),
            note: String::new(),
            channel: Channel::App,
            second_factor: true,
            kind: Kind::Transfer,
        })
    }

    pub fn remember(&mut self, order: Order) -> usize {
        self.memory.sent.push(Sent {
            order,
            tried: false,
            answer: None,
            answered_at: self.ambient.now(),
            forged: false,
        });
        self.memory.sent.len() - 1
    }

    pub fn top_up(&mut self, person: usize) -> Result<(), Broken> {
        let key = format!("t{}", self.memory.sent.len());
        let order = top_up_order(self.town[person].account, &key, self.draw(10_000, 400_000));
        let order = order.map_err(|error| self.broken(error.to_string()))?;
        let sent = self.remember(order);
        // Banks deliver twice now and then.
        if self.percent(20) {
            let again = self.draw(10, HOUR_MS);
            self.later_ms(again, Step::Send(sent));
        }
        self.send(sent)
    }

    /// Hands an order to the program; one that is down says nothing, and it is sent again.
    pub fn send(&mut self, sent: usize) -> Result<(), Broken> {
        self.memory.sent[sent].tried = true;
        if self.memory.sent[sent].answer.is_some() {
            let age = self.now().since(self.memory.sent[sent].answered_at);
            if age.as_millis() as i64 > ASKED_AGAIN_WITHIN_MS {
                return Ok(());
            }
            self.month.repeats += 1;
        }
        match &mut self.house {
            Some(house) => {
                let first = house.gathered.is_empty();
                house.gathered.push(sent);
                if first {
                    let soon_ms = self.draw(1, 30);
                    self.later_ms(soon_ms, Step::Gather);
                }
            }
            None => self.send_later(sent),
        }
        Ok(())
    }

    fn send_later(&mut self, sent: usize) {
        if self.memory.sent[sent].answer.is_none() {
            let pause_ms = self.draw(300, 60_000);
            self.later_ms(pause_ms, Step::Send(sent));
        }
    }

    /// As the gatherer does: one slice, and order by order if it fails.
    pub fn gather(&mut self) -> Result<(), Broken> {
        let Some(house) = &mut self.house else {
            return Ok(());
        };
        let waiting = std::mem::take(&mut house.gathered);
        if waiting.is_empty() {
            return Ok(());
        }
        if !self.pay(&waiting)? {
            for one in &waiting {
                if waiting.len() == 1 || !self.pay(std::slice::from_ref(one))? {
                    self.send_later(*one);
                }
            }
        }
        self.wake();
        Ok(())
    }

    fn pay(&mut self, slice: &[usize]) -> Result<bool, Broken> {
        let orders: Vec<Order> = slice
            .iter()
            .map(|sent| self.memory.sent[*sent].order.clone())
            .collect();
        let (ambient, policy) = (self.ambient.clone(), self.policy.clone());
        let answers = self.write("paying", move |tx| Ok(pay_all(tx, &ambient, &policy, &orders)?))?;
        let Some(answers) = answers else { return Ok(false) };
        for (sent, answer) in slice.iter().zip(answers) {
            self.hear(*sent, answer.body, answer.outcome)?;
        }
        Ok(true)
    }

    fn hear(&mut self, sent: usize, body: Vec<u8>, outcome: Outcome) -> Result<(), Broken> {
        let one = &self.memory.sent[sent];
        let forged = one.forged;
        if forged || outcome == Outcome::KeyReused {
            // Whichever of the two arrived first has the key.
            let original = self.memory.sent.iter().any(|other| {
                other.order.key == one.order.key
                    && other.order.caller == one.order.caller
                    && other.forged != forged
            });
            self.must(original, || {
                format!("order {sent} was told that its key was used")
            })?;
        }
        if let Some((first, _)) = &one.answer {
            return self.must(*first == body, || {
                let (first, body) = (String::from_utf8_lossy(first), String::from_utf8_lossy(&body));
                format!("order {sent} was answered twice: {first} and {body}")
            });
        }
        let now = self.now();
        if let Outcome::Held { payment, .. } = outcome {
            self.month.held += 1;
            self.expect_call(sent, payment)?;
        }
        self.month.orders += 1;
        let one = &mut self.memory.sent[sent];
        one.answer = Some((body, outcome));
        one.answered_at = now;
        Ok(())
    }

    fn expect_call(&mut self, sent: usize, payment: PaymentId) -> Result<(), Broken> {
        let payer = self.memory.sent[sent].order.payer_account;
        let person = self.town.iter().position(|one| one.account == payer);
        let person = person.ok_or_else(|| self.broken("somebody pays who does not live here"))?;
        let waiting = Waiting {
            person,
            ..Waiting::default()
        };
        self.memory.held.insert(payment, waiting);
        self.memory.open.insert(payment);
        match self.chance.below(100) {
            0..6 => {
                let at = self.draw(2_000, 40 * 60_000);
                self.later_ms(at, Step::StopInApp(payment));
            }
            6..16 => {
                let at = self.draw(30_000, 20 * 60_000);
                let wish = if self.percent(50) {
                    Wish::Release(payment)
                } else {
                    Wish::Void(payment)
                };
                self.later_ms(at, Step::AskStaff(wish));
            }
            16..22 => {
                let at = self.draw(20_000, 10 * 60_000);
                self.later_ms(at, Step::SignIn(payment));
            }
            _ => {}
        }
        Ok(())
    }

    /// Signs in the app and confirms with a code.
    pub fn sign_in(&mut self, payment: PaymentId) -> Result<(), Broken> {
        let Some(person) = self.memory.held.get(&payment).map(|held| held.person) else {
            return Ok(());
        };
        let Some((ambient, keyring)) = self
            .house
            .as_ref()
            .map(|house| (self.ambient.clone(), house.keyring.clone()))
        else {
            return Ok(());
        };
        let Some(app) = &self.town[person].app else {
            return Ok(());
        };
        let (login, device, typed) = (app.login, app.device.clone(), code(&app.secret, self.now()));
        if let Some(held) = self.memory.held.get_mut(&payment) {
            held.signed = true;
        }
        let done = self.write("confirming in the app", move |tx| {
            let known = security::logins::by_id(tx, login)?.ok_or("the login is gone")?;
            let policy = SessionPolicy::default();
            let opened = sessions::open(tx, &ambient, &known, policy, device.as_ref(), "a telephone")?;
            let Some(held) = payments::get(tx, payment)?.filter(|held| held.state == PaymentState::Held)
            else {
                return Ok(None);
            };
            let session = &opened.session;
            let nonce = signature::challenge(tx, &ambient, &keyring, session, &held)?.nonce;
            let signed = signature::sign(tx, &ambient, &keyring, session, payment, (&nonce, &typed))?;
            Ok(Some(signed))
        })?;
        if done.is_none() || done == Some(Some(Signed::Release(ReleaseOutcome::DetailsNotPlayed))) {
            // No answer came, or nobody has called yet: once more.
            let pause_ms = self.draw(31_000, 180_000);
            if self.memory.open.contains(&payment) && self.percent(80) {
                self.later_ms(pause_ms, Step::SignIn(payment));
            }
        }
        self.wake();
        Ok(())
    }

    pub fn stop_in_app(&mut self, payment: PaymentId) -> Result<(), Broken> {
        let Some(person) = self.memory.held.get(&payment).map(|held| held.person) else {
            return Ok(());
        };
        let Some(login) = self.town[person].app.as_ref().map(|app| app.login) else {
            return Ok(());
        };
        if let Some(held) = self.memory.held.get_mut(&payment) {
            held.stopped = true;
        }
        let ambient = self.ambient.clone();
        let done = self.write("stopping in the app", move |tx| {
            Ok(payments::void(
                tx,
                &ambient,
                payment,
                VoidedBy::CustomerApp(login),
                "not me",
            )?)
        })?;
        self.must(done != Some(VoidOutcome::NotFound), || {
            format!("the held payment {payment} is gone")
        })?;
        if done.is_none() {
            self.later_ms(5_000, Step::StopInApp(payment));
        }
        self.wake();
        Ok(())
    }

    pub fn freeze(&mut self, person: usize) -> Result<(), Broken> {
        let (ambient, wallet) = (self.ambient.clone(), self.town[person].wallet);
        let done = self.write("freezing", move |tx| {
            Ok(wallets::freeze(
                tx,
                &ambient,
                wallet,
                "customer",
                "frozen by the customer",
            )?)
        })?;
        if done.is_none() {
            self.later_ms(3_000, Step::Freeze(person));
        }
        self.wake();
        Ok(())
    }
}
