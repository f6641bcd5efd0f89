use super::{LastChanges, Login, Who};
use crate::SecurityError;
use crate::lockouts::Subject;
use crate::staff::Role;
use base::{CustomerId, Language, LoginId, StaffId, Timestamp};
use store::{DbError, Row, Tx};

store::statements! {
    INSERT = "INSERT INTO login (id, subject, customer, staff, password_hash, password_changed_at,
            must_change_password, totp_last_step, language, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $6)
        ON CONFLICT DO NOTHING";
    BY_SUBJECT = "SELECT l.id, l.customer, l.staff, s.role, l.subject, l.password_hash,
            l.password_changed_at, l.must_change_password, CAST(CASE WHEN l.totp IS NULL THEN 0 ELSE 1 END AS BIGINT),
            l.second_factor_changed_at, l.language
        FROM login l LEFT JOIN staff_member s ON s.id = l.staff
        WHERE l.subject = $1 AND COALESCE(s.active, 1) = 1";
    BY_ID = "SELECT l.id, l.customer, l.staff, s.role, l.subject, l.password_hash,
            l.password_changed_at, l.must_change_password, CAST(CASE WHEN l.totp IS NULL THEN 0 ELSE 1 END AS BIGINT),
            l.second_factor_changed_at, l.language
        FROM login l LEFT JOIN staff_member s ON s.id = l.staff
        WHERE l.id = $1 AND COALESCE(s.active, 1) = 1";
    OF_CUSTOMER = "SELECT id FROM login WHERE customer = $1";
    OF_STAFF = "SELECT id FROM login WHERE staff = $1";
    SET_PASSWORD = "UPDATE login SET password_hash = $2, password_changed_at = $3, must_change_password = 0
        WHERE id = $1";
    RESET = "UPDATE login SET password_hash = $2, password_changed_at = $3, must_change_password = 1,
            totp = NULL, totp_pending = NULL, totp_pending_until = NULL, second_factor_changed_at = NULL
        WHERE id = $1";
    REHASH = "UPDATE login SET password_hash = $2 WHERE id = $1";
    SET_SUBJECT = "UPDATE login SET subject = $2 WHERE id = $1";
    SET_LANGUAGE = "UPDATE login SET language = $2 WHERE id = $1";
    TOTP = "SELECT totp, totp_last_step, totp_pending, totp_pending_until FROM login WHERE id = $1";
    PEND_TOTP = "UPDATE login SET totp_pending = $2, totp_pending_until = $3 WHERE id = $1";
    FORGET_PENDING_TOTP = "UPDATE login SET totp_pending = NULL, totp_pending_until = NULL WHERE id = $1";
    ENROL_TOTP = "UPDATE login SET totp = totp_pending, totp_last_step = $2, totp_pending = NULL,
            totp_pending_until = NULL, second_factor_changed_at = $3
        WHERE id = $1 AND totp_pending IS NOT NULL";
    BURN_STEP = "UPDATE login SET totp_last_step = $2 WHERE id = $1 AND totp_last_step < $2";
    FORGET_RECOVERY_CODES = "DELETE FROM recovery_code WHERE login = $1";
    INSERT_RECOVERY_CODE = "INSERT INTO recovery_code (login, code_mac) VALUES ($1, $2)
        ON CONFLICT (login, code_mac) DO NOTHING";
    SPEND_RECOVERY_CODE = "UPDATE recovery_code SET used_at = $3
        WHERE login = $1 AND code_mac = $2 AND used_at IS NULL";
    IS_RECOVERY_CODE = "SELECT COUNT(*) FROM recovery_code
        WHERE login = $1 AND code_mac = $2 AND used_at IS NULL";
    WAS_SPENT_SINCE = "SELECT COUNT(*) FROM recovery_code
        WHERE login = $1 AND code_mac = $2 AND used_at > $3";
    RECOVERY_CODES_LEFT = "SELECT COUNT(*) FROM recovery_code WHERE login = $1 AND used_at IS NULL";
    LAST_CHANGES = "SELECT l.password_changed_at, l.second_factor_changed_at,
            (SELECT MAX(d.enrolled_at) FROM device d WHERE d.login = l.id AND d.removed_at IS NULL)
        FROM login l WHERE l.customer = $1";
}

pub struct NewLogin<'a> {
    pub id: LoginId,
    pub subject: Subject,
    pub customer: Option<CustomerId>,
    pub staff: Option<StaffId>,
    pub password_hash: &'a str,
    pub must_change_password: bool,
    pub language: Language,
}

