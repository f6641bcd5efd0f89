use super::desk::{self, Ask, Asked, Asking, DetailPage, Fact, Find, ListPage, Names, Said, Wish};
use super::pending::Pending;
use super::table::{Cell, Table};
use crate::fault::Fault;
use crate::form::Form;
use crate::freezes;
use crate::guard::{Fields, Staffer};
use crate::shell::Page;
use crate::state::AppState;
use crate::words::money;
use ::money::wallets as room;
use ::money::{Wallet, WalletNumber};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use base::{Amount, PhoneNumber, WalletId};
use people::customers;
use security::audit::{self, Actor};
use security::four_eyes::Action;
use security::staff::Permission;

/// Wallets that are looked through for frozen ones, a page at a time.
const LOOKED_THROUGH: usize = 20_000;
const AT_ONCE: usize = 1_000;
const REASON_CHARACTERS: usize = 200;

/// `GET /staff/wallets`: those that are frozen, and a way to any other.
pub async fn wallets(State(state): State<AppState>, staffer: Staffer) -> Result<Response, Fault> {
    list(&state, &staffer, Form::default()).await
}

/// `POST /staff/wallets/find`: by wallet or telephone number, which stays out of the address.
pub async fn find_wallet(
    State(state): State<AppState>,
    staffer: Staffer,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    staffer.may(Permission::ViewCustomers)?;
    let wanted = form.value("find").to_owned();
    let found = state
        .db
        .read_async(move |tx| {
            if let Ok(number) = WalletNumber::parse(&wanted) {
                return Ok(room::by_number(tx, &number)?);
            }
            let Ok(phone) = PhoneNumber::parse(&wanted) else {
                return Ok(None);
            };
            Ok::<_, Fault>(match customers::by_phone(tx, &phone)? {
                Some(customer) => room::by_customer(tx, customer.id)?,
                None => None,
            })
        })
        .await?;
    match found {
        Some(wallet) => Ok(Redirect::to(&format!("/staff/wallets/{}", wallet.id)).into_response()),
        None => {
            form.refuse("find", staffer.visitor.page(&state).t("staff-find-none"));
            list(&state, &staffer, form).await
        }
    }
}

async fn list(state: &AppState, staffer: &Staffer, form: Form) -> Result<Response, Fault> {
    staffer.may(Permission::ViewCustomers)?;
    let frozen = state
        .db
        .read_async(|tx| {
            let mut frozen: Vec<Wallet> = Vec::new();
            let mut after = None;
            for _ in 0..LOOKED_THROUGH / AT_ONCE {
                let page = room::list(tx, after, AT_ONCE)?;
                let full = page.len() == AT_ONCE;
                after = page.last().map(|wallet| wallet.id);
                frozen.extend(page.into_iter().filter(|wallet| wallet.frozen.is_some()));
                if !full {
                    break;
                }
            }
            Ok::<_, Fault>(frozen)
        })
        .await?;
    let names = desk::names(state).await?;
    let p = desk::frame(state, staffer, &names, "staff-frozen", "wallets");
    let columns = vec![
        p.t("staff-frozen-since"),
        p.t("staff-col-customer"),
        p.t("staff-col-wallet"),
        format!("#{}", p.t("staff-col-balance")),
        p.t("staff-frozen-by"),
    ];
    let mut table = Table::new(p.t("staff-frozen"), p.t("staff-none-frozen"), columns);
    for wallet in &frozen {
        let Some(freeze) = &wallet.frozen else {
            continue;
        };
        table.push(vec![
            Cell::text(p.calendar.moment(freeze.at)),
            Cell::link(wallet.name.clone(), format!("/staff/wallets/{}", wallet.id)),
            Cell::text(wallet.number.to_string()),
            Cell::text(money(Amount::new(wallet.posted_minor, wallet.currency))),
            Cell::why(p.t(by_key(&freeze.by))),
        ]);
    }
    let mut view = ListPage::new(p, table);
    view.heading = Some(view.p.t("staff-frozen-list"));
    view.find = Some(Find {
        action: "/staff/wallets/find",
        label: view.p.t("staff-find"),
        hint: view.p.t("staff-find-hint"),
        form,
    });
    view.show()
}

/// Who froze it, as staff read it.
fn by_key(by: &str) -> &'static str {
    match freezes::text_key(by) {
        "frozen-own" => "staff-frozen-own",
        "frozen-staff" => "staff-frozen-staff",
        _ => "staff-frozen-stop",
    }
}

/// `GET /staff/wallets/{id}`.
pub async fn wallet(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let done = match asked.done.as_str() {
        "asked" => Some("staff-requested"),
        "frozen" => Some("staff-froze"),
        _ => None,
    };
    page(&state, &staffer, &id, Said::done(done)).await
}

/// `POST /staff/wallets/{id}/freeze`: one person may, at once, with a reason; two lift it.
pub async fn freeze(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(mut form): Fields,
) -> Result<Response, Fault> {
    staffer.may(Permission::FreezeWallets)?;
    let wallet: WalletId = id.parse().map_err(|_| Fault::not_found())?;
    let reason: String = form.value("freeze").chars().take(REASON_CHARACTERS).collect();
    if reason.is_empty() {
        form.refuse("freeze", staffer.visitor.page(&state).t("staff-reason-missing"));
        return page(&state, &staffer, &id, Said::refused(form)).await;
    }
    let (ambient, by) = (state.ambient.clone(), staffer.id);
    let frozen = state
        .db
        .write_async(move |tx| {
            let voided = room::freeze(tx, &ambient, wallet, &freezes::by_staff(by), &reason)?;
            if voided.is_some() {
                let (actor, subject) = (Actor::Staff(by), wallet.to_string());
                audit::record(tx, &ambient, &actor, "wallet.freeze", &subject, &reason)?;
            }
            Ok::<_, Fault>(voided)
        })
        .await?;
    match frozen {
        Some(_) => Ok(Redirect::to(&format!("/staff/wallets/{wallet}?done=frozen")).into_response()),
        None => page(&state, &staffer, &id, Said::problem("staff-could-not-now")).await,
    }
}

