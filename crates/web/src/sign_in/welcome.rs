use super::door;
use crate::fault::Fault;
use crate::form::Form;
use crate::guard::{Cookie, Fields, Meter, Visitor};
use crate::shell::{Page, Tab, reply};
use crate::state::AppState;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use base::PhoneNumber;
use people::customers;
use security::Token;
use security::invitations::{self, Redeemed};
use security::logins;
use security::passwords::{self, PersonalData};

#[derive(Template)]
#[template(path = "customer/welcome_password.html")]
struct WelcomePage {
    p: Page,
    form: Form,
    token: String,
    name: String,
    phone: String,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "error.html")]
struct GonePage {
    p: Page,
    icon: &'static str,
    title: String,
    detail: String,
    remedy: String,
    href: &'static str,
    action: String,
    unsent: bool,
    again: bool,
}

/// Whom a link invites.
struct Invited {
    name: String,
    phone: PhoneNumber,
    personal: PersonalData,
}

/// `GET /welcome/{token}`: the first password.
pub async fn welcome_form(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, Fault> {
    visitor.meter(&state, Meter::SignIn, state.request_limits.sign_in)?;
    match invited(&state, &token).await? {
        Some(invited) => page(&state, &visitor, token, &invited, Form::default()),
        None => gone(&state, &visitor),
    }
}

/// `POST /welcome/{token}`: makes the login and goes on to the authenticator.
pub async fn redeem_welcome(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    headers: HeaderMap,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    visitor.meter(&state, Meter::SignIn, state.request_limits.sign_in)?;
    let Some(invited) = invited(&state, &token).await? else {
        return gone(&state, &visitor);
    };
    let password = form.exact("password").to_owned();
    let problems = passwords::problems(&password, &invited.personal);
    if let Some(problem) = problems.first() {
        form.refuse("password", problem.text(visitor.language));
    } else if password != form.exact("again") {
        form.refuse("again", visitor.page(&state).t("welcome-differs"));
    }
    form.forget("password");
    form.forget("again");
    if form.has_errors() {
        return page(&state, &visitor, token, &invited, form);
    }
    let hash = door::hash(&state, password).await?;
    let Some(parsed) = Token::parse(&token) else {
        return gone(&state, &visitor);
    };
    let (ambient, keyring) = (state.ambient.clone(), state.keyring.clone());
    let login = state
        .db
        .write_async(move |tx| {
            Ok::<_, Fault>(
                match invitations::redeem(tx, &ambient, &keyring, &parsed, &hash)? {
                    Redeemed::Redeemed(login) => logins::by_id(tx, login)?,
                    Redeemed::Gone | Redeemed::LoginExists => None,
                },
            )
        })
        .await?;
    let Some(login) = login else {
        return gone(&state, &visitor);
    };
    let opened = door::open_session(&state, &headers, login).await?;
    let mut response = Redirect::to("/totp").into_response();
    door::keep_session(&state, &mut response, &opened, Cookie::Session);
    Ok(response)
}

async fn invited(state: &AppState, token: &str) -> Result<Option<Invited>, Fault> {
    let Some(token) = Token::parse(token) else {
        return Ok(None);
    };
    let (keyring, now) = (state.keyring.clone(), state.ambient.now());
    state
        .db
        .read_async(move |tx| {
            let Some(invitation) = invitations::find(tx, &keyring, &token, now)? else {
                return Ok(None);
            };
            let customer = customers::by_id(tx, invitation.customer)?;
            Ok::<_, Fault>(customer.map(|customer| Invited {
                personal: PersonalData {
                    phone: Some(invitation.phone.clone()),
                    birth_date: Some((
                        i32::from(customer.birth_date.year()),
                        customer.birth_date.month() as u8,
                        customer.birth_date.day() as u8,
                    )),
                    name: Some(customer.name.clone()),
                    account_name: None,
                },
                name: customer.name,
                phone: invitation.phone,
            }))
        })
        .await
}

fn page(
    state: &AppState,
    visitor: &Visitor,
    token: String,
    invited: &Invited,
    form: Form,
) -> Result<Response, Fault> {
    let mut p = visitor.page(state);
    p.title = p.t1("welcome-title", "name", &invited.name);
    let refused = form.has_errors();
    let view = WelcomePage {
        p,
        form,
        token,
        name: invited.name.clone(),
        phone: invited.phone.to_string(),
        problem: None,
    };
    reply(&view, refused)
}

fn gone(state: &AppState, visitor: &Visitor) -> Result<Response, Fault> {
    let p = visitor.page(state).titled("welcome-gone", Tab::None);
    let view = GonePage {
        icon: "clock",
        title: p.t("welcome-gone"),
        detail: p.t("welcome-gone-text"),
        remedy: String::new(),
        href: "/sign-in",
        action: p.t("signin-do"),
        unsent: false,
        again: false,
        p,
    };
    Ok((StatusCode::GONE, Html(view.render()?)).into_response())
}
