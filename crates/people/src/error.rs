use base::ApplicationId;

/// Why a verb has no outcome. Business refusals are values, not errors.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    #[error("the database: {0}")]
    Db(#[from] store::DbError),
    #[error("application {application}: {what} is stored in a form that cannot be read")]
    Stored {
        application: ApplicationId,
        what: &'static str,
    },
    #[error(
        "application {application} was decided by version {version} of the rules, which this program does not have"
    )]
    OtherRules {
        application: ApplicationId,
        version: i64,
    },
    #[error("application {application}: it was decided from something else than its form and its checks say")]
    OtherInputs { application: ApplicationId },
    #[error("a customer row has a {what} that cannot be read")]
    StoredCustomer { what: &'static str },
    #[error(
        "application {application}: its document cannot be unsealed; is the master key the one it was sealed with?"
    )]
    Unseal { application: ApplicationId },
}
