use base::PaymentId;
use risk::{BadAssessment, BadProfile};
use store::DbError;

/// Why the outcome of a verb is unknown; to try again with the same key is always safe.
/// What a customer can do something about is never here: it is a [`crate::Refusal`].
#[derive(Debug, thiserror::Error)]
pub enum MoneyError {
    #[error("the ledger's database failed")]
    Db(#[from] DbError),
    #[error("a signature's outcome is unknown")]
    Security(#[from] security::SecurityError),
    #[error("too many payments wait; try again shortly")]
    Busy,
    #[error("payments have stopped: the program is ending")]
    Stopped,
    #[error("at most {most} orders fit a slice, here are {given}")]
    SliceTooLarge { most: usize, given: usize },
    #[error("the sum over the accounts of a slice would change by {by_minor}; nothing was written")]
    NotConserved { by_minor: i128 },
    #[error("account {account} is missing")]
    NoAccount { account: i64 },
    #[error("payment {0} has no hold")]
    NoHold(PaymentId),
    #[error("the balance of account {account} leaves the range of its type")]
    Overflow { account: i64 },
    #[error("the profile of account {account} is damaged")]
    DamagedProfile { account: i64, source: BadProfile },
    #[error("the assessment of payment {payment} is damaged")]
    DamagedAssessment { payment: i64, source: BadAssessment },
    #[error("a stored {what} is damaged: {value:?}")]
    Damaged { what: &'static str, value: String },
    #[error("no free wallet number was found in {tries} tries")]
    NoFreeNumber { tries: u32 },
}

impl MoneyError {
    pub(crate) fn damaged(what: &'static str, value: impl ToString) -> Self {
        Self::Damaged {
            what,
            value: value.to_string(),
        }
    }
}
