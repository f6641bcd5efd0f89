use super::peer::Peer;
use super::*;
use crate::SupportError;
use ::store::harness::TestDb;
use ::store::{Tx, jobs};
use base::{Ambient, Amount, Currency, CustomerId, Language, OperatorZone, PhoneNumber, Timestamp};
use security::sealing::{Keyring, MasterKey};

struct World {
    db: TestDb,
    ambient: Ambient,
    keyring: Keyring,
}

fn each_engine(test: impl Fn(&World)) {
    ::store::harness::each_engine(&[security::MIGRATIONS, crate::MIGRATIONS], |db| {
        test(&World::on(db))
    });
}

fn on_sqlite() -> World {
    World::on(::store::harness::sqlite(&[
        security::MIGRATIONS,
        crate::MIGRATIONS,
    ]))
}

impl World {
    fn on(db: TestDb) -> Self {
        let ambient = db.ambient().clone();
        let keyring = Keyring::open(&db, &ambient, MasterKey::generate(&ambient)).unwrap();
        Self { db, ambient, keyring }
    }

    fn write<T: Send + 'static>(
        &self,
        run: impl Fn(&mut Tx, &Ambient, &Keyring) -> Result<T, SupportError> + Send + 'static,
    ) -> T {
        let (ambient, keyring) = (self.ambient.clone(), self.keyring.clone());
        self.db.write(move |tx| run(tx, &ambient, &keyring)).unwrap()
    }

    fn send(&self, to: &Recipient, message: &Message, subject: &'static str) -> Sent {
        let (to, message) = (to.clone(), message.clone());
        self.write(move |tx, ambient, keyring| send(tx, ambient, keyring, &to, &message, subject))
    }

    fn sent(&self, to: &Recipient, message: &Message, subject: &'static str) -> MessageId {
        match self.send(to, message, subject) {
            Sent::Sent(id) => id,
            Sent::SentBefore => panic!("sent before"),
        }
    }

    fn deliveries(&self, mail: Option<MailConfig>, sms: Option<SmsConfig>) -> Deliveries {
        let config = NotifyConfig {
            wording: wording(),
            mail,
            sms,
            timeout_ms: 20_000,
        };
        Deliveries::new(self.db.clone(), self.keyring.clone(), config).unwrap()
    }

    /// Runs what is due on both channels; says how many jobs ran.
    fn run(&self, deliveries: &Deliveries) -> usize {
        JOB_KINDS
            .into_iter()
            .map(|kind| jobs::run_due(&self.db, kind, 10, &|job| deliveries.run_job(job)).unwrap())
            .sum()
    }

    fn fared(&self, id: MessageId) -> Vec<Delivery> {
        self.write(move |tx, _, _| super::deliveries(tx, id))
    }

    fn inbox(&self, customer: CustomerId) -> Vec<InboxItem> {
        self.write(move |tx, _, keyring| inbox(tx, keyring, customer, None, 50))
    }
}

fn wording() -> Wording {
    Wording {
        brand: "回铃".into(),
        official_number: "95138".into(),
        zone: OperatorZone::named("Asia/Shanghai").unwrap(),
    }
}

fn recipient(ambient: &Ambient, email: &str, language: Language) -> Recipient {
    Recipient {
        customer: Some(CustomerId::new(ambient)),
        phone: PhoneNumber::parse("13800138000").unwrap(),
        email: Some(email.into()),
        language,
    }
}

fn held() -> Message {
    Message::PaymentHeld {
        amount: Amount::new(480_000, Currency::Cny),
        payee: "王小明".into(),
        until: Timestamp::from_secs(1_793_602_800),
    }
}

fn received() -> Message {
    Message::MoneyReceived {
        amount: Amount::new(5_000, Currency::Cny),
        payer: "李娜".into(),
    }
}

fn mail(port: u16, tls: MailTls, extra_root_pem: Option<Vec<u8>>) -> MailConfig {
    MailConfig {
        host: "127.0.0.1".into(),
        port,
        tls,
        username: String::new(),
        password: String::new(),
        from: "Huiling <no-reply@huiling.example>".into(),
        extra_root_pem,
    }
}

