use base::{CustomerId, Language, PhoneNumber, Timestamp};
use jiff::civil::Date;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    pub id: CustomerId,
    pub name: String,
    pub phone: PhoneNumber,
    pub phone_changed_at: Timestamp,
    /// Nobody of this name answers there: no calls until it is corrected.
    pub wrong_number: bool,
    pub birth_date: Date,
    pub language: Language,
    /// IANA time zone in which quiet hours are reckoned.
    pub zone: String,
    pub email: Option<String>,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct NewCustomer {
    pub name: String,
    pub phone: PhoneNumber,
    pub birth_date: Date,
    pub language: Language,
    pub zone: String,
    pub email: Option<String>,
    /// Keyed hash of the document, and its sealed number; none where no document was shown.
    pub document_index: Option<Vec<u8>>,
    pub document_sealed: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    New(CustomerId),
    /// This document's holder is a customer already.
    KnownDocument(CustomerId),
    PhoneTaken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneChange {
    Changed,
    Unchanged,
    /// Another customer's number.
    Taken,
    NotFound,
}
