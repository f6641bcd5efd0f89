use super::door;
use crate::fault::Fault;
use crate::form::Form;
use crate::guard::{Cookie, Fields, Meter, Visitor, local_path};
use crate::shell::{Page, Tab, reply};
use crate::state::AppState;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect, Response};
use base::PhoneNumber;
use security::lockouts::{Subject, Verdict};
use security::logins::{self, Login};
use security::passwords;
use security::sessions::{self, Session};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "customer/sign_in.html")]
struct SignInPage {
    p: Page,
    form: Form,
    next: String,
    unsent: bool,
    done: Option<String>,
    problem: Option<String>,
}

#[derive(Deserialize, Default)]
pub struct Next {
    #[serde(default)]
    pub(super) next: String,
    #[serde(default)]
    changed: String,
    #[serde(default)]
    pub(super) ended: String,
}

/// `GET /sign-in`.
pub async fn sign_in_form(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(query): Query<Next>,
) -> Result<Response, Fault> {
    if visitor
        .session
        .as_ref()
        .is_some_and(|session| session.second_factor_at.is_some())
    {
        return Ok(Redirect::to("/").into_response());
    }
    let p = visitor.page(&state).titled("signin-title", Tab::None);
    let unsent = !query.ended.is_empty();
    let problem = unsent.then(|| p.t("signin-ended"));
    let done = (!query.changed.is_empty()).then(|| p.t("recover-done"));
    let next = local_path(&query.next);
    let view = SignInPage {
        p,
        form: Form::default(),
        next,
        unsent,
        done,
        problem,
    };
    reply(&view, false)
}

/// `POST /sign-in`: the password; the code follows.
pub async fn sign_in(
    State(state): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    visitor.meter(&state, Meter::SignIn, state.request_limits.sign_in)?;
    let p = visitor.page(&state).titled("signin-title", Tab::None);
    let password = form.exact("password").to_owned();
    form.forget("password");
    let next = local_path(form.value("next"));
    let phone = PhoneNumber::parse(form.value("phone"));
    if phone.is_err() {
        form.refuse("phone", p.t("api-phone"));
    }
    if password.is_empty() {
        form.refuse("password", p.t("signin-password-missing"));
    }
    // Beside its field, and no try is used up.
    let attempt = match phone {
        Ok(phone) if !form.has_errors() => {
            let keyring = state.keyring.clone();
            let subject = Subject::phone(&keyring, &phone);
            let login = state
                .db
                .read_async(move |tx| logins::by_phone(tx, &keyring, &phone))
                .await?;
            attempt(&state, login, subject, password).await?
        }
        Ok(_) | Err(_) => Err(Verdict::Failed { attempts_left: 1 }),
    };
    match attempt {
        Ok(login) => {
            let opened = door::open_session(&state, &headers, login).await?;
            let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            let mut response = Redirect::to(&format!("/sign-in/code?next={next}")).into_response();
            door::keep_session(&state, &mut response, &opened, Cookie::Session);
            Ok(response)
        }
        Err(verdict) => {
            let (key, until) = door::refusal(verdict, &p.calendar, "signin-wrong");
            let problem = (!form.has_errors()).then(|| p.t1(key, "until", until));
            let page = SignInPage {
                p,
                form,
                next,
                unsent: false,
                done: None,
                problem,
            }
            .render()?;
            Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response())
        }
    }
}

/// The login when the password is right and the door open.
pub(super) async fn attempt(
    state: &AppState,
    login: Option<Login>,
    subject: Subject,
    password: String,
) -> Result<Result<Login, Verdict>, Fault> {
    let matched = door::password_matches(state, login.clone(), password.clone()).await?;
    let now = state.ambient.now();
    let verdict = state
        .db
        .write_async(move |tx| logins::conclude_password(tx, now, subject, matched))
        .await?;
    let (Verdict::Passed, Some(login)) = (verdict, login) else {
        return Ok(Err(verdict));
    };
    if passwords::needs_rehash(&login.password_hash, state.password_cost) {
        let fresh = door::hash(state, password).await?;
        let id = login.id;
        state
            .db
            .write_async(move |tx| logins::rehash_password(tx, id, &fresh))
            .await?;
    }
    Ok(Ok(login))
}

/// `POST /sign-out`.
pub async fn sign_out(State(state): State<AppState>, visitor: Visitor, _: Fields) -> Result<Response, Fault> {
    leave(&state, visitor.session, Cookie::Session, "/sign-in").await
}

pub(super) async fn leave(
    state: &AppState,
    session: Option<Session>,
    cookie: Cookie,
    to: &str,
) -> Result<Response, Fault> {
    if let Some(session) = session {
        let ambient = state.ambient.clone();
        state
            .db
            .write_async(move |tx| {
                if sessions::revoke(tx, ambient.now(), session.login, session.id)? {
                    door::note_staff(tx, &ambient, session.who, "staff.sign_out")?;
                }
                Ok::<_, Fault>(())
            })
            .await?;
    }
    let mut response = Redirect::to(to).into_response();
    door::set(state, &mut response, cookie, "");
    Ok(response)
}
