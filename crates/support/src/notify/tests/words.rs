use super::*;

/// One of each, and of each of their kinds.
fn every_message() -> Vec<Message> {
    let link = || "https://huiling.example/x".to_owned();
    let amount = Amount::new(480_000, Currency::Cny);
    let payee = || "王小明".to_owned();
    let at = Timestamp::from_secs(1_793_602_800);
    let mut all = vec![
        held(),
        Message::PaymentHeldForStaff {
            amount,
            payee: payee(),
            until: at,
        },
        Message::NoCallComes {
            amount,
            payee: payee(),
            until: at,
        },
        Message::PaymentPosted {
            amount,
            payee: payee(),
        },
        received(),
        Message::CallComing { notice_link: link() },
        Message::MissedCall { notice_link: link() },
        Message::ApplicationReceived {
            progress_link: link(),
        },
        Message::MoreDocuments {
            progress_link: link(),
        },
        Message::ApplicationApproved { welcome_link: link() },
        Message::ApplicationDeclined {
            progress_link: link(),
        },
        Message::WalletFrozen { by_customer: true },
        Message::WalletFrozen { by_customer: false },
        Message::WalletFrozenByStop,
        Message::WalletUnfrozen,
        Message::NewSignIn {
            device: "Firefox".into(),
            at,
        },
        Message::PasswordChanged,
        Message::SecondFactorChanged,
        Message::NumberFailed {
            number: "138 **** 8000".into(),
            wrong: false,
        },
        Message::NumberFailed {
            number: "138 **** 8000".into(),
            wrong: true,
        },
        Message::NumberChanged {
            number: "138 **** 8000".into(),
        },
    ];
    for by in [
        VoidedBy::Customer,
        VoidedBy::Deadline,
        VoidedBy::Staff,
        VoidedBy::Freeze,
    ] {
        all.push(Message::PaymentVoided {
            amount,
            payee: payee(),
            by,
        });
    }
    all
}

#[test]
fn every_message_has_words_in_both_languages_and_none_asks_for_a_secret() {
    for message in &every_message() {
        let json = serde_json::to_string(message).unwrap();
        assert_eq!(&serde_json::from_str::<Message>(&json).unwrap(), message);
        assert!(json.contains(message.kind()), "{json}");
        for language in Language::ALL {
            let text = wording().text(message, language);
            let shown = format!("{} {} {}", text.title, text.inside, text.outside);
            assert!(!text.title.is_empty() && !text.inside.is_empty() && !text.outside.is_empty());
            assert!(
                !text.outside.contains("4,800") && !text.outside.contains("王小明"),
                "{shown}"
            );
            assert!(
                text.outside.chars().count() <= 300,
                "{}",
                text.outside.chars().count()
            );
            for asking in [
                "告诉我们",
                "回复",
                "输入验证码",
                "tell us",
                "reply with",
                "send us",
            ] {
                assert!(!shown.contains(asking), "{shown}");
            }
        }
        let chinese = wording().text(message, Language::ZhHans);
        assert!(
            chinese.title.chars().any(|c| c >= '\u{4e00}'),
            "{}",
            chinese.title
        );
        assert!(wording().text(message, Language::En).title.is_ascii());
    }
}