/// `POST /staff/wallets/{id}/unfreeze`.
pub async fn ask_unfreeze(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    Fields(form): Fields,
) -> Result<Response, Fault> {
    staffer.may(Permission::RequestActions)?;
    let wallet: WalletId = id.parse().map_err(|_| Fault::not_found())?;
    let wish = Wish {
        action: Action::UnfreezeWallet,
        subject: wallet.to_string(),
        payload: String::new(),
        field: "unfreeze",
        ends_by: None,
        form,
    };
    match desk::ask(&state, &staffer, wish).await? {
        Asking::Waits => Ok(Redirect::to(&format!("/staff/wallets/{wallet}?done=asked")).into_response()),
        Asking::Refused(said) => page(&state, &staffer, &id, said).await,
    }
}

async fn page(state: &AppState, staffer: &Staffer, id: &str, said: Said) -> Result<Response, Fault> {
    staffer.may(Permission::ViewCustomers)?;
    let id: WalletId = id.parse().map_err(|_| Fault::not_found())?;
    let now = staffer.visitor.now;
    let (wallet, waiting) = state
        .db
        .read_async(move |tx| {
            let wallet = room::by_id(tx, id)?.ok_or_else(Fault::not_found)?;
            let waiting = desk::waiting(tx, now, &[Action::UnfreezeWallet], &id.to_string())?;
            Ok::<_, Fault>((wallet, waiting))
        })
        .await?;
    let names = desk::names(state).await?;
    let p = desk::frame(state, staffer, &names, "staff-frozen", "wallets");
    let back = ("/staff/wallets", "staff-frozen");
    let mut view = DetailPage::new(p, back, wallet.name.clone(), said);
    let p = &view.p;
    let (key, tone) = if wallet.frozen.is_some() {
        ("frozen-pill", "stop")
    } else {
        ("staff-wallet-open", "ok")
    };
    (view.state, view.tone) = (p.t(key), tone);
    view.facts = facts(p, &names, &wallet);
    view.asks = asks(p, staffer, &wallet, waiting.is_some());
    view.pending = waiting.map(|request| Pending::of(p, &names, &wallet.name, staffer, &request));
    view.show()
}

fn facts(p: &Page, names: &Names, wallet: &Wallet) -> Vec<Fact> {
    let amount = |minor| money(Amount::new(minor, wallet.currency));
    let mut facts = vec![
        Fact::new(p.t("staff-col-wallet"), wallet.number.to_string()),
        Fact::link(
            p.t("signin-phone"),
            wallet.phone.masked(),
            format!("/staff/wallets/{}/number", wallet.id),
        ),
        Fact::new(
            p.t("home-available"),
            amount(wallet.posted_minor - wallet.held_minor),
        ),
        Fact::new(p.t("staff-on-hold"), amount(wallet.held_minor)),
    ];
    if let Some(freeze) = &wallet.frozen {
        facts.push(Fact::new(p.t("staff-frozen-since"), p.calendar.moment(freeze.at)));
        let member = freeze.by.strip_prefix("staff:").and_then(|id| id.parse().ok());
        let by = match member.and_then(|id| names.get(&id)) {
            Some(name) => name.clone(),
            None => p.t(by_key(&freeze.by)),
        };
        facts.push(Fact::new(p.t("staff-frozen-by"), by));
        if member.is_some() && !freeze.reason.is_empty() {
            facts.push(Fact::new(p.t("staff-col-why"), freeze.reason.clone()));
        }
        let lift = if freezes::customer_may_lift(&freeze.by) {
            "staff-lift-customer"
        } else {
            "staff-lift-two"
        };
        facts.push(Fact::new(p.t("staff-lift"), p.t(lift)));
    }
    facts
}

fn asks(p: &Page, staffer: &Staffer, wallet: &Wallet, is_asked_for: bool) -> Vec<Ask> {
    let id = wallet.id;
    let may = |permission| staffer.may(permission).is_ok();
    let lightly = wallet
        .frozen
        .as_ref()
        .is_none_or(|frozen| freezes::customer_may_lift(&frozen.by));
    let mut asks = Vec::new();
    if lightly && may(Permission::FreezeWallets) {
        let (title, text) = ("staff-freeze", "staff-freeze-text");
        let freeze = Ask::of_two(p, format!("/staff/wallets/{id}/freeze"), "freeze", title, text);
        asks.push(Ask {
            button: p.t("staff-freeze-do"),
            ..freeze.dangerous()
        });
    }
    if wallet.frozen.is_some() && !is_asked_for && may(Permission::RequestActions) {
        let (title, text) = ("staff-unfreeze", "staff-unfreeze-text");
        let action = format!("/staff/wallets/{id}/unfreeze");
        asks.push(Ask::of_two(p, action, "unfreeze", title, text));
    }
    asks
}
