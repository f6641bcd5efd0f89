//! The audit log: who did what, when. Each entry carries the hash of the one before it, so that
//! nothing can be changed, taken out or put in without breaking the chain; the head, kept apart,
//! shows when the end was cut off. The hash is SHA-256 over the previous hash and the entry as
//! canonical JSON (RFC 8785: names in order, no spaces).

mod entry;
mod store;

use crate::SecurityError;
use ::store::Tx;
use base::Ambient;

pub use self::store::ALL as STATEMENTS;
pub use entry::{Actor, AuditReport, Break, Entry};

/// Entries that are read at once while the chain is checked.
const PAGE: i64 = 1_000;
/// What the first entry follows.
const GENESIS: [u8; 32] = [0; 32];

/// Appends an entry. `subject` is an id; `detail` is free of secrets and of personal data.
/// Entries are put in order by the head's row, so it belongs at the end of a transaction.
pub fn record(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    action: &str,
    subject: &str,
    detail: &str,
) -> Result<i64, SecurityError> {
    store::found_head(tx, &GENESIS)?;
    let (seq, previous) = store::advance_head(tx)?;
    let entry = Entry {
        seq,
        at: ambient.now(),
        actor: actor.to_string(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail: detail.to_owned(),
    };
    let hash = entry.hash(&previous);
    store::insert(tx, &entry, &previous, &hash)?;
    if !store::set_head(tx, seq, &hash)? {
        return Err(SecurityError::damaged(
            "audit_head",
            format!("moved while entry {seq} was written"),
        ));
    }
    Ok(seq)
}

/// The latest entries before `before` (or the very latest), newest first.
pub fn recent(tx: &mut Tx, before: Option<i64>, limit: i64) -> Result<Vec<Entry>, SecurityError> {
    let rows = store::recent(tx, before.unwrap_or(i64::MAX), limit.clamp(1, PAGE))?;
    Ok(rows.into_iter().map(|row| row.entry).collect())
}

/// What happened to one subject, oldest first; at most 1,000 entries.
pub fn of_subject(tx: &mut Tx, subject: &str) -> Result<Vec<Entry>, SecurityError> {
    let rows = store::of_subject(tx, subject, PAGE)?;
    Ok(rows.into_iter().map(|row| row.entry).collect())
}

/// Checks the whole chain, page by page, and names the first entry that does not hold.
pub fn verify(tx: &mut Tx) -> Result<AuditReport, SecurityError> {
    let (head_seq, head_hash) = store::head(tx)?.unwrap_or((0, GENESIS.to_vec()));
    let mut report = AuditReport {
        entries: 0,
        broken: None,
    };
    let mut previous = GENESIS.to_vec();
    loop {
        let page = store::after(tx, report.entries, PAGE)?;
        for row in &page {
            let expected = report.entries + 1;
            report.broken = row.check(expected, &previous);
            if report.broken.is_some() {
                return Ok(report);
            }
            report.entries = expected;
            previous.clone_from(&row.hash);
        }
        if (page.len() as i64) < PAGE {
            break;
        }
    }
    if head_seq != report.entries || head_hash != previous {
        report.broken = Some(Break::CutOff {
            head: head_seq,
            last: report.entries,
        });
    }
    Ok(report)
}

#[cfg(test)]
mod tests;
