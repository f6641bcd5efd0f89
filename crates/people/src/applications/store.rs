use super::application::{Application, Grant};
use super::draft::{CallTime, Draft};
use super::reason;
use super::state::ApplicationState;
use crate::PeopleError;
use base::{ApplicationId, CustomerId, Language, PhoneNumber, Timestamp};
use store::{DbError, Row, Tx, Value};

store::statements! {
    INSERT = "INSERT INTO applications (id, state, round, name, phone, email, language, zone, birth_date,
            document_kind, document_issuer, document_masked, document_sealed, document_index, income_minor,
            requested_limit_minor, token_hash, submitted_at_us, changed_at_us, reasons, number_doubted,
            unreachable_rounds, call_rounds, phone_corrections, documents_supplied, security_mark, disowned,
            call_from_us, call_until_us)
        VALUES ($1, $2, 0, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17, '', 0, 0, 0, 0, 0, $18, 0,
            $19, $20)";
    LOCK = "UPDATE applications SET round = round WHERE id = $1";
    BY_ID = "SELECT id, state, round, name, phone, email, language, zone, birth_date, document_kind,
            document_issuer, document_masked, income_minor, requested_limit_minor, submitted_at_us, changed_at_us,
            granted_limit_minor, granted_tier, reasons, rule_version, number_doubted, unreachable_rounds,
            phone_corrections, documents_supplied, security_mark, appealed_at_us, reapply_from_us, customer, call_rounds, disowned,
            call_from_us, call_until_us
        FROM applications WHERE id = $1";
    BY_TOKEN = "SELECT id FROM applications WHERE token_hash = $1";
    BY_CUSTOMER = "SELECT id FROM applications WHERE customer = $1 ORDER BY id DESC LIMIT 1";
    SEALED_DOCUMENT = "SELECT document_sealed, document_index FROM applications WHERE id = $1";
    LIST_ALL = "SELECT id FROM applications WHERE id < $1 ORDER BY id DESC LIMIT $2";
    LIST_IN_STATE = "SELECT id FROM applications WHERE state = $3 AND id < $1 ORDER BY id DESC LIMIT $2";
    STALE = "SELECT id FROM applications WHERE state = $1 AND changed_at_us < $2 ORDER BY changed_at_us LIMIT $3";
    COUNT = "SELECT state, COUNT(*) FROM applications GROUP BY state ORDER BY state";
    UPDATE = "UPDATE applications SET state = $2, round = $3, name = $4, phone = $5, changed_at_us = $6,
            granted_limit_minor = $7, granted_tier = $8, reasons = $9, rule_version = $10, number_doubted = $11,
            unreachable_rounds = $12, phone_corrections = $13, documents_supplied = $14, disowned = $15,
            appealed_at_us = $16, reapply_from_us = $17, customer = $18, requested_limit_minor = $19, call_rounds = $20,
            call_from_us = $21, call_until_us = $22
        WHERE id = $1";
    CLAIM = "INSERT INTO application_claims (claim, application) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    CLAIMED_BY = "SELECT application FROM application_claims WHERE claim = $1";
    RELEASE_CLAIMS = "DELETE FROM application_claims WHERE application = $1";
    RELEASE_CLAIM = "DELETE FROM application_claims WHERE claim = $1 AND application = $2";
    MARKED = "SELECT COUNT(*) FROM applications WHERE document_index = $1 AND disowned = 1";
    WAITS = "SELECT MAX(reapply_from_us) FROM applications
        WHERE document_index = $1 AND phone = $2 AND state = 'declined' AND reapply_from_us > $3";
    TAKE_KEY = "INSERT INTO application_keys (key_hash, request_hash, created_at_us)
        VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    SETTLE_KEY = "UPDATE application_keys SET application = $2, reapply_from_us = $3 WHERE key_hash = $1";
    KNOWN_KEY = "SELECT request_hash, application, reapply_from_us FROM application_keys WHERE key_hash = $1";
    FORGET_KEYS = "DELETE FROM application_keys WHERE created_at_us < $1";
}

/// What is stored of a draft besides its plain fields.
pub(super) struct Secrets<'a> {
    pub sealed: &'a [u8],
    pub index: &'a [u8; 32],
    pub token_hash: &'a [u8; 32],
    pub marked: bool,
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    id: ApplicationId,
    draft: &Draft,
    secrets: &Secrets<'_>,
    now: Timestamp,
) -> Result<(), PeopleError> {
    let birth_date = draft.document.birth_date().to_string();
    let masked = draft.document.masked();
    tx.execute(
        &INSERT,
        &[
            id.as_bytes().into(),
            ApplicationState::Submitted.word().into(),
            (&draft.name).into(),
            draft.phone.as_str().into(),
            draft.email.as_deref().into(),
            draft.language.tag().into(),
            (&draft.zone).into(),
            (&birth_date).into(),
            draft.document.kind().into(),
            draft.document.issuer().into(),
            (&masked).into(),
            secrets.sealed.into(),
            secrets.index.into(),
            draft.income_minor.into(),
            draft.requested_limit_minor.into(),
            secrets.token_hash.into(),
            now.into(),
            secrets.marked.into(),
            draft.call_time.map(|time| time.from).into(),
            draft.call_time.map(|time| time.until).into(),
        ],
    )?;
    Ok(())
}

