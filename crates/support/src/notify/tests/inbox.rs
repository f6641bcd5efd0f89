use super::*;

#[test]
fn every_statement_prepares_on_both_engines() {
    each_engine(|world| world.db.prepare_all(&crate::statements(), &[]).unwrap());
}

#[test]
fn a_message_lies_in_the_inbox_in_any_language_and_is_sent_once_for_its_subject() {
    each_engine(|world| {
        let to = recipient(&world.ambient, "li.na@example.com", Language::En);
        let customer = to.customer.unwrap();
        let first = world.sent(&to, &held(), "payment-1");
        assert_eq!(world.send(&to, &held(), "payment-1"), Sent::SentBefore);
        world.ambient.clock.advance_ms(1_000);
        let second = world.sent(&to, &held(), "payment-2");
        let other = recipient(&world.ambient, "x@example.com", Language::En);
        world.sent(&other, &held(), "payment-1");

        let items = world.inbox(customer);
        assert_eq!(
            items.iter().map(|item| item.id).collect::<Vec<_>>(),
            [second, first]
        );
        assert_eq!(
            (items[1].subject.as_str(), &items[1].message),
            ("payment-1", &held())
        );
        let zh = wording().text(&items[0].message, Language::ZhHans);
        assert_eq!(
            zh.inside,
            "付给王小明的 ¥4,800.00 已暂缓，钱还没有转出。我们会从 95138 来电；15:00 之前没有确认就自动停止。"
        );
        let en = wording().text(&items[0].message, Language::En);
        assert!(
            en.inside
                .starts_with("Your payment of ¥4,800.00 to 王小明 is on hold"),
            "{}",
            en.inside
        );

        assert_eq!(world.write(move |tx, _, _| unread(tx, customer)), 2);
        world.write(move |tx, ambient, _| mark_read(tx, ambient.now(), customer, first));
        assert_eq!(world.write(move |tx, _, _| unread(tx, customer)), 1);
        let older = world.write(move |tx, _, keyring| inbox(tx, keyring, customer, Some(second), 50));
        assert_eq!(older.len(), 1);
        assert!(older[0].read_at.is_some());
    });
}

#[test]
fn a_rolled_back_transaction_sends_nothing() {
    each_engine(|world| {
        let to = recipient(&world.ambient, "li.na@example.com", Language::En);
        let (whom, ambient, keyring) = (to.clone(), world.ambient.clone(), world.keyring.clone());
        let failed: Result<(), SupportError> = world.db.write(move |tx| {
            send(tx, &ambient, &keyring, &whom, &held(), "payment-1")?;
            Err(SupportError::Damaged {
                message: "x".into(),
                reason: "rolled back".into(),
            })
        });
        assert!(failed.is_err());
        assert!(world.inbox(to.customer.unwrap()).is_empty());
        assert_eq!(world.run(&world.deliveries(None, None)), 0);
    });
}

#[test]
fn preferences_steer_what_is_not_vital_and_an_applicant_gets_messages_too() {
    each_engine(|world| {
        let off = world.deliveries(None, None);
        let to = recipient(&world.ambient, "li.na@example.com", Language::En);
        let customer = to.customer.unwrap();
        world.sent(&to, &received(), "payment-1");
        assert_eq!(world.run(&off), 1, "e-mail alone");
        let none = Preferences {
            sms: false,
            email: false,
        };
        world.write(move |tx, _, _| set_preferences(tx, customer, none));
        assert_eq!(world.write(move |tx, _, _| preferences(tx, customer)), none);
        world.sent(&to, &received(), "payment-2");
        assert_eq!(world.run(&off), 0);
        let vital = world.sent(&to, &Message::PasswordChanged, "change-1");
        assert_eq!(world.run(&off), 2);
        assert!(
            world
                .fared(vital)
                .iter()
                .all(|one| one.problem.as_deref() == Some("switched off"))
        );

        let applicant = Recipient {
            customer: None,
            email: None,
            ..to
        };
        let message = Message::ApplicationReceived {
            progress_link: "https://x/p".into(),
        };
        world.sent(&applicant, &message, "application-1");
        assert_eq!(
            world.send(&applicant, &message, "application-1"),
            Sent::SentBefore
        );
        assert_eq!(world.run(&off), 1, "SMS alone");
    });
}

#[test]
fn the_welcome_link_and_the_number_do_not_lie_readable_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("disk.db");
    let ambient = Ambient::seeded(::store::harness::START, 3);
    let db = ::store::Db::open(&::store::DbConfig::sqlite(&path), ambient.clone()).unwrap();
    db.migrate(&[::store::MIGRATIONS, security::MIGRATIONS, crate::MIGRATIONS])
        .unwrap();
    let keyring = Keyring::open(&db, &ambient, MasterKey::generate(&ambient)).unwrap();
    let to = recipient(&ambient, "li.na@example.com", Language::En);
    let welcome = Message::ApplicationApproved {
        welcome_link: "https://x/welcome/sesame".into(),
    };
    db.write(move |tx| {
        send(tx, &ambient, &keyring, &to, &welcome, "application-4711")?;
        send(tx, &ambient, &keyring, &to, &held(), "payment-1")
    })
    .unwrap();
    // The database stays open, so that its log still lies next to it.
    let disk: Vec<u8> = std::fs::read_dir(folder.path())
        .unwrap()
        .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect();
    let holds = |needle: &str| {
        disk.windows(needle.len())
            .any(|window| window == needle.as_bytes())
    };
    assert!(holds("application-4711"), "the search itself finds what is there");
    for secret in ["sesame", "13800138000", "li.na@", "王小明", "480000"] {
        assert!(!holds(secret), "{secret}");
    }
}
