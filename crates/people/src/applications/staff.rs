//! What staff decide on a referred application. Four eyes are the caller's duty.

use super::application::{FileKind, Grant, Moved};
use super::callback::activate;
use super::decision::Rules;
use super::reason::{Reason, ReasonCode};
use super::state::{ApplicationEvent, ApplicationState};
use super::{advance, announce_callback, store};
use crate::{PeopleError, events};
use ::store::Tx;
use base::{Ambient, ApplicationId};

/// Grants a wallet, subject to the call like any other.
pub fn refer_approve(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    id: ApplicationId,
    grant: Grant,
) -> Result<Moved, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(Moved::NotFound);
    };
    if application.state != ApplicationState::Referred {
        return Ok(Moved::NotNow(application.state));
    }
    application.grant = Some(grant);
    application.reasons = vec![Reason::plain(ReasonCode::DecidedByStaff)];
    application.number_doubted = false;
    announce_callback(tx, ambient, &mut application)?;
    advance(tx, ambient, &mut application, ApplicationEvent::StaffApproved, "")
}

/// Opens the wallet without a call: staff have verified person and number themselves.
pub fn refer_activate(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    id: ApplicationId,
    grant: Grant,
) -> Result<Moved, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(Moved::NotFound);
    };
    match application.state {
        ApplicationState::Activated => return Ok(Moved::Already),
        ApplicationState::Referred => {}
        state => return Ok(Moved::NotNow(state)),
    }
    application.grant = Some(grant);
    application.reasons = vec![Reason::plain(ReasonCode::DecidedByStaff)];
    application.number_doubted = false;
    activate(tx, ambient, &mut application, ApplicationEvent::StaffActivated)
}

/// Asks the applicant for documents before staff decide; `wanted` is an identity document, a proof
/// of income, or both.
pub fn refer_ask_documents(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    id: ApplicationId,
    wanted: &[FileKind],
) -> Result<Moved, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(Moved::NotFound);
    };
    if application.state != ApplicationState::Referred {
        return Ok(Moved::NotNow(application.state));
    }
    application.reasons.retain(|reason| !reason.is_wanted_by_staff());
    for kind in wanted {
        let code = match kind {
            FileKind::IncomeProof => ReasonCode::IncomeProofWanted,
            FileKind::IdentityDocument | FileKind::Other | FileKind::Objection => {
                ReasonCode::IdentityDocumentWanted
            }
        };
        let reason = Reason::plain(code);
        if !application.reasons.contains(&reason) {
            application.reasons.push(reason);
        }
    }
    if !application.reasons.iter().any(Reason::is_wanted_by_staff) {
        return Ok(Moved::NotNow(application.state));
    }
    events::publish(tx, ambient, events::DOCUMENTS_WANTED, id, "{}")?;
    let event = ApplicationEvent::StaffWantsDocuments;
    advance(tx, ambient, &mut application, event, "")
}

pub fn refer_decline(tx: &mut Tx<'_>, ambient: &Ambient, id: ApplicationId) -> Result<Moved, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(Moved::NotFound);
    };
    match application.state {
        ApplicationState::Declined => return Ok(Moved::Already),
        ApplicationState::Referred => {}
        state => return Ok(Moved::NotNow(state)),
    }
    application.grant = None;
    // What led here stays readable: the applicant is owed the grounds, not only who decided.
    application
        .reasons
        .push(Reason::plain(ReasonCode::DecidedByStaff));
    let wait_secs = Rules::current().reapply_after_days * 86_400;
    application.reapply_from = Some(ambient.now().plus_secs(wait_secs));
    events::publish(tx, ambient, events::APPLICATION_DECLINED, id, "{}")?;
    advance(tx, ambient, &mut application, ApplicationEvent::StaffDeclined, "")
}
