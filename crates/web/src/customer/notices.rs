use super::activity::Cursor;
use super::call_time::{foreign_zone, in_zone};
use super::holder;
use super::status::Strip;
use crate::fault::Fault;
use crate::guard::Customer;
use crate::shell::{Page, Tab};
use crate::state::AppState;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use base::{CaseId, Timestamp};
use calls::CallPolicy;
use calls::cases::{self, Case, CaseKind};
use calls::notices::{self, Notice, NoticeId, NoticeState, Purpose};
use calls::status::{self, CallStatus};
use money::{Payment, PaymentState, wallets};

/// Announced calls on one page.
const PAGE: usize = 20;

/// An announced call, as a card.
pub struct Card {
    pub href: String,
    pub open: bool,
    pub label: String,
    pub window: String,
    pub title: String,
    pub text: String,
}

/// A notice with what its case is about.
struct Announced {
    notice: Notice,
    case: Option<Case>,
    /// With its payee's name, as the payer may see it.
    payment: Option<(Payment, String)>,
    answered: bool,
}

impl Card {
    /// `answered` is whether somebody is on the call, so that it no longer rings.
    pub fn new(p: &Page, notice: &Notice, payment: Option<&(Payment, String)>, answered: bool) -> Self {
        let title = match (notice.purpose, payment) {
            (Purpose::Payment, Some((payment, payee))) => {
                p.t2("notice-title-payment-to", "name", payee, "amount", payment.amount)
            }
            (Purpose::Payment, None) => p.t("notice-title-payment"),
            (Purpose::Application, _) => p.t("notice-title-application"),
            (Purpose::Number, _) => p.t("notice-title-number"),
        };
        let label = match notice.state {
            NoticeState::Announced => "notice-label",
            NoticeState::Calling if answered => "notice-label-on-call",
            NoticeState::Calling => "notice-label-now",
            NoticeState::Over => "notice-label-done",
        };
        let text = p.t1("notice-text", "number", &notice.number);
        Self {
            href: match payment {
                Some((payment, _)) => format!("/payments/{}", payment.id),
                None => format!("/n/{}", notice.token),
            },
            open: notice.state != NoticeState::Over,
            label: p.t(label),
            window: match notice.state {
                NoticeState::Announced => span(p, notice, notice.window_from, notice.window_until),
                NoticeState::Calling => p.t("notice-now"),
                NoticeState::Over => p.calendar.moment(notice.window_from),
            },
            title,
            text: match notice.state {
                NoticeState::Announced => beside_zone(p, notice, text),
                // No time of that clock is shown any more.
                NoticeState::Calling | NoticeState::Over => text,
            },
        }
    }

    /// The case knows when the next attempt is due; the notice, when the first was.
    pub fn due(mut self, p: &Page, notice: &Notice, case: Option<&Case>) -> Self {
        if let Some(case) = case.filter(|_| notice.state == NoticeState::Announced) {
            let booked = notice.purpose == Purpose::Application && case.due < notice.window_until;
            let until = if booked {
                notice.window_until
            } else {
                case.deadline
            };
            self.window = span(p, notice, case.due, until);
        }
        self
    }
}

/// The announced window by the clock of whoever is called, and whose clock that is.
pub(crate) fn window(p: &Page, notice: &Notice) -> String {
    let window = span(p, notice, notice.window_from, notice.window_until);
    beside_zone(p, notice, window)
}

fn span(p: &Page, notice: &Notice, from: Timestamp, until: Timestamp) -> String {
    let zone = notice.zone.as_ref().unwrap_or(&p.calendar.zone);
    in_zone(p, zone).window(from, until)
}

fn beside_zone(p: &Page, notice: &Notice, text: String) -> String {
    match foreign_zone(p, notice.zone.as_ref()) {
        Some(zone) => format!("{text} · {zone}"),
        None => text,
    }
}

