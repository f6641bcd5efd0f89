//! `GET /call-times`: when an applicant may choose to be called. An application and its progress
//! name one of them by its `call_time`.

use super::body::{self, Member};
use super::{query, reply};
use crate::fault::Fault;
use crate::guard::language;
use crate::state::AppState;
use crate::words::say;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use base::{Language, OperatorZone, Timestamp};
use calls::bookings::{self, Window};
use calls::{CallPolicy, CallsError};
use people::applications::{Application, CallTime};
use serde::{Deserialize, Serialize};
use store::Tx;

#[derive(Serialize)]
struct TimesBody {
    zone: String,
    call_times: Vec<WindowBody>,
}

/// The call of an application that has not ended.
#[derive(Serialize)]
pub struct CallBody {
    zone: String,
    /// The time that was booked; absent for as soon as possible.
    #[serde(skip_serializing_if = "Option::is_none")]
    booked: Option<SpanBody>,
    call_times: Vec<WindowBody>,
}

#[derive(Serialize)]
struct WindowBody {
    call_time: String,
    #[serde(flatten)]
    span: SpanBody,
}

#[derive(Serialize)]
struct SpanBody {
    from: String,
    until: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    call_time: String,
}

pub async fn list(State(state): State<AppState>, headers: HeaderMap, uri: Uri) -> Result<Response, Fault> {
    let lang = language(&headers, state.secure);
    let [zone] = query::parameters(&uri, ["zone"], lang)?;
    let zone = match zone {
        None => state.zone.clone(),
        Some(name) => OperatorZone::named(&name).map_err(|_| Fault::field("zone", say(lang, "api-zone")))?,
    };
    let offered = if state.call_policy.concurrent_calls > 0 {
        bookings::windows(&state.call_policy, &zone, state.ambient.now())
    } else {
        Vec::new()
    };
    let body = TimesBody {
        zone: zone.name().to_owned(),
        call_times: offered.into_iter().map(window).collect(),
    };
    reply::json(StatusCode::OK, &body)
}

/// The code that a request names; an empty one is as soon as possible.
pub fn wanted(bytes: &[u8], lang: Language) -> Result<String, Fault> {
    let wish: Wish = body::read(bytes, &[Member::required("call_time")], lang)?;
    Ok(wish.call_time)
}

/// `None` when no call comes any more, or nobody is called here.
pub fn of(
    tx: &mut Tx<'_>,
    policy: &CallPolicy,
    now: Timestamp,
    application: &Application,
) -> Result<Option<CallBody>, CallsError> {
    if application.state.is_ended() || policy.concurrent_calls == 0 {
        return Ok(None);
    }
    let offered = bookings::offered(tx, policy, now, application)?;
    let booked = application.call_time.filter(|time| now < time.until);
    Ok(Some(CallBody {
        zone: bookings::zone_of(policy, application).name().to_owned(),
        booked: booked.map(span),
        call_times: offered.into_iter().map(window).collect(),
    }))
}

fn window(window: Window) -> WindowBody {
    WindowBody {
        span: span(window.call_time()),
        call_time: window.code,
    }
}

fn span(time: CallTime) -> SpanBody {
    SpanBody {
        from: time.from.to_rfc3339(),
        until: time.until.to_rfc3339(),
    }
}
