//! The desk's door: a name and a password; the first one is changed before anything else.

use super::door;
use super::password::{Next, attempt, leave};
use crate::fault::{Fault, Kind};
use crate::form::Form;
use crate::guard::{Cookie, Fields, Meter, Visitor, desk_path};
use crate::shell::{Page, Tab, reply};
use crate::state::AppState;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use security::lockouts::Subject;
use security::logins;
use security::passwords::{self, PersonalData};

#[derive(Template)]
#[template(path = "staff/sign_in.html")]
struct StaffSignInPage {
    p: Page,
    form: Form,
    next: String,
    unsent: bool,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "staff/password.html")]
struct StaffPasswordPage {
    p: Page,
    form: Form,
}

/// `GET /staff/sign-in`.
pub async fn staff_sign_in_form(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(query): Query<Next>,
) -> Result<Response, Fault> {
    let p = visitor.page(&state).titled("staff-signin-title", Tab::None);
    let unsent = !query.ended.is_empty();
    let view = StaffSignInPage {
        form: Form::default(),
        next: desk_path(&query.next),
        unsent,
        problem: unsent.then(|| p.t("signin-ended")),
        p,
    };
    reply(&view, false)
}

/// `POST /staff/sign-in`.
pub async fn staff_sign_in(
    State(state): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    visitor.meter(&state, Meter::SignIn, state.request_limits.sign_in)?;
    let p = visitor.page(&state).titled("staff-signin-title", Tab::None);
    let password = form.exact("password").to_owned();
    form.forget("password");
    let next = desk_path(form.value("next"));
    let (keyring, name) = (state.keyring.clone(), form.value("name").to_owned());
    let subject = Subject::staff_name(&keyring, &name);
    let login = state
        .db
        .read_async(move |tx| logins::by_staff_name(tx, &keyring, &name))
        .await?;
    let who = login.as_ref().map(|login| login.who);
    match attempt(&state, login, subject, password).await? {
        Ok(login) => {
            let first = login.must_change_password;
            let opened = door::open_session(&state, &headers, login).await?;
            let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            let to = if first {
                "/staff/sign-in/password".to_owned()
            } else {
                format!("/staff/sign-in/code?next={next}")
            };
            let mut response = Redirect::to(&to).into_response();
            door::keep_session(&state, &mut response, &opened, Cookie::Staff);
            Ok(response)
        }
        Err(verdict) => {
            door::note_lock_out(&state, who, verdict).await?;
            let (key, until) = door::refusal(verdict, &p.calendar, "staff-signin-wrong");
            let problem = Some(p.t1(key, "until", until));
            let view = StaffSignInPage {
                p,
                form,
                next,
                unsent: false,
                problem,
            };
            reply(&view, true)
        }
    }
}

/// `GET /staff/sign-in/password`: the first password was somebody else's choice.
pub async fn staff_password_form(State(state): State<AppState>, visitor: Visitor) -> Result<Response, Fault> {
    if visitor.session.is_none() {
        return Ok(Redirect::to("/staff/sign-in").into_response());
    }
    let p = visitor.page(&state).titled("staff-password-title", Tab::None);
    let form = Form::default();
    reply(&StaffPasswordPage { p, form }, false)
}

/// `POST /staff/sign-in/password`.
pub async fn staff_change_password(
    State(state): State<AppState>,
    visitor: Visitor,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    let session = visitor.session.clone().ok_or_else(|| Fault::new(Kind::SignIn))?;
    let p = visitor.page(&state).titled("staff-password-title", Tab::None);
    let login_id = session.login;
    let login = state
        .db
        .read_async(move |tx| logins::by_id(tx, login_id))
        .await?
        .filter(|login| login.must_change_password)
        .ok_or_else(|| Fault::new(Kind::Forbidden))?;
    let password = form.exact("password").to_owned();
    let problems = passwords::problems(&password, &PersonalData::default());
    let known = door::password_matches(&state, Some(login.clone()), password.clone()).await?;
    if known {
        // Whoever handed it over knows it.
        form.refuse("password", p.t("staff-password-known"));
    } else if let Some(problem) = problems.first() {
        form.refuse("password", problem.text(p.language));
    } else if password != form.exact("again") {
        form.refuse("again", p.t("welcome-differs"));
    }
    form.forget("password");
    form.forget("again");
    if form.has_errors() {
        return reply(&StaffPasswordPage { p, form }, true);
    }
    let hash = door::hash(&state, password).await?;
    let ambient = state.ambient.clone();
    state
        .db
        .write_async(move |tx| {
            logins::change_password(tx, &ambient, login.id, &hash, Some(session.id))?;
            door::note_staff(tx, &ambient, session.who, "staff.password_changed")
        })
        .await?;
    Ok(Redirect::to("/staff/sign-in/code").into_response())
}

/// `POST /staff/sign-out`.
pub async fn staff_sign_out(
    State(state): State<AppState>,
    visitor: Visitor,
    _: Fields,
) -> Result<Response, Fault> {
    leave(&state, visitor.session, Cookie::Staff, "/staff/sign-in").await
}
