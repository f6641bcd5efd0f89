//! What an automatic call says and asks, as reviewed data, and the pure interpreter that walks
//! through it. No script can ask for a secret: the only answers are single keys with a meaning.

mod interpreter;
mod loader;
mod script;
#[cfg(test)]
mod tests;
mod wording;

pub use interpreter::{Bounds, Input, Interpreter, Output};
pub use loader::ScriptError;
pub use script::{Act, Ask, Ended, Key, Line, Next, Outcome, Script, Step, StepId};

use std::sync::LazyLock;

static PAYMENT: LazyLock<Script> =
    LazyLock::new(|| built_in(include_str!("../../scripts/payment_confirmation.toml")));
static APPLICATION: LazyLock<Script> =
    LazyLock::new(|| built_in(include_str!("../../scripts/application_callback.toml")));

static NUMBER: LazyLock<Script> = LazyLock::new(|| built_in(include_str!("../../scripts/number_check.toml")));

/// The call to a number that somebody gave as theirs.
pub fn number_check() -> &'static Script {
    &NUMBER
}

/// The call about a held payment.
pub fn payment_confirmation() -> &'static Script {
    &PAYMENT
}

/// The call about an application for a wallet.
pub fn application_callback() -> &'static Script {
    &APPLICATION
}

fn built_in(text: &str) -> Script {
    Script::load(text).expect("the scripts of this repository are loaded by its tests")
}
