//! `huiling verify`: the proof that everything adds up, on the very database that is in use.

use super::open_existing;
use crate::config::Config;
use crate::error::HuilingError;
use base::Ambient;
use security::audit;
use std::process::ExitCode;

pub fn run(config: &Config, json: bool) -> Result<ExitCode, HuilingError> {
    let db = open_existing(config, &Ambient::system())?;
    let ledger = money::verify(&db)?;
    let audit = db.read(audit::verify)?;
    let broken = !ledger.problems.is_empty() || audit.broken.is_some();
    if json {
        let report = serde_json::json!({
            "transfers": ledger.transfers,
            "answers": ledger.answers,
            "assessments": ledger.assessments,
            "sum_minor": ledger.sum_minor,
            "audit_entries": audit.entries,
            "audit_problem": audit.broken.as_ref().map(audit_problem),
            "problems": ledger.problems,
        });
        println!("{report:#}");
    } else {
        println!("transfers    {}", ledger.transfers);
        println!("answers      {}", ledger.answers);
        println!("assessments  {}", ledger.assessments);
        println!("sum          {}", ledger.sum_minor);
        println!("audit log    {} entries", audit.entries);
        for problem in &ledger.problems {
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
