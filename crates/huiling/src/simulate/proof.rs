//! What must hold every evening, measured against what the people outside remember.

use super::memory::Waiting;
use super::world::{Broken, Month, World};
use base::PaymentId;
use calls::cases::{self, CaseKind, CaseState};
use calls::notices;
use money::payments::{self, EndedBy, ReleasedBy, VoidedBy};
use money::{Outcome, Payment, PaymentState, wallets};
use security::audit;
use std::collections::BTreeMap;
use store::{causes, jobs, outbox};
use support::notify::{self, Message};

/// Older answers that are asked for again each evening.
const ASKED_AGAIN: u64 = 150;
/// Answers are kept for a week.
const KEPT_SECS: u64 = 6 * 86_400;
/// Sends of an order that found no answer.
const TRIES_MAX: usize = 20;

impl World {
    pub fn evening(&mut self, day: u32) -> Result<(), Broken> {
        self.calm_down()?;
        self.prove_ledger()?;
        self.prove_answers()?;
        self.prove_holds()?;
        self.prove_balances()?;
        self.prove_calls()?;
        self.prove_applications()?;
        self.prove_nothing_given_up()?;
        tracing::debug!(day, steps = self.month.steps, "a sound day");
        self.mischief.switch(true);
        self.wake();
        Ok(())
    }

    /// Whoever has no answer asks until there is one: from then on every outcome is known.
    pub fn finish_orders(&mut self) -> Result<(), Broken> {
        for sent in 0..self.memory.sent.len() {
            for _ in 0..TRIES_MAX {
                if !self.memory.sent[sent].tried || self.memory.sent[sent].answer.is_some() {
                    break;
                }
                if let Some(house) = &mut self.house {
                    house.gathered.push(sent);
                }
                self.gather()?;
            }
        }
        Ok(())
    }

    fn prove_ledger(&self) -> Result<(), Broken> {
        let Some(house) = &self.house else { return Ok(()) };
        let report = money::verify(&house.db);
        let report = report.map_err(|error| self.broken(format!("verify: {}", causes(&error))))?;
        self.must(report.is_sound() && report.sum_minor == 0, || {
            format!("the ledger does not add up: {}", report.problems.join("; "))
        })?;
        let audit = self.read("the audit log", |tx| Ok(audit::verify(tx)?))?;
        self.must(audit.is_none_or(|report| report.broken.is_none()), || {
            "the audit log is broken".into()
        })
    }

    /// Every acknowledged answer is there, byte for byte.
    pub fn prove_answers(&self) -> Result<(), Broken> {
        let now = self.now();
        let count = self.memory.sent.len() as u64;
        let recent = self
            .memory
            .sent
            .iter()
            .rposition(|sent| now.since(sent.answered_at).as_secs() > 86_400);
        let recent = recent.map_or(0, |last| last + 1)..self.memory.sent.len();
        let drawn: Vec<usize> = (0..ASKED_AGAIN.min(count))
            .map(|_| self.chance.below(count) as usize)
            .collect();
        for index in recent.chain(drawn) {
            let sent = &self.memory.sent[index];
            let Some((body, _)) = &sent.answer else { continue };
            if now.since(sent.answered_at).as_secs() > KEPT_SECS {
                continue;
            }
            let order = sent.order.clone();
            let kept = self.read("an answer", move |tx| Ok(payments::answered(tx, &order)?))?;
            let kept = kept.flatten().map(|answer| answer.body);
            self.must(kept.as_ref() == Some(body), || {
                let kept = kept
                    .as_ref()
                    .map(|body| String::from_utf8_lossy(body).into_owned());
                format!(
                    "order {index} was answered {}, kept is {kept:?}",
                    String::from_utf8_lossy(body)
                )
            })?;
        }
        Ok(())
    }

    /// Each held payment waits within its deadline, or ended once, by somebody who was entitled.
    fn prove_holds(&mut self) -> Result<(), Broken> {
        let open: Vec<PaymentId> = self.memory.open.iter().copied().collect();
        for id in open {
            let payment = self
                .read("a held payment", move |tx| Ok(payments::get(tx, id)?))?
                .flatten();
            let payment = payment.ok_or_else(|| self.broken(format!("the held payment {id} is gone")))?;
            self.prove_hold(&payment)?;
            self.prove_told(&payment)?;
            if payment.state != PaymentState::Held {
                self.memory.open.remove(&id);
                self.month.released += u64::from(payment.state == PaymentState::Posted);
                self.month.voided += u64::from(payment.state == PaymentState::Voided);
            }
        }
        Ok(())
    }

    pub fn prove_hold(&self, payment: &Payment) -> Result<(), Broken> {
        let id = payment.id;
        let hold = payment
            .hold
            .as_ref()
            .ok_or_else(|| self.broken(format!("{id} has no hold")))?;
        let known = &self.memory.held[&id];
        let ended = hold.ended.as_ref().map(|end| end.by);
        let entitled = match (payment.state, ended) {
            (PaymentState::Held, None) => self.now() < hold.deadline,
            (PaymentState::Posted, Some(EndedBy::Released(by))) => {
                hold.ended.as_ref().is_some_and(|end| end.at < hold.deadline) && self.may_release(known, by)
            }
            (PaymentState::Voided, Some(EndedBy::Voided(by))) => match by {
                VoidedBy::CustomerApp(_) => known.stopped,
                VoidedBy::Staff(..) => known.staff_voided,
                VoidedBy::Deadline => hold.ended.as_ref().is_some_and(|end| end.at >= hold.deadline),
                VoidedBy::CustomerCall(_) | VoidedBy::Freeze => true,
            },
            _ => false,
        };
        self.must(entitled, || {
            format!(
                "the held payment {id} is {:?} by {ended:?}, until {}",
                payment.state,
                hold.deadline.to_rfc3339()
            )
        })
    }

