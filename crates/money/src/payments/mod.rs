//! A payment is an order to move money, and what became of it.
//!
//! [`pay_all`] is the hot path: it handles a slice of orders in one transaction, and an order is
//! handled the same alone or among thousands. The [`Gatherer`] makes slices of single orders.

mod answers;
mod gatherer;
pub mod holds;
mod number;
mod order;
mod outcome;
mod payment;
pub mod posting;
mod store;
#[cfg(test)]
mod tests;

pub use gatherer::{Gatherer, GathererMetrics};
pub use holds::{
    KeypadEvidence, KeypadObstacle, KeypadRule, ReleaseOutcome, VoidOutcome, details_played, due, expire,
    expire_due, extend_deadline, keypad_allowed, record_warning, release, void,
};
pub use order::{BadKey, IdempotencyKey, Kind, NOTE_MAX, Order};
pub use outcome::{Answer, Outcome, Refusal};
pub use payment::{
    EndedBy, Hold, HoldEnd, HoldEvent, Party, PartyWallet, Payment, PaymentState, ReleasedBy, VoidedBy,
};
pub use risk::Channel;
pub use store::SHAPES;

pub(crate) use answers::outcome as stored_outcome;
pub(crate) use number::{parts, payment_id};
pub(crate) use store::{PAYMENT_FROM, channel_from, insert_openings, paid_before, read_payment};

use crate::accounts::{self, Book, Numbers, Previous};
use crate::{MoneyError, Policy, events};
use ::store::{Sql, Tx, outbox};
use base::{Ambient, PaymentId, Timestamp};
use holds::NewHold;
use posting::{Decision, Moment, decide};
use std::collections::HashMap;
use store::{Answered, Known};

/// Orders of one slice.
pub const SLICE_MAX: usize = 4_096;

/// Every statement of this feature.
pub const ALL: &[&Sql] = &concat_statements();

/// Decides every order of a slice in turn and writes what comes of it, all in this transaction.
/// The answers are in the order of the orders. A repeated key gets the first answer, also within
/// the slice. A refusal is an answer: it is stored like any other.
pub fn pay_all(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &Policy,
    orders: &[Order],
) -> Result<Vec<Answer>, MoneyError> {
    if orders.len() > SLICE_MAX {
        return Err(MoneyError::SliceTooLarge {
            most: SLICE_MAX,
            given: orders.len(),
        });
    }
    let now = ambient.now();
    // First of all: it puts this slice behind any other that moves money, so that what is read
    // next is the latest.
    let mut numbers = accounts::reserve(tx, now, orders.len())?;
    let keys: Vec<[u8; 16]> = orders.iter().map(Order::scoped_key).collect();
    let mut known = store::known_answers(tx, &keys)?;
    let mut book = Book::new(accounts::load_locked(tx, &touched(orders))?);
    let moment = Moment::of(now, &policy.zone);
    let at = now.to_rfc3339();
    let mut written = Written::default();
    let mut answers = Vec::with_capacity(orders.len());
    for (order, key) in orders.iter().zip(&keys) {
        if let Some(known) = known.get(key) {
            answers.push(repeated(order, known, &at)?);
            continue;
        }
        let number = numbers.next();
        let nonce = number::nonce(&ambient.rng);
        let decision = decide(&mut book, order, payment_id(number, nonce), &moment, policy)?;
        let body = answers::body(order, &decision.outcome, &at);
        let previous = put_first(&mut book, order, number, &decision.outcome);
        known.insert(
            *key,
            Known {
                request: order.request_hash[..16].to_vec(),
                body: body.clone(),
            },
        );
        answers.push(Answer {
            replayed: false,
            body,
            outcome: decision.outcome.clone(),
        });
        written.decided.push(Decided {
            order,
            key: *key,
            number,
            nonce,
            // The day whose limit it uses.
            day: book
                .get(order.payer_account)
                .map_or(moment.day.0, |payer| payer.usage.day),
            decision,
            previous,
            place: answers.len() - 1,
        });
    }
    book.check_conserved()?;
    written.write(tx, ambient, policy, &moment, &book, &answers)?;
    Ok(answers)
}

/// The answer that this order was given before; `None` when its key is new. Moves nothing.
pub fn answered(tx: &mut Tx<'_>, order: &Order) -> Result<Option<Answer>, MoneyError> {
    let key = order.scoped_key();
    let known = store::known_answers(tx, &[key])?;
    known
        .get(&key)
        .map(|known| repeated(order, known, ""))
        .transpose()
}

/// The payment of this id; `None` also for an id that was guessed.
pub fn get(tx: &mut Tx<'_>, payment: PaymentId) -> Result<Option<Payment>, MoneyError> {
    let (number, nonce) = parts(payment);
    store::payment(tx, number, nonce)
}

/// Open holds, the one that ends first first.
pub fn held(tx: &mut Tx<'_>, limit: usize) -> Result<Vec<Payment>, MoneyError> {
    store::held(tx, limit.min(1_000))
}