/// The second factor's columns: sealed secrets.
pub struct Totp {
    pub sealed: Option<Vec<u8>>,
    pub last_step: i64,
    pub pending: Option<(Vec<u8>, Timestamp)>,
}

pub fn insert(tx: &mut Tx, new: &NewLogin, now: Timestamp) -> Result<bool, DbError> {
    let args = [
        (&new.id.0).into(),
        (&new.subject.0).into(),
        new.customer.as_ref().map(|id| &id.0).into(),
        new.staff.as_ref().map(|id| &id.0).into(),
        new.password_hash.into(),
        now.into(),
        new.must_change_password.into(),
        new.language.tag().into(),
    ];
    Ok(tx.execute(&INSERT, &args)? == 1)
}

pub fn by_subject(tx: &mut Tx, subject: Subject) -> Result<Option<Login>, SecurityError> {
    tx.query_opt(&BY_SUBJECT, &[(&subject.0).into()], columns)?
        .map(Columns::into_login)
        .transpose()
}

pub fn by_id(tx: &mut Tx, id: LoginId) -> Result<Option<Login>, SecurityError> {
    tx.query_opt(&BY_ID, &[(&id.0).into()], columns)?
        .map(Columns::into_login)
        .transpose()
}

pub fn of_customer(tx: &mut Tx, customer: CustomerId) -> Result<Option<LoginId>, DbError> {
    tx.query_opt(&OF_CUSTOMER, &[(&customer.0).into()], |row| {
        row.id16(0).map(LoginId)
    })
}

pub fn of_staff(tx: &mut Tx, staff: StaffId) -> Result<Option<LoginId>, DbError> {
    tx.query_opt(&OF_STAFF, &[(&staff.0).into()], |row| row.id16(0).map(LoginId))
}

pub fn set_password(tx: &mut Tx, id: LoginId, hash: &str, now: Timestamp) -> Result<(), DbError> {
    tx.execute(&SET_PASSWORD, &[(&id.0).into(), hash.into(), now.into()])
        .map(drop)
}

/// A first password, and no authenticator.
pub fn reset(tx: &mut Tx, id: LoginId, hash: &str, now: Timestamp) -> Result<(), DbError> {
    tx.execute(&RESET, &[(&id.0).into(), hash.into(), now.into()])
        .map(drop)
}

pub fn rehash(tx: &mut Tx, id: LoginId, hash: &str) -> Result<(), DbError> {
    tx.execute(&REHASH, &[(&id.0).into(), hash.into()]).map(drop)
}

pub fn set_subject(tx: &mut Tx, id: LoginId, subject: Subject) -> Result<bool, DbError> {
    Ok(tx.execute(&SET_SUBJECT, &[(&id.0).into(), (&subject.0).into()])? == 1)
}

pub fn set_language(tx: &mut Tx, id: LoginId, language: Language) -> Result<(), DbError> {
    tx.execute(&SET_LANGUAGE, &[(&id.0).into(), language.tag().into()])
        .map(drop)
}

pub fn totp(tx: &mut Tx, id: LoginId) -> Result<Option<Totp>, DbError> {
    tx.query_opt(&TOTP, &[(&id.0).into()], |row| {
        Ok(Totp {
            sealed: row.opt_bytes(0)?,
            last_step: row.int(1)?,
            pending: row.opt_bytes(2)?.zip(row.opt_time(3)?),
        })
    })
}

pub fn pend_totp(tx: &mut Tx, id: LoginId, sealed: &[u8], until: Timestamp) -> Result<(), DbError> {
    tx.execute(&PEND_TOTP, &[(&id.0).into(), sealed.into(), until.into()])
        .map(drop)
}

pub fn forget_pending_totp(tx: &mut Tx, id: LoginId) -> Result<(), DbError> {
    tx.execute(&FORGET_PENDING_TOTP, &[(&id.0).into()]).map(drop)
}

pub fn enrol_totp(tx: &mut Tx, id: LoginId, step: i64, now: Timestamp) -> Result<(), DbError> {
    tx.execute(&ENROL_TOTP, &[(&id.0).into(), step.into(), now.into()])
        .map(drop)
}

pub fn burn_step(tx: &mut Tx, id: LoginId, step: i64) -> Result<bool, DbError> {
    Ok(tx.execute(&BURN_STEP, &[(&id.0).into(), step.into()])? == 1)
}

