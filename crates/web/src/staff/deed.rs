//! What the audit log's codes say, in the reader's words.

use crate::shell::Page;
use security::four_eyes::Action;

/// `None` for a code of a version that is newer than this one, which stands for itself.
pub fn words(p: &Page, code: &str) -> Option<String> {
    match code.split_once('.') {
        Some(("request", "withdraw")) => Some(p.t("staff-did-withdraw")),
        Some(("request", action)) => asked(p, "staff-did-request", action),
        Some(("approve", action)) => asked(p, "staff-did-approve", action),
        Some(("refuse", action)) => asked(p, "staff-did-refuse", action),
        _ => alone(code).map(|key| p.t(key)),
    }
}

fn asked(p: &Page, key: &str, code: &str) -> Option<String> {
    let action = Action::ALL.into_iter().find(|action| action.code() == code)?;
    let what = p.t(match action {
        Action::ReleasePayment => "staff-act-release",
        Action::VoidPayment => "staff-act-void",
        Action::UnfreezeWallet => "staff-act-unfreeze",
        Action::ActivateReferred => "staff-act-activate",
        Action::DeclineReferred => "staff-act-decline",
        Action::ChangePhone => "staff-act-number",
        Action::ResetStaff => "staff-act-reset",
    });
    Some(p.t1(key, "what", what))
}

fn alone(code: &str) -> Option<&'static str> {
    Some(match code {
        "case.view" => "staff-did-case-view",
        "payment.view" => "staff-did-payment-view",
        "application.view" => "staff-did-application-view",
        "wallet.view" => "staff-did-wallet-view",
        "case.number.view" => "staff-did-number-view",
        "application.file.view" => "staff-did-file-view",
        "recording.play" => "staff-did-recording-play",
        "application.ask_documents" => "staff-did-ask-documents",
        "application.disowned" => "staff-did-disowned",
        "number.verified" => "staff-did-number-verified",
        "wallet.freeze" => "staff-did-wallet-freeze",
        "staff.added" => "staff-did-added",
        "staff.role" => "staff-did-role",
        "staff.reset" => "staff-did-reset",
        "staff.closed" => "staff-did-closed",
        "staff.sign_in" => "staff-did-sign-in",
        "staff.sign_out" => "staff-did-sign-out",
        "staff.locked_out" => "staff-did-locked-out",
        "staff.password_changed" => "staff-did-password",
        "staff.authenticator_enrolled" => "staff-did-enrolled",
        "staff.authenticator_replaced" => "staff-did-replaced",
        _ => return None,
    })
}
