use crate::fault::{Fault, Kind};
use crate::words::say;
use axum::http::HeaderMap;
use base::Language;
use money::payments::IdempotencyKey;

/// Characters of a key that nobody guesses: those of 128 random bits in base64.
const LONG: usize = 22;

/// What the client calls this request by, so that repeating it does nothing twice.
pub fn idempotency_key(headers: &HeaderMap) -> Result<IdempotencyKey, Fault> {
    let missing = || Fault::new(Kind::KeyMissing);
    let mut values = headers.get_all("idempotency-key").iter();
    let value = values.next().ok_or_else(missing)?;
    if values.next().is_some() {
        return Err(missing());
    }
    let text = value.to_str().map_err(|_| missing())?;
    IdempotencyKey::parse(text).map_err(|_| missing())
}

/// A key, where one is sent, that also keeps others from the answer: the same rule, but long.
pub fn long_key(headers: &HeaderMap, lang: Language) -> Result<Option<IdempotencyKey>, Fault> {
    if !headers.contains_key("idempotency-key") {
        return Ok(None);
    }
    let long = idempotency_key(headers)
        .ok()
        .filter(|key| key.as_str().len() >= LONG);
    long.map(Some).ok_or_else(|| Fault {
        detail: Some(say(lang, "api-key-long")),
        ..Fault::new(Kind::KeyMissing)
    })
}
