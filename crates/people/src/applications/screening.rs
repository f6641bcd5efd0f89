//! From the outside checks to a decision, in the transaction that records the last check.

use super::application::{Application, CheckRecord, Grant, Moved};
use super::decision::{Decision, Inputs, Outcome, Rules, decide};
use super::history::store as history;
use super::state::{ApplicationEvent, ApplicationState};
use super::{advance, announce_callback, store};
use crate::checks::{CreditOpinion, IdentityOpinion, Opinion};
use crate::{PeopleError, events};
use ::store::Tx;
use base::{Ambient, ApplicationId};

/// The first worker has taken up the checks of this round.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    id: ApplicationId,
    round: i64,
) -> Result<Moved, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(Moved::NotFound);
    };
    if application.state == ApplicationState::Screening && application.round == round {
        return Ok(Moved::Already);
    }
    if application.round != round {
        return Ok(Moved::NotNow(application.state));
    }
    advance(tx, ambient, &mut application, ApplicationEvent::ChecksBegan, "")
}

/// Records one check. The last of its round decides the application.
pub(crate) fn record(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    id: ApplicationId,
    check: &CheckRecord,
) -> Result<Moved, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(Moved::NotFound);
    };
    if application.round != check.round {
        return Ok(Moved::NotNow(application.state));
    }
    if application.state == ApplicationState::Submitted {
        advance(tx, ambient, &mut application, ApplicationEvent::ChecksBegan, "")?;
    }
    if application.state != ApplicationState::Screening {
        return Ok(Moved::NotNow(application.state));
    }
    if !history::add_check(tx, id, check)? {
        return Ok(Moved::Already);
    }
    let checks = history::checks(tx, id)?;
    let opinions = checks
        .iter()
        .filter(|other| other.round == check.round)
        .map(|other| &other.opinion);
    match both(opinions) {
        Some((identity, credit)) => conclude(tx, ambient, &mut application, identity, credit),
        None => Ok(Moved::Done(application.state)),
    }
}

/// Decides again, from the stored inputs and the stored rule version, everything that was ever
/// decided on this application: pairs of what was decided and what the replay gives. They are
/// equal unless somebody changed a version of the rules that had been used, or what is stored. The
/// income and the opinions it was made from must be the application's and those of its round's checks.
pub fn replay(tx: &mut Tx<'_>, id: ApplicationId) -> Result<Vec<(Decision, Decision)>, PeopleError> {
    let income_minor = store::by_id(tx, id)?.map(|application| application.income_minor);
    let checks = history::checks(tx, id)?;
    history::decisions(tx, id)?
        .into_iter()
        .map(|(round, inputs, decided)| {
            let version = decided.rule_version;
            let rules = Rules::of_version(version).ok_or(PeopleError::OtherRules {
                application: id,
                version,
            })?;
            let of_round = checks.iter().filter(|check| check.round == round);
            let opinions = both(of_round.map(|check| &check.opinion));
            let made_from = (inputs.identity.clone(), inputs.credit.clone());
            if opinions != Some(made_from) || income_minor != Some(inputs.income_minor) {
                return Err(PeopleError::OtherInputs { application: id });
            }
            Ok((decided, decide(&rules, &inputs)))
        })
        .collect()
}

fn both<'a>(opinions: impl Iterator<Item = &'a Opinion>) -> Option<(IdentityOpinion, CreditOpinion)> {
    let (mut identity, mut credit) = (None, None);
    for opinion in opinions {
        match opinion {
            Opinion::Identity(opinion) => identity = Some(opinion.clone()),
            Opinion::Credit(opinion) => credit = Some(opinion.clone()),
        }
    }
    identity.zip(credit)
}

fn conclude(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    application: &mut Application,
    identity: IdentityOpinion,
    credit: CreditOpinion,
) -> Result<Moved, PeopleError> {
    let rules = Rules::current();
    let inputs = Inputs {
        income_minor: application.income_minor,
        requested_limit_minor: application.requested_limit_minor,
        documents_supplied: application.documents_supplied,
        security_mark: application.security_mark,
        identity,
        credit,
    };
    let decision = decide(&rules, &inputs);
    let now = ambient.now();
    history::add_decision(tx, application, &inputs, &decision, now)?;
    application.grant = Grant::of(decision.outcome);
    application.reasons = decision.reasons;
    application.rule_version = Some(decision.rule_version);
    let (event, topic) = match decision.outcome {
        Outcome::Grant { .. } => (ApplicationEvent::Granted, None),
        Outcome::NeedDocuments => (ApplicationEvent::DocumentsWanted, Some(events::DOCUMENTS_WANTED)),
        Outcome::Refer => (
            ApplicationEvent::ReferredToStaff,
            Some(events::APPLICATION_REFERRED),
        ),
        Outcome::Decline => {
            application.reapply_from = Some(now.plus_secs(rules.reapply_after_days * 86_400));
            (ApplicationEvent::Refused, Some(events::APPLICATION_DECLINED))
        }
    };
    match topic {
        Some(topic) => events::publish(tx, ambient, topic, application.id, "{}")?,
        None => announce_callback(tx, ambient, application)?,
    }
    advance(tx, ambient, application, event, "")
}
