use super::{Customer, NewCustomer};
use crate::PeopleError;
use base::{CustomerId, Language, PhoneNumber, Timestamp};
use store::{DbError, Row, Sql, Tx, Value};

store::statements! {
    INSERT = "INSERT INTO customers (id, name, phone, phone_changed_at_us, wrong_number, birth_date, language,
            zone, email, document_index, document_sealed, created_at_us)
        VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8, $9, $10, $4) ON CONFLICT DO NOTHING";
    BY_ID = "SELECT id, name, phone, phone_changed_at_us, wrong_number, birth_date, language, zone, email,
            created_at_us
        FROM customers WHERE id = $1";
    BY_PHONE = "SELECT id, name, phone, phone_changed_at_us, wrong_number, birth_date, language, zone, email,
            created_at_us
        FROM customers WHERE phone = $1";
    BY_DOCUMENT = "SELECT id, name, phone, phone_changed_at_us, wrong_number, birth_date, language, zone, email,
            created_at_us
        FROM customers WHERE document_index = $1";
    SET_LANGUAGE = "UPDATE customers SET language = $2 WHERE id = $1";
    MARK_WRONG_NUMBER = "UPDATE customers SET wrong_number = 1 WHERE id = $1";
    NUMBER_WORKS = "UPDATE customers SET wrong_number = 0 WHERE id = $1";
    CHANGE_PHONE = "UPDATE customers SET phone = $2, phone_changed_at_us = $3, wrong_number = 0 WHERE id = $1";
}

/// `false` when the number or the document is another's.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    id: CustomerId,
    new: &NewCustomer,
    now: Timestamp,
) -> Result<bool, PeopleError> {
    let birth_date = new.birth_date.to_string();
    let args: [Value<'_>; 10] = [
        id.as_bytes().into(),
        (&new.name).into(),
        new.phone.as_str().into(),
        now.into(),
        (&birth_date).into(),
        new.language.tag().into(),
        (&new.zone).into(),
        new.email.as_deref().into(),
        new.document_index.as_deref().into(),
        new.document_sealed.as_deref().into(),
    ];
    Ok(tx.execute(&INSERT, &args)? == 1)
}

pub(super) fn by_id(tx: &mut Tx<'_>, id: CustomerId) -> Result<Option<Customer>, PeopleError> {
    one(tx, &BY_ID, id.as_bytes().into())
}

pub(super) fn by_phone(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<Option<Customer>, PeopleError> {
    one(tx, &BY_PHONE, phone.as_str().into())
}

pub(super) fn by_document(tx: &mut Tx<'_>, index: &[u8]) -> Result<Option<Customer>, PeopleError> {
    one(tx, &BY_DOCUMENT, index.into())
}

pub(super) fn set_language(tx: &mut Tx<'_>, id: CustomerId, language: Language) -> Result<bool, PeopleError> {
    Ok(tx.execute(&SET_LANGUAGE, &[id.as_bytes().into(), language.tag().into()])? == 1)
}

pub(super) fn mark_wrong_number(tx: &mut Tx<'_>, id: CustomerId) -> Result<bool, PeopleError> {
    Ok(tx.execute(&MARK_WRONG_NUMBER, &[id.as_bytes().into()])? == 1)
}

pub(super) fn number_works(tx: &mut Tx<'_>, id: CustomerId) -> Result<bool, PeopleError> {
    Ok(tx.execute(&NUMBER_WORKS, &[id.as_bytes().into()])? == 1)
}

pub(super) fn change_phone(
    tx: &mut Tx<'_>,
    id: CustomerId,
    phone: &PhoneNumber,
    now: Timestamp,
) -> Result<bool, PeopleError> {
    let args = [id.as_bytes().into(), phone.as_str().into(), now.into()];
    Ok(tx.execute(&CHANGE_PHONE, &args)? == 1)
}

fn one(tx: &mut Tx<'_>, sql: &Sql, key: Value<'_>) -> Result<Option<Customer>, PeopleError> {
    tx.query_opt(sql, &[key], read)?.transpose()
}

/// The outer error is the database's, the inner one names what does not parse.
fn read(row: &Row<'_>) -> Result<Result<Customer, PeopleError>, DbError> {
    let (phone, birth_date, language) = (row.text(2)?, row.text(5)?, row.text(6)?);
    let (Ok(phone), Ok(birth_date), Some(language)) = (
        PhoneNumber::parse(&phone),
        birth_date.parse(),
        Language::from_tag(&language),
    ) else {
        return Ok(Err(PeopleError::StoredCustomer {
            what: "phone, birth date or language",
        }));
    };
    Ok(Ok(Customer {
        id: CustomerId(row.id16(0)?),
        name: row.text(1)?,
        phone,
        phone_changed_at: row.time(3)?,
        wrong_number: row.bool(4)?,
        birth_date,
        language,
        zone: row.text(7)?,
        email: row.opt_text(8)?,
        created_at: row.time(9)?,
    }))
}
