//! What this room does when others tell it something. `wiring` subscribes these to their events;
//! each is idempotent and runs in the transaction that removes the event.

use crate::cases::{self, CaseKind};
use crate::{CallPolicy, CallsError};
use base::{Ambient, ApplicationId, CaseId, PaymentId};
use store::Tx;

/// `money.payment_held`: announce and call.
pub fn payment_held(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    payment: PaymentId,
) -> Result<Option<CaseId>, CallsError> {
    cases::open_for_payment(tx, ambient, policy, payment)
}

/// `money.payment_posted_after_hold` and `money.payment_voided`: nobody needs to call any more.
/// When the call itself decided it, the case is concluded already and nothing happens.
pub fn payment_decided(tx: &mut Tx<'_>, ambient: &Ambient, payment: PaymentId) -> Result<bool, CallsError> {
    cases::close(tx, ambient, CaseKind::PaymentConfirmation(payment))
}

/// `people.application_callback_due`: announce and call, once per round.
pub fn callback_due(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    application: ApplicationId,
    round: u32,
) -> Result<Option<CaseId>, CallsError> {
    cases::open_for_application(tx, ambient, policy, application, round)
}

/// `people.application_withdrawn`, `…_activated`, `…_declined`, `…_referred`: nobody calls. Who
/// became a customer by it keeps the calls that led there.
pub fn application_decided(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    application: ApplicationId,
) -> Result<bool, CallsError> {
    let kind = CaseKind::ApplicationCallback(application);
    cases::adopt(tx, kind)?;
    cases::close(tx, ambient, kind)
}
