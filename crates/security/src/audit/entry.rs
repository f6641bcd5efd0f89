use base::{CustomerId, StaffId, Timestamp};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt;

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Customer(CustomerId),
    Staff(StaffId),
    /// The programme by itself: a deadline, a job.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(id) => write!(f, "customer:{id}"),
            Self::Staff(id) => write!(f, "staff:{id}"),
            Self::System => f.write_str("system"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub seq: i64,
    pub at: Timestamp,
    /// `staff:<id>`, `customer:<id>` or `system`.
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub detail: String,
}

/// The result of checking the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    /// Entries that hold, counted from the first.
    pub entries: i64,
    pub broken: Option<Break>,
}

/// Where and how the chain breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Break {
    /// The entry is missing; `found` is the one that follows the gap.
    Missing { seq: i64, found: i64 },
    /// The entry does not follow the one before it.
    Detached { seq: i64 },
    /// The entry's content is not what was hashed.
    Changed { seq: i64 },
    /// The head says that there were more entries, or others.
    CutOff { head: i64, last: i64 },
}

/// Names in alphabetical order, times and numbers as integers: the canonical form.
#[derive(Serialize)]
struct Canonical<'a> {
    action: &'a str,
    actor: &'a str,
    at: i64,
    detail: &'a str,
    seq: i64,
    subject: &'a str,
}

impl Entry {
    pub(super) fn hash(&self, previous: &[u8]) -> [u8; 32] {
        let canonical = Canonical {
            action: &self.action,
            actor: &self.actor,
            at: self.at.as_us(),
            detail: &self.detail,
            seq: self.seq,
            subject: &self.subject,
        };
        let json = serde_json::to_vec(&canonical).expect("strings and integers are always JSON");
        Sha256::new()
            .chain_update(previous)
            .chain_update(json)
            .finalize()
            .into()
    }
}

/// An entry with its links.
pub(super) struct Linked {
    pub entry: Entry,
    pub previous: Vec<u8>,
    pub hash: Vec<u8>,
}

impl Linked {
    pub fn check(&self, expected: i64, previous: &[u8]) -> Option<Break> {
        let seq = self.entry.seq;
        if seq != expected {
            Some(Break::Missing {
                seq: expected,
                found: seq,
            })
        } else if self.previous != previous {
            Some(Break::Detached { seq })
        } else if self.entry.hash(previous).as_slice() != self.hash {
            Some(Break::Changed { seq })
        } else {
            None
        }
    }
}
