use crate::fault::Fault;
use crate::guard::Customer;
use crate::public::purpose_key;
use crate::shell::Page;
use crate::state::AppState;
use base::Timestamp;
use calls::status::{self, CallStatus, LineState};
use calls::{CallPolicy, CallsError};
use store::Tx;

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

/// Whether no call can be placed now. Without a telephone line of our own there is none to be down.
pub fn line_is_down(tx: &mut Tx<'_>, policy: &CallPolicy, now: Timestamp) -> Result<bool, CallsError> {
    Ok(policy.concurrent_calls > 0 && status::line(tx, now)? == LineState::Down)
}

impl Strip {
    /// The strip for this customer now; `href` is where it leads while nothing is unknown.
    pub async fn now(
        state: &AppState,
        p: &Page,
        customer: &Customer,
        href: &'static str,
    ) -> Result<Self, Fault> {
        let status = call_status(state, customer).await?;
        let (policy, at) = (state.call_policy.clone(), customer.visitor.now);
        let down = state
            .db
            .read_async(move |tx| line_is_down(tx, &policy, at))
            .await?;
        let without_line = state.call_policy.concurrent_calls == 0;
        Ok(Self::of(p, &status, down, without_line, href))
    }

    fn of(p: &Page, status: &CallStatus, down: bool, without_line: bool, href: &'static str) -> Self {
        let quiet = |text: &str| Self {
            tone: "",
            icon: "phone-off",
            title: p.t("status-not-calling"),
            text: p.t(text),
            href,
        };
        match status {
            CallStatus::Unknown if without_line => quiet("status-no-line-text"),
            CallStatus::NeverCalled | CallStatus::NotCalling | CallStatus::NoRecentCalls if down => {
                quiet("status-line-down-text")
            }
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
                href,
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
                href,
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
