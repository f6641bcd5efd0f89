//! The case as a story: what happened, in order.

use super::store;
use crate::CallsError;
use ::store::Tx;
use base::{Ambient, CallId, CaseId, Timestamp};

/// Items of one case; no case reaches it.
const LONGEST: usize = 500;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineItem {
    pub at: Timestamp,
    pub call: Option<CallId>,
    pub happening: Happening,
    /// More about it: a disposition's or outcome's code, a key, a step; never a secret.
    pub detail: String,
}

macro_rules! happenings {
    ($($(#[$doc:meta])* $variant:ident = $code:literal),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Happening { $($(#[$doc])* $variant),* }

        impl Happening {
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

happenings! {
    /// The case was opened: a payment is held, an application waits for its call.
    Opened = "opened",
    /// The customer was told of the call.
    Announced = "announced",
    /// The attempt was committed; the INVITE follows.
    Dialed = "dialed",
    Ringing = "ringing",
    Answered = "answered",
    /// The call was passed on to another telephone.
    Forwarded = "forwarded",
    /// The random digit was pressed.
    Proved = "proved",
    /// Amount and payee, or the limit, were played in full.
    DetailsPlayed = "details_played",
    /// A key: a choice as it is, anything else as •.
    Key = "key",
    LanguageSwitched = "language_switched",
    Released = "released",
    Stopped = "stopped",
    Booked = "booked",
    Confirmed = "confirmed",
    Denied = "denied",
    /// The attempt ended; the detail is its disposition.
    Ended = "ended",
    /// The next call was planned; the detail is the time.
    Planned = "planned",
    /// The case ended; the detail is its outcome.
    Concluded = "concluded",
}

/// The story so far, oldest first.
pub fn timeline(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<TimelineItem>, CallsError> {
    store::events(tx, case, LONGEST)
}

/// Adds to the story.
pub fn note(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    case: CaseId,
    call: Option<CallId>,
    happening: Happening,
    detail: &str,
) -> Result<(), CallsError> {
    note_at(tx, ambient, ambient.now(), case, call, happening, detail)
}

/// The same, of something that happened before its transaction began.
pub fn note_at(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    at: Timestamp,
    case: CaseId,
    call: Option<CallId>,
    happening: Happening,
    detail: &str,
) -> Result<(), CallsError> {
    let id = ambient.rng.uuid_v7(at);
    store::insert_event(tx, id, case, call, at, happening, detail)
}
