use super::door;
use crate::fault::Fault;
use crate::form::Form;
use crate::guard::{Fields, Meter, Visitor};
use crate::shell::{Page, Tab, reply};
use crate::state::AppState;
use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use base::PhoneNumber;
use security::lockouts::{Subject, Verdict};
use security::logins::{self, Recovered};
use security::passwords::{self, PersonalData};
use store::Tx;
use support::notify::Message;

#[derive(Template)]
#[template(path = "customer/recover.html")]
struct RecoverPage {
    p: Page,
    form: Form,
    problem: Option<String>,
}

/// `GET /recover`.
pub async fn recover_form(State(state): State<AppState>, visitor: Visitor) -> Result<Html<String>, Fault> {
    let p = visitor.page(&state).titled("recover-title", Tab::None);
    Ok(Html(
        RecoverPage {
            p,
            form: Form::default(),
            problem: None,
        }
        .render()?,
    ))
}

/// `POST /recover`: a new password for whoever has the authenticator and a recovery code.
pub async fn recover(
    State(state): State<AppState>,
    visitor: Visitor,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    visitor.meter(&state, Meter::SignIn, state.request_limits.sign_in)?;
    let p = visitor.page(&state).titled("recover-title", Tab::None);
    let password = form.exact("password").to_owned();
    form.forget("password");
    let phone = PhoneNumber::parse(form.value("phone")).ok();
    let personal = PersonalData {
        phone: phone.clone(),
        ..PersonalData::default()
    };
    if let Some(problem) = passwords::problems(&password, &personal).first() {
        form.refuse("password", problem.text(p.language));
        return refused(p, form, None);
    }
    let Some(code) = form.six_digits("code") else {
        form.forget("code");
        form.refuse("code", p.t("code-slip"));
        return refused(p, form, None);
    };
    let verdict = match phone {
        Some(phone) => replace(&state, phone, code, &form, password).await?,
        None => Verdict::Failed { attempts_left: 1 },
    };
    if verdict == Verdict::Passed {
        return Ok(Redirect::to("/sign-in?changed=1").into_response());
    }
    let (key, until) = door::refusal(verdict, &p.calendar, "recover-wrong");
    let problem = p.t1(key, "until", until);
    form.forget("code");
    refused(p, form, Some(problem))
}

/// Both proofs and the new password in one transaction; every device is signed out, and the
/// customer is told, wherever they are reached.
async fn replace(
    state: &AppState,
    phone: PhoneNumber,
    code: String,
    form: &Form,
    password: String,
) -> Result<Verdict, Fault> {
    let hash = door::hash(state, password.clone()).await?;
    let (ambient, keyring) = (state.ambient.clone(), state.keyring.clone());
    let subject = Subject::recovery(&keyring, &phone);
    let recovery = form.value("recovery").to_owned();
    let recovered = state
        .db
        .write_async(move |tx| {
            let proofs = (recovery.as_str(), code.as_str());
            let recovered = logins::recover_password(tx, &ambient, &keyring, &phone, proofs, &hash)?;
            if let Recovered::Changed(login) = &recovered {
                door::tell(tx, &ambient, &keyring, login.who, &Message::PasswordChanged)?;
            }
            Ok::<_, Fault>(recovered)
        })
        .await?;
    match recovered {
        Recovered::Refused(verdict) => Ok(verdict),
        Recovered::Changed(login) => {
            state.tokens.forget_login(login.id);
            Ok(Verdict::Passed)
        }
        Recovered::Repeated(login) => {
            // With the password that the first one set it is the same form; any other is a guess.
            let matched = door::password_matches(state, Some(login), password).await?;
            let now = state.ambient.now();
            let concluded = move |tx: &mut Tx<'_>| logins::conclude_password(tx, now, subject, matched);
            Ok(state.db.write_async(concluded).await?)
        }
    }
}

fn refused(p: Page, form: Form, problem: Option<String>) -> Result<Response, Fault> {
    reply(&RecoverPage { p, form, problem }, true)
}
