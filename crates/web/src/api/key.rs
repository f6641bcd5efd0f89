use crate::fault::{Fault, Kind};
use axum::http::HeaderMap;
use money::payments::IdempotencyKey;

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
