use super::{holder, refuse_code, refuse_slip};
use crate::fault::{Fault, Kind};
use crate::form::Form;
use crate::freezes::{self, Lifting};
use crate::guard::{Customer, Fields};
use crate::shell::{Page, Tab, reply};
use crate::sign_in::codes_page;
use crate::state::AppState;
use ::money::wallets::{self, Frozen};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use security::lockouts::Verdict;
use security::sessions::OpenSession;
use security::{SecurityError, logins, sessions};
use serde::Deserialize;

/// A freeze, and whether the customer may lift it alone.
pub struct Freeze {
    why: String,
    own: bool,
}

pub struct DeviceRow {
    name: String,
    when: String,
    here: bool,
}

#[derive(Template)]
#[template(path = "customer/security.html")]
struct SecurityPage {
    p: Page,
    form: Form,
    frozen: Option<Freeze>,
    codes_left: i64,
    devices: Vec<DeviceRow>,
    done: Option<String>,
    problem: Option<String>,
}

#[derive(Deserialize, Default)]
pub struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /security`.
pub async fn security(
    State(state): State<AppState>,
    customer: Customer,
    Query(done): Query<Done>,
) -> Result<Response, Fault> {
    let key = match done.done.as_str() {
        "frozen" => Some("freeze-done"),
        "unfrozen" => Some("unfreeze-done"),
        "others" => Some("devices-out-done"),
        "enrolled" => Some("enrol-done"),
        _ => None,
    };
    page(&state, &customer, Form::default(), key, None).await
}

/// `POST /security/freeze`: at once, with nothing more to prove.
pub async fn freeze(State(state): State<AppState>, customer: Customer, _: Fields) -> Result<Response, Fault> {
    let wallet = holder(&state, &customer).await?.wallet.id;
    let ambient = state.ambient.clone();
    state
        .db
        .write_async(move |tx| wallets::freeze(tx, &ambient, wallet, freezes::BY_CUSTOMER, ""))
        .await?;
    Ok(Redirect::to("/security?done=frozen").into_response())
}

/// `POST /security/unfreeze`: the customer's own freeze, with a second factor.
pub async fn unfreeze(
    State(state): State<AppState>,
    customer: Customer,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    let Some(code) = form.six_digits("code") else {
        refuse_slip(&customer.visitor.page(&state), &mut form, "code");
        return page(&state, &customer, form, None, None).await;
    };
    let wallet = holder(&state, &customer).await?.wallet.id;
    let (ambient, keyring, login) = (
        state.ambient.clone(),
        state.keyring.clone(),
        customer.session.login,
    );
    let lifted = state
        .db
        .write_async(move |tx| freezes::lift(tx, &ambient, &keyring, login, wallet, (&code, "")))
        .await?;
    match lifted {
        Lifting::Done => Ok(Redirect::to("/security?done=unfrozen").into_response()),
        Lifting::NotAlone => Err(Fault::new(Kind::Forbidden)),
        Lifting::Refused(verdict) => {
            refuse_code(&customer.visitor.page(&state), &mut form, "code", verdict);
            page(&state, &customer, form, None, None).await
        }
    }
}

/// `POST /security/recovery-codes`: a new set, shown once.
pub async fn renew_codes(
    State(state): State<AppState>,
    customer: Customer,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    let Some(code) = form.six_digits("renew") else {
        refuse_slip(&customer.visitor.page(&state), &mut form, "renew");
        return page(&state, &customer, form, None, None).await;
    };
    let (ambient, keyring, login) = (
        state.ambient.clone(),
        state.keyring.clone(),
        customer.session.login,
    );
    let (verdict, codes, is_repeat) = state
        .db
        .write_async(move |tx| {
            let verdict = logins::check_totp(tx, ambient.now(), &keyring, login, &code)?;
            let codes = match verdict {
                Verdict::Passed => logins::renew_recovery_codes(tx, &ambient, &keyring, login)?,
                Verdict::Failed { .. } | Verdict::Locked { .. } => Vec::new(),
            };
            let is_repeat = matches!(verdict, Verdict::Failed { .. })
                && logins::was_just_used(tx, ambient.now(), &keyring, login, &code)?;
            Ok::<_, SecurityError>((verdict, codes, is_repeat))
        })
        .await?;
    if verdict == Verdict::Passed {
        let p = customer.page(&state, "codes-title", Tab::None);
        return codes_page(p, codes, "/security", false);
    }
    let p = customer.visitor.page(&state);
    if is_repeat {
        // The answer to the first press was made and never seen.
        form.refuse("renew", p.t("second-renew-twice"));
    }
    refuse_code(&p, &mut form, "renew", verdict);
    page(&state, &customer, form, None, None).await
}

/// `POST /security/sign-out-others`.
pub async fn sign_out_others(
    State(state): State<AppState>,
    customer: Customer,
    _: Fields,
) -> Result<Response, Fault> {
    let (now, login, keep) = (state.ambient.now(), customer.session.login, customer.session.id);
    state
        .db
        .write_async(move |tx| sessions::revoke_all(tx, now, login, Some(keep)))
        .await?;
    state.tokens.forget_login(login);
    Ok(Redirect::to("/security?done=others").into_response())
}

async fn page(
    state: &AppState,
    customer: &Customer,
    form: Form,
    done: Option<&str>,
    problem: Option<String>,
) -> Result<Response, Fault> {
    let holder = holder(state, customer).await?;
    let (login, now) = (customer.session.login, customer.visitor.now);
    let (codes_left, open) = state
        .db
        .read_async(move |tx| {
            let left = logins::recovery_codes_left(tx, login)?;
            Ok::<_, SecurityError>((left, sessions::list(tx, login, now)?))
        })
        .await?;
    let mut p = customer.page(state, "nav-security", Tab::Security);
    p.unread = holder.unread;
    let refused = form.has_errors() || problem.is_some();
    let view = SecurityPage {
        form,
        frozen: holder.wallet.frozen.as_ref().map(|frozen| Freeze::of(&p, frozen)),
        codes_left,
        devices: open
            .iter()
            .map(|session| DeviceRow::of(&p, session, customer))
            .collect(),
        done: done.map(|key| p.t(key)),
        problem,
        p,
    };
    reply(&view, refused)
}

impl Freeze {
    fn of(p: &Page, frozen: &Frozen) -> Self {
        Self {
            why: p.t1(
                freezes::text_key(&frozen.by),
                "when",
                p.calendar.moment(frozen.at),
            ),
            own: freezes::customer_may_lift(&frozen.by),
        }
    }
}

impl DeviceRow {
    fn of(p: &Page, session: &OpenSession, customer: &Customer) -> Self {
        Self {
            name: session.device_label.clone(),
            when: p.t1("devices-seen", "when", p.calendar.moment(session.opened_at)),
            here: session.id == customer.session.id,
        }
    }
}
