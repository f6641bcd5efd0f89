//! What can go wrong with a request, and how it is told: a page for people, problem details
//! (RFC 9457) for programs. A handler returns a [`Fault`]; `dress` gives it words.

mod dress;
mod from;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::Language;

pub use dress::{dress, plain};

/// The kinds of failure; each has one status and one `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    NotFound,
    Forbidden,
    SignIn,
    /// The form's token is missing or old.
    Stale,
    Busy {
        retry_secs: u32,
    },
    Unavailable,
    /// The disk is full: nothing can be written until somebody makes room.
    Full,
    TooLarge,
    TooSlow,
    /// What the address wants instead.
    Media(&'static str),
    Method,
    BadRequest,
    /// A field is wrong; `field` and `detail` say which and why.
    Field,
    KeyReused,
    KeyMissing,
    Conflict,
    Internal,
    /// A newer version wrote what is asked for, or it is damaged: another look reads the same.
    Unreadable,
}

/// A failure on its way to the caller.
#[derive(Clone, Debug)]
pub struct Fault {
    pub kind: Kind,
    pub field: Option<String>,
    /// In the caller's language already; without it the kind speaks.
    pub detail: Option<String>,
    pub remedy: Option<String>,
}

impl Fault {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            field: None,
            detail: None,
            remedy: None,
        }
    }

    pub fn not_found() -> Self {
        Self::new(Kind::NotFound)
    }

    pub fn field(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            field: Some(field.into()),
            detail: Some(detail.into()),
            ..Self::new(Kind::Field)
        }
    }

    pub fn bad_request(why: impl Into<String>) -> Self {
        Self {
            detail: Some(why.into()),
            ..Self::new(Kind::BadRequest)
        }
    }

    pub fn conflict(why: impl Into<String>) -> Self {
        Self {
            detail: Some(why.into()),
            ..Self::new(Kind::Conflict)
        }
    }
}

impl Kind {
    pub fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::Stale => StatusCode::FORBIDDEN,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable | Self::Full => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Media(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadRequest | Self::KeyMissing => StatusCode::BAD_REQUEST,
            Self::Field | Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Internal | Self::Unreadable => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// After how many seconds the same may be tried again, where that helps.
    pub fn retry_secs(self) -> Option<u32> {
        match self {
            Self::Busy { retry_secs } => Some(retry_secs),
            Self::Unavailable => Some(1),
            Self::Full => Some(30),
            _ => None,
        }
    }

    /// The last part of the problem's `type`.
    pub fn slug(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Forbidden => "forbidden",
            Self::SignIn => "sign-in",
            Self::Stale => "stale-form",
            Self::Busy { .. } => "too-many-requests",
            Self::Unavailable | Self::Full => "unavailable",
            Self::TooLarge => "too-large",
            Self::TooSlow => "too-slow",
            Self::Media(_) => "unsupported-media",
            Self::Method => "method-not-allowed",
            Self::BadRequest => "bad-request",
            Self::Field => "field",
            Self::KeyReused => "key-reused",
            Self::KeyMissing => "key-missing",
            Self::Conflict => "conflict",
            Self::Internal | Self::Unreadable => "internal",
        }
    }

    fn title_key(self) -> &'static str {
        match self {
            Self::NotFound => "problem-not-found",
            Self::Forbidden => "problem-forbidden",
            Self::SignIn => "problem-sign-in",
            Self::Stale => "problem-stale",
            Self::Busy { .. } => "problem-busy",
            Self::Unavailable | Self::Full => "problem-unavailable",
            Self::TooLarge => "problem-too-large",
            Self::TooSlow => "problem-slow",
            Self::Media(_) => "problem-media",
            Self::Method => "problem-method",
            Self::BadRequest => "problem-bad-request",
            Self::Field => "problem-field",
            Self::KeyReused => "problem-key-reused",
            Self::KeyMissing => "problem-key-missing",
            Self::Conflict => "problem-conflict",
            Self::Internal => "problem-internal",
            Self::Unreadable => "problem-unreadable",
        }
    }

    /// What the kind says where nobody said more.
    fn text(self, lang: Language, detail: Option<&str>) -> String {
        use crate::words::{say, say_with};
        match (self, detail) {
            (Self::BadRequest, why) => {
                say_with(lang, "problem-bad-request-text", &[("why", why.unwrap_or("?"))])
            }
            (Self::Conflict, why) => say_with(lang, "problem-conflict-text", &[("why", why.unwrap_or("?"))]),
            (_, Some(detail)) => detail.to_owned(),
            (Self::Busy { retry_secs }, None) => {
                say_with(lang, "problem-busy-text", &[("secs", &retry_secs.to_string())])
            }
            (Self::Media(wanted), None) => say_with(lang, "problem-media-text", &[("wanted", wanted)]),
            (Self::NotFound, None) => say(lang, "problem-not-found-text"),
            (Self::Forbidden, None) => say(lang, "problem-forbidden-text"),
            (Self::SignIn, None) => say(lang, "problem-sign-in-text"),
            (Self::Stale, None) => say(lang, "problem-stale-text"),
            (Self::Unavailable, None) => say(lang, "problem-unavailable-text"),
            (Self::Full, None) => say(lang, "problem-full-text"),
            (Self::TooLarge, None) => say(lang, "problem-too-large-text"),
            (Self::TooSlow, None) => say(lang, "problem-slow-text"),
            (Self::Method, None) => say(lang, "problem-method-text"),
            (Self::Field, None) => say(lang, self.title_key()),
            (Self::KeyReused, None) => say(lang, "problem-key-reused-text"),
            (Self::KeyMissing, None) => say(lang, "problem-key-missing-text"),
            (Self::Internal, None) => say(lang, "problem-internal-text"),
            (Self::Unreadable, None) => say(lang, "problem-unreadable-text"),
        }
    }
}

/// An empty answer that carries the fault; `dress` fills it.
impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
