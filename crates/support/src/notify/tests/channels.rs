use super::peer::Peer;
use super::*;

#[test]
fn an_email_arrives_whole_at_a_real_server_in_the_clear_and_over_both_kinds_of_tls() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let request = folder.path().join("request.conf");
    let wanted = "[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n[dn]\nCN=127.0.0.1\n\
        [ext]\nsubjectAltName=IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\n";
    std::fs::write(&request, wanted).unwrap();
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
        .arg("-config")
        .arg(&request)
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
        let fared = world.fared(id);
        assert!(
            fared
                .iter()
                .any(|one| one.channel == "email" && one.delivered_at.is_some()),
            "{name}: {fared:?}"
        );
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
    // A second message proves that the gateway heard nothing between the two.
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
