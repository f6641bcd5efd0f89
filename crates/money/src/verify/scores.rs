//! Stored assessments, made again by the rules that they name, from the profiles as they were.

use super::VerifyReport;
use super::store::PaymentRow;
use crate::MoneyError;
use crate::payments::channel_from;
use crate::rulebook::{self, FIRST_KEPT, Kept};
use ::store::Tx;
use base::OperatorZone;
use risk::{Assessment, Facts, Profile, RiskPolicy};
use std::collections::BTreeMap;

pub(super) struct Scores {
    kept: BTreeMap<u32, Kept>,
    /// From this number on every assessment names rules that were kept.
    kept_from: Option<i64>,
    /// All that the rules ask of a payee's profile is whether anybody has paid it.
    proven_payee: Profile,
    unproven_payee: Profile,
}

impl Scores {
    pub fn load(tx: &mut Tx<'_>) -> Result<Self, MoneyError> {
        let kept: BTreeMap<u32, Kept> = rulebook::all(tx)?
            .into_iter()
            .map(|kept| (kept.version, kept))
            .collect();
        let mut proven_payee = Profile::default();
        proven_payee.learn_received();
        Ok(Self {
            kept_from: kept.values().map(|kept| kept.from_number).min(),
            kept,
            proven_payee,
            unproven_payee: Profile::default(),
        })
    }

    /// Compares an assessment with what its rules make of the payer's profile at that moment; `None`
    /// where the profile of that moment was not kept.
    pub fn check(
        &self,
        payment: &PaymentRow,
        payer: Option<&Profile>,
        payee_is_proven: bool,
        report: &mut VerifyReport,
    ) {
        let id = payment.id;
        // One that cannot be read is named where assessments are counted.
        let Ok(stored) = Assessment::decode(&payment.assessment) else {
            return;
        };
        let Some((policy, zone)) = self.rules(id, stored.rule_version, report) else {
            return;
        };
        let Some(payer) = payer else {
            *report.not_judged.entry(stored.rule_version).or_default() += 1;
            return;
        };
        let Some(channel) = channel_from(payment.channel) else {
            return report.problem(|| format!("payment {id} came by a channel that does not exist"));
        };
        let facts = Facts {
            amount_minor: payment.amount_minor,
            payee_account: payment.payee,
            channel,
            at: payment.at,
            second_of_day: zone.second_of_day(payment.at),
            // Without it the only other outcome is a challenge, which makes no payment: whatever
            // became one is assessed alike with it.
            second_factor: true,
        };
        let payee = if payee_is_proven {
            &self.proven_payee
        } else {
            &self.unproven_payee
        };
        let again = risk::assess(payer, payee, &facts, policy).encode();
        report.scored += 1;
        if again != payment.assessment {
            let stored = &payment.assessment;
            report.problem(|| format!("payment {id} is assessed {stored:?}, its rules make it {again:?}"));
        }
    }

    fn rules(
        &self,
        payment: i64,
        version: u32,
        report: &mut VerifyReport,
    ) -> Option<&(RiskPolicy, OperatorZone)> {
        match self.kept.get(&version) {
            Some(kept) if payment < kept.from_number => {
                report.problem(|| format!("payment {payment} names rules {version}, which came later"));
                None
            }
            Some(Kept {
                rules: Some(rules), ..
            }) => Some(rules),
            None if version >= FIRST_KEPT || self.kept_from.is_some_and(|from| payment >= from) => {
                report.problem(|| {
                    format!("payment {payment} names rules {version}, which were never in force")
                });
                None
            }
            Some(Kept { rules: None, .. }) | None => {
                *report.not_judged.entry(version).or_default() += 1;
                None
            }
        }
    }
}
