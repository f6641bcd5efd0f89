//! A person known to the institution: whom we may call, in which language, at which number.

mod customer;
mod store;
#[cfg(test)]
mod tests;

pub use customer::{Created, Customer, NewCustomer, PhoneChange};
pub use store::ALL;

use crate::PeopleError;
use ::store::Tx;
use base::{Ambient, CustomerId, Language, PhoneNumber};

/// Adds a customer, unless the number or the document belongs to one already.
pub fn create(tx: &mut Tx<'_>, ambient: &Ambient, new: &NewCustomer) -> Result<Created, PeopleError> {
    if let Some(index) = &new.document_index
        && let Some(known) = store::by_document(tx, index)?
    {
        return Ok(Created::KnownDocument(known.id));
    }
    let id = CustomerId::new(ambient);
    if store::insert(tx, id, new, ambient.now())? {
        Ok(Created::New(id))
    } else {
        Ok(Created::PhoneTaken)
    }
}

pub fn by_id(tx: &mut Tx<'_>, id: CustomerId) -> Result<Option<Customer>, PeopleError> {
    store::by_id(tx, id)
}

pub fn by_phone(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<Option<Customer>, PeopleError> {
    store::by_phone(tx, phone)
}

/// The language of messages and calls; `false` when there is no such customer.
pub fn set_language(tx: &mut Tx<'_>, id: CustomerId, language: Language) -> Result<bool, PeopleError> {
    store::set_language(tx, id, language)
}

/// Somebody else answered, or nobody ever does: calls stop until the number is corrected.
pub fn mark_wrong_number(tx: &mut Tx<'_>, id: CustomerId) -> Result<bool, PeopleError> {
    store::mark_wrong_number(tx, id)
}

/// The number on file was doubted, and is right: calls go there again.
pub fn number_works(tx: &mut Tx<'_>, id: CustomerId) -> Result<bool, PeopleError> {
    store::number_works(tx, id)
}

/// A new number, verified by the caller. It counts as new from now on, so that keypad answers are
/// not trusted for a while.
pub fn change_phone(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    id: CustomerId,
    phone: &PhoneNumber,
) -> Result<PhoneChange, PeopleError> {
    match store::by_phone(tx, phone)? {
        Some(owner) if owner.id != id => return Ok(PhoneChange::Taken),
        Some(_) => return Ok(PhoneChange::Unchanged),
        None => {}
    }
    if store::change_phone(tx, id, phone, ambient.now())? {
        Ok(PhoneChange::Changed)
    } else {
        Ok(PhoneChange::NotFound)
    }
}

pub(crate) fn by_document(tx: &mut Tx<'_>, index: &[u8]) -> Result<Option<Customer>, PeopleError> {
    store::by_document(tx, index)
}
