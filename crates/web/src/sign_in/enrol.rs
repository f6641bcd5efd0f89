use super::door;
use crate::fault::{Fault, Kind};
use crate::form::Form;
use crate::guard::{CodeFields, Cookie, Visitor, desk_path, local_path};
use crate::hex;
use crate::shell::{Page, Tab, reply};
use crate::state::AppState;
use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use base::{Ambient, Timestamp};
use qrcodegen::{QrCode, QrCodeEcc};
use security::Token;
use security::logins::{self, Confirmation, Enrolment};
use security::sealing::Keyring;
use security::sessions::{self, Session};
use security::staff;
use security::totp::Secret;
use std::fmt::Write;
use store::Tx;
use support::notify::Message;

/// Whose door it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    Customer,
    Staff,
}

impl Area {
    pub(super) fn cookie(self) -> Cookie {
        match self {
            Self::Customer => Cookie::Session,
            Self::Staff => Cookie::Staff,
        }
    }

    pub(super) fn sign_in(self) -> &'static str {
        match self {
            Self::Customer => "/sign-in",
            Self::Staff => "/staff/sign-in",
        }
    }

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Customer => "/sign-in/code",
            Self::Staff => "/staff/sign-in/code",
        }
    }

    pub(super) fn enrol(self) -> &'static str {
        match self {
            Self::Customer => "/totp",
            Self::Staff => "/staff/totp",
        }
    }

    /// Where the sign-in leads, if that is a place of this door.
    pub(super) fn way_back(self, next: &str) -> String {
        match self {
            Self::Customer => local_path(next),
            Self::Staff => desk_path(next),
        }
    }

    /// Where somebody goes whose authenticator is enrolled already.
    fn enrolled(self) -> &'static str {
        match self {
            Self::Customer => "/security?done=enrolled",
            Self::Staff => "/staff",
        }
    }

    fn home(self) -> &'static str {
        match self {
            Self::Customer => "/",
            Self::Staff => "/staff",
        }
    }
}

#[derive(Template)]
#[template(path = "customer/enrol.html")]
struct EnrolPage {
    p: Page,
    form: Form,
    action: &'static str,
    sealed_secret: String,
    qr: String,
    manual_key: String,
    uri: String,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "customer/recovery_codes.html")]
struct CodesPage {
    p: Page,
    codes: Vec<String>,
    next: &'static str,
    first: bool,
}

/// `GET /totp`.
pub async fn enrol_form(State(state): State<AppState>, visitor: Visitor) -> Result<Response, Fault> {
    begin(&state, &visitor, Area::Customer).await
}

/// `GET /staff/totp`.
pub async fn staff_enrol_form(State(state): State<AppState>, visitor: Visitor) -> Result<Response, Fault> {
    begin(&state, &visitor, Area::Staff).await
}

/// `POST /totp`.
pub async fn confirm_enrolment(
    State(state): State<AppState>,
    visitor: Visitor,
    fields: CodeFields,
) -> Result<Response, Fault> {
    confirm(&state, visitor, Area::Customer, fields).await
}

/// `POST /staff/totp`.
pub async fn staff_confirm_enrolment(
    State(state): State<AppState>,
    visitor: Visitor,
    fields: CodeFields,
) -> Result<Response, Fault> {
    confirm(&state, visitor, Area::Staff, fields).await
}

/// The page of recovery codes, which are shown this once.
pub fn codes_page(p: Page, codes: Vec<String>, next: &'static str, first: bool) -> Result<Response, Fault> {
    let view = CodesPage {
        p,
        codes,
        next,
        first,
    };
    Ok(Html(view.render()?).into_response())
}

async fn begin(state: &AppState, visitor: &Visitor, area: Area) -> Result<Response, Fault> {
    let Some(session) = visitor.session.clone() else {
        return Ok(Redirect::to(area.sign_in()).into_response());
    };
    let (ambient, keyring, login) = (state.ambient.clone(), state.keyring.clone(), session.login);
    let begun = state
        .db
        .write_async(move |tx| {
            let first = logins::by_id(tx, login)?.is_none_or(|login| login.must_change_password);
            if area == Area::Staff && first {
                return Ok(None);
            }
            logins::begin_totp(tx, &ambient, &keyring, login).map(Some)
        })
        .await?;
    let Some(begun) = begun else {
        return Ok(Redirect::to("/staff/sign-in/password").into_response());
    };
    match begun {
        Enrolment::Show(secret) => show(state, visitor, area, &session, &secret, None),
        Enrolment::AlreadyEnrolled => Ok(Redirect::to(area.code()).into_response()),
    }
}

/// The secret goes along sealed, so that a mistyped code does not make a new one to scan.
pub(super) fn show(
    state: &AppState,
    visitor: &Visitor,
    area: Area,
    session: &Session,
    secret: &Secret,
    wrong: Option<&str>,
) -> Result<Response, Fault> {
    let p = visitor.page(state).titled("enrol-title", Tab::None);
    let uri = secret.otpauth_uri(p.brand_name(), account_label(session));
    let mut form = Form::default();
    if let Some(key) = wrong {
        form.refuse("code", p.t(key));
    }
    let refused = wrong.is_some();
    let view = EnrolPage {
        sealed_secret: hex::encode(&state.keyring.seal(&context(session), secret.as_bytes())),
        qr: qr_svg(&uri).ok_or_else(|| Fault::new(Kind::Internal))?,
        manual_key: in_groups(&secret.to_base32()),
        action: area.enrol(),
        uri,
        form,
        problem: None,
        p,
    };
    reply(&view, refused)
}

