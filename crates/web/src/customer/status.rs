use crate::fault::Fault;
use crate::guard::Customer;
use crate::public::purpose_key;
use crate::shell::Page;
use crate::state::AppState;
use calls::status::{self, CallStatus};

/// The strip that says whether we are calling.
pub struct Strip {
    pub tone: &'static str,
    pub icon: &'static str,
    pub title: String,
    pub text: String,
    pub href: &'static str,
}

pub async fn call_status(state: &AppState, customer: &Customer) -> Result<CallStatus, Fault> {
    let (policy, now, id) = (state.call_policy.clone(), customer.visitor.now, customer.id);
    let enrolled_at = customer.session.device_enrolled_at;
    let status = state
        .db
        .read_async(move |tx| status::for_customer(tx, &policy, now, id, enrolled_at))
        .await?;
    Ok(status)
}

impl Strip {
    pub fn of(p: &Page, status: &CallStatus) -> Self {
        let quiet = |text: &str| Self {
            tone: "",
            icon: "phone-off",
            title: p.t("status-not-calling"),
            text: p.t(text),
            href: "/notices",
        };
        match status {
            CallStatus::NeverCalled => quiet("status-never-text"),
            CallStatus::NotCalling | CallStatus::NoRecentCalls => quiet("status-not-calling-text"),
            CallStatus::Calling { number, purpose, .. } => Self {
                tone: "ring",
                icon: "phone-incoming",
                title: p.t("status-calling"),
                text: p.t2(
                    "status-calling-text",
                    "number",
                    number,
                    "purpose",
                    p.t(purpose_key(*purpose)),
                ),
                href: "/notices",
            },
            CallStatus::OnCall { number, purpose, .. } => Self {
                tone: "ring",
                icon: "phone-call",
                title: p.t("status-on-call"),
                text: p.t2(
                    "status-on-call-text",
                    "number",
                    number,
                    "purpose",
                    p.t(purpose_key(*purpose)),
                ),
                href: "/notices",
            },
            CallStatus::Unknown => Self {
                tone: "unknown",
                icon: "wifi-off",
                title: p.t("status-unknown"),
                text: p.t1("status-unknown-text", "number", p.number()),
                href: "/is-this-you",
            },
        }
    }
}
