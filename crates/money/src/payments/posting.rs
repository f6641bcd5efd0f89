//! Decides one order after the other on the accounts of a slice. Pure: no clock, no database.

use super::{Kind, Order, Outcome, Refusal};
use crate::accounts::{Account, AccountKind, Book};
use crate::{MoneyError, Policy};
use base::{LocalDay, OperatorZone, PaymentId, Timestamp};
use risk::{Assessment, Facts, Posted, Reason, ReasonCode, Verdict};

/// The present, as limits and rules see it; the same for a whole slice.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub at: Timestamp,
    pub day: LocalDay,
    pub year: i64,
    pub second_of_day: i64,
}

#[derive(Clone, Debug)]
pub struct Decision {
    pub outcome: Outcome,
    /// Of a transfer that passed the limits.
    pub assessment: Option<Assessment>,
}

impl Moment {
    pub fn of(at: Timestamp, zone: &OperatorZone) -> Self {
        Self {
            at,
            day: zone.day(at),
            year: i64::from(zone.civil(at).year()),
            second_of_day: zone.second_of_day(at),
        }
    }
}

/// Decides an order and, if it is approved or held, moves or sets aside the money in the book.
pub fn decide(
    book: &mut Book,
    order: &Order,
    payment: PaymentId,
    moment: &Moment,
    policy: &Policy,
) -> Result<Decision, MoneyError> {
    let refused = |refusal| {
        Ok(Decision {
            outcome: Outcome::Refused(refusal),
            assessment: None,
        })
    };
    let (payer, payee) = match parties(book, order) {
        Ok(parties) => parties,
        Err(refusal) => return refused(refusal),
    };
    payer.usage = payer.usage.on(moment.day, moment.year);
    if let Err(refusal) = permitted(order, payer, payee) {
        return refused(refusal);
    }
    if order.kind == Kind::TopUp {
        transfer(payer, payee, order.amount.minor)?;
        return Ok(Decision {
            outcome: Outcome::Posted(payment),
            assessment: None,
        });
    }
    let assessment = assess(order, payer, payee, moment, policy);
    let outcome = match assessment.verdict {
        Verdict::Approve => {
            payer.usage = payer.usage.with(order.amount.minor);
            transfer(payer, payee, order.amount.minor)?;
            learn(payer, payee, order.amount.minor, moment.at);
            Outcome::Posted(payment)
        }
        Verdict::HoldAndCall => {
            payer.usage = payer.usage.with(order.amount.minor);
            payer.set_aside(order.amount.minor)?;
            Outcome::Held {
                payment,
                deadline: moment.at.plus_secs(policy.hold.window_secs),
                reasons: assessment.reasons.clone(),
            }
        }
        Verdict::Challenge => Outcome::Challenged {
            reasons: assessment.reasons.clone(),
        },
        Verdict::Refuse => Outcome::Refused(Refusal::RiskRefused { payment }),
    };
    Ok(Decision {
        outcome,
        assessment: Some(assessment),
    })
}

/// Moves money that is not held.
pub(super) fn transfer(
    payer: &mut Account,
    payee: &mut Account,
    amount_minor: i64,
) -> Result<(), MoneyError> {
    payer.post(-amount_minor)?;
    payee.post(amount_minor)
}

/// What both profiles learn from a payment that was posted.
pub(super) fn learn(payer: &mut Account, payee: &mut Account, amount_minor: i64, at: Timestamp) {
    payer.profile.learn_paid(&Posted {
        amount_minor,
        payee_account: payee.id,
        at,
    });
    payee.profile.learn_received();
}

fn parties<'b>(book: &'b mut Book, order: &Order) -> Result<(&'b mut Account, &'b mut Account), Refusal> {
    if order.payer_account == order.payee_account {
        return Err(Refusal::SelfPayment);
    }
    let wanted = match order.kind {
        Kind::Transfer => AccountKind::Customer,
        Kind::TopUp => AccountKind::Rail,
    };
    if book
        .get(order.payer_account)
        .is_none_or(|payer| payer.kind != wanted)
    {
        return Err(Refusal::UnknownPayer);
    }
    if book
        .get(order.payee_account)
        .is_none_or(|payee| payee.kind != AccountKind::Customer)
    {
        return Err(Refusal::UnknownPayee);
    }
    book.pair_mut(order.payer_account, order.payee_account)
        .ok_or(Refusal::UnknownPayee)
}

/// What must hold before the risk is looked at.
fn permitted(order: &Order, payer: &Account, payee: &Account) -> Result<(), Refusal> {
    let amount = order.amount;
    if amount.minor <= 0 {
        return Err(Refusal::AmountNotPositive);
    }
    if amount.currency != payer.currency || payer.currency != payee.currency {
        return Err(Refusal::WrongCurrency {
            wanted: payer.currency,
        });
    }
    if payer.frozen_at.is_some() {
        return Err(Refusal::PayerFrozen);
    }
    match order.kind {
        Kind::TopUp if payee.frozen_at.is_some() => Err(Refusal::PayeeCannotReceive),
        Kind::TopUp if !payee.can_hold(amount.minor) => Err(Refusal::OverBalanceLimit {
            limit_minor: payee.limits.balance_minor,
        }),
        Kind::TopUp => Ok(()),
        Kind::Transfer => {
            within_limits(payer, amount.minor)?;
            if amount.minor > payer.available_minor() {
                return Err(Refusal::NotEnough {
                    available_minor: payer.available_minor(),
                });
            }
            if payee.frozen_at.is_some() || !payee.can_hold(amount.minor) {
                return Err(Refusal::PayeeCannotReceive);
            }
            Ok(())
        }
    }
}

fn within_limits(payer: &Account, amount_minor: i64) -> Result<(), Refusal> {
    payer
        .usage
        .check(&payer.limits, amount_minor)
        .map_err(Refusal::from)
}

/// The risk's verdict; an approval with a password alone becomes a challenge when the day's sum
/// would pass what regulation allows with one factor.
fn assess(order: &Order, payer: &Account, payee: &Account, moment: &Moment, policy: &Policy) -> Assessment {
    let facts = Facts {
        amount_minor: order.amount.minor,
        payee_account: order.payee_account,
        channel: order.channel,
        at: moment.at,
        second_of_day: moment.second_of_day,
        second_factor: order.second_factor,
    };
    let mut assessment = risk::assess(&payer.profile, &payee.profile, &facts, &policy.risk);
    let day_sum = payer.usage.day_used_minor.saturating_add(order.amount.minor);
    let single_factor_minor = policy.limits.single_factor_day_minor;
    if assessment.verdict == Verdict::Approve && !order.second_factor && day_sum > single_factor_minor {
        assessment.verdict = Verdict::Challenge;
        assessment.reasons.truncate(risk::assessment::MAX_REASONS - 1);
        assessment.reasons.push(Reason {
            code: ReasonCode::SecondFactorNeeded,
            points: 0,
            this: day_sum,
            usual: single_factor_minor,
        });
    }
    assessment
}
