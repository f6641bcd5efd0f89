use super::{Message, Text, VoidedBy, Wording};

pub fn text(message: &Message, wording: &Wording) -> Text {
    let (title, inside, outside) = match message {
        Message::PaymentHeld { .. }
        | Message::PaymentHeldForStaff { .. }
        | Message::NoCallComes { .. }
        | Message::PaymentPosted { .. }
        | Message::PaymentVoided { .. }
        | Message::MoneyReceived { .. } => about_money(message, wording),
        Message::CallComing { .. } | Message::MissedCall { .. } => about_a_call(message, wording),
        Message::ApplicationReceived { .. }
        | Message::MoreDocuments { .. }
        | Message::ApplicationApproved { .. }
        | Message::ApplicationDeclined { .. } => about_an_application(message),
        Message::WalletFrozen { .. }
        | Message::WalletFrozenByStop
        | Message::WalletUnfrozen
        | Message::NewSignIn { .. }
        | Message::PasswordChanged
        | Message::SecondFactorChanged => about_security(message, wording),
        Message::NumberFailed { .. } | Message::NumberChanged { .. } => about_the_number(message, wording),
    };
    Text {
        title: title.into(),
        inside,
        outside,
    }
}

type Parts = (&'static str, String, String);

fn about_money(message: &Message, wording: &Wording) -> Parts {
    let number = &wording.official_number;
    match message {
        Message::PaymentHeld { amount, payee, until } => (
            "A payment is on hold; we will call you",
            format!(
                "Your payment of {amount} to {payee} is on hold; no money has moved. We will call you from {number}. \
                 If it is not confirmed by {}, it stops by itself.",
                wording.time(*until)
            ),
            format!(
                "One of your payments is on hold and we will call you from {number} about it. \
                 See the app. We never ask for a password or a code."
            ),
        ),
        Message::PaymentHeldForStaff { amount, payee, until } => (
            "A payment is on hold",
            format!(
                "Your payment of {amount} to {payee} is on hold; no money has moved. We make no calls at present: \
                 our staff look at it. If nobody releases it by {}, it stops by itself. You can stop it in the app.",
                wording.time(*until)
            ),
            "One of your payments is on hold and our staff look at it. We will not call you about it. See the app."
                .to_owned(),
        ),
        Message::NoCallComes { amount, payee, until } => (
            "No further call comes",
            format!(
                "Your payment of {amount} to {payee} is still on hold, and we do not call you about it any more. \
                 Stop it in the app, and order it again later if you still want it. If you do nothing, it stops by \
                 itself by {}. No money has moved.",
                wording.time(*until)
            ),
            "We do not call you any more about a payment that is on hold. See the app. \
             We never ask for a password or a code."
                .to_owned(),
        ),
        Message::PaymentPosted { amount, payee } => (
            "Payment made",
            format!("{amount} went to {payee}."),
            "The payment that you confirmed was made; see the app.".into(),
        ),
        Message::PaymentVoided { amount, payee, by } => (
            "Payment stopped",
            format!(
                "Your payment of {amount} to {payee} did not go out: {}.",
                voided(*by)
            ),
            format!(
                "One of your payments did not go out: {}. See the app.",
                voided(*by)
            ),
        ),
        Message::MoneyReceived { amount, payer } => (
            "Money received",
            format!("{payer} paid you {amount}."),
            "You received money; see the app.".into(),
        ),
        other => unreachable!("{} is not about money", other.kind()),
    }
}

fn voided(by: VoidedBy) -> &'static str {
    match by {
        VoidedBy::Customer => "you stopped it",
        VoidedBy::Deadline => "it was not confirmed in time",
        VoidedBy::Staff => "our staff stopped it",
        VoidedBy::Freeze => "the wallet is frozen",
    }
}

fn about_a_call(message: &Message, wording: &Wording) -> Parts {
    let number = &wording.official_number;
    match message {
        Message::CallComing { notice_link } => {
            let body = format!(
                "We are about to call you from {number}. A displayed number can be faked: check it on this page first: \
                 {notice_link} We never ask for a password or a code."
            );
            ("We are about to call you", body.clone(), body)
        }
        Message::MissedCall { notice_link } => {
            let body = format!(
                "We called you from {number} and did not reach you. Check it, and what comes next: {notice_link}"
            );
            ("We did not reach you", body.clone(), body)
        }
        other => unreachable!("{} is not about a call", other.kind()),
    }
}

