use super::door;
use crate::fault::{Fault, Kind};
use crate::form::Form;
use crate::guard::{Cookie, Fields, Visitor, desk_path, local_path};
use crate::hex;
use crate::shell::{Page, Tab, reply};
use crate::state::AppState;
use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use qrcodegen::{QrCode, QrCodeEcc};
use security::Token;
use security::logins::{self, Confirmation, Enrolment};
use security::sessions::{self, Session};
use security::staff;
use security::totp::Secret;
use std::fmt::Write;
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
    Fields(form): Fields,
) -> Result<Response, Fault> {
    confirm(&state, visitor, Area::Customer, form).await
}

/// `POST /staff/totp`.
pub async fn staff_confirm_enrolment(
    State(state): State<AppState>,
    visitor: Visitor,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    confirm(&state, visitor, Area::Staff, form).await
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

async fn confirm(state: &AppState, visitor: Visitor, area: Area, form: Form) -> Result<Response, Fault> {
    let session = visitor.session.clone().ok_or_else(|| Fault::new(Kind::SignIn))?;
    let code = form.value("code").replace(' ', "");
    let (ambient, keyring) = (state.ambient.clone(), state.keyring.clone());
    let (login, id, who) = (session.login, session.id, session.who);
    let (confirmation, token, has_totp) = state
        .db
        .write_async(move |tx| {
            let before = logins::by_id(tx, login)?;
            if area == Area::Staff && before.as_ref().is_none_or(|login| login.must_change_password) {
                return Err(Fault::new(Kind::Forbidden));
            }
            let confirmation = logins::confirm_totp(tx, &ambient, &keyring, login, &code)?;
            let token: Option<Token> = match confirmation {
                Confirmation::Enrolled { .. } => sessions::raise(tx, &ambient, id)?,
                Confirmation::WrongCode | Confirmation::NothingPending => None,
            };
            let has_totp = before.is_some_and(|login| login.has_totp);
            let replaced = token.is_some() && has_totp;
            if replaced {
                // Whoever held the old authenticator is signed out, and the customer is told.
                logins::end_all_access(tx, ambient.now(), login, Some(id))?;
                door::tell(tx, &ambient, &keyring, who, &Message::SecondFactorChanged)?;
            }
            if token.is_some() {
                let action = if replaced {
                    "staff.authenticator_replaced"
                } else {
                    "staff.authenticator_enrolled"
                };
                door::note_staff(tx, &ambient, who, action)?;
                door::note_staff(tx, &ambient, who, "staff.sign_in")?;
            }
            Ok::<_, Fault>((confirmation, token, has_totp))
        })
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
    state.tokens.forget_login(login);
    let p = visitor.page(state).titled("codes-title", Tab::None);
    let mut response = codes_page(p, recovery_codes, area.home(), true)?;
    door::set(state, &mut response, area.cookie(), token.as_str());
    Ok(response)
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
