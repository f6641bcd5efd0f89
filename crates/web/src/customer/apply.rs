use crate::fault::{Fault, Kind};
use crate::form::Form;
use crate::guard::{Fields, Meter, Visitor};
use crate::shell::{Page, Tab};
use crate::state::AppState;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use people::applications::{self, SubmitKey, SubmitOutcome};
use security::Token;

#[derive(Template)]
#[template(path = "customer/apply.html")]
struct ApplyPage {
    p: Page,
    form: Form,
    key: String,
    problem: Option<String>,
}

/// What a link to the form may fill in; numbers of a person or a telephone only in the demo: they
/// have no business in an address, and a stranger's link must not bring the stranger's number.
const FILLED_BY_LINKS: [&str; 5] = ["name", "income", "requested_limit", "resident_id", "phone"];
const FILLED_ANYWHERE: usize = 3;
/// Of one field, in octets.
const FILLED_MAX: usize = 60;

/// `GET /apply`. A link may fill in what its author knows, `?name=…&phone=…`; it agrees to nothing.
pub async fn apply_form(
    State(state): State<AppState>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let allowed = if state.links_fill_apply {
        &FILLED_BY_LINKS[..]
    } else {
        &FILLED_BY_LINKS[..FILLED_ANYWHERE]
    };
    let given = form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes())
        .filter(|(name, value)| allowed.contains(&name.as_ref()) && value.len() <= FILLED_MAX)
        .take(allowed.len())
        .map(|(name, value)| (name.into_owned(), value.into_owned()));
    page(&state, &visitor, Form::from_pairs(given), None)
}

/// `POST /apply`: everything that is wrong is said at once, beside its field.
pub async fn apply(
    State(state): State<AppState>,
    visitor: Visitor,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    visitor.meter(&state, Meter::Apply, state.request_limits.apply)?;
    let key = SubmitKey::parse(form.value("key")).ok_or_else(|| Fault::new(Kind::Stale))?;
    let today = state.zone.civil(visitor.now).date();
    let draft = match read(&form, &visitor).parse(today) {
        Ok(draft) => draft,
        Err(problems) => {
            for problem in &problems {
                form.refuse(problem.field.word(), problem.text(visitor.language));
            }
            let text = visitor.page(&state).t("apply-correct-these");
            return page(&state, &visitor, form, Some(text));
        }
    };
    let (ambient, keyring) = (state.ambient.clone(), state.keyring.clone());
    let outcome = state
        .db
        .write_async(move |tx| applications::submit(tx, &ambient, &keyring, &key, &draft))
        .await?;
    match &outcome {
        SubmitOutcome::Submitted(_, token) => {
            Ok(Redirect::to(&format!("/apply/progress/{token}")).into_response())
        }
        SubmitOutcome::Duplicate | SubmitOutcome::TooSoon { .. } | SubmitOutcome::KeyReused => {
            let text = outcome.refusal(visitor.language);
            page(&state, &visitor, form, text)
        }
    }
}

/// The browser's form as `people` reads it: the chosen kind of document decides which text counts.
fn read(form: &Form, visitor: &Visitor) -> applications::Form {
    let document = match form.value("kind") {
        "passport" => form.value("mrz"),
        _ => form.value("resident_id"),
    };
    applications::Form {
        name: form.value("name").to_owned(),
        phone: form.value("phone").to_owned(),
        document: document.to_owned(),
        income: form.value("income").to_owned(),
        requested_limit: form.value("requested_limit").to_owned(),
        language: visitor.language.tag().to_owned(),
        email: form.value("email").to_owned(),
        zone: String::new(),
        consent: form.value("consent") == "yes",
    }
}

fn page(state: &AppState, visitor: &Visitor, form: Form, problem: Option<String>) -> Result<Response, Fault> {
    let refused = form.has_errors() || problem.is_some();
    let view = ApplyPage {
        p: visitor.page(state).titled("apply-title", Tab::None),
        form,
        // A refused form is another request, and gets a key of its own.
        key: Token::generate(&state.ambient.rng).as_str().to_owned(),
        problem,
    };
    let status = if refused {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok((status, Html(view.render()?)).into_response())
}