/// The customer's announced calls; only those still to come where `open_only`.
pub async fn cards(
    state: &AppState,
    p: &Page,
    customer: &Customer,
    open_only: bool,
) -> Result<Vec<Card>, Fault> {
    let id = customer.id;
    let (policy, now) = (state.call_policy.clone(), customer.visitor.now);
    let announced = state
        .db
        .read_async(move |tx| {
            let latest = notices::for_customer(tx, id)?;
            announced(tx, &policy, now, latest, open_only)
        })
        .await?;
    Ok(written(p, &announced))
}

fn written(p: &Page, announced: &[Announced]) -> Vec<Card> {
    announced
        .iter()
        .map(|one| {
            let card = Card::new(p, &one.notice, one.payment.as_ref(), one.answered);
            card.due(p, &one.notice, one.case.as_ref())
        })
        .collect()
}

fn announced(
    tx: &mut store::Tx<'_>,
    policy: &CallPolicy,
    now: Timestamp,
    notices: Vec<Notice>,
    open_only: bool,
) -> Result<Vec<Announced>, Fault> {
    let mut found = Vec::new();
    for notice in notices {
        if open_only && notice.state == NoticeState::Over {
            continue;
        }
        let case = cases::get_readable(tx, notice.case)?;
        let payment = match case.as_ref().map(|case| case.kind) {
            Some(CaseKind::PaymentConfirmation(payment)) => money::payments::get(tx, payment)?,
            _ => None,
        };
        let payment = match payment {
            Some(payment) => {
                let payee = wallets::other_name(tx, &payment, payment.payer.account)?;
                Some((payment, payee))
            }
            None => None,
        };
        // Decided a moment ago: nobody calls about it, even if the notice has not heard yet.
        let decided = payment
            .as_ref()
            .is_some_and(|(payment, _)| payment.state != PaymentState::Held);
        if open_only && decided {
            continue;
        }
        let answered = notice.state == NoticeState::Calling && is_answered(tx, policy, now, notice.case)?;
        found.push(Announced {
            notice,
            case,
            payment,
            answered,
        });
    }
    Ok(found)
}

/// Whether somebody is on a call of this case.
pub(super) fn is_answered(
    tx: &mut store::Tx<'_>,
    policy: &CallPolicy,
    now: Timestamp,
    case: CaseId,
) -> Result<bool, Fault> {
    let status = status::for_case(tx, policy, now, case)?;
    Ok(matches!(status, CallStatus::OnCall { .. }))
}

#[derive(Template)]
#[template(path = "customer/notices.html")]
struct NoticesPage {
    p: Page,
    strip: Strip,
    cards: Vec<Card>,
    next: Option<String>,
}

/// `GET /notices`.
pub async fn notices(
    State(state): State<AppState>,
    customer: Customer,
    Query(cursor): Query<Cursor>,
) -> Result<Html<String>, Fault> {
    let before: Option<NoticeId> = match &cursor.cursor {
        Some(text) => Some(text.parse().map_err(|_| Fault::not_found())?),
        None => None,
    };
    let holder = holder(&state, &customer).await?;
    let mut p = customer.page(&state, "notices-title", Tab::Within).live();
    p.unread = holder.unread;
    let strip = Strip::now(&state, &p, &customer, "/is-this-you").await?;
    let id = customer.id;
    let (policy, now) = (state.call_policy.clone(), customer.visitor.now);
    let (shown, next) = state
        .db
        .read_async(move |tx| {
            let mut page = notices::page(tx, id, before, PAGE + 1)?;
            let more = page.len() > PAGE;
            page.truncate(PAGE);
            let next = page.last().filter(|_| more).map(|notice| notice.id.to_string());
            Ok::<_, Fault>((announced(tx, &policy, now, page, false)?, next))
        })
        .await?;
    let cards = written(&p, &shown);
    let view = NoticesPage {
        p,
        strip,
        cards,
        next,
    };
    Ok(Html(view.render()?))
}
