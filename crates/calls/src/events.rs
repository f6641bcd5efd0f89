//! What others may hear from this room. Each event is written in the transaction that causes it.

/// An attempt has ended. Subject: the call. Body: `{"case", "disposition"}`.
pub const CALL_ENDED: &str = "calls.call_ended";
/// Nobody calls about this case any more. Subject: the case. Body: `{"kind", "subject", "outcome"}`.
pub const CASE_CONCLUDED: &str = "calls.case_concluded";
/// A call was announced. Subject: the case. Body: `{"customer", "purpose", "token"}`.
pub const CALL_ANNOUNCED: &str = "calls.call_announced";
/// A call was not answered, and another is planned. Subject and body as of [`CALL_ANNOUNCED`].
pub const CALL_MISSED: &str = "calls.call_missed";
/// The applicant said on the telephone that it was them. Subject: the application.
pub const APPLICATION_CALLBACK_CONFIRMED: &str = "calls.application_callback_confirmed";
/// The applicant said that it was not them. Subject: the application.
pub const APPLICATION_CALLBACK_DENIED: &str = "calls.application_callback_denied";
/// Nobody was reached in all attempts. Subject: the application. Body: `{"reason"}`, a
/// disposition's code.
pub const APPLICATION_CALLBACK_UNREACHABLE: &str = "calls.application_callback_unreachable";

/// The network says that the customer's number does not exist. Subject: the customer. Body:
/// `{"wrong"}`, whether it is believed: then nobody calls there any more.
pub const NUMBER_FAILED: &str = "calls.number_failed";
/// Whoever answered said that the number is theirs. Subject: the number's check.
pub const NUMBER_VERIFIED: &str = "calls.number_verified";
/// The customer has another number now. Subject: the customer. Body: `{"old"}`.
pub const NUMBER_CHANGED: &str = "calls.number_changed";

/// Raised after a commit when a case may be due: the dialer looks.
pub const SIGNAL_DUE: &str = "calls.due";
/// Raised after a commit when a case was closed from outside: calls under way look.
pub(crate) const SIGNAL_CLOSED: &str = "calls.closed";
/// Raised after a commit when a status, a case or a notice changed: screens look.
pub const SIGNAL_CHANGED: &str = "calls.changed";
