use super::Said;
use crate::fault::Fault;
use crate::form::Form;
use crate::guard::Staffer;
use crate::state::AppState;
use base::Timestamp;
use security::SecurityError;
use security::audit::{self, Actor};
use security::four_eyes::{self, Action, Request, Requested, Wanted};
use store::Tx;

/// An action of two that a form asks for.
pub struct Wish {
    pub action: Action,
    /// The id of what is acted upon.
    pub subject: String,
    /// What carrying it out needs to know.
    pub payload: String,
    /// The form's field that holds the reason.
    pub field: &'static str,
    /// When what is acted upon ends by itself, if it does.
    pub ends_by: Option<Timestamp>,
    pub form: Form,
}

/// How a wish ended.
pub enum Asking {
    /// It waits for the second person now.
    Waits,
    /// Nothing was asked for; the page says why.
    Refused(Said),
}

/// Asks for an action of two, and notes who asked.
pub async fn ask(state: &AppState, staffer: &Staffer, wish: Wish) -> Result<Asking, Fault> {
    let Wish {
        action,
        subject,
        payload,
        field,
        ends_by,
        mut form,
    } = wish;
    let (ambient, by) = (state.ambient.clone(), (staffer.id, staffer.role));
    let reason = form.value(field).to_owned();
    let requested = state
        .db
        .write_async(move |tx| {
            let wanted = Wanted {
                action,
                subject: &subject,
                payload: &payload,
                reason: &reason,
                ends_by,
            };
            let requested = four_eyes::request(tx, &ambient, by, &wanted)?;
            if let Requested::Requested(_) = requested {
                let action = format!("request.{}", action.code());
                audit::record(tx, &ambient, &Actor::Staff(by.0), &action, &subject, "")?;
            }
            Ok::<_, SecurityError>(requested)
        })
        .await?;
    let problem = match requested {
        Requested::Requested(_) => return Ok(Asking::Waits),
        Requested::ReasonMissing => {
            form.refuse(field, staffer.visitor.page(state).t("staff-reason-missing"));
            None
        }
        Requested::AlreadyOpen => Some("staff-request-open"),
        Requested::TooLate => Some("staff-could-not-now"),
        Requested::NotAllowed => Some("problem-forbidden-text"),
    };
    Ok(Asking::Refused(Said {
        form,
        problem,
        done: None,
    }))
}

/// The first waiting request among these actions on a subject.
pub fn waiting(
    tx: &mut Tx<'_>,
    now: Timestamp,
    actions: &[Action],
    subject: &str,
) -> Result<Option<Request>, SecurityError> {
    for action in actions {
        if let Some(request) = four_eyes::open_request(tx, now, *action, subject)? {
            return Ok(Some(request));
        }
    }
    Ok(None)
}
