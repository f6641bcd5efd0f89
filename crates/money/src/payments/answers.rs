//! The JSON of an answer: written once when an order is decided, stored, and given again.

use super::{Order, Outcome, Refusal};
use crate::MoneyError;
use base::{Currency, Language, PaymentId, Timestamp};
use risk::{Reason, ReasonCode};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Serialize, Deserialize)]
struct Body<'a> {
    state: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<String>,
    amount: String,
    currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<ReasonBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<RefusalBody>,
}

#[derive(Serialize, Deserialize)]
struct ReasonBody {
    code: String,
    points: i64,
    this: i64,
    usual: i64,
}

#[derive(Serialize, Deserialize)]
struct RefusalBody {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    figure_minor: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wanted: Option<Currency>,
    detail: Detail,
}

#[derive(Serialize, Deserialize)]
struct Detail {
    #[serde(rename = "zh-Hans")]
    zh_hans: String,
    en: String,
}

/// `at` is the moment of decision in RFC 3339, the same for a whole slice.
pub(super) fn body(order: &Order, outcome: &Outcome, at: &str) -> Vec<u8> {
    let mut body = Body {
        state: Cow::Borrowed(state(outcome)),
        payment: None,
        amount: order.amount.to_decimal(),
        currency: order.amount.currency,
        at: Some(Cow::Borrowed(at)),
        deadline: None,
        reasons: Vec::new(),
        refusal: None,
    };
    match outcome {
        Outcome::Posted(payment) => body.payment = Some(payment.to_string()),
        Outcome::Held {
            payment,
            deadline,
            reasons,
        } => {
            body.payment = Some(payment.to_string());
            body.deadline = Some(deadline.to_rfc3339());
            body.reasons = reasons.iter().map(reason_body).collect();
        }
        Outcome::Challenged { reasons } => body.reasons = reasons.iter().map(reason_body).collect(),
        Outcome::Refused(refusal) => {
            if let Refusal::RiskRefused { payment } = refusal {
                body.payment = Some(payment.to_string());
            }
            body.refusal = Some(refusal_body(refusal, order.amount.currency));
        }
        Outcome::KeyReused => body.at = None,
    }
    serde_json::to_vec(&body).expect("an answer is plain data")
}

/// What a stored body says. Amounts of the order itself are not needed for it.
pub(crate) fn outcome(body: &[u8]) -> Result<Outcome, MoneyError> {
    parse(body).ok_or_else(|| MoneyError::damaged("answer", String::from_utf8_lossy(body)))
}

fn parse(body: &[u8]) -> Option<Outcome> {
    let body: Body<'_> = serde_json::from_slice(body).ok()?;
    let payment = || body.payment.as_deref()?.parse::<PaymentId>().ok();
    let reasons = || body.reasons.iter().map(reason).collect::<Option<Vec<_>>>();
    Some(match body.state.as_ref() {
        "posted" => Outcome::Posted(payment()?),
        "held" => Outcome::Held {
            payment: payment()?,
            deadline: moment(body.deadline.as_deref()?)?,
            reasons: reasons()?,
        },
        "challenged" => Outcome::Challenged { reasons: reasons()? },
        "refused" => Outcome::Refused(refusal(body.refusal.as_ref()?, payment())?),
        _ => return None,
    })
}

fn state(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Posted(_) => "posted",
        Outcome::Held { .. } => "held",
        Outcome::Challenged { .. } => "challenged",
        Outcome::Refused(_) => "refused",
        Outcome::KeyReused => "key_reused",
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    let moment: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp(moment.as_microsecond()))
}

fn reason_body(reason: &Reason) -> ReasonBody {
    ReasonBody {
        code: reason.code.code().into(),
        points: reason.points,
        this: reason.this,
        usual: reason.usual,
    }
}

fn reason(body: &ReasonBody) -> Option<Reason> {
    Some(Reason {
        code: ReasonCode::from_code(&body.code)?,
        points: body.points,
        this: body.this,
        usual: body.usual,
    })
}

fn refusal_body(refusal: &Refusal, currency: Currency) -> RefusalBody {
    RefusalBody {
        code: refusal.code().into(),
        field: refusal.field().map(str::to_owned),
        figure_minor: refusal.figure_minor(),
        wanted: match refusal {
            Refusal::WrongCurrency { wanted } => Some(*wanted),
            _ => None,
        },
        detail: Detail {
            zh_hans: refusal.text(Language::ZhHans, currency),
            en: refusal.text(Language::En, currency),
        },
    }
}

fn refusal(body: &RefusalBody, payment: Option<PaymentId>) -> Option<Refusal> {
    let figure = body.figure_minor;
    Some(match body.code.as_str() {
        "amount_not_positive" => Refusal::AmountNotPositive,
        "unknown_payer" => Refusal::UnknownPayer,
        "unknown_payee" => Refusal::UnknownPayee,
        "self_payment" => Refusal::SelfPayment,
        "wrong_currency" => Refusal::WrongCurrency { wanted: body.wanted? },
        "not_enough" => Refusal::NotEnough {
            available_minor: figure?,
        },
        "over_payment_limit" => Refusal::OverPaymentLimit { limit_minor: figure? },
        "over_day_limit" => Refusal::OverDayLimit { left_minor: figure? },
        "over_year_limit" => Refusal::OverYearLimit { left_minor: figure? },
        "over_balance_limit" => Refusal::OverBalanceLimit { limit_minor: figure? },
        "payer_frozen" => Refusal::PayerFrozen,
        "payee_cannot_receive" => Refusal::PayeeCannotReceive,
        "risk_refused" => Refusal::RiskRefused { payment: payment? },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::{IdempotencyKey, Kind};
    use base::Amount;
    use risk::Channel;

    #[test]
    fn every_outcome_is_read_back_from_its_body() {
        let order = Order {
            caller: [1; 16],
            key: IdempotencyKey::parse("k").unwrap(),
            request_hash: [0; 32],
            payer_account: 1,
            payee_account: 2,
            amount: Amount::new(125_000, Currency::Cny),
            note: String::new(),
            channel: Channel::App,
            second_factor: false,
            kind: Kind::Transfer,
        };
        let payment = PaymentId([7; 16]);
        let reasons = vec![Reason {
            code: ReasonCode::AboveHabit,
            points: 410,
            this: 125_000,
            usual: 27_000,
        }];
        let refusals = [
            Refusal::AmountNotPositive,
            Refusal::UnknownPayer,
            Refusal::UnknownPayee,
            Refusal::SelfPayment,
            Refusal::WrongCurrency {
                wanted: Currency::Cny,
            },
            Refusal::NotEnough { available_minor: 1 },
            Refusal::OverPaymentLimit { limit_minor: 2 },
            Refusal::OverDayLimit { left_minor: 3 },
            Refusal::OverYearLimit { left_minor: 4 },
            Refusal::OverBalanceLimit { limit_minor: 5 },
            Refusal::PayerFrozen,
            Refusal::PayeeCannotReceive,
            Refusal::RiskRefused { payment },
        ];
        let mut outcomes: Vec<Outcome> = refusals.into_iter().map(Outcome::Refused).collect();
        outcomes.extend([
            Outcome::Posted(payment),
            Outcome::Held {
                payment,
                deadline: Timestamp(1_793_592_000_123_456),
                reasons: reasons.clone(),
            },
            Outcome::Challenged { reasons },
        ]);
        for expected in outcomes {
            let bytes = body(&order, &expected, "2026-11-02T04:00:00Z");
            assert_eq!(outcome(&bytes).unwrap(), expected);
        }
    }
}
