use super::*;
use std::process::Command;

fn rfc_secret() -> Secret {
    Secret::from_bytes(b"12345678901234567890".to_vec())
}

#[test]
fn counters_give_the_codes_of_rfc_4226_appendix_d() {
    let expected = [
        "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
    ];
    for (counter, code) in expected.into_iter().enumerate() {
        assert_eq!(hotp(&rfc_secret(), counter as i64, 6), code);
    }
}

#[test]
fn times_give_the_codes_of_rfc_6238_appendix_b() {
    let expected = [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ];
    for (secs, code) in expected {
        assert_eq!(hotp(&rfc_secret(), step_at(Timestamp::from_secs(secs)), 8), code);
        assert_eq!(code_at(&rfc_secret(), Timestamp::from_secs(secs)), code[2..]);
    }
}

#[test]
fn a_code_is_accepted_one_step_early_or_late_but_never_again() {
    let secret = rfc_secret();
    let now = Timestamp::from_secs(1_700_000_010);
    let step = step_at(now);
    for away in -1..=1 {
        let code = code_at(&secret, now.plus_secs(away * STEP_SECS));
        assert_eq!(accepted_step(&secret, &code, now, 0), Some(step + away));
        assert_eq!(accepted_step(&secret, &code, now, step + away), None, "replayed");
    }
    for away in [-2, 2] {
        let code = code_at(&secret, now.plus_secs(away * STEP_SECS));
        assert_eq!(accepted_step(&secret, &code, now, 0), None);
    }
    let spaced = format!(" {} ", code_at(&secret, now));
    assert_eq!(accepted_step(&secret, &spaced, now, 0), Some(step));
    for wrong in ["", "000000", "12345", "abcdef"] {
        assert_eq!(accepted_step(&secret, wrong, now, 0), None);
    }
}

#[test]
fn an_address_for_the_authenticator_is_encoded_and_the_secret_is_never_printed() {
    let secret = rfc_secret();
    assert_eq!(secret.to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    assert_eq!(
        secret.otpauth_uri("回铃", "138 **** 8000"),
        "otpauth://totp/%E5%9B%9E%E9%93%83:138%20%2A%2A%2A%2A%208000?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E5%9B%9E%E9%93%83&algorithm=SHA1&digits=6&period=30"
    );
    assert_eq!(format!("{secret:?}"), "Secret(…)");
}

#[test]
fn oathtool_shows_the_same_codes() {
    let ambient = Ambient::seeded(Timestamp::from_secs(1_790_000_000), 11);
    for round in 0..5 {
        let secret = Secret::generate(&ambient);
        let at = ambient.now().plus_secs(round * 12_345);
        let output = Command::new("oathtool")
            .args([
                "--totp",
                "-b",
                &secret.to_base32(),
                "--now",
                &at.to_rfc3339().replace('T', " ").replace('Z', " UTC"),
            ])
            .output()
            .expect("oathtool is needed for this test; install the package oathtool");
        let shown = String::from_utf8_lossy(&output.stdout);
        assert_eq!(
            shown.trim(),
            code_at(&secret, at),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
