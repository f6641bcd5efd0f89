//! What every room stands on: money, ids, telephone numbers, languages, time and chance.
//! Pure: nothing here reads a file, a socket or a database.

mod ambient;
mod amount;
mod currency;
mod id;
mod ids;
mod language;
mod phone_number;
mod rng;
mod time;

pub use ambient::Ambient;
pub use amount::{Amount, AmountError};
pub use currency::{Currency, UnknownCurrency};
pub use ids::{ApplicationId, CallId, CaseId, CustomerId, LoginId, PaymentId, StaffId, WalletId};
pub use language::Language;
pub use phone_number::{CallingCodes, PhoneNumber, PhoneNumberError, UnknownCallingCode};
pub use rng::Rng;
pub use time::{Clock, LocalDay, OperatorZone, Stopwatch, Ticker, Timestamp, UnknownZone};

#[doc(hidden)]
pub use uuid;