fn gateway(port: u16) -> SmsConfig {
    SmsConfig {
        url: format!("http://127.0.0.1:{port}/messages"),
        key: "gateway-key".into(),
    }
}

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
            "付给王小明的 ¥4,800.00 已暂缓，钱还没有转出。我们会从 95138 来电；15:00 之前没有确认就自动取消。"
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
fn an_email_arrives_whole_at_a_real_server_in_the_clear_and_over_both_kinds_of_tls() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let made = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .expect("openssl is needed for this test");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let paths = [certificate.to_str().unwrap(), key.to_str().unwrap()];
    let root = std::fs::read(&certificate).unwrap();

    for (name, tls) in [
        ("none", MailTls::None),
        ("starttls", MailTls::StartTls),
        ("tls", MailTls::Tls),
    ] {
        let world = on_sqlite();
        let sink = Peer::start("smtp_sink.py", &[name, paths[0], paths[1]]);
        let to = recipient(&world.ambient, "li.na@example.com", Language::ZhHans);
        if tls != MailTls::None {
            let strict = world.deliveries(Some(mail(sink.port, tls, None)), None);
            let id = world.sent(&to, &received(), "distrusted");
            assert_eq!(world.run(&strict), 1);
            assert!(
                world.fared(id)[0].delivered_at.is_none(),
                "an unknown authority is not trusted"
            );
        }
        let deliveries = world.deliveries(Some(mail(sink.port, tls, Some(root.clone()))), None);
        let id = world.sent(&to, &held(), "payment-1");
        world.run(&deliveries);
        let taken = sink.taken();
        assert_eq!(taken["to"], serde_json::json!(["li.na@example.com"]));
        assert_eq!(taken["from"], "Huiling <no-reply@huiling.example>");
        assert_eq!(taken["id"], format!("<{id}@huiling.example>"));
        assert_eq!(taken["subject"], "一笔付款暂缓，我们会来电确认");
        let body = taken["body"].as_str().unwrap();
        assert!(
            body.contains("95138") && !body.contains("4,800") && !body.contains("王小明"),
            "{body}"
        );
        assert_eq!(taken["tls"], tls != MailTls::None);
        let fared = world.fared(id);
        assert!(
            fared
                .iter()
                .any(|one| one.channel == "email" && one.delivered_at.is_some()),
            "{fared:?}"
        );
    }
}

#[test]
fn a_mail_server_that_says_later_is_tried_again_and_one_that_says_never_is_not() {
    let world = on_sqlite();
    let sink = Peer::start("smtp_sink.py", &["none"]);
    let deliveries = world.deliveries(Some(mail(sink.port, MailTls::None, None)), None);
    let later = world.sent(
        &recipient(&world.ambient, "later@example.com", Language::En),
        &received(),
        "a",
    );
    let never = world.sent(
        &recipient(&world.ambient, "never@example.com", Language::En),
        &received(),
        "b",
    );
    let nonsense = world.sent(
        &recipient(&world.ambient, "no address", Language::En),
        &received(),
        "c",
    );
    assert_eq!(world.run(&deliveries), 3);
    for (id, problem) in [(later, "451"), (never, "550"), (nonsense, "address")] {
        let fared = world.fared(id);
        assert!(
            fared[0].problem.as_deref().unwrap_or_default().contains(problem),
            "{fared:?}"
        );
        assert_eq!(fared[0].delivered_at, None);
    }
    world.ambient.clock.advance_ms(10_000);
    assert_eq!(world.run(&deliveries), 1, "only the one that may still succeed");
    assert!(sink.taken_so_far().is_empty());
}

#[test]
fn an_sms_is_posted_with_its_keys_and_tried_again_until_the_gateway_takes_it() {
    each_engine(|world| {
        let peer = Peer::start("sms_gateway.py", &["503", "429"]);
        let deliveries = world.deliveries(None, Some(gateway(peer.port)));
        let to = Recipient {
            email: None,
            ..recipient(&world.ambient, "", Language::ZhHans)
        };
        let id = world.sent(&to, &held(), "payment-1");
        assert_eq!(world.run(&deliveries), 1);
        world.ambient.clock.advance_ms(5_000);
        assert_eq!(world.run(&deliveries), 1);
        world.ambient.clock.advance_ms(6_999);
        assert_eq!(world.run(&deliveries), 0, "the gateway asked for seven seconds");
        world.ambient.clock.advance_ms(1);
        assert_eq!(world.run(&deliveries), 1);
        world.ambient.clock.advance_ms(86_400_000);
        assert_eq!(world.run(&deliveries), 0);
        let taken = [peer.taken(), peer.taken(), peer.taken()];
        assert_eq!(
            taken.each_ref().map(|one| one["status"].as_u64().unwrap()),
            [503, 429, 202]
        );
        for one in &taken {
            assert_eq!(one["key"], format!("{id}-sms"));
            assert_eq!(one["authorization"], "Bearer gateway-key");
            assert_eq!(one["body"]["to"], "+8613800138000");
            assert_eq!(one["body"]["id"], id.to_string());
        }
        let text = taken[2]["body"]["text"].as_str().unwrap();
        assert_eq!(
            text,
            "【回铃】您有一笔付款已暂缓，我们会从 95138 来电确认。请在应用里查看，我们绝不索要密码或验证码。"
        );
        assert!(peer.taken_so_far().is_empty());
    });
}

