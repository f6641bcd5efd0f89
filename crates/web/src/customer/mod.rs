//! The customer's pages: apply, home, pay, held payment, activity, calls, security, messages.

mod activity;
mod apply;
pub(crate) mod call_time;
mod home;
mod inbox;
pub(crate) mod notices;
mod pay;
mod pay_review;
mod payment_page;
mod payments;
mod phone;
mod progress;
mod rows;
mod security;
mod status;
mod top_up;

pub use activity::activity;
pub use apply::{apply, apply_form};
pub use home::{home, receive};
pub use inbox::inbox;
pub use notices::notices;
pub use pay::{pay, pay_form, review};
pub use payment_page::Step;
pub use payments::{confirm, payment, receipt, stop};
pub use phone::{phone, verify_phone};
pub use progress::{
    appeal, book_call, call_again, correct_phone, open_wallet, progress, supply_documents, withdraw,
};
pub use security::{freeze, renew_codes, security, sign_out_others, unfreeze};
pub use top_up::{top_up, top_up_form};

use crate::fault::{Fault, Kind};
use crate::form::Form;
use crate::guard::Customer;
use crate::shell::Page;
use crate::state::AppState;
use ::security::lockouts::Verdict;
use base::CustomerId;
use money::Wallet;

/// What every page of a customer shows of them.
struct Holder {
    wallet: Wallet,
    unread: u32,
}

/// The customer's wallet. A moment after the approval it may still be on its way.
async fn holder(state: &AppState, customer: &Customer) -> Result<Holder, Fault> {
    let id = customer.id;
    let found = state
        .db
        .read_async(move |tx| {
            let wallet = money::wallets::by_customer(tx, id)?;
            let unread = unread(tx, id)?;
            Ok::<_, Fault>(wallet.map(|wallet| Holder { wallet, unread }))
        })
        .await?;
    found.ok_or_else(|| {
        let mut fault = Fault::new(Kind::Unavailable);
        fault.detail = Some(crate::words::say(customer.visitor.language, "home-no-wallet"));
        fault
    })
}

/// How many messages wait, as the navigation shows it.
fn unread(tx: &mut store::Tx<'_>, customer: CustomerId) -> Result<u32, Fault> {
    Ok(support::notify::unread(tx, customer)?.clamp(0, 99) as u32)
}

/// Says beside its field that what was typed is no code, and forgets it.
fn refuse_slip(p: &Page, form: &mut Form, field: &str) {
    form.forget(field);
    form.refuse(field, p.t("code-slip"));
}

/// Says beside its field why a code was not accepted, and forgets it.
fn refuse_code(p: &Page, form: &mut Form, field: &str, verdict: Verdict) {
    let text = match verdict {
        Verdict::Locked { until } => p.t1("signin-locked", "until", p.calendar.soon(until)),
        Verdict::Passed | Verdict::Failed { .. } => p.t("code-wrong"),
    };
    form.forget(field);
    form.refuse(field, text);
}