    fn may_release(&self, known: &Waiting, by: ReleasedBy) -> bool {
        match by {
            ReleasedBy::CustomerApp { .. } => known.signed,
            ReleasedBy::CustomerKeypad(call) => self.memory.pressed_one.contains(&call),
            ReleasedBy::Staff(asked, agreed) => known.staff_released && asked != agreed,
        }
    }

    /// Its case stands as the payment does, was announced, and its payer was told.
    fn prove_told(&self, payment: &Payment) -> Result<(), Broken> {
        let Some(house) = &self.house else { return Ok(()) };
        let (id, keyring) = (payment.id, house.keyring.clone());
        let customer = payment.payer.wallet.as_ref().map(|wallet| wallet.customer);
        let customer = customer.ok_or_else(|| self.broken(format!("{id} has no payer")))?;
        let seen = self.read("the case of a held payment", move |tx| {
            let case = cases::by_kind(tx, CaseKind::PaymentConfirmation(id))?;
            let notice = match &case {
                Some(case) => notices::for_case(tx, case.id)?,
                None => None,
            };
            let told = notify::inbox(tx, &keyring, customer, None, 100)?;
            let told = told.into_iter().filter(|item| item.subject == id.to_string());
            let told = told.filter(|item| {
                matches!(
                    item.message,
                    Message::PaymentHeld { .. }
                        | Message::PaymentPosted { .. }
                        | Message::PaymentVoided { .. }
                )
            });
            Ok((case, notice.is_some(), told.count()))
        })?;
        let Some((case, noticed, told)) = seen else {
            return Ok(());
        };
        self.must(told > 0, || format!("the payer of {id} was not told"))?;
        let waits = payment.state == PaymentState::Held;
        // Decided before the case could be opened, nobody needs to call.
        let state = case.as_ref().map(|case| case.state);
        let fits = match state {
            None => !waits,
            Some(CaseState::Concluded) => true,
            Some(CaseState::Waiting | CaseState::Calling) => waits,
            Some(CaseState::ForStaff) => false,
        };
        self.must(fits, || {
            format!("{id} is {:?}, its case {state:?}", payment.state)
        })?;
        self.must(case.is_none() || noticed, || {
            format!("the call about {id} was not announced")
        })
    }

    /// An account book of their own, from nothing but the answers.
    pub fn prove_balances(&self) -> Result<(), Broken> {
        let mut posted: BTreeMap<i64, i64> = BTreeMap::new();
        let mut held: BTreeMap<i64, i64> = BTreeMap::new();
        for sent in &self.memory.sent {
            let order = &sent.order;
            let state = match &sent.answer {
                Some((_, Outcome::Posted(_))) => PaymentState::Posted,
                Some((_, Outcome::Held { payment, .. })) => {
                    let id = *payment;
                    let payment = self
                        .read("a payment", move |tx| Ok(payments::get(tx, id)?))?
                        .flatten();
                    payment
                        .ok_or_else(|| self.broken(format!("the payment {id} is gone")))?
                        .state
                }
                _ => continue,
            };
            match state {
                PaymentState::Posted => {
                    *posted.entry(order.payer_account).or_default() -= order.amount.minor;
                    *posted.entry(order.payee_account).or_default() += order.amount.minor;
                }
                PaymentState::Held => *held.entry(order.payer_account).or_default() += order.amount.minor,
                PaymentState::Voided | PaymentState::Refused => {}
            }
        }
        let mut after = None;
        loop {
            let page = self
                .read("wallets", move |tx| Ok(wallets::list(tx, after, 500)?))?
                .unwrap_or_default();
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id);
            for wallet in &page {
                let of = |book: &BTreeMap<i64, i64>| book.get(&wallet.account).copied().unwrap_or(0);
                let (expected, set_aside) = (of(&posted), of(&held));
                self.must(
                    wallet.posted_minor == expected && wallet.held_minor == set_aside,
                    || {
                        format!(
                            "account {} has {} ({} held), by the answers it is {expected} ({set_aside} held)",
                            wallet.account, wallet.posted_minor, wallet.held_minor
                        )
                    },
                )?;
            }
        }
    }

    fn prove_nothing_given_up(&self) -> Result<(), Broken> {
        let backlog = self.read("the outbox", outbox_backlog)?;
        let Some((given_up, jobs)) = backlog else {
            return Ok(());
        };
        self.must(given_up == 0, || format!("{given_up} events were given up"))?;
        for (kind, _, given_up) in jobs {
            self.must(given_up == 0, || {
                format!("{given_up} jobs of {kind} were given up")
            })?;
        }
        Ok(())
    }

    /// The month's end: once more calm, and the whole database in one figure.
    pub fn close(mut self) -> Result<Month, Broken> {
        self.month.faults = self.mischief.count();
        let house = self
            .house
            .take()
            .ok_or_else(|| self.broken("the program is down at the end"))?;
        let tables = store::harness::digest(&house.db);
        let tables = tables.map_err(|error| self.broken(format!("the digest: {}", causes(&error))))?;
        if let Some(path) = std::env::var_os("HUILING_SIMULATE_TABLES") {
            let text: String = tables
                .iter()
                .map(|(name, hash)| format!("{hash} {name}\n"))
                .collect();
            std::fs::write(path, text).map_err(|error| self.broken(error.to_string()))?;
        }
        self.month.digest = store::harness::digest_of(&tables);
        Ok(self.month)
    }
}

type Backlog = (i64, Vec<(String, i64, i64)>);

fn outbox_backlog(tx: &mut store::Tx<'_>) -> super::world::Tried<Backlog> {
    Ok((outbox::backlog(tx)?.given_up, jobs::backlog(tx)?))
}
