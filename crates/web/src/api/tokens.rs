//! `POST /tokens`: number, password and code give a bearer token that lasts as long as a session.
//! `DELETE /tokens/current` ends the one it comes with.

use super::body::{self, Member};
use super::key;
use super::pay::{REPLAYED, is_code, locked};
use super::reply;
use crate::fault::{Fault, Kind};
use crate::guard::{Caller, Meter, address, language, program_label};
use crate::sign_in::door;
use crate::state::AppState;
use crate::words::say;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base::{Ambient, Language, PhoneNumber, Timestamp};
use security::Token;
use security::api_tokens::{self, ApiTokenId};
use security::lockouts::{Subject, Verdict};
use security::logins::{self, Login};
use security::sealing::Keyring;
use security::sessions::{self, SessionPolicy};
use serde::{Deserialize, Serialize};
use store::Tx;

/// Passwords are not longer than this.
const PASSWORD_MAX: usize = 512;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    phone: String,
    password: String,
    code: String,
}

#[derive(Serialize)]
struct TokenBody<'t> {
    token: &'t str,
    token_type: &'static str,
    /// Seconds until it ends in any case.
    expires_in: i64,
    /// Seconds without a request after which it ends.
    idle: i64,
}

pub async fn sign_in(State(state): State<AppState>, request: Request) -> Result<Response, Fault> {
    let from = address(&state, &request);
    let (parts, body) = request.into_parts();
    let lang = language(&parts.headers, state.secure);
    let now = state.ambient.now();
    state
        .limiter
        .take(Meter::SignIn, from, state.request_limits.sign_in, now)?;
    let key = key::long_key(&parts.headers, lang)?;
    let bytes = body::bytes(&state, &parts.headers, body).await?;
    let members = ["phone", "password", "code"].map(Member::required);
    let wish: SignIn = body::read(&bytes, &members, lang)?;
    let phone = PhoneNumber::parse(&wish.phone).map_err(|_| Fault::field("phone", say(lang, "api-phone")))?;
    if wish.password.is_empty() || wish.password.len() > PASSWORD_MAX {
        return Err(Fault::field("password", say(lang, "api-password")));
    }
    if !is_code(&wish.code) {
        return Err(Fault::field("code", say(lang, "api-code")));
    }
    let login = password_proven(&state, phone, wish.password, lang).await?;
    let before = key.map(|key| sessions::before_program(&state.keyring, login.id, key.as_str()));
    let proof = Proof {
        before,
        code: wish.code,
        label: program_label(&parts.headers),
    };
    let (token, replayed) = code_proven(&state, login, proof, lang).await?;
    let body = TokenBody {
        token: token.as_str(),
        token_type: "Bearer",
        expires_in: state.session_policy.absolute_secs,
        idle: state.session_policy.idle_secs,
    };
    let mut response = reply::json(StatusCode::CREATED, &body)?;
    if replayed {
        let headers = response.headers_mut();
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

pub async fn sign_out(State(state): State<AppState>, caller: Caller) -> Result<Response, Fault> {
    let (now, session) = (state.ambient.now(), caller.known.session.clone());
    state
        .db
        .write_async(move |tx| {
            if session.api {
                api_tokens::revoke(tx, now, session.login, ApiTokenId(session.id.0))
            } else {
                sessions::revoke(tx, now, session.login, session.id)
            }
        })
        .await?;
    state.tokens.forget(caller.known.session.id);
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The login whose password was right, with the door open.
async fn password_proven(
    state: &AppState,
    phone: PhoneNumber,
    password: String,
    lang: Language,
) -> Result<Login, Fault> {
    let keyring = state.keyring.clone();
    let subject = Subject::phone(&keyring, &phone);
    let login = state
        .db
        .read_async(move |tx| logins::by_phone(tx, &keyring, &phone))
        .await?;
    let matched = door::password_matches(state, login.clone(), password).await?;
    let now = state.ambient.now();
    let verdict = state
        .db
        .write_async(move |tx| logins::conclude_password(tx, now, subject, matched))
        .await?;
    passed(verdict, now, lang)?;
    login.ok_or_else(|| refused(lang))
}

/// What a program brings beside the password.
struct Proof {
    /// What its key stands for.
    before: Option<Token>,
    code: String,
    label: String,
}

/// How a code was judged.
enum Judged {
    In {
        token: Token,
        replayed: bool,
    },
    /// It was accepted a moment ago, perhaps from somebody else.
    Used,
    Refused(Verdict),
}

/// A session whose second factor is proven, and whether it is the one of an earlier request; nothing is
/// left behind when the code is wrong.
async fn code_proven(
    state: &AppState,
    login: Login,
    proof: Proof,
    lang: Language,
) -> Result<(Token, bool), Fault> {
    if login.who.customer().is_none() {
        return Err(refused(lang));
    }
    let (ambient, keyring, policy) = (state.ambient.clone(), state.keyring.clone(), state.session_policy);
    let now = ambient.now();
    let judged = state
        .db
        .write_async(move |tx| judge(tx, &ambient, &keyring, policy, &login, &proof))
        .await?;
    match judged {
        Judged::In { token, replayed } => Ok((token, replayed)),
        // Without the key, nothing but the code tells its owner from who read it.
        Judged::Used => Err(Fault {
            detail: Some(say(lang, "api-code-used")),
            ..Fault::new(Kind::SignIn)
        }),
        Judged::Refused(verdict) => {
            passed(verdict, now, lang)?;
            Err(refused(lang))
        }
    }
}

fn judge(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    policy: SessionPolicy,
    login: &Login,
    proof: &Proof,
) -> Result<Judged, Fault> {
    let (now, code) = (ambient.now(), proof.code.as_str());
    let made_of = proof.before.as_ref().map(|before| (before, code));
    logins::wait_for_codes(tx, now, keyring, login.id)?;
    if let Some(made_of) = made_of
        && let Some((_, token)) = sessions::raised_just_now(tx, now, keyring, made_of)?
    {
        return Ok(Judged::In {
            token,
            replayed: true,
        });
    }
    let verdict = logins::check_totp(tx, now, keyring, login.id, code)?;
    match verdict {
        Verdict::Passed => {
            let opened = sessions::open_program(tx, ambient, keyring, login, policy, &proof.label, made_of);
            let (session, token) = opened?;
            door::tell_new_device(tx, ambient, keyring, &session, &proof.label)?;
            let replayed = false;
            Ok(Judged::In { token, replayed })
        }
        Verdict::Failed { .. } if logins::was_just_used(tx, now, keyring, login.id, code)? => {
            Ok(Judged::Used)
        }
        refused => Ok(Judged::Refused(refused)),
    }
}

fn passed(verdict: Verdict, now: Timestamp, lang: Language) -> Result<(), Fault> {
    match verdict {
        Verdict::Passed => Ok(()),
        Verdict::Failed { .. } => Err(refused(lang)),
        Verdict::Locked { until } => Err(locked(until, now)),
    }
}

/// The same words whatever was wrong.
fn refused(lang: Language) -> Fault {
    Fault {
        detail: Some(say(lang, "api-sign-in-wrong")),
        ..Fault::new(Kind::SignIn)
    }
}
