use super::door;
use super::enrol::{self, Area};
use crate::fault::{Fault, Kind};
use crate::form::Form;
use crate::guard::{CodeFields, Meter, Visitor, desk_path, device_label, local_path};
use crate::shell::{Page, Tab, reply};
use crate::state::AppState;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect, Response};
use base::Ambient;
use security::Token;
use security::lockouts::Verdict;
use security::logins::{self, Recovery};
use security::sealing::Keyring;
use security::sessions::{self, Session};
use serde::Deserialize;
use store::Tx;

#[derive(Template)]
#[template(path = "customer/sign_in_code.html")]
struct CodePage {
    p: Page,
    form: Form,
    action: &'static str,
    next: String,
    problem: Option<String>,
}

#[derive(Deserialize, Default)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// `GET /sign-in/code`.
pub async fn code_form(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(query): Query<Next>,
) -> Result<Response, Fault> {
    ask(&state, &visitor, Area::Customer, local_path(&query.next)).await
}

/// `GET /staff/sign-in/code`.
pub async fn staff_code_form(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(query): Query<Next>,
) -> Result<Response, Fault> {
    ask(&state, &visitor, Area::Staff, desk_path(&query.next)).await
}

/// `POST /sign-in/code`.
pub async fn enter_code(
    State(state): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
    fields: CodeFields,
) -> Result<Response, Fault> {
    enter(&state, visitor, Area::Customer, fields, device_label(&headers)).await
}

/// `POST /staff/sign-in/code`.
pub async fn staff_enter_code(
    State(state): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
    fields: CodeFields,
) -> Result<Response, Fault> {
    enter(&state, visitor, Area::Staff, fields, device_label(&headers)).await
}

async fn ask(state: &AppState, visitor: &Visitor, area: Area, next: String) -> Result<Response, Fault> {
    let Some(session) = &visitor.session else {
        return Ok(Redirect::to(area.sign_in()).into_response());
    };
    let login_id = session.login;
    let login = state.db.read_async(move |tx| logins::by_id(tx, login_id)).await?;
    if area == Area::Staff && login.as_ref().is_some_and(|login| login.must_change_password) {
        return Ok(Redirect::to("/staff/sign-in/password").into_response());
    }
    if login.is_some_and(|login| !login.has_totp) {
        return Ok(Redirect::to(area.enrol()).into_response());
    }
    let p = visitor.page(state).titled("code-title", Tab::None);
    let view = CodePage {
        p,
        form: Form::default(),
        action: area.code(),
        next,
        problem: None,
    };
    Ok(Html(view.render()?).into_response())
}

/// Six digits are the authenticator's; anything else is tried as a recovery code.
async fn enter(
    state: &AppState,
    visitor: Visitor,
    area: Area,
    fields: CodeFields,
    label: String,
) -> Result<Response, Fault> {
    let (form, before) = match fields {
        CodeFields::Again { form, token, .. } => return Ok(entered(state, area, &form, &token)),
        CodeFields::Sent { form, before } => (form, before),
    };
    visitor.meter(state, Meter::SignIn, state.request_limits.sign_in)?;
    let session = visitor.session.clone().ok_or_else(|| Fault::new(Kind::SignIn))?;
    let code = form.value("code").replace(' ', "");
    let digits = code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
    if code.is_empty() {
        // Nothing was tried.
        return refuse(state, &visitor, area, form, None);
    }
    let (ambient, keyring) = (state.ambient.clone(), state.keyring.clone());
    if !digits {
        let login = session.login;
        let recovery = state
            .db
            .write_async(move |tx| logins::begin_recovery(tx, &ambient, &keyring, login, &code))
            .await?;
        return match recovery {
            Recovery::Show(secret) => enrol::show(state, &visitor, area, &session, &secret, None),
            Recovery::Refused(verdict) => {
                door::note_lock_out(state, Some(session.who), verdict).await?;
                refuse(state, &visitor, area, form, Some(verdict))
            }
        };
    }
    if session.second_factor_at.is_some() {
        // The first press of the button has brought them in.
        return Ok(Redirect::to(&area.way_back(form.value("next"))).into_response());
    }
    let before = before.ok_or_else(|| Fault::new(Kind::SignIn))?;
    let who = session.who;
    let proof = Proof { before, code, label };
    let (verdict, token) = state
        .db
        .write_async(move |tx| prove(tx, &ambient, &keyring, area, &session, &proof))
        .await?;
    match token {
        Some(token) => Ok(entered(state, area, &form, &token)),
        None => {
            door::note_lock_out(state, Some(who), verdict).await?;
            refuse(state, &visitor, area, form, Some(verdict))
        }
    }
}

/// What a browser brings to be let in.
struct Proof {
    /// The session's token until now.
    before: Token,
    code: String,
    label: String,
}

fn prove(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    area: Area,
    session: &Session,
    proof: &Proof,
) -> Result<(Verdict, Option<Token>), Fault> {
    let now = ambient.now();
    // The first password was somebody else's choice: with it nobody gets further.
    let first = logins::by_id(tx, session.login)?.is_none_or(|login| login.must_change_password);
    if area == Area::Staff && first {
        return Err(Fault::new(Kind::Forbidden));
    }
    logins::wait_for_codes(tx, now, keyring, session.login)?;
    let made_of = (&proof.before, proof.code.as_str());
    if let Some((_, token)) = sessions::raised_just_now(tx, now, keyring, made_of)? {
        return Ok((Verdict::Passed, Some(token)));
    }
    let verdict = logins::check_totp(tx, now, keyring, session.login, &proof.code)?;
    let token = match verdict {
        Verdict::Passed => sessions::raise_with_code(tx, ambient, keyring, session.id, made_of)?,
        Verdict::Failed { .. } | Verdict::Locked { .. } => None,
    };
    if token.is_some() {
        door::note_staff(tx, ambient, session.who, "staff.sign_in")?;
    }
    if token.is_some() && session.device_enrolled_at.is_none() {
        door::tell_new_device(tx, ambient, keyring, session, &proof.label)?;
    }
    Ok((verdict, token))
}

fn entered(state: &AppState, area: Area, form: &Form, token: &Token) -> Response {
    let mut response = Redirect::to(&area.way_back(form.value("next"))).into_response();
    door::set(state, &mut response, area.cookie(), token.as_str());
    response
}

/// `verdict` is none where nothing was tried.
fn refuse(
    state: &AppState,
    visitor: &Visitor,
    area: Area,
    mut form: Form,
    verdict: Option<Verdict>,
) -> Result<Response, Fault> {
    let p = visitor.page(state).titled("code-title", Tab::None);
    let next = area.way_back(form.value("next"));
    let text = match verdict {
        None => p.t("code-slip"),
        Some(verdict) => {
            let (key, until) = door::refusal(verdict, &p.calendar, "code-wrong");
            p.t1(key, "until", until)
        }
    };
    form.forget("code");
    form.refuse("code", text);
    let view = CodePage {
        p,
        form,
        action: area.code(),
        next,
        problem: None,
    };
    reply(&view, true)
}
