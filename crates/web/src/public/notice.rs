use crate::customer::notices::window;
use crate::fault::Fault;
use crate::guard::Visitor;
use crate::shell::{Page, Tab};
use crate::state::AppState;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use calls::notices::{self, NoticeState, Purpose};

#[derive(Template)]
#[template(path = "public/is_this_you.html")]
struct IsThisYouPage {
    p: Page,
}

/// `/is-this-you`: the official number, and why it proves nothing.
pub async fn is_this_you(State(state): State<AppState>, visitor: Visitor) -> Result<Html<String>, Fault> {
    let p = visitor.page(&state).titled("isthisyou-title", Tab::None);
    Ok(Html(IsThisYouPage { p }.render()?))
}

#[derive(Template)]
#[template(path = "public/notice.html")]
struct NoticePage {
    p: Page,
    open: bool,
    state: String,
    headline: String,
    window: String,
    purpose: String,
}

/// `/n/{token}`: one call's announcement; it names nobody.
pub async fn public_notice(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Html<String>, Fault> {
    let notice = state
        .db
        .read_async(move |tx| notices::by_public_token(tx, &token))
        .await?
        .ok_or_else(Fault::not_found)?;
    let p = visitor.page(&state).titled("notice-label", Tab::None);
    let (headline, label) = match notice.state {
        NoticeState::Announced => ("notice-head-planned", "notice-state-planned"),
        NoticeState::Calling => ("notice-head-now", "notice-state-now"),
        NoticeState::Over => ("notice-head-done", "notice-state-done"),
    };
    let view = NoticePage {
        open: notice.state != NoticeState::Over,
        state: p.t(label),
        headline: p.t(headline),
        window: window(&p, &notice),
        purpose: p.t(purpose_key(notice.purpose)),
        p,
    };
    Ok(Html(view.render()?))
}

pub(crate) fn purpose_key(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Payment => "purpose-payment",
        Purpose::Application => "purpose-application",
        Purpose::Number => "purpose-number",
    }
}
