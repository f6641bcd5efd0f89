//! The verdict on a payment, with its reasons: approve, challenge, hold and call, refuse.
//! Pure: no clock, no randomness, no database, and no floating point, so that a replay decides
//! alike on every machine. `money` stores a [`Profile`] beside each balance and hands it in.

pub mod assessment;
pub mod features;
pub mod profile;
pub mod rules;

pub use assessment::{Assessment, BadAssessment, Reason, ReasonCode, Verdict};
pub use features::{Channel, Facts};
pub use profile::{BadProfile, Posted, Profile, WarningSign};
pub use rules::RiskPolicy;

use features::Features;
use rules::FixedRules;

/// What turns features into a verdict. Fixed rules are the first; a trained model (its score and
/// the features that moved it) and the operator's own rules will stand here as further variants,
/// and what is around them, features, reasons and policy, stays.
#[derive(Clone, Copy, Debug)]
pub enum Scorer {
    Rules(FixedRules),
}

impl Scorer {
    fn assess(self, features: &Features, policy: &RiskPolicy) -> Assessment {
        match self {
            Self::Rules(rules) => rules.assess(features, policy),
        }
    }
}

/// Assesses one payment from the profiles of both sides as they were before it.
pub fn assess(payer: &Profile, payee: &Profile, facts: &Facts, policy: &RiskPolicy) -> Assessment {
    let features = Features::of(payer, payee, facts, policy);
    Scorer::Rules(FixedRules).assess(&features, policy)
}