pub fn forget_recovery_codes(tx: &mut Tx, id: LoginId) -> Result<(), DbError> {
    tx.execute(&FORGET_RECOVERY_CODES, &[(&id.0).into()]).map(drop)
}

pub fn insert_recovery_code(tx: &mut Tx, id: LoginId, mac: &[u8; 32]) -> Result<(), DbError> {
    tx.execute(&INSERT_RECOVERY_CODE, &[(&id.0).into(), mac.into()])
        .map(drop)
}

pub fn spend_recovery_code(
    tx: &mut Tx,
    id: LoginId,
    mac: &[u8; 32],
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(tx.execute(&SPEND_RECOVERY_CODE, &[(&id.0).into(), mac.into(), now.into()])? == 1)
}

pub fn is_recovery_code(tx: &mut Tx, id: LoginId, mac: &[u8; 32]) -> Result<bool, DbError> {
    let found = tx.query_one(&IS_RECOVERY_CODE, &[(&id.0).into(), mac.into()], |row| row.int(0))?;
    Ok(found == 1)
}

pub fn was_spent_since(tx: &mut Tx, id: LoginId, mac: &[u8; 32], since: Timestamp) -> Result<bool, DbError> {
    let args = [(&id.0).into(), mac.into(), since.into()];
    let found = tx.query_one(&WAS_SPENT_SINCE, &args, |row| row.int(0))?;
    Ok(found == 1)
}

pub fn recovery_codes_left(tx: &mut Tx, id: LoginId) -> Result<i64, DbError> {
    tx.query_one(&RECOVERY_CODES_LEFT, &[(&id.0).into()], |row| row.int(0))
}

pub fn last_changes(tx: &mut Tx, customer: CustomerId) -> Result<Option<LastChanges>, DbError> {
    tx.query_opt(&LAST_CHANGES, &[(&customer.0).into()], |row| {
        Ok(LastChanges {
            password_changed_at: row.time(0)?,
            second_factor_changed_at: row.opt_time(1)?,
            device_enrolled_at: row.opt_time(2)?,
        })
    })
}

/// Who a login's columns say it belongs to.
pub(crate) fn who(
    customer: Option<[u8; 16]>,
    staff: Option<[u8; 16]>,
    role: Option<String>,
) -> Result<Who, SecurityError> {
    match (customer, staff, role) {
        (Some(customer), None, None) => Ok(Who::Customer(CustomerId(customer))),
        (None, Some(staff), Some(role)) => {
            let known: Result<Role, _> = role.parse();
            let role = known.map_err(|_| SecurityError::damaged("staff_member", role))?;
            Ok(Who::Staff(StaffId(staff), role))
        }
        other => Err(SecurityError::damaged("login", format!("{other:?}"))),
    }
}

struct Columns {
    customer: Option<[u8; 16]>,
    staff: Option<[u8; 16]>,
    role: Option<String>,
    subject: Vec<u8>,
    language: String,
    id: LoginId,
    password_hash: String,
    password_changed_at: Timestamp,
    must_change_password: bool,
    has_totp: bool,
    second_factor_changed_at: Option<Timestamp>,
}

fn columns(row: &Row) -> Result<Columns, DbError> {
    Ok(Columns {
        id: LoginId(row.id16(0)?),
        customer: row.opt_id16(1)?,
        staff: row.opt_id16(2)?,
        role: row.opt_text(3)?,
        subject: row.bytes(4)?,
        password_hash: row.text(5)?,
        password_changed_at: row.time(6)?,
        must_change_password: row.bool(7)?,
        has_totp: row.bool(8)?,
        second_factor_changed_at: row.opt_time(9)?,
        language: row.text(10)?,
    })
}

impl Columns {
    fn into_login(self) -> Result<Login, SecurityError> {
        let subject = <[u8; 32]>::try_from(self.subject).map_err(|bytes| {
            SecurityError::damaged("login", format!("a subject of {} bytes", bytes.len()))
        })?;
        let language = Language::from_tag(&self.language);
        Ok(Login {
            id: self.id,
            who: who(self.customer, self.staff, self.role)?,
            subject: Subject(subject),
            password_hash: self.password_hash,
            password_changed_at: self.password_changed_at,
            must_change_password: self.must_change_password,
            has_totp: self.has_totp,
            second_factor_changed_at: self.second_factor_changed_at,
            language: language.ok_or_else(|| SecurityError::damaged("login", self.language))?,
        })
    }
}
