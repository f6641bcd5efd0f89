//! Each payment's assessment, and each answer against its payment.

use super::{VerifyReport, store};
use crate::MoneyError;
use crate::payments::{Kind, Outcome, PaymentState, Refusal, payment_id, stored_outcome};
use ::store::Tx;
use risk::{Assessment, Verdict};
use store::{AnswerRow, PaymentRow};

pub(super) fn check_payment(payment: &PaymentRow, report: &mut VerifyReport) {
    report.payments += 1;
    report.open_holds += u64::from(payment.state == PaymentState::Held.number());
    check_assessment(payment, report);
}

pub(super) fn check_answers(tx: &mut Tx<'_>, report: &mut VerifyReport) -> Result<(), MoneyError> {
    let mut after = i64::MIN;
    loop {
        let page = store::answers(tx, after)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.id;
        for answer in &page {
            report.answers += 1;
            check_answer(answer, report);
        }
    }
}

fn check_assessment(payment: &PaymentRow, report: &mut VerifyReport) {
    let id = payment.id;
    if payment.kind == Kind::TopUp.number() {
        if !payment.assessment.is_empty() {
            report.problem(|| format!("top-up {id} was assessed"));
        }
        return;
    }
    let Ok(assessment) = Assessment::decode(&payment.assessment) else {
        return report.problem(|| format!("payment {id} has no assessment that can be read"));
    };
    report.assessments += 1;
    let expected = match PaymentState::from_number(payment.state) {
        Some(PaymentState::Refused) => Verdict::Refuse,
        Some(_) if payment.was_held => Verdict::HoldAndCall,
        _ => Verdict::Approve,
    };
    if assessment.verdict != expected {
        report.problem(|| format!("payment {id} was treated as {expected:?}, not as assessed"));
    }
    if assessment.verdict != Verdict::Approve && assessment.reasons.is_empty() {
        report.problem(|| format!("payment {id} was not approved, and no reason is kept"));
    }
}

fn check_answer(answer: &AnswerRow, report: &mut VerifyReport) {
    let id = answer.id;
    let Ok(outcome) = stored_outcome(&answer.body) else {
        return report.problem(|| format!("answer {id} cannot be read"));
    };
    let told = match outcome {
        Outcome::Posted(payment)
        | Outcome::Held { payment, .. }
        | Outcome::Refused(Refusal::RiskRefused { payment }) => Some(payment),
        Outcome::Refused(_) | Outcome::Challenged { .. } | Outcome::KeyReused => None,
    };
    if told != answer.nonce.map(|nonce| payment_id(id, nonce)) {
        report.problem(|| format!("answer {id} tells of another payment than was made"));
    }
}
