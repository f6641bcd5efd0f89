//! What staff decide on a referred application. Four eyes are the caller's duty.

use super::application::{Application, FileKind, Grant, Moved};
use super::callback::activate;
use super::decision::Rules;
use super::reason::{Reason, ReasonCode};
use super::state::{ApplicationEvent, ApplicationState};
use super::{advance, announce_callback, store};
use crate::{PeopleError, events};
use ::store::Tx;
use base::{Ambient, ApplicationId};
use std::ops::RangeInclusive;

/// A hundred yuan: less is no use to anybody.
const SMALLEST_LIMIT_MINOR: i64 = 10_000;

/// What staff may grant, in fen a year: as much as the rules would, or as was asked for within class
/// II, and less. Whoever should have nothing is declined instead.
pub fn staff_limits_minor(application: &Application) -> RangeInclusive<i64> {
    let most = application.grant.map_or_else(
        || {
            application
                .requested_limit_minor
                .min(Rules::current().tier_2_limit_minor)
        },
        |grant| grant.limit_minor,
    );
    SMALLEST_LIMIT_MINOR.min(most)..=most
}

/// Grants a wallet, subject to the call like any other.
pub fn refer_approve(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    id: ApplicationId,
    limit_minor: i64,
) -> Result<Moved, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(Moved::NotFound);
    };
    if application.state != ApplicationState::Referred || !grant(&mut application, limit_minor) {
        return Ok(Moved::NotNow(application.state));
    }
    announce_callback(tx, ambient, &mut application)?;
    advance(tx, ambient, &mut application, ApplicationEvent::StaffApproved, "")
}

/// Opens the wallet without a call: staff have verified person and number themselves.
pub fn refer_activate(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    id: ApplicationId,
    limit_minor: i64,
) -> Result<Moved, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(Moved::NotFound);
    };
    match application.state {
        ApplicationState::Activated => return Ok(Moved::Already),
        ApplicationState::Referred => {}
        state => return Ok(Moved::NotNow(state)),
    }
    if !grant(&mut application, limit_minor) {
        return Ok(Moved::NotNow(application.state));
    }
    activate(tx, ambient, &mut application, ApplicationEvent::StaffActivated)
}

/// Notes what staff grant and why, for the applicant to read; false when it is out of bounds.
fn grant(application: &mut Application, limit_minor: i64) -> bool {
    if !staff_limits_minor(application).contains(&limit_minor) {
        return false;
    }
    let asked = application.requested_limit_minor;
    let code = if limit_minor == asked {
        ReasonCode::LimitAsRequested
    } else {
        ReasonCode::LimitByStaff
    };
    application.reasons = vec![
        Reason::plain(ReasonCode::DecidedByStaff),
        Reason::new(code, limit_minor, asked),
    ];
    let is_small = limit_minor <= Rules::current().tier_1_limit_minor;
    application.grant = Some(Grant {
        limit_minor,
        tier: if is_small { 1 } else { 2 },
    });
    application.number_doubted = false;
    true
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
