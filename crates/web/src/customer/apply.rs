use super::call_time::{self, Choice};
use crate::bookings;
use crate::fault::{Fault, Kind};
use crate::form::Form;
use crate::guard::{Fields, Meter, Visitor};
use crate::shell::{Page, Tab, reply};
use crate::state::AppState;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use base::OperatorZone;
use calls::bookings::windows;
use people::applications::{self, SubmitKey, SubmitOutcome};
use security::Token;

#[derive(Template)]
#[template(path = "customer/apply.html")]
struct ApplyPage {
    p: Page,
    form: Form,
    key: String,
    /// Whose clock the times to choose from are read by.
    zone: String,
    /// The same, as people say it.
    clock: String,
    /// Empty where nobody is called.
    times: Vec<Choice>,
    problem: Option<String>,
}

/// What a link to the form may fill in; numbers of a person or a telephone only in the demo: they
/// have no business in an address, and a stranger's link must not bring the stranger's number.
const FILLED_BY_LINKS: [&str; 6] = [
    "name",
    "income",
    "requested_limit",
    "zone",
    "resident_id",
    "phone",
];
const FILLED_ANYWHERE: usize = 4;
/// Of one field, in octets.
const FILLED_MAX: usize = 60;

/// `GET /apply`. A link may fill in what its author knows, `?name=…&phone=…`; it agrees to nothing.
/// The page's script asks again with the browser's `zone`.
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
    let key = key.of_form(&visitor.csrf);
    let draft = read(&form, &visitor)
        .parse(&bookings::terms(&state, visitor.now))
        .and_then(|mut draft| {
            let chosen = bookings::choose(&state, visitor.now, &mut draft, form.value("call_time"));
            chosen.map(|()| draft).map_err(|problem| vec![problem])
        });
    let draft = match draft {
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
        zone: zone_of(form).map_or(String::new(), |zone| zone.name().to_owned()),
        consent: form.value("consent") == "yes",
    }
}

/// The browser's, as the page's script found it; one that we do not know is as none.
fn zone_of(form: &Form) -> Option<OperatorZone> {
    OperatorZone::named(form.value("zone")).ok()
}

fn page(state: &AppState, visitor: &Visitor, form: Form, problem: Option<String>) -> Result<Response, Fault> {
    let refused = form.has_errors() || problem.is_some();
    let p = visitor.page(state).titled("apply-title", Tab::None);
    let zone = zone_of(&form).unwrap_or_else(|| state.zone.clone());
    let policy = &state.call_policy;
    let times = if policy.concurrent_calls > 0 {
        let windows = windows(policy, &zone, visitor.now);
        call_time::choices(&p, &zone, &windows, None, form.value("call_time"))
    } else {
        Vec::new()
    };
    let view = ApplyPage {
        clock: call_time::whose_clock(&p, zone.name()),
        zone: zone.name().to_owned(),
        times,
        p,
        form,
        // A refused form is another request, and gets a key of its own.
        key: Token::generate(&state.ambient.rng).as_str().to_owned(),
        problem,
    };
    reply(&view, refused)
}
