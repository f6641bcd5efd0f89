//! What others may hear from this room. The subject is always the application's id; handlers are
//! unique by it, and by the round where one is in the body. Bodies carry no personal data.

use crate::PeopleError;
use base::{Ambient, ApplicationId, CustomerId};
use serde::{Deserialize, Serialize};
use store::Tx;

/// Received; its checks are queued. No body.
pub const APPLICATION_SUBMITTED: &str = "people.application_submitted";
/// Granted, if the call confirms it: body [`CallbackDue`]. Published again with a higher round when
/// the applicant corrected the number or asked for another round of calls.
pub const APPLICATION_CALLBACK_DUE: &str = "people.application_callback_due";
/// The customer exists: body [`Activated`]. `money` opens the wallet.
pub const APPLICATION_ACTIVATED: &str = "people.application_activated";
/// Declined, with reasons on the application. No body.
pub const APPLICATION_DECLINED: &str = "people.application_declined";
/// A person must decide. No body.
pub const APPLICATION_REFERRED: &str = "people.application_referred";
/// The applicant is asked for documents or a corrected name. No body.
pub const DOCUMENTS_WANTED: &str = "people.documents_wanted";
/// We could not reach the applicant at the number on file. No body.
pub const NUMBER_DOUBTED: &str = "people.number_doubted";
/// Ended by the applicant, by silence, or disowned on the telephone. No body. Open calls about it end.
pub const APPLICATION_WITHDRAWN: &str = "people.application_withdrawn";
/// The person who was called did not apply: somebody used their number. No body.
pub const APPLICATION_DISOWNED: &str = "people.application_disowned";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackDue {
    pub limit_minor: i64,
    pub tier: i64,
    /// Counted from 0; each is one round of call attempts.
    pub call_round: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activated {
    pub customer: CustomerId,
    pub limit_minor: i64,
    pub tier: i64,
}

#[derive(Serialize, Deserialize)]
struct ActivatedBody {
    customer: String,
    limit_minor: i64,
    tier: i64,
}

impl CallbackDue {
    pub fn to_body(&self) -> String {
        serde_json::to_string(self).expect("integers are always JSON")
    }

    pub fn from_body(body: &str) -> Option<Self> {
        serde_json::from_str(body).ok()
    }
}

impl Activated {
    pub fn to_body(&self) -> String {
        let body = ActivatedBody {
            customer: self.customer.to_string(),
            limit_minor: self.limit_minor,
            tier: self.tier,
        };
        serde_json::to_string(&body).expect("a string and integers are always JSON")
    }

    pub fn from_body(body: &str) -> Option<Self> {
        let body: ActivatedBody = serde_json::from_str(body).ok()?;
        let customer = body.customer.parse().ok()?;
        Some(Self {
            customer,
            limit_minor: body.limit_minor,
            tier: body.tier,
        })
    }
}

pub(crate) fn publish(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    topic: &'static str,
    application: ApplicationId,
    body: &str,
) -> Result<(), PeopleError> {
    store::outbox::publish(tx, ambient, topic, &application.0, body)?;
    Ok(())
}
