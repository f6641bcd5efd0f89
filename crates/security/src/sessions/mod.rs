//! Sessions and the devices they run on. A session ends when it is idle, when it is old, or when
//! somebody ends it. A device is a browser that keeps a token of its own; it is *enrolled* from
//! the first time it proved the second factor.

mod devices;
mod session;
mod store;

use crate::SecurityError;
use crate::Token;
use crate::logins::Login;
use crate::sealing::Keyring;
use ::store::Tx;
use base::{Ambient, LoginId, Timestamp};

pub use self::store::ALL as STATEMENTS;
pub use devices::{Device, devices, remove_device};
pub use session::{
    DeviceId, OpenSession, Opened, SecondFactor, Session, SessionId, SessionPolicy, require_second_factor,
};

/// Sessions of one login that are listed at most.
const LISTED: i64 = 100;
/// How long the form that raised a session may be sent again.
const REPEAT_SECS: i64 = 30;
/// A browser keeps its device's token for a year.
const DEVICE_KEPT_SECS: i64 = 400 * 86_400;

/// Opens a session after the password was proven. With the token of a known device of this login
/// the device is recognised; without, it is new and its token is in the answer.
pub fn open(
    tx: &mut Tx,
    ambient: &Ambient,
    login: &Login,
    policy: SessionPolicy,
    device: Option<&Token>,
    label: &str,
) -> Result<Opened, SecurityError> {
    let now = ambient.now();
    let (device, device_token) = devices::recognise(tx, ambient, login.id, device, label)?;
    let token = Token::generate(&ambient.rng);
    let session = Session {
        id: SessionId::new(ambient),
        login: login.id,
        who: login.who,
        device: device.id,
        device_enrolled_at: device.enrolled_at,
        second_factor_at: None,
        csrf: Token::generate(&ambient.rng).as_str().to_owned(),
        last_seen_at: now,
        api: false,
    };
    store::insert(tx, &session, &token, policy, now)?;
    Ok(Opened {
        token,
        session,
        device_token,
    })
}

/// Opens a session for a program, after password and second factor were proven. All programs of a
/// login share one device that is never enrolled: no person holds it, so it shows no matching
/// words, and signing in with it changes nothing about the telephone in somebody's hand. With what
/// [`before_program`] and the code make, [`raised_just_now`] knows a repeat.
pub fn open_program(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    login: &Login,
    policy: SessionPolicy,
    label: &str,
    made_of: Option<(&Token, &str)>,
) -> Result<(Session, Token), SecurityError> {
    let now = ambient.now();
    let label = devices::legible(label);
    let unknown = Token::generate(&ambient.rng);
    let device = store::see_program(tx, login.id, &unknown, &label, now)?;
    let token = match made_of {
        Some((before, code)) => token_after(keyring, before, code),
        None => Token::generate(&ambient.rng),
    };
    let session = Session {
        id: SessionId::new(ambient),
        login: login.id,
        who: login.who,
        device,
        device_enrolled_at: None,
        second_factor_at: Some(now),
        csrf: Token::generate(&ambient.rng).as_str().to_owned(),
        last_seen_at: now,
        api: false,
    };
    store::insert(tx, &session, &token, policy, now)?;
    store::raise(tx, session.id, &token, now)?;
    Ok((session, token))
}

/// What a program has instead of a cookie from before: the key that it made up for this one sign-in, and
/// that nobody else can guess.
pub fn before_program(keyring: &Keyring, login: LoginId, key: &str) -> Token {
    Token::of(&keyring.mac("session.program", format!("{login}:{key}").as_bytes()))
}

/// The session of a token, if it still runs. Reads only: see [`touch`].
pub fn find(tx: &mut Tx, token: &Token, now: Timestamp) -> Result<Option<Session>, SecurityError> {
    store::find(tx, token, now)
}

/// Notes that the session is in use. Call it when [`Session::wants_touch`] says so.
pub fn touch(tx: &mut Tx, session: &Session, now: Timestamp) -> Result<(), SecurityError> {
    Ok(store::touch(tx, session, now)?)
}

/// Notes that the second factor was just proven, and gives the session a new token: the one from
/// before is worthless. Enrols the device when it is the first time. `None` when the session has
/// ended meanwhile.
pub fn raise(tx: &mut Tx, ambient: &Ambient, session: SessionId) -> Result<Option<Token>, SecurityError> {
    raise_to(tx, ambient, session, Token::generate(&ambient.rng))
}

/// The same by a form with a code, which may be sent twice: the new token is made of the one from before
/// and the code, so that [`raised_just_now`] knows a repeat by nothing but what it brings.
pub fn raise_with_code(
    tx: &mut Tx,
    ambient: &Ambient,
    keyring: &Keyring,
    session: SessionId,
    (before, code): (&Token, &str),
) -> Result<Option<Token>, SecurityError> {
    raise_to(tx, ambient, session, token_after(keyring, before, code))
}

/// The session that this very token and code raised in the last half minute, and its token: whoever sends
/// both again has perhaps never seen the answer.
pub fn raised_just_now(
    tx: &mut Tx,
    now: Timestamp,
    keyring: &Keyring,
    (before, code): (&Token, &str),
) -> Result<Option<(Session, Token)>, SecurityError> {
    let token = token_after(keyring, before, code);
    let session = store::find(tx, &token, now)?;
    let recent = session.filter(|session| session.raised_just_now(now));
    Ok(recent.map(|session| (session, token)))
}

/// Nobody makes it without the keyring.
fn token_after(keyring: &Keyring, before: &Token, code: &str) -> Token {
    let made_of = [before.as_str().as_bytes(), b"\n", code.as_bytes()].concat();
    Token::of(&keyring.mac("session.raised", &made_of))
}

fn raise_to(
    tx: &mut Tx,
    ambient: &Ambient,
    session: SessionId,
    token: Token,
) -> Result<Option<Token>, SecurityError> {
    let now = ambient.now();
    if !store::raise(tx, session, &token, now)? {
        return Ok(None);
    }
    store::enrol_device(tx, session, now)?;
    Ok(Some(token))
}

/// Ends one session of a login. False when it is not theirs or has ended.
pub fn revoke(
    tx: &mut Tx,
    now: Timestamp,
    login: LoginId,
    session: SessionId,
) -> Result<bool, SecurityError> {
    Ok(store::end(tx, login, session, now)?)
}

/// Ends all sessions of a login, but `keep`.
pub fn revoke_all(
    tx: &mut Tx,
    now: Timestamp,
    login: LoginId,
    keep: Option<SessionId>,
) -> Result<(), SecurityError> {
    Ok(store::end_all(tx, login, keep, now)?)
}

/// The running sessions of a login, latest first.
pub fn list(tx: &mut Tx, login: LoginId, now: Timestamp) -> Result<Vec<OpenSession>, SecurityError> {
    Ok(store::list(tx, login, now, LISTED)?)
}

/// Removes sessions that ended or ran out before `before`, at most `max` of them, and as many
/// devices: those that proved nothing since, and those that nobody has used for over a year.
pub fn sweep(tx: &mut Tx, before: Timestamp, max: i64) -> Result<u64, SecurityError> {
    let sessions = store::sweep(tx, before, max)?;
    let devices = store::sweep_devices(tx, before, before.plus_secs(-DEVICE_KEPT_SECS), max)?;
    Ok(sessions.max(devices))
}

#[cfg(test)]
mod tests;
