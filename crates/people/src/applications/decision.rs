//! Whether a wallet is granted, and with what limit: pure, versioned, replayable.
//! docs/decisions.md shows the same rules as a table.

use super::reason::{Reason, ReasonCode};
use crate::checks::{CreditOpinion, IdentityOpinion};
use serde::{Deserialize, Serialize};

/// Everything a decision depends on. Stored beside it; nothing else is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// Income a month.
    pub income_minor: i64,
    /// The limit asked for, on payments a year.
    pub requested_limit_minor: i64,
    pub documents_supplied: bool,
    /// An earlier application with this document was disowned on the telephone.
    pub security_mark: bool,
    pub identity: IdentityOpinion,
    pub credit: CreditOpinion,
}

/// One version of the rules. A version that was ever used is never edited; add another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    pub version: i64,
    /// The most a wallet of tier 1 may pay (class I: for its whole life).
    pub tier_1_limit_minor: i64,
    /// The most a wallet of tier 2 may pay a year (class II).
    pub tier_2_limit_minor: i64,
    /// A limit is at most this many months of income.
    pub income_months: i64,
    /// Asking for more than this many months of income needs proof of it.
    pub proof_months: i64,
    pub declined_overdue_loans: i64,
    pub declined_overdue_days: i64,
    /// A score below this is for a person to judge.
    pub referred_below_score: i64,
    /// Limits that we work out are rounded down to a multiple of this.
    pub rounding_minor: i64,
    /// How long a declined applicant waits before the next application.
    pub reapply_after_days: i64,
}

/// The profile `cn`: payment accounts of class I and II, two outside checks and the call.
pub const CN_1: Rules = Rules {
    version: 1,
    tier_1_limit_minor: 100_000,
    tier_2_limit_minor: 10_000_000,
    income_months: 12,
    proof_months: 36,
    declined_overdue_loans: 3,
    declined_overdue_days: 90,
    referred_below_score: 500,
    rounding_minor: 10_000,
    reapply_after_days: 30,
};

/// Every version ever used, oldest first.
const VERSIONS: [Rules; 1] = [CN_1];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub outcome: Outcome,
    /// In the order in which they were found; never empty.
    pub reasons: Vec<Reason>,
    pub rule_version: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A wallet, once the applicant confirms on the telephone.
    Grant {
        limit_minor: i64,
        tier: i64,
    },
    /// A person decides.
    Refer,
    Decline,
    NeedDocuments,
}

impl Rules {
    /// The rules that new decisions follow.
    pub fn current() -> Self {
        VERSIONS[VERSIONS.len() - 1]
    }

    pub fn of_version(version: i64) -> Option<Self> {
        VERSIONS.into_iter().find(|rules| rules.version == version)
    }
}

impl Outcome {
    pub fn word(self) -> &'static str {
        match self {
            Self::Grant { .. } => "grant",
            Self::Refer => "refer",
            Self::Decline => "decline",
            Self::NeedDocuments => "need_documents",
        }
    }
}

/// Decides. The gravest finding wins: refer what could not be checked, decline what is certain,
/// ask for documents where they can settle a doubt, refer the doubts that remain, grant the rest.
pub fn decide(rules: &Rules, inputs: &Inputs) -> Decision {
    let steps = [unchecked, declined, doubtful];
    for step in steps {
        if let Some((outcome, reasons)) = step(rules, inputs) {
            return Decision {
                outcome,
                reasons,
                rule_version: rules.version,
            };
        }
    }
    let (outcome, reasons) = granted(rules, inputs);
    Decision {
        outcome,
        reasons,
        rule_version: rules.version,
    }
}

type Finding = Option<(Outcome, Vec<Reason>)>;

/// A service that is down never declines anybody, and never grants either.
fn unchecked(_: &Rules, inputs: &Inputs) -> Finding {
    let mut reasons = Vec::new();
    if inputs.identity == IdentityOpinion::Unavailable {
        reasons.push(Reason::plain(ReasonCode::IdentityCheckDown));
    }
    if inputs.credit == CreditOpinion::Unavailable {
        reasons.push(Reason::plain(ReasonCode::CreditCheckDown));
    }
    (!reasons.is_empty()).then_some((Outcome::Refer, reasons))
}

