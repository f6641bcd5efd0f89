//! What a member of staff does about a payment that its customer stopped on the telephone.

use super::desk::{self, Ask, DetailPage, Fact, Names};
use super::pending::Pending;
use crate::fault::Fault;
use crate::guard::Staffer;
use ::calls::cases::{self, Case, CaseKind, CaseState};
use ::money::{Payment, Wallet, wallets};
use base::{CaseId, Timestamp};
use security::four_eyes::{Action, Request};
use security::staff::Permission;
use store::Tx;

/// What is looked at before somebody acts.
pub struct Stopped {
    wallet: Wallet,
    /// The case of the call on which it was stopped.
    called: Option<CaseId>,
    waiting: Option<Request>,
}

/// `None` for a case that waits for nobody.
pub fn look(
    tx: &mut Tx<'_>,
    now: Timestamp,
    case: &Case,
    payment: Option<&Payment>,
) -> Result<Option<Stopped>, Fault> {
    let (CaseKind::Security(stopped), CaseState::ForStaff) = (case.kind, case.state) else {
        return Ok(None);
    };
    let Some(payer) = payment.and_then(|payment| payment.payer.wallet.as_ref()) else {
        return Ok(None);
    };
    let Some(wallet) = wallets::by_id(tx, payer.id)? else {
        return Ok(None);
    };
    let called = cases::by_kind(tx, CaseKind::PaymentConfirmation(stopped))?;
    let waiting = desk::waiting(tx, now, &[Action::UnfreezeWallet], &wallet.id.to_string())?;
    Ok(Some(Stopped {
        called: called.map(|case| case.id),
        wallet,
        waiting,
    }))
}

/// The steps, the ways to what they need, and the form that ends it.
pub fn show(view: &mut DetailPage, names: &Names, staffer: &Staffer, stopped: &Stopped) {
    let p = &view.p;
    let wallet = &stopped.wallet;
    view.reasons_title = p.t("staff-stopped");
    view.reasons = vec![
        p.t("staff-stopped-hear"),
        p.t1("staff-stopped-talk", "number", p.number()),
        p.t("staff-stopped-own"),
        p.t("staff-stopped-not-own"),
    ];
    if let Some(case) = stopped.called {
        let (name, href) = (case.to_string(), format!("/staff/cases/{case}"));
        view.facts
            .push(Fact::link(p.t("staff-stopped-call"), desk::short(&name), href));
    }
    let href = format!("/staff/wallets/{}", wallet.id);
    view.facts.push(Fact::link(
        p.t("staff-col-wallet"),
        wallet.number.to_string(),
        href.clone(),
    ));
    if let Some(request) = &stopped.waiting {
        view.pending = Some(Pending::of(p, names, &wallet.name, staffer, request));
    } else if wallet.frozen.is_some() && staffer.may(Permission::RequestActions).is_ok() {
        let (title, text) = ("staff-unfreeze", "staff-unfreeze-text");
        let ask = Ask::of_two(p, format!("{href}/unfreeze"), "unfreeze", title, text);
        view.asks.push(ask);
    }
}
