//! Ids of nouns that several rooms name. Each noun's own room explains it.

crate::id_type!(
    /// A person known to the institution (`people`).
    CustomerId
);
crate::id_type!(
    /// A request for a wallet (`people`).
    ApplicationId
);
crate::id_type!(
    /// What a person or a member of staff signs in with (`security`).
    LoginId
);
crate::id_type!(
    /// A member of staff (`security`).
    StaffId
);
crate::id_type!(
    /// What a customer holds (`money`).
    WalletId
);
crate::id_type!(
    /// A customer's order to move money (`money`).
    PaymentId
);
crate::id_type!(
    /// Why we must talk to a customer (`calls`).
    CaseId
);
crate::id_type!(
    /// One attempt to call (`calls`).
    CallId
);
