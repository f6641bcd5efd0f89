//! `huiling verify`: the proof that everything adds up, on the very database that is in use.

use super::{open_existing, proofs, recordings_folder};
use crate::config::Config;
use crate::error::HuilingError;
use base::Ambient;
use security::audit;
use std::process::ExitCode;

pub fn run(config: &Config, json: bool) -> Result<ExitCode, HuilingError> {
    let db = open_existing(config, &Ambient::system())?;
    let ledger = money::verify(&db)?;
    let audit = db.read(audit::verify)?;
    let decisions = proofs::decisions(&db)?;
    let recordings = proofs::recordings(&db, &recordings_folder(config))?;
    let found = ledger.problems_found + decisions.problems_found + recordings.problems_found;
    let broken = found > 0 || audit.broken.is_some();
    let problems = [ledger.problems, decisions.problems, recordings.problems].concat();
    if json {
        let report = serde_json::json!({
            "transfers": ledger.transfers,
            "answers": ledger.answers,
            "assessments": ledger.assessments,
            "assessments_scored_again": ledger.scored,
            "assessments_not_judged": ledger.not_judged,
            "profiles": ledger.accounts,
            "sum_minor": ledger.sum_minor,
            "decisions": decisions.count,
            "decisions_not_judged": decisions.not_judged,
            "recordings": recordings.count,
            "audit_entries": audit.entries,
            "audit_problem": audit.broken.as_ref().map(audit_problem),
            "problems": problems,
        });
        println!("{report:#}");
    } else {
        println!("transfers    {}", ledger.transfers);
        println!("answers      {}", ledger.answers);
        println!(
            "assessments  {}, {} scored again",
            ledger.assessments, ledger.scored
        );
        println!("profiles     {}", ledger.accounts);
        println!("sum          {}", ledger.sum_minor);
        println!("decisions    {}", decisions.count);
        println!("recordings   {}", recordings.count);
        println!("audit log    {} entries", audit.entries);
        for (version, count) in &ledger.not_judged {
            println!("not judged   {count} assessments by version {version} of the rules");
        }
        for (version, count) in &decisions.not_judged {
            println!("not judged   {count} decisions by version {version} of the rules");
        }
        for problem in &problems {
            println!("PROBLEM      {problem}");
        }
        if let Some(found) = &audit.broken {
            println!("PROBLEM      {}", audit_problem(found));
        }
        println!(
            "{}",
            if broken {
                "It does not add up."
            } else {
                "Everything adds up."
            }
        );
    }
    Ok(if broken {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn audit_problem(found: &audit::Break) -> String {
    format!("the audit log was changed: {found:?}")
}