fn about_an_application(message: &Message) -> Parts {
    match message {
        Message::ApplicationReceived { progress_link } => {
            let body = format!("We have your application. See how it goes at any time: {progress_link}");
            ("Application received", body.clone(), body)
        }
        Message::MoreDocuments { progress_link } => {
            let body = format!("Your application needs more documents. Hand them in here: {progress_link}");
            ("Documents wanted", body.clone(), body)
        }
        Message::ApplicationApproved { welcome_link } => (
            "Application approved",
            "Your wallet is open.".into(),
            format!(
                "Your application is approved. Open this link within 24 hours to choose a password; \
                 it works once, so do not pass it on: {welcome_link}"
            ),
        ),
        Message::ApplicationDeclined { progress_link } => {
            let body = format!(
                "We could not approve your application this time. Why, and what you can do next: {progress_link}"
            );
            ("Application not approved", body.clone(), body)
        }
        other => unreachable!("{} is not about an application", other.kind()),
    }
}

fn about_the_number(message: &Message, wording: &Wording) -> Parts {
    let official = &wording.official_number;
    match message {
        Message::NumberFailed { number, wrong } => {
            let so_far = if *wrong {
                "has told us again that your number does not exist, so we no longer call it"
            } else {
                "says that your number does not exist"
            };
            let body = format!(
                "We could not call you at {number}: the network {so_far}. Confirm or correct it in the app, \
                 under Security, Telephone number."
            );
            ("We cannot call your number", body.clone(), body)
        }
        Message::NumberChanged { number } => {
            let body = format!(
                "Your telephone number is now {number}: we call you there, and you sign in with it. \
                 If that was not you, please call {official}."
            );
            ("Telephone number changed", body.clone(), body)
        }
        other => unreachable!("{} is not about the number", other.kind()),
    }
}

fn about_security(message: &Message, wording: &Wording) -> Parts {
    let number = &wording.official_number;
    match message {
        Message::WalletFrozen { by_customer: true } => {
            let body = "You froze your wallet: no money leaves it, and held payments are stopped. \
                        Unfreeze it in the app with your authenticator."
                .to_owned();
            ("Wallet frozen", body.clone(), body)
        }
        Message::WalletFrozen { by_customer: false } => {
            let body = format!(
                "To protect you we froze your wallet: no money leaves it, and held payments are stopped. \
                 Please call {number}."
            );
            ("Wallet frozen", body.clone(), body)
        }
        Message::WalletFrozenByStop => {
            let body = format!(
                "You stopped a payment, and we froze your wallet with it: no money leaves it, and held payments \
                 are stopped. To unfreeze it, call {number}."
            );
            ("Wallet frozen", body.clone(), body)
        }
        Message::WalletUnfrozen => {
            let body =
                format!("Your wallet is no longer frozen. If that was not you, call {number} at once.");
            ("Wallet unfrozen", body.clone(), body)
        }
        Message::NewSignIn { device, at } => (
            "New device signed in",
            format!(
                "At {} your wallet was opened on a new device, \u{201c}{device}\u{201d}. \
                 If that was not you, freeze the wallet and change the password now.",
                wording.time(*at)
            ),
            format!(
                "At {} your wallet was opened on a new device. If that was not you, freeze it in the app now or call {number}.",
                wording.time(*at)
            ),
        ),
        Message::PasswordChanged => {
            let body = format!(
                "Your password was changed and all other sign-ins were ended. If that was not you, call {number} at once."
            );
            ("Password changed", body.clone(), body)
        }
        Message::SecondFactorChanged => {
            let body = format!(
                "Your authenticator was replaced; for some days payments are signed in the app. \
                 If that was not you, call {number} at once."
            );
            ("Authenticator replaced", body.clone(), body)
        }
        other => unreachable!("{} is not about security", other.kind()),
    }
}
