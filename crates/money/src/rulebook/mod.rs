//! The rules of risk that were ever in force, each under the version that its assessments name: what
//! `verify` scores them by again. A version is never changed; other rules get another version.

mod store;

pub use self::store::ALL;

use crate::{MoneyError, Policy, accounts};
use ::store::{Db, Tx};
use base::{OperatorZone, Timestamp};
use risk::RiskPolicy;
use risk::rules::CODE_VERSION;
use serde::{Deserialize, Serialize};

/// The first version that is kept; [`RiskPolicy::default`] has the one before.
pub(crate) const FIRST_KEPT: u32 = 2;

/// Rules as they were written down.
pub(crate) struct Kept {
    pub version: u32,
    /// The first number of the ledger that may have been assessed by them.
    pub from_number: i64,
    /// `None`: of another version of the program's code, which this one cannot follow.
    pub rules: Option<(RiskPolicy, OperatorZone)>,
}

/// All that a score depends on besides profiles and payment.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    code: u32,
    zone: String,
    policy: RiskPolicy,
}

/// Writes a policy's rules down, if they are new, and gives the policy the version that the database
/// knows them by. Whoever pays begins with this; assessments of other policies cannot be proved.
pub fn keep_rules(db: &Db, mut policy: Policy) -> Result<Policy, MoneyError> {
    let (now, rules) = (db.ambient().now(), written(&policy));
    policy.risk.version = db.write(move |tx| keep(tx, now, &rules))?;
    Ok(policy)
}

/// Every version, oldest first.
pub(crate) fn all(tx: &mut Tx<'_>) -> Result<Vec<Kept>, MoneyError> {
    store::all(tx)?
        .into_iter()
        .map(|row| {
            let damaged = || MoneyError::damaged("version of the rules", row.version);
            let version = u32::try_from(row.version).map_err(|_| damaged())?;
            Ok(Kept {
                version,
                from_number: row.from_number,
                rules: read(version, &row.rules),
            })
        })
        .collect()
}

fn keep(tx: &mut Tx<'_>, now: Timestamp, rules: &str) -> Result<u32, MoneyError> {
    let from_number = accounts::reserve(tx, now, 1)?.next();
    let version = match store::version_of(tx, rules)? {
        Some(version) => version,
        None => store::insert(tx, rules, from_number)?,
    };
    u32::try_from(version).map_err(|_| MoneyError::damaged("version of the rules", version))
}

fn written(policy: &Policy) -> String {
    let written = Written {
        code: CODE_VERSION,
        zone: policy.zone.name().to_owned(),
        // The version is the row's.
        policy: RiskPolicy {
            version: 0,
            ..policy.risk.clone()
        },
    };
    serde_json::to_string(&written).expect("rules are numbers and words")
}

fn read(version: u32, rules: &str) -> Option<(RiskPolicy, OperatorZone)> {
    let written: Written = serde_json::from_str(rules).ok()?;
    let zone = OperatorZone::named(&written.zone).ok()?;
    let policy = RiskPolicy {
        version,
        ..written.policy
    };
    (written.code == CODE_VERSION).then_some((policy, zone))
}