/// Reads an application and holds its row until the transaction ends, on both engines.
pub(super) fn locked(tx: &mut Tx<'_>, id: ApplicationId) -> Result<Option<Application>, PeopleError> {
    tx.execute(&LOCK, &[id.as_bytes().into()])?;
    by_id(tx, id)
}

pub(super) fn by_id(tx: &mut Tx<'_>, id: ApplicationId) -> Result<Option<Application>, PeopleError> {
    tx.query_opt(&BY_ID, &[id.as_bytes().into()], |row| read(row, id))?
        .transpose()
}

pub(super) fn by_token(tx: &mut Tx<'_>, token_hash: &[u8; 32]) -> Result<Option<ApplicationId>, PeopleError> {
    Ok(tx.query_opt(&BY_TOKEN, &[token_hash.into()], read_id)?)
}

pub(super) fn by_customer(
    tx: &mut Tx<'_>,
    customer: CustomerId,
) -> Result<Option<ApplicationId>, PeopleError> {
    Ok(tx.query_opt(&BY_CUSTOMER, &[customer.as_bytes().into()], read_id)?)
}

/// A document's number, sealed, and the keyed hash by which it is found.
pub(super) struct SealedDocument {
    pub sealed: Vec<u8>,
    pub index: Vec<u8>,
}

pub(super) fn sealed_document(
    tx: &mut Tx<'_>,
    id: ApplicationId,
) -> Result<Option<SealedDocument>, PeopleError> {
    Ok(tx.query_opt(&SEALED_DOCUMENT, &[id.as_bytes().into()], |row| {
        Ok(SealedDocument {
            sealed: row.bytes(0)?,
            index: row.bytes(1)?,
        })
    })?)
}

/// Newest first, those before the cursor.
pub(super) fn list(
    tx: &mut Tx<'_>,
    state: Option<ApplicationState>,
    before: Option<ApplicationId>,
    limit: i64,
) -> Result<Vec<ApplicationId>, PeopleError> {
    let before = before.map_or([0xff; 16], |id| id.0);
    let mut args: Vec<Value<'_>> = vec![(&before).into(), limit.into()];
    Ok(match state {
        None => tx.query(&LIST_ALL, &args, read_id)?,
        Some(state) => {
            args.push(state.word().into());
            tx.query(&LIST_IN_STATE, &args, read_id)?
        }
    })
}

