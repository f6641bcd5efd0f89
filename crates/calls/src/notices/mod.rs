//! The announcement of a call: when, from which number, about what. It is made with the case,
//! before the telephone rings, and shown in the app and on a public page that names nobody.

mod store;

pub use store::ALL;
pub(crate) use store::adopt;

use crate::cases::{Case, CaseKind, CaseState};
use crate::matter::Matter;
use crate::{CallPolicy, CallsError, events};
use ::people::applications::CallTime;
use ::store::{Tx, outbox};
use base::{Ambient, CaseId, CustomerId, OperatorZone, Timestamp};

base::id_type!(
    /// One announcement.
    NoticeId
);

/// Notices on one page.
const PAGE: usize = 50;
/// A hundred, and one more that tells whether there are others.
const PAGE_MAX: usize = 101;
/// How often a page is filled up, in place of notices that cannot be read.
const LOOKS_MAX: usize = 8;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub id: NoticeId,
    pub case: CaseId,
    pub customer: Option<CustomerId>,
    /// 128 random bits in hexadecimal: the address of the public page.
    pub token: String,
    pub window_from: Timestamp,
    pub window_until: Timestamp,
    /// Whose wall clock the window is read by; `None` is the operator's.
    pub zone: Option<OperatorZone>,
    /// The number that the telephone will display.
    pub number: String,
    pub purpose: Purpose,
    pub state: NoticeState,
}

/// What the call is about, as far as anybody may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    Payment,
    Application,
    /// The telephone number that the customer gave.
    Number,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoticeState {
    /// A call is to come.
    Announced,
    /// We are calling, or on the call.
    Calling,
    /// No further call comes.
    Over,
}

impl Purpose {
    pub fn code(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Application => "application",
            Self::Number => "number",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Payment, Self::Application, Self::Number]
            .into_iter()
            .find(|purpose| purpose.code() == code)
    }

    /// `None` for a case that no machine calls about.
    pub fn of(kind: CaseKind) -> Option<Self> {
        match kind {
            CaseKind::PaymentConfirmation(_) => Some(Self::Payment),
            CaseKind::ApplicationCallback(_) => Some(Self::Application),
            CaseKind::NumberCheck(_) => Some(Self::Number),
            CaseKind::Security(_) => None,
        }
    }
}

impl NoticeState {
    fn of(case: CaseState) -> Self {
        match case {
            CaseState::Waiting => Self::Announced,
            CaseState::Calling => Self::Calling,
            CaseState::ForStaff | CaseState::Concluded => Self::Over,
        }
    }
}

/// The notice at this public address; the caller shows nothing else about the case.
pub fn by_public_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Notice>, CallsError> {
    if token.len() != 32 {
        return Ok(None);
    }
    store::by_token(tx, token)
}

pub fn for_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<Notice>, CallsError> {
    store::by_case(tx, case)
}

/// The customer's notices, newest first.
pub fn for_customer(tx: &mut Tx<'_>, customer: CustomerId) -> Result<Vec<Notice>, CallsError> {
    page(tx, customer, None, PAGE)
}

/// The customer's notices older than `before`, newest first; at most 101. One that cannot be read,
/// because a newer version wrote it or it is damaged, is passed over.
pub fn page(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    mut before: Option<NoticeId>,
    limit: usize,
) -> Result<Vec<Notice>, CallsError> {
    let limit = limit.min(PAGE_MAX);
    let mut page = Vec::new();
    for _ in 0..LOOKS_MAX {
        let wanted = limit - page.len();
        let found = store::of_customer(tx, customer, before, wanted)?;
        let is_last = found.len() < wanted;
        for (id, notice) in found {
            before = Some(id);
            match notice {
                Ok(notice) => page.push(notice),
                Err(error) if error.is_unreadable() => {}
                Err(error) => return Err(error),
            }
        }
        if is_last || page.len() == limit {
            break;
        }
    }
    Ok(page)
}

pub(crate) fn announce(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    policy: &CallPolicy,
    case: &Case,
    matter: &Matter,
) -> Result<(), CallsError> {
    let Some(purpose) = Purpose::of(case.kind) else {
        return Ok(());
    };
    let token: String = ambient
        .rng
        .bytes::<16>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let notice = Notice {
        id: NoticeId::new(ambient),
        case: case.id,
        customer: matter.customer,
        token,
        window_from: case.due,
        window_until: until(case, matter.call_time),
        zone: matter.zone.clone(),
        number: policy.displayed_number.clone(),
        purpose,
        state: NoticeState::Announced,
    };
    store::insert(tx, &notice, ambient.now())?;
    outbox::publish(tx, ambient, events::CALL_ANNOUNCED, &case.id.0, &body_of(&notice))?;
    Ok(())
}

/// The next call comes at another time than was announced.
pub(crate) fn move_window(tx: &mut Tx<'_>, case: &Case, chosen: Option<CallTime>) -> Result<(), CallsError> {
    store::move_window(tx, case.id, case.due, until(case, chosen))
}

fn until(case: &Case, chosen: Option<CallTime>) -> Timestamp {
    let chosen = chosen.filter(|time| case.due < time.until);
    chosen.map_or(case.deadline, |time| time.until)
}

/// The customer did not answer, and is called again.
pub(crate) fn missed(tx: &mut Tx<'_>, ambient: &Ambient, case: CaseId) -> Result<(), CallsError> {
    if let Some(notice) = store::by_case(tx, case)? {
        outbox::publish(tx, ambient, events::CALL_MISSED, &case.0, &body_of(&notice))?;
    }
    Ok(())
}

fn body_of(notice: &Notice) -> String {
    let body = serde_json::json!({
        "customer": notice.customer.map(|customer| customer.to_string()),
        "purpose": notice.purpose.code(),
        "token": notice.token,
    });
    body.to_string()
}
