use super::{Role, StaffMember};
use crate::SecurityError;
use base::{StaffId, Timestamp};
use store::{DbError, Row, Tx};

store::statements! {
    INSERT = "INSERT INTO staff_member (id, name, role, active, created_at) VALUES ($1, $2, $3, 1, $4)
        ON CONFLICT (name) DO NOTHING";
    GET = "SELECT id, name, role, active FROM staff_member WHERE id = $1";
    LIST = "SELECT id, name, role, active FROM staff_member ORDER BY name LIMIT 1000";
    SET_ROLE = "UPDATE staff_member SET role = $2 WHERE id = $1";
    DEACTIVATE = "UPDATE staff_member SET active = 0 WHERE id = $1 AND active = 1";
}

pub fn insert(tx: &mut Tx, id: StaffId, name: &str, role: Role, now: Timestamp) -> Result<bool, DbError> {
    let args = [(&id.0).into(), name.into(), role.code().into(), now.into()];
    Ok(tx.execute(&INSERT, &args)? == 1)
}

pub fn get(tx: &mut Tx, id: StaffId) -> Result<Option<StaffMember>, SecurityError> {
    tx.query_opt(&GET, &[(&id.0).into()], columns)?
        .map(member)
        .transpose()
}

pub fn list(tx: &mut Tx) -> Result<Vec<StaffMember>, SecurityError> {
    tx.query(&LIST, &[], columns)?.into_iter().map(member).collect()
}

pub fn set_role(tx: &mut Tx, id: StaffId, role: Role) -> Result<bool, DbError> {
    Ok(tx.execute(&SET_ROLE, &[(&id.0).into(), role.code().into()])? == 1)
}

pub fn deactivate(tx: &mut Tx, id: StaffId) -> Result<bool, DbError> {
    Ok(tx.execute(&DEACTIVATE, &[(&id.0).into()])? == 1)
}

type Columns = ([u8; 16], String, String, bool);

fn columns(row: &Row) -> Result<Columns, DbError> {
    Ok((row.id16(0)?, row.text(1)?, row.text(2)?, row.bool(3)?))
}

fn member((id, name, role, active): Columns) -> Result<StaffMember, SecurityError> {
    let role = role
        .parse()
        .map_err(|_| SecurityError::damaged("staff_member", role))?;
    Ok(StaffMember {
        id: StaffId(id),
        name,
        role,
        active,
    })
}