async fn confirm(
    state: &AppState,
    mut visitor: Visitor,
    area: Area,
    fields: CodeFields,
) -> Result<Response, Fault> {
    let (form, before) = match fields {
        CodeFields::Sent { form, before } => (form, before),
        CodeFields::Again { form, token, session } => {
            visitor.csrf = session.csrf.clone();
            visitor.session = Some(*session);
            (form, Some(token))
        }
    };
    let session = visitor.session.clone().ok_or_else(|| Fault::new(Kind::SignIn))?;
    let sent = Sent {
        before: before.ok_or_else(|| Fault::new(Kind::SignIn))?,
        secret: form.exact("secret").to_owned(),
        code: form.value("code").replace(' ', ""),
    };
    let (ambient, keyring, asked) = (state.ambient.clone(), state.keyring.clone(), session.clone());
    let (confirmation, token, has_totp) = state
        .db
        .write_async(move |tx| conclude(tx, &ambient, &keyring, area, &asked, &sent))
        .await?;
    if confirmation == Confirmation::NothingPending && has_totp {
        // The page of recovery codes was loaded again, which sends its form once more.
        return Ok(Redirect::to(area.enrolled()).into_response());
    }
    let (Confirmation::Enrolled { recovery_codes }, Some(token)) = (confirmation, token) else {
        let sealed = hex::decode(form.value("secret"));
        let opened = sealed.and_then(|sealed| state.keyring.unseal(&context(&session), &sealed).ok());
        return match opened {
            Some(plain) => {
                let secret = Secret::from_bytes(plain.to_vec());
                show(state, &visitor, area, &session, &secret, Some("code-wrong"))
            }
            None => Ok(Redirect::to(area.enrol()).into_response()),
        };
    };
    state.tokens.forget_login(session.login);
    let p = visitor.page(state).titled("codes-title", Tab::None);
    let mut response = codes_page(p, recovery_codes, area.home(), true)?;
    door::set(state, &mut response, area.cookie(), token.as_str());
    Ok(response)
}

/// What the form of an enrolment brings.
struct Sent {
    /// The session's token as the browser sent it.
    before: Token,
    /// Sealed, as the page had it.
    secret: String,
    code: String,
}

/// How it ended, the session's token when it is enrolled, and whether an authenticator was enrolled before.
fn conclude(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    area: Area,
    session: &Session,
    sent: &Sent,
) -> Result<(Confirmation, Option<Token>, bool), Fault> {
    let (now, login, who) = (ambient.now(), session.login, session.who);
    logins::wait_for_codes(tx, now, keyring, login)?;
    let before = logins::by_id(tx, login)?;
    if area == Area::Staff && before.as_ref().is_none_or(|login| login.must_change_password) {
        return Err(Fault::new(Kind::Forbidden));
    }
    let has_totp = before.is_some_and(|login| login.has_totp);
    if let Some((recovery_codes, token)) = shown_just_now(tx, now, keyring, session, sent)? {
        let confirmation = Confirmation::Enrolled { recovery_codes };
        return Ok((confirmation, Some(token), has_totp));
    }
    let form = (sent.secret.as_str(), sent.code.as_str());
    let confirmation = logins::confirm_totp_by_form(tx, now, keyring, login, form)?;
    let token = match confirmation {
        Confirmation::Enrolled { .. } => {
            let made_of = (&sent.before, sent.code.as_str());
            sessions::raise_with_code(tx, ambient, keyring, session.id, made_of)?
        }
        Confirmation::WrongCode | Confirmation::NothingPending => None,
    };
    let replaced = token.is_some() && has_totp;
    if replaced {
        // Whoever held the old authenticator is signed out, and the customer is told.
        logins::end_all_access(tx, now, login, Some(session.id))?;
        door::tell(tx, ambient, keyring, who, &Message::SecondFactorChanged)?;
    }
    if token.is_some() {
        let action = if replaced {
            "staff.authenticator_replaced"
        } else {
            "staff.authenticator_enrolled"
        };
        door::note_staff(tx, ambient, who, action)?;
        door::note_staff(tx, ambient, who, "staff.sign_in")?;
    }
    Ok((confirmation, token, has_totp))
}

/// The button was pressed twice, and the only copy of the codes was perhaps never read: the very same form
/// from the session that it raised, with the cookie from before or the new one, gets them again.
fn shown_just_now(
    tx: &mut Tx<'_>,
    now: Timestamp,
    keyring: &Keyring,
    session: &Session,
    sent: &Sent,
) -> Result<Option<(Vec<String>, Token)>, Fault> {
    let made_of = (&sent.before, sent.code.as_str());
    let token = match sessions::raised_just_now(tx, now, keyring, made_of)? {
        Some((_, token)) => token,
        None if session.raised_just_now(now) => sent.before.clone(),
        None => return Ok(None),
    };
    let form = (sent.secret.as_str(), sent.code.as_str());
    let codes = logins::recovery_codes_of_form(tx, keyring, session.login, form)?;
    Ok(codes.map(|codes| (codes, token)))
}

/// What the authenticator lists the wallet under; no personal data leaves this place.
fn account_label(session: &Session) -> &'static str {
    match session.who {
        logins::Who::Customer(_) => "wallet",
        logins::Who::Staff(_, staff::Role::Administrator) => "administration",
        logins::Who::Staff(..) => "staff",
    }
}

fn context(session: &Session) -> String {
    format!("web.enrol:{}", session.id)
}

/// `ABCD EFGH …`.
fn in_groups(text: &str) -> String {
    let groups: Vec<&str> = text
        .as_bytes()
        .chunks(4)
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(" ")
}

/// A QR code as one path, black on the white that surrounds it.
fn qr_svg(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        for x in (0..size).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    Some(format!(
        r##"<svg viewBox="0 0 {size} {size}" xmlns="http://www.w3.org/2000/svg"><path fill="#000" d="{path}"/></svg>"##
    ))
}
