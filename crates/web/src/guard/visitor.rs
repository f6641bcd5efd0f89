use super::cookies::Cookie;
use super::glances;
use super::limiter::Meter;
use super::way_back;
use crate::fault::{self, Fault, Kind};
use crate::form::Form;
use crate::hex;
use crate::shell::Page;
use crate::state::AppState;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::{Language, Timestamp};
use security::Token;
use security::sessions::{self, Session};
use sha2::{Digest, Sha256};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use subtle::ConstantTimeEq;

/// The longest that a page may take; listening is exempt.
const PAGE_TIMEOUT: Duration = Duration::from_secs(30);

/// The other end of the connection; the accept loop names it.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Whoever looks at a page, signed in or not.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub language: Language,
    /// A running session of this part of the house, second factor proven or not.
    pub session: Option<Session>,
    /// What every form of this visitor carries.
    pub csrf: String,
    pub path: String,
    /// The page to come back to: this one, or where the form stands that was sent.
    pub back: String,
    /// A form was sent.
    pub sent: bool,
    pub address: IpAddr,
    pub now: Timestamp,
}

impl Visitor {
    pub fn page(&self, state: &AppState) -> Page {
        let mut page = Page::new(self.language, state.brand.clone(), state.zone.clone(), self.now);
        page.csrf = self.csrf.clone();
        page.path = self.back.clone();
        page.sent = self.sent;
        let here = self.back.split('?').next() == Some(&self.path);
        page.own = (!here).then(|| self.back.clone());
        page.who = self.session.as_ref().and_then(mark_of);
        page
    }

    /// Whether a form carries what every form of this visitor does.
    pub(super) fn trusts(&self, form: &Form) -> bool {
        let given = form.exact("csrf").as_bytes();
        !self.csrf.is_empty() && self.csrf.as_bytes().ct_eq(given).into()
    }

    /// The cookie of a session in this part of the house.
    pub(super) fn session_cookie(&self) -> Cookie {
        if self.path.starts_with("/staff") {
            Cookie::Staff
        } else {
            Cookie::Session
        }
    }

    /// Counts an attempt at something costly.
    pub fn meter(&self, state: &AppState, meter: Meter, per_minute: u32) -> Result<(), Fault> {
        state.limiter.take(meter, self.address, per_minute, self.now)
    }
}

/// Wraps every page: recognises the visitor, bounds the time, and dresses what went wrong.
pub async fn visit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let (visitor, fresh_form) = match recognise(&state, &parts).await {
        Ok(found) => found,
        Err(fault) => {
            let page = stranger(&state, &parts).page(&state);
            return fault::dress(fault.into_response(), page.language, Some(&page));
        }
    };
    let page = visitor.page(&state);
    let listens = visitor.path.ends_with("/events");
    let metered = visitor.meter(&state, Meter::Pages, state.request_limits.pages);
    let method = parts.method.clone();
    let mut request = Request::from_parts(parts, body);
    request.extensions_mut().insert(visitor.clone());
    let run = async {
        match metered {
            Ok(()) => glances::noted(&state, &visitor, &method, next.run(request).await).await,
            Err(fault) => fault.into_response(),
        }
    };
    let response = if listens {
        run.await
    } else {
        match tokio::time::timeout(PAGE_TIMEOUT, run).await {
            Ok(response) => response,
            Err(_) => Fault::new(Kind::Unavailable).into_response(),
        }
    };
    let mut response = fault::dress(response, page.language, Some(&page));
    if let Some(value) = fresh_form {
        let cookie = Cookie::Form.write(&value, state.secure);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The visitor, and the value of a form cookie that is still to be set.
async fn recognise(state: &AppState, request: &Parts) -> Result<(Visitor, Option<String>), Fault> {
    let mut visitor = stranger(state, request);
    let headers = &request.headers;
    let cookie = visitor.session_cookie();
    let at_desk = cookie == Cookie::Staff;
    if let Some(token) = cookie.read(headers, state.secure).and_then(Token::parse) {
        let session = running_session(state, token, visitor.now).await?;
        // A member of staff has no way in by the customers' doors, where less is asked of them, nor
        // a customer by the desk's.
        visitor.session = session.filter(|session| session.who.staff().is_some() == at_desk);
    }
    if let Some(session) = &visitor.session {
        visitor.csrf = session.csrf.clone();
        return Ok((visitor, None));
    }
    match Cookie::Form.read(headers, state.secure).and_then(Token::parse) {
        Some(token) => {
            visitor.csrf = token.as_str().to_owned();
            Ok((visitor, None))
        }
        None => {
            let fresh = Token::generate(&state.ambient.rng).as_str().to_owned();
            visitor.csrf = fresh.clone();
            Ok((visitor, Some(fresh)))
        }
    }
}

fn stranger(state: &AppState, request: &Parts) -> Visitor {
    let headers = &request.headers;
    Visitor {
        language: language(headers, state.secure),
        session: None,
        csrf: String::new(),
        path: request.uri.path().to_owned(),
        back: way_back::of(request),
        sent: !matches!(request.method, Method::GET | Method::HEAD),
        address: address_of(state, &request.headers, &request.extensions),
        now: state.ambient.now(),
    }
}

/// Tells a page's script whether it is still the same person; it names nobody.
fn mark_of(session: &Session) -> Option<String> {
    session.second_factor_at?;
    let mut mark = Sha256::new_with_prefix("whose page");
    mark.update(session.login.as_bytes());
    Some(hex::encode(&mark.finalize()[..8]))
}

async fn running_session(state: &AppState, token: Token, now: Timestamp) -> Result<Option<Session>, Fault> {
    let session = state
        .db
        .read_async(move |tx| sessions::find(tx, &token, now))
        .await
        .map_err(Fault::from)?;
    if let Some(session) = session.clone().filter(|session| session.wants_touch(now)) {
        state
            .db
            .write_async(move |tx| sessions::touch(tx, &session, now))
            .await
            .map_err(Fault::from)?;
    }
    Ok(session)
}

/// The switch's choice, else the browser's.
pub(crate) fn language(headers: &HeaderMap, secure: bool) -> Language {
    if let Some(chosen) = Cookie::Language
        .read(headers, secure)
        .and_then(Language::from_tag)
    {
        return chosen;
    }
    let wish = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    Language::negotiate(wish.unwrap_or_default())
}

/// The caller's address, as the proxy in front or the connection says.
pub(crate) fn address(state: &AppState, request: &Request) -> IpAddr {
    address_of(state, request.headers(), request.extensions())
}

fn address_of(state: &AppState, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
    let forwarded = state.behind_proxy.then(|| {
        let value = headers.get("x-forwarded-for")?.to_str().ok()?;
        value.rsplit(',').next()?.trim().parse().ok()
    });
    forwarded
        .flatten()
        .or_else(|| extensions.get::<Peer>().map(|peer| peer.0.ip()))
        .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Fault> {
        // Every page stands behind `visit`; only the API has no visitor.
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Fault::new(Kind::Internal))
    }
}
