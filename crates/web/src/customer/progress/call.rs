//! The call to an applicant: its number and its time.

use super::page::{after, back, follow, page};
use crate::bookings::not_offered;
use crate::fault::Fault;
use crate::form::Form;
use crate::guard::{Fields, Meter, Visitor};
use crate::state::AppState;
use axum::extract::{Path, State};
use axum::response::Response;
use calls::bookings::{self, Booked};
use people::applications::{self, Moved, PhoneCorrection};

/// `POST …/phone`: the number on file was wrong.
pub async fn correct_phone(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    visitor.meter(&state, Meter::Apply, state.request_limits.apply)?;
    let phone = match applications::parse_phone(form.value("phone"), &state.call_policy.countries) {
        Ok(phone) => phone,
        Err(problem) => {
            form.refuse("phone", problem.text(visitor.language));
            return page(&state, &visitor, token, form, None).await;
        }
    };
    let id = follow(&state, &token).await?.application.id;
    let ambient = state.ambient.clone();
    let corrected = state
        .db
        .write_async(move |tx| applications::correct_phone(tx, &ambient, id, &phone))
        .await?;
    let p = visitor.page(&state);
    match corrected {
        PhoneCorrection::Corrected | PhoneCorrection::CallAgain | PhoneCorrection::TooMany => {
            Ok(back(&token))
        }
        PhoneCorrection::Taken => {
            form.refuse("phone", p.t("progress-number-taken"));
            page(&state, &visitor, token, form, None).await
        }
        PhoneCorrection::NotNow(_) | PhoneCorrection::NotFound => {
            let text = p.t("progress-too-late");
            page(&state, &visitor, token, Form::default(), Some(text)).await
        }
    }
}

/// `POST …/call-again`: the number is right; with the time of the next call.
pub async fn call_again(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    let id = follow(&state, &token).await?.application.id;
    let (ambient, policy) = (state.ambient.clone(), state.call_policy.clone());
    let code = form.value("call_time").to_owned();
    let (booked, moved) = state
        .db
        .write_async(move |tx| {
            let booked = bookings::book(tx, &ambient, &policy, id, &code)?;
            Ok::<_, Fault>(match booked {
                Booked::NoSuchTime => (booked, Moved::Already),
                _ => (booked, applications::call_again(tx, &ambient, id)?),
            })
        })
        .await?;
    if booked == Booked::NoSuchTime {
        return no_such_time(&state, &visitor, token, form).await;
    }
    after(&state, &visitor, token, moved).await
}

/// `POST …/call-time`: another time for the call that is to come.
pub async fn book_call(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    visitor.meter(&state, Meter::Apply, state.request_limits.apply)?;
    let id = follow(&state, &token).await?.application.id;
    let (ambient, policy) = (state.ambient.clone(), state.call_policy.clone());
    let code = form.value("call_time").to_owned();
    let booked = state
        .db
        .write_async(move |tx| bookings::book(tx, &ambient, &policy, id, &code))
        .await?;
    let p = visitor.page(&state);
    match booked {
        Booked::Done => Ok(back(&token)),
        Booked::NoSuchTime => no_such_time(&state, &visitor, token, form).await,
        Booked::Calling => {
            let text = p.t1("calltime-calling", "number", p.number());
            page(&state, &visitor, token, Form::default(), Some(text)).await
        }
        Booked::TooLate | Booked::NotFound => {
            let text = p.t("progress-too-late");
            page(&state, &visitor, token, Form::default(), Some(text)).await
        }
    }
}

async fn no_such_time(
    state: &AppState,
    visitor: &Visitor,
    token: String,
    mut form: Form,
) -> Result<Response, Fault> {
    form.refuse("call_time", not_offered().text(visitor.language));
    page(state, visitor, token, form, None).await
}