/// Open holds of one payer, the one that ends first first.
pub fn held_of(tx: &mut Tx<'_>, payer_account: i64) -> Result<Vec<Payment>, MoneyError> {
    store::held_of(tx, payer_account)
}

/// Forgets the answers given before a moment, at most `max` of them; returns how many. A request
/// repeated after that is a new one, so keep them far longer than any client repeats.
pub fn forget_answers(tx: &mut Tx<'_>, before: Timestamp, max: usize) -> Result<u64, MoneyError> {
    store::forget_answers(tx, Numbers::at(before), max)
}

struct Decided<'o> {
    order: &'o Order,
    key: [u8; 16],
    number: i64,
    nonce: i64,
    day: i64,
    decision: Decision,
    previous: Previous,
    /// Of its answer among the slice's.
    place: usize,
}

#[derive(Default)]
struct Written<'o> {
    decided: Vec<Decided<'o>>,
}

impl Written<'_> {
    fn write(
        &self,
        tx: &mut Tx<'_>,
        ambient: &Ambient,
        policy: &Policy,
        moment: &Moment,
        book: &Book,
        answers: &[Answer],
    ) -> Result<(), MoneyError> {
        let answered: Vec<Answered<'_>> = self
            .decided
            .iter()
            .map(|decided| Answered {
                number: decided.number,
                key: &decided.key,
                request: &decided.order.request_hash[..16],
                body: &answers[decided.place].body,
            })
            .collect();
        store::insert_answers(tx, &answered)?;
        store::insert_payments(tx, &self.decided, moment)?;
        store::insert_transfers(tx, &self.decided, moment)?;
        accounts::write_back(tx, &self.changed(book))?;
        for decided in &self.decided {
            if let Outcome::Held {
                payment, deadline, ..
            } = &decided.decision.outcome
            {
                let payer = decided.order.payer_account;
                let year = book.get(payer).map_or(moment.year, |account| account.usage.year);
                holds::open(
                    tx,
                    &NewHold {
                        payment: decided.number,
                        payer_account: payer,
                        day: decided.day,
                        year,
                        deadline: *deadline,
                        latest_deadline: deadline.plus_secs(policy.hold.extension_secs),
                    },
                )?;
                let event = events::PaymentHeld {
                    payer_account: payer,
                    deadline_us: deadline.as_us(),
                };
                outbox::publish(
                    tx,
                    ambient,
                    events::PAYMENT_HELD,
                    &payment.0,
                    &events::body(&event),
                )?;
            }
        }
        Ok(())
    }

    /// The accounts that a decided order has changed, sorted by id.
    fn changed(&self, book: &Book) -> Vec<accounts::Account> {
        let mut ids = Vec::with_capacity(2 * self.decided.len());
        for decided in &self.decided {
            let (payer, payee) = (decided.order.payer_account, decided.order.payee_account);
            match PaymentState::of(&decided.decision.outcome) {
                Some(state) if state.may_reach_payee() => ids.extend([payer, payee]),
                Some(_) => ids.push(payer),
                None => {}
            }
        }
        ids.sort_unstable();
        ids.dedup();
        ids.iter().filter_map(|id| book.get(*id).cloned()).collect()
    }
}

/// Puts an order that becomes a payment at the head of its statements.
fn put_first(book: &mut Book, order: &Order, number: i64, outcome: &Outcome) -> Previous {
    let Some(state) = PaymentState::of(outcome) else {
        return Previous::default();
    };
    let payee = state.may_reach_payee().then_some(order.payee_account);
    book.put_first(number, order.payer_account, payee)
}

/// The ids of all accounts that a slice names, ascending and distinct.
fn touched(orders: &[Order]) -> Vec<i64> {
    let mut ids: Vec<i64> = orders
        .iter()
        .flat_map(|order| [order.payer_account, order.payee_account])
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn repeated(order: &Order, known: &Known, at: &str) -> Result<Answer, MoneyError> {
    if known.request != order.request_hash[..16] {
        return Ok(Answer {
            replayed: false,
            body: answers::body(order, &Outcome::KeyReused, at),
            outcome: Outcome::KeyReused,
        });
    }
    Ok(Answer {
        replayed: true,
        outcome: answers::outcome(&known.body)?,
        body: known.body.clone(),
    })
}

const fn concat_statements() -> [&'static Sql; store::ALL.len() + holds::ALL.len()] {
    let mut all = [store::ALL[0]; store::ALL.len() + holds::ALL.len()];
    let mut place = 0;
    while place < all.len() {
        all[place] = if place < store::ALL.len() {
            store::ALL[place]
        } else {
            holds::ALL[place - store::ALL.len()]
        };
        place += 1;
    }
    all
}

/// Keeps the type of a map of known answers in one place.
type KnownAnswers = HashMap<[u8; 16], Known>;
