//! A payment in words.

use super::Seen;
use crate::shell::Page;
use crate::words::{money, sentence_case};
use ::money::payments::{EndedBy, Kind as PaymentKind, ReleasedBy, VoidedBy};
use ::money::{Payment, PaymentState};
use calls::status::CallStatus;

pub(super) fn tone(state: PaymentState) -> &'static str {
    match state {
        PaymentState::Held => "ring",
        PaymentState::Posted => "ok",
        PaymentState::Voided | PaymentState::Refused => "quiet",
    }
}

pub(super) fn state_key(seen: &Seen) -> &'static str {
    match (seen.payment.state, &seen.call) {
        (PaymentState::Held, Some(CallStatus::OnCall { .. })) => "state-on-call",
        (PaymentState::Held, Some(CallStatus::Calling { .. })) => "state-calling",
        (PaymentState::Held, _) => "state-held",
        (PaymentState::Posted, _) => "state-posted",
        (PaymentState::Voided, _) => "state-voided",
        (PaymentState::Refused, _) => "state-refused",
    }
}

pub(super) fn headline(p: &Page, seen: &Seen) -> String {
    let payment = &seen.payment;
    let amount = money(payment.amount);
    match payment.kind {
        PaymentKind::TopUp => p.t1("payment-topup", "amount", amount),
        PaymentKind::Transfer => {
            let key = if seen.incoming {
                "payment-from"
            } else {
                "payment-to"
            };
            p.t2(key, "amount", amount, "name", &seen.other)
        }
    }
}

pub(super) fn sentence_key(seen: &Seen) -> &'static str {
    let payment = &seen.payment;
    let ended = payment.hold.as_ref().and_then(|hold| hold.ended.as_ref());
    match payment.state {
        PaymentState::Held => "held-say",
        PaymentState::Posted if seen.incoming || payment.kind == PaymentKind::TopUp => "received-say",
        PaymentState::Posted => match ended.map(|end| end.by) {
            Some(EndedBy::Released(ReleasedBy::Staff(..))) => "posted-staff",
            Some(_) | None => "posted-say",
        },
        PaymentState::Refused => "refused-say",
        PaymentState::Voided => match ended.map(|end| end.by) {
            Some(EndedBy::Voided(VoidedBy::Deadline)) => "voided-deadline",
            Some(EndedBy::Voided(VoidedBy::Staff(..))) => "voided-staff",
            Some(EndedBy::Voided(VoidedBy::Freeze)) => "voided-frozen",
            Some(EndedBy::Voided(VoidedBy::CustomerCall(_))) => "voided-call",
            Some(_) | None => "voided-customer",
        },
    }
}

/// The matching words while the call is answered, or why this device does not show them.
pub(super) fn words(p: &Page, seen: &Seen) -> (Option<Vec<String>>, Option<String>) {
    match &seen.call {
        Some(CallStatus::OnCall {
            words: Some(words), ..
        }) => {
            let words = words.text(p.language).map(str::to_owned);
            (Some(words.to_vec()), None)
        }
        Some(CallStatus::OnCall { words: None, .. }) => (None, Some(p.t("words-new-device"))),
        _ => (None, None),
    }
}

pub(super) fn reasons(p: &Page, payment: &Payment, incoming: bool) -> Vec<String> {
    let kept = payment.hold.is_some() || payment.state == PaymentState::Refused;
    match &payment.assessment {
        Some(assessment) if kept && !incoming => assessment
            .reasons
            .iter()
            .map(|reason| sentence_case(&reason.text(p.language, payment.amount.currency)))
            .collect(),
        _ => Vec::new(),
    }
}

pub(super) fn facts(p: &Page, seen: &Seen) -> Vec<(String, String)> {
    let payment = &seen.payment;
    let mut facts = Vec::new();
    if payment.kind == PaymentKind::Transfer && !seen.incoming {
        let number = payment
            .payee
            .wallet
            .as_ref()
            .map(|wallet| wallet.number.to_string());
        facts.push((p.t("fact-number"), number.unwrap_or_default()));
    }
    facts.push((p.t("fact-when"), p.calendar.moment(payment.created_at)));
    if !payment.note.is_empty() {
        facts.push((p.t("fact-note"), payment.note.clone()));
    }
    facts
}
