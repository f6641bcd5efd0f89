use super::activity::Cursor;
use crate::fault::Fault;
use crate::guard::Customer;
use crate::shell::{Page, Tab};
use crate::state::AppState;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use base::Language;
use support::notify::{self, Message, MessageId, Wording};

const PAGE: usize = 20;

pub struct MessageRow {
    title: String,
    text: String,
    /// A page of ours that the text names.
    /// Address and label.
    link: Option<(String, String)>,
    when: String,
    unread: bool,
}

#[derive(Template)]
#[template(path = "customer/inbox.html")]
struct InboxPage {
    p: Page,
    messages: Vec<MessageRow>,
    next: Option<String>,
}

/// `GET /inbox`: what is shown counts as read.
pub async fn inbox(
    State(state): State<AppState>,
    customer: Customer,
    Query(cursor): Query<Cursor>,
) -> Result<Html<String>, Fault> {
    let before: Option<MessageId> = match &cursor.cursor {
        Some(text) => Some(text.parse().map_err(|_| Fault::not_found())?),
        None => None,
    };
    let (keyring, id, now) = (state.keyring.clone(), customer.id, customer.visitor.now);
    let mut items = state
        .db
        .read_async(move |tx| notify::inbox(tx, &keyring, id, before, PAGE as i64 + 1))
        .await?;
    let more = items.len() > PAGE;
    items.truncate(PAGE);
    if let Some(newest) = items
        .first()
        .filter(|item| item.read_at.is_none())
        .map(|item| item.id)
    {
        state
            .db
            .write_async(move |tx| notify::mark_read(tx, now, id, newest))
            .await?;
    }
    let p = customer.page(&state, "nav-messages", Tab::Messages);
    let wording = Wording {
        name_zh_hans: state.brand.name_zh_hans.clone(),
        name_en: state.brand.name_en.clone(),
        official_number: p.number().to_owned(),
        zone: state.zone.clone(),
    };
    let messages = items
        .iter()
        .map(|item| {
            let text = wording.text(&item.message, p.language);
            let (inside, link) = without_address(&text.inside, &p);
            let link = link.map(|path| (path, p.t("inbox-open")));
            MessageRow {
                title: text.title,
                text: inside,
                link: link.or_else(|| place(&item.message).map(|path| (path.to_owned(), p.t("inbox-see")))),
                when: p.calendar.moment(item.at),
                unread: item.read_at.is_none(),
            }
        })
        .collect();
    let next = items.last().filter(|_| more).map(|item| item.id.to_string());
    Ok(Html(InboxPage { p, messages, next }.render()?))
}

/// Where what a message tells of can be seen, when the message itself names no page.
fn place(message: &Message) -> Option<&'static str> {
    match message {
        Message::PaymentHeld { .. }
        | Message::PaymentHeldForStaff { .. }
        | Message::NoCallComes { .. }
        | Message::PaymentPosted { .. }
        | Message::PaymentVoided { .. }
        | Message::MoneyReceived { .. } => Some("/activity"),
        Message::WalletFrozen { .. }
        | Message::WalletFrozenByStop
        | Message::WalletUnfrozen
        | Message::NewSignIn { .. }
        | Message::PasswordChanged
        | Message::SecondFactorChanged => Some("/security"),
        Message::NumberFailed { .. } | Message::NumberChanged { .. } => Some("/security/phone"),
        _ => None,
    }
}

/// The same message goes out as a text, with the address of a page of ours spelt out; here that
/// address is a link beside the text.
fn without_address(text: &str, p: &Page) -> (String, Option<String>) {
    let public_url = p.brand.public_url.trim_end_matches('/');
    let Some(start) = text.find(public_url).filter(|_| !public_url.is_empty()) else {
        return (text.to_owned(), None);
    };
    let rest = &text[start + public_url.len()..];
    let path = rest
        .split(|c: char| !c.is_ascii_graphic())
        .next()
        .unwrap_or_default();
    if !path.starts_with('/') {
        return (text.to_owned(), None);
    }
    let before = text[..start].trim_end().trim_end_matches([':', '：']);
    let (stop, space) = match p.language {
        Language::En => (".", " "),
        Language::ZhHans => ("。", ""),
    };
    let after = rest[path.len()..].trim_start_matches([' ', '。', '.']);
    let text = format!(
        "{before}{stop}{}{after}",
        if after.is_empty() { "" } else { space }
    );
    (text, Some(path.to_owned()))
}