pub(super) fn stale(
    tx: &mut Tx<'_>,
    state: ApplicationState,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<ApplicationId>, PeopleError> {
    Ok(tx.query(
        &STALE,
        &[state.word().into(), before.into(), limit.into()],
        read_id,
    )?)
}

pub(super) fn count(tx: &mut Tx<'_>) -> Result<Vec<(String, i64)>, PeopleError> {
    Ok(tx.query(&COUNT, &[], |row| Ok((row.text(0)?, row.int(1)?)))?)
}

/// Writes back every field that may change.
pub(super) fn update(tx: &mut Tx<'_>, application: &Application) -> Result<(), PeopleError> {
    let reasons = reason::encode(&application.reasons);
    let customer = application.customer.map(|customer| customer.0);
    tx.execute(
        &UPDATE,
        &[
            application.id.as_bytes().into(),
            application.state.word().into(),
            application.round.into(),
            (&application.name).into(),
            application.phone.as_str().into(),
            application.changed_at.into(),
            application.grant.map(|grant| grant.limit_minor).into(),
            application.grant.map(|grant| grant.tier).into(),
            reasons.into(),
            application.rule_version.into(),
            application.number_doubted.into(),
            application.unreachable_rounds.into(),
            application.phone_corrections.into(),
            application.documents_supplied.into(),
            application.disowned.into(),
            application.appealed_at.into(),
            application.reapply_from.into(),
            customer.as_ref().into(),
            application.requested_limit_minor.into(),
            application.call_rounds.into(),
            application.call_time.map(|time| time.from).into(),
            application.call_time.map(|time| time.until).into(),
        ],
    )?;
    Ok(())
}

/// `false` when an open application holds it.
pub(super) fn claim(tx: &mut Tx<'_>, claim: &[u8; 32], id: ApplicationId) -> Result<bool, PeopleError> {
    if tx.execute(&CLAIM, &[claim.into(), id.as_bytes().into()])? == 1 {
        return Ok(true);
    }
    let owner = tx.query_opt(&CLAIMED_BY, &[claim.into()], read_id)?;
    Ok(owner == Some(id))
}

pub(super) fn release_claims(tx: &mut Tx<'_>, id: ApplicationId) -> Result<(), PeopleError> {
    tx.execute(&RELEASE_CLAIMS, &[id.as_bytes().into()])?;
    Ok(())
}

pub(super) fn release_claim(tx: &mut Tx<'_>, claim: &[u8; 32], id: ApplicationId) -> Result<(), PeopleError> {
    tx.execute(&RELEASE_CLAIM, &[claim.into(), id.as_bytes().into()])?;
    Ok(())
}

/// Whether an application with this document was once disowned.
pub(super) fn is_marked(tx: &mut Tx<'_>, index: &[u8; 32]) -> Result<bool, PeopleError> {
    Ok(tx.query_one(&MARKED, &[index.into()], |row| row.int(0))? > 0)
}

/// Until when this person waits after a refusal.
pub(super) fn waits_until(
    tx: &mut Tx<'_>,
    index: &[u8; 32],
    phone: &PhoneNumber,
    now: Timestamp,
) -> Result<Option<Timestamp>, PeopleError> {
    Ok(tx.query_one(
        &WAITS,
        &[index.into(), phone.as_str().into(), now.into()],
        |row| row.opt_time(0),
    )?)
}

/// What a key stands for.
pub(super) struct KnownKey {
    pub request_hash: Vec<u8>,
    pub application: Option<ApplicationId>,
    pub reapply_from: Option<Timestamp>,
}

/// `false` when the key was used before; two that use it at once wait for each other here.
pub(super) fn take_key(
    tx: &mut Tx<'_>,
    key_hash: &[u8; 32],
    request_hash: &[u8; 32],
    now: Timestamp,
) -> Result<bool, PeopleError> {
    Ok(tx.execute(&TAKE_KEY, &[key_hash.into(), request_hash.into(), now.into()])? == 1)
}

pub(super) fn settle_key(
    tx: &mut Tx<'_>,
    key_hash: &[u8; 32],
    application: Option<ApplicationId>,
    reapply_from: Option<Timestamp>,
) -> Result<(), PeopleError> {
    let application = application.map(|id| id.0);
    tx.execute(
        &SETTLE_KEY,
        &[key_hash.into(), application.as_ref().into(), reapply_from.into()],
    )?;
    Ok(())
}

pub(super) fn known_key(tx: &mut Tx<'_>, key_hash: &[u8; 32]) -> Result<KnownKey, PeopleError> {
    Ok(tx.query_one(&KNOWN_KEY, &[key_hash.into()], |row| {
        Ok(KnownKey {
            request_hash: row.bytes(0)?,
            application: row.opt_id16(1)?.map(ApplicationId),
            reapply_from: row.opt_time(2)?,
        })
    })?)
}

pub(super) fn forget_keys(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, PeopleError> {
    Ok(tx.execute(&FORGET_KEYS, &[before.into()])?)
}

fn read_id(row: &Row<'_>) -> Result<ApplicationId, DbError> {
    row.id16(0).map(ApplicationId)
}

/// The outer error is the database's, the inner one names what does not parse.
fn read(row: &Row<'_>, id: ApplicationId) -> Result<Result<Application, PeopleError>, DbError> {
    let unreadable = |what| {
        Ok(Err(PeopleError::Stored {
            application: id,
            what,
        }))
    };
    let Some(state) = ApplicationState::from_word(&row.text(1)?) else {
        return unreadable("its state");
    };
    let Ok(phone) = PhoneNumber::parse(&row.text(4)?) else {
        return unreadable("its telephone number");
    };
    let (Some(language), Ok(birth_date)) = (Language::from_tag(&row.text(6)?), row.text(8)?.parse()) else {
        return unreadable("its language or birth date");
    };
    let Some(reasons) = reason::decode(&row.text(18)?) else {
        return unreadable("its reasons");
    };
    let grant = row.opt_int(16)?.zip(row.opt_int(17)?);
    let call_time = row.opt_time(30)?.zip(row.opt_time(31)?);
    Ok(Ok(Application {
        id,
        state,
        round: row.int(2)?,
        name: row.text(3)?,
        phone,
        email: row.opt_text(5)?,
        language,
        zone: row.text(7)?,
        call_time: call_time.map(|(from, until)| CallTime { from, until }),
        birth_date,
        document_kind: row.text(9)?,
        document_issuer: row.text(10)?,
        document_masked: row.text(11)?,
        income_minor: row.int(12)?,
        requested_limit_minor: row.int(13)?,
        submitted_at: row.time(14)?,
        changed_at: row.time(15)?,
        grant: grant.map(|(limit_minor, tier)| Grant { limit_minor, tier }),
        reasons,
        rule_version: row.opt_int(19)?,
        number_doubted: row.bool(20)?,
        unreachable_rounds: row.int(21)?,
        phone_corrections: row.int(22)?,
        documents_supplied: row.bool(23)?,
        security_mark: row.bool(24)?,
        appealed_at: row.opt_time(25)?,
        reapply_from: row.opt_time(26)?,
        customer: row.opt_id16(27)?.map(CustomerId),
        call_rounds: row.int(28)?,
        disowned: row.bool(29)?,
    }))
}
