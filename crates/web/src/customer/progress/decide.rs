//! What an applicant decides: to supply, to object, to withdraw, to begin.

use super::page::{after, follow, page};
use crate::fault::Fault;
use crate::guard::{Fields, Meter, Upload, Visitor};
use crate::state::AppState;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use people::applications::{self, FileKind, Supply};
use people::customers;
use security::invitations;
use support::notify::{self, Message, Recipient};

/// How often the welcome link is sent again at most.
const LINK_AGAIN_SECS: i64 = 120;

/// `POST …/withdraw`.
pub async fn withdraw(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    _: Fields,
) -> Result<Response, Fault> {
    let id = follow(&state, &token).await?.application.id;
    let ambient = state.ambient.clone();
    let moved = state
        .db
        .write_async(move |tx| applications::withdraw(tx, &ambient, id))
        .await?;
    after(&state, &visitor, token, moved).await
}

/// `POST …/appeal`: a declined applicant asks for a person, once.
pub async fn appeal(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    visitor.meter(&state, Meter::Apply, state.request_limits.apply)?;
    let grounds = form.value("grounds").to_owned();
    if grounds.chars().count() < 5 {
        form.refuse("grounds", visitor.page(&state).t("progress-appeal-empty"));
        return page(&state, &visitor, token, form, None).await;
    }
    let id = follow(&state, &token).await?.application.id;
    let (ambient, keyring) = (state.ambient.clone(), state.keyring.clone());
    let moved = state
        .db
        .write_async(move |tx| applications::appeal(tx, &ambient, &keyring, id, &grounds))
        .await?;
    after(&state, &visitor, token, moved).await
}

/// `POST …/documents`: files, a corrected name, or a lower limit.
pub async fn supply_documents(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    Upload { mut form, files }: Upload,
) -> Result<Response, Fault> {
    let files = files.into_iter().map(|bytes| (FileKind::Other, bytes)).collect();
    let supply = match Supply::parse(form.value("name"), form.value("requested_limit"), files) {
        Ok(supply) => supply,
        Err(problems) => {
            for problem in &problems {
                form.refuse(problem.field.word(), problem.text(visitor.language));
            }
            return page(&state, &visitor, token, form, None).await;
        }
    };
    let id = follow(&state, &token).await?.application.id;
    let (ambient, keyring) = (state.ambient.clone(), state.keyring.clone());
    let moved = state
        .db
        .write_async(move |tx| applications::supply_documents(tx, &ambient, &keyring, id, &supply))
        .await?;
    after(&state, &visitor, token, moved).await
}

/// `POST …/open`: the welcome link once more, to the number that was verified: whoever merely has
/// this page's address does not get it.
pub async fn open_wallet(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
    _: Fields,
) -> Result<Response, Fault> {
    visitor.meter(&state, Meter::SignIn, state.request_limits.sign_in)?;
    let followed = follow(&state, &token).await?;
    let id = followed.application.id;
    let Some(customer) = followed.application.customer.filter(|_| !followed.has_login) else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let (ambient, keyring) = (state.ambient.clone(), state.keyring.clone());
    let home = state.brand.public_url.trim_end_matches('/').to_owned();
    // One message in so many seconds, however often the button is pressed.
    let subject = format!("{id}-again-{}", visitor.now.as_secs() / LINK_AGAIN_SECS);
    state
        .db
        .write_async(move |tx| {
            let customer = customers::by_id(tx, customer)?.ok_or_else(Fault::not_found)?;
            let (phone, language) = (&customer.phone, customer.language);
            let issued = invitations::issue(tx, &ambient, &keyring, customer.id, phone, language)?;
            let to = Recipient {
                customer: Some(customer.id),
                phone: customer.phone,
                email: customer.email,
                language,
            };
            let welcome_link = format!("{home}/welcome/{}", issued.as_str());
            let message = Message::ApplicationApproved { welcome_link };
            notify::send(tx, &ambient, &keyring, &to, &message, &subject)?;
            Ok::<_, Fault>(())
        })
        .await?;
    Ok(Redirect::to(&format!("/apply/progress/{token}?done=sent")).into_response())
}
