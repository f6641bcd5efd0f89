//! What was said and heard on a call: which lines were played, which keys came, and when. It is
//! kept beside the recording and holds less than it: a proof digit is only right or wrong, the
//! matching words are left out, and a payee is the last four digits of a wallet.

mod entry;
mod store;

pub use entry::{Entry, Heard, Line, What};
pub use store::ALL;
pub(crate) use store::add;

use crate::CallsError;
use ::store::Tx;
use base::CallId;

/// Entries of one call; a script's bound on its outputs keeps every call below it.
const LONGEST: usize = 1_000;

/// The transcript of a call, from its answer on; empty where nobody answered.
pub fn of_call(tx: &mut Tx<'_>, call: CallId) -> Result<Vec<Entry>, CallsError> {
    store::of_call(tx, call, LONGEST)
}