fn declined(rules: &Rules, inputs: &Inputs) -> Finding {
    let mut reasons = Vec::new();
    if inputs.identity == IdentityOpinion::Revoked {
        reasons.push(Reason::plain(ReasonCode::DocumentRevoked));
    }
    if let CreditOpinion::Report {
        overdue_loans,
        worst_days_overdue,
        birth_date_agrees: true,
        ..
    } = inputs.credit
    {
        if overdue_loans >= rules.declined_overdue_loans {
            reasons.push(Reason::new(
                ReasonCode::OverdueLoans,
                overdue_loans,
                rules.declined_overdue_loans,
            ));
        }
        if overdue_loans > 0 && worst_days_overdue >= rules.declined_overdue_days {
            reasons.push(Reason::new(
                ReasonCode::LongOverdue,
                worst_days_overdue,
                rules.declined_overdue_days,
            ));
        }
    }
    (!reasons.is_empty()).then_some((Outcome::Decline, reasons))
}

fn doubtful(rules: &Rules, inputs: &Inputs) -> Finding {
    let (mut for_documents, mut for_a_person) = (Vec::new(), Vec::new());
    match inputs.identity {
        IdentityOpinion::NameDiffers => for_documents.push(Reason::plain(ReasonCode::NameDiffers)),
        IdentityOpinion::BirthDateDiffers => for_documents.push(Reason::plain(ReasonCode::BirthDateDiffers)),
        IdentityOpinion::Unknown => for_documents.push(Reason::plain(ReasonCode::DocumentUnknown)),
        IdentityOpinion::Matches | IdentityOpinion::Revoked | IdentityOpinion::Unavailable => {}
    }
    let proof_above = inputs.income_minor.saturating_mul(rules.proof_months);
    if inputs.requested_limit_minor > proof_above {
        for_documents.push(Reason::new(
            ReasonCode::LimitFarAboveIncome,
            inputs.requested_limit_minor,
            proof_above,
        ));
    }
    if let CreditOpinion::Report {
        score,
        birth_date_agrees,
        ..
    } = inputs.credit
    {
        if !birth_date_agrees {
            for_a_person.push(Reason::plain(ReasonCode::RegistersContradict));
        } else if score < rules.referred_below_score {
            for_a_person.push(Reason::new(
                ReasonCode::LowScore,
                score,
                rules.referred_below_score,
            ));
        }
    }
    if inputs.security_mark {
        for_a_person.push(Reason::plain(ReasonCode::SecurityMark));
    }
    let documents_help = !for_documents.is_empty() && for_a_person.is_empty() && !inputs.documents_supplied;
    let reasons = [for_documents, for_a_person].concat();
    let outcome = if documents_help {
        Outcome::NeedDocuments
    } else {
        Outcome::Refer
    };
    (!reasons.is_empty()).then_some((outcome, reasons))
}

fn granted(rules: &Rules, inputs: &Inputs) -> (Outcome, Vec<Reason>) {
    let requested = inputs.requested_limit_minor;
    let CreditOpinion::Report { overdue_loans, .. } = inputs.credit else {
        let limit_minor = requested.min(rules.tier_1_limit_minor);
        let reasons = vec![Reason::new(ReasonCode::NoCreditFile, limit_minor, requested)];
        return (Outcome::Grant { limit_minor, tier: 1 }, reasons);
    };
    if requested <= rules.tier_1_limit_minor {
        let reasons = vec![Reason::new(ReasonCode::LimitAsRequested, requested, requested)];
        return (
            Outcome::Grant {
                limit_minor: requested,
                tier: 1,
            },
            reasons,
        );
    }
    let rounded = |minor: i64| minor - minor % rules.rounding_minor;
    let by_income = rounded(inputs.income_minor.saturating_mul(rules.income_months));
    let mut reasons = Vec::new();
    let mut limit_minor = requested;
    if limit_minor > by_income {
        limit_minor = by_income;
        reasons.push(Reason::new(
            ReasonCode::LimitByIncome,
            by_income,
            rules.income_months,
        ));
    }
    if limit_minor > rules.tier_2_limit_minor {
        limit_minor = rules.tier_2_limit_minor;
        reasons.push(Reason::new(ReasonCode::LimitByTier, rules.tier_2_limit_minor, 2));
    }
    if overdue_loans > 0 {
        limit_minor = rounded(limit_minor / 2);
        reasons.push(Reason::new(
            ReasonCode::LimitHalvedByOverdue,
            limit_minor,
            overdue_loans,
        ));
    }
    // The smallest wallet is open to everybody whose identity is proved, however little they earn.
    if limit_minor <= rules.tier_1_limit_minor {
        let limit_minor = rules.tier_1_limit_minor;
        let reasons = vec![Reason::new(ReasonCode::SmallestWallet, limit_minor, requested)];
        return (Outcome::Grant { limit_minor, tier: 1 }, reasons);
    }
    if reasons.is_empty() {
        reasons.push(Reason::new(ReasonCode::LimitAsRequested, limit_minor, requested));
    }
    (Outcome::Grant { limit_minor, tier: 2 }, reasons)
}
