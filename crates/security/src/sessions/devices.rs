use super::session::DeviceId;
use super::store;
use crate::{SecurityError, Token};
use ::store::Tx;
use base::{Ambient, LoginId, Timestamp};

/// A device as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub id: DeviceId,
    pub label: String,
    pub first_seen_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// When it first proved the second factor. Matching words and confirmation by keypad need a
    /// device that was enrolled for a while.
    pub enrolled_at: Option<Timestamp>,
}

impl Device {
    /// Whether it has been enrolled for so many whole days.
    pub fn enrolled_for_days(&self, now: Timestamp, days: i64) -> bool {
        self.enrolled_at
            .is_some_and(|at| at <= now && now.since(at).as_secs() as i64 >= days * 86_400)
    }
}

/// The devices of a login that were not removed, latest first; at most 100.
pub fn devices(tx: &mut Tx, login: LoginId) -> Result<Vec<Device>, SecurityError> {
    Ok(store::devices(tx, login, 100)?)
}

/// Removes a device and ends its sessions; it is a stranger when it comes back.
pub fn remove_device(
    tx: &mut Tx,
    now: Timestamp,
    login: LoginId,
    device: DeviceId,
) -> Result<bool, SecurityError> {
    let removed = store::remove_device(tx, login, device, now)?;
    store::end_of_device(tx, login, device, now)?;
    Ok(removed)
}

/// The device of the token, or a new one with a new token. A device of one login is a stranger
/// to another.
pub(super) fn recognise(
    tx: &mut Tx,
    ambient: &Ambient,
    login: LoginId,
    token: Option<&Token>,
    label: &str,
) -> Result<(Device, Option<Token>), SecurityError> {
    let now = ambient.now();
    let known = match token {
        Some(token) => store::device_by_token(tx, login, token)?,
        None => None,
    };
    if let Some(device) = known {
        store::see_device(tx, device.id, now)?;
        return Ok((device, None));
    }
    let token = Token::generate(&ambient.rng);
    let device = Device {
        id: DeviceId::new(ambient),
        label: legible(label),
        first_seen_at: now,
        last_seen_at: now,
        enrolled_at: None,
    };
    store::insert_device(tx, login, &device, &token)?;
    Ok((device, Some(token)))
}

/// A name that a list can show, whatever the other side called itself.
pub(super) fn legible(label: &str) -> String {
    label.chars().filter(|c| !c.is_control()).take(80).collect()
}