#[test]
fn a_crash_at_any_point_neither_loses_nor_doubles_a_message() {
    let mut world = on_sqlite();
    let peer = Peer::start("sms_gateway.py", &[]);
    let to = Recipient {
        email: None,
        ..recipient(&world.ambient, "", Language::En)
    };
    let id = world.sent(&to, &held(), "payment-1");
    // The program dies after the commit, before the worker looks.
    world.db.restart();
    let claim = |world: &World| {
        let ambient = world.ambient.clone();
        let kind = Channel::Sms.job_kind();
        world
            .db
            .write(move |tx| jobs::claim(tx, &ambient, kind, 10, 120_000))
            .unwrap()
    };
    // It dies after the worker took the job, before the gateway heard of it.
    assert_eq!(claim(&world).len(), 1);
    world.db.restart();
    assert!(claim(&world).is_empty(), "the dead worker's lease runs");
    world.ambient.clock.advance_ms(120_001);
    // It dies after the gateway took the message, before the job was finished.
    let taken = claim(&world);
    let deliveries = world.deliveries(None, Some(gateway(peer.port)));
    assert_eq!(deliveries.run_job(&taken[0]), jobs::JobEnd::Done);
    drop(deliveries);
    world.db.restart();
    world.ambient.clock.advance_ms(120_001);
    let deliveries = world.deliveries(None, Some(gateway(peer.port)));
    assert_eq!(world.run(&deliveries), 1);
    assert_eq!(world.run(&deliveries), 0);
    // A second message proves that the pipe has nothing left of the first.
    let next = world.sent(&to, &Message::WalletUnfrozen, "wallet-1");
    assert!(matches!(world.fared(next).as_slice(), []));
    let frozen = world.sent(&to, &Message::WalletFrozen { by_customer: true }, "wallet-1");
    assert_eq!(world.run(&deliveries), 1);
    assert_eq!(peer.taken()["body"]["id"], id.to_string());
    assert_eq!(peer.taken()["body"]["id"], frozen.to_string());
    assert!(peer.taken_so_far().is_empty());
}

#[test]
fn a_gateway_that_is_silent_or_absent_is_waited_for_with_a_bound() {
    let world = on_sqlite();
    let peer = Peer::start("sms_gateway.py", &["0"]);
    let to = Recipient {
        email: None,
        ..recipient(&world.ambient, "", Language::En)
    };
    let id = world.sent(&to, &held(), "payment-1");
    let config = NotifyConfig {
        wording: wording(),
        mail: None,
        sms: Some(gateway(peer.port)),
        timeout_ms: 300,
    };
    let impatient = Deliveries::new(world.db.clone(), world.keyring.clone(), config).unwrap();
    assert_eq!(world.run(&impatient), 1);
    assert!(world.fared(id)[0].problem.as_deref().unwrap().contains("timeout"));
    let patient = world.deliveries(None, Some(gateway(peer.port)));
    drop(peer);
    world.ambient.clock.advance_ms(60_000);
    assert_eq!(world.run(&patient), 1);
    assert!(world.fared(id)[0].delivered_at.is_none());
}

#[test]
fn every_message_has_words_in_both_languages_and_none_asks_for_a_secret() {
    let link = || "https://huiling.example/x".to_owned();
    let amount = Amount::new(480_000, Currency::Cny);
    let payee = || "王小明".to_owned();
    let at = Timestamp::from_secs(1_793_602_800);
    let mut all = vec![
        held(),
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
        Message::WalletUnfrozen,
        Message::NewSignIn {
            device: "Firefox".into(),
            at,
        },
        Message::PasswordChanged,
        Message::SecondFactorChanged,
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
    for message in &all {
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
