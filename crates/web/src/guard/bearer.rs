use super::visitor::language;
use crate::fault::{Fault, Kind};
use crate::state::AppState;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use base::{CustomerId, Language, LoginId, Timestamp};
use security::sessions::{self, Session, SessionId};
use security::{Token, api_tokens};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// How long a token is believed without asking again. What this process revokes is seen at once (see
/// [`TokenCache::forget`]); what another process revokes on the same database takes as long as this.
const BELIEVED_MS: i64 = 20_000;
const MOST_TOKENS: usize = 65_536;

/// A customer's program, known by its bearer token.
#[derive(Clone, Debug)]
pub struct Caller {
    pub language: Language,
    pub known: Arc<KnownToken>,
}

#[derive(Clone, Debug)]
pub struct KnownToken {
    pub session: Session,
    pub customer: CustomerId,
    pub login: LoginId,
    /// The ledger account that it pays from.
    pub account: i64,
    until: Timestamp,
}

/// Tokens seen lately, by their hash, so that the database is not asked for each request.
#[derive(Default)]
pub struct TokenCache(RwLock<HashMap<[u8; 32], Arc<KnownToken>>>);

impl TokenCache {
    pub fn new() -> Self {
        Self::default()
    }

    fn get(&self, hash: &[u8; 32], now: Timestamp) -> Option<Arc<KnownToken>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(hash).filter(|token| token.until > now).cloned()
    }

    fn put(&self, hash: [u8; 32], token: Arc<KnownToken>, now: Timestamp) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_TOKENS {
            known.retain(|_, token| token.until > now);
        }
        if known.len() < MOST_TOKENS {
            known.insert(hash, token);
        }
    }

    /// Ends the belief in a session's or program's token now.
    pub fn forget(&self, session: SessionId) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, token| token.session.id != session);
    }

    /// The same for all that a person signed in with: their password or authenticator changed.
    pub fn forget_login(&self, login: LoginId) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, token| token.login != login);
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Fault> {
        let refused = || Fault::new(Kind::SignIn);
        let text = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or_else(refused)?;
        if text.len() != 43 {
            return Err(refused());
        }
        let now = state.ambient.now();
        let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let known = match state.tokens.get(&hash, now) {
            Some(known) => known,
            None => {
                let token = Token::parse(text).ok_or_else(refused)?;
                let known = Arc::new(look_up(state, token, now).await?.ok_or_else(refused)?);
                state.tokens.put(hash, known.clone(), now);
                known
            }
        };
        Ok(Self {
            language: language(&parts.headers, state.secure),
            known,
        })
    }
}

/// A session that was opened with password and code, or a program's long-lived token.
async fn look_up(state: &AppState, token: Token, now: Timestamp) -> Result<Option<KnownToken>, Fault> {
    let known = state
        .db
        .read_async(move |tx| {
            let proven =
                sessions::find(tx, &token, now)?.filter(|session| session.second_factor_at.is_some());
            let session = match proven {
                Some(session) => Some(session),
                None => api_tokens::find(tx, &token, now)?,
            };
            let Some(session) = session else {
                return Ok(None);
            };
            let Some(customer) = session.who.customer() else {
                return Ok(None);
            };
            let wallet = money::wallets::by_customer(tx, customer)?;
            Ok::<_, Fault>(wallet.map(|wallet| KnownToken {
                login: session.login,
                session,
                customer,
                account: wallet.account,
                until: now.plus_ms(BELIEVED_MS),
            }))
        })
        .await?;
    let session = known.as_ref().map(|known: &KnownToken| known.session.clone());
    if let Some(session) = session.filter(|session| session.wants_touch(now)) {
        state
            .db
            .write_async(move |tx| sessions::touch(tx, &session, now))
            .await?;
    }
    Ok(known)
}
