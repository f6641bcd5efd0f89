use super::*;
use std::io::Write;

const EXAMPLE: &str = include_str!("../../../../huiling.example.toml");

fn from(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    load(Some(file.path()), environment).map_err(|error| error.to_string())
}

#[test]
fn the_example_names_every_key_with_its_default() {
    assert_eq!(from(EXAMPLE, &[]).unwrap(), Config::default());
    let documented: toml::Table = toml::from_str(EXAMPLE).unwrap();
    assert_eq!(documented, toml::Table::try_from(Config::default()).unwrap());
}

#[test]
fn a_wrong_key_is_refused_by_name() {
    let error = from("[phone]\nbindd = \"x\"", &[]).unwrap_err();
    assert!(error.contains("bindd"), "{error}");
    let error = from("", &[("HUILING_PHONE_BINDD", "x")]).unwrap_err();
    assert!(error.contains("HUILING_PHONE_BINDD"), "{error}");
    let error = from("", &[("HUILING_PHONE_MAX_CALLS", "many")]).unwrap_err();
    assert!(error.contains("a whole number"), "{error}");
}

#[test]
fn every_section_refuses_a_key_that_it_does_not_have() {
    let known = toml::Table::try_from(Config::default()).unwrap();
    assert!(known.len() > 8, "{known}");
    for section in known.keys() {
        let error = from(&format!("[{section}]\nno_such_key = 1"), &[]).unwrap_err();
        assert!(
            error.contains("no_such_key") && error.contains("line 2"),
            "{section}: {error}"
        );
        let variable = format!("HUILING_{}_NO_SUCH_KEY", section.to_ascii_uppercase());
        let error = from("", &[(&variable, "1")]).unwrap_err();
        assert!(error.contains(&variable), "{error}");
    }
    let error = from("[no_such_section]\nkey = 1", &[]).unwrap_err();
    assert!(error.contains("no_such_section"), "{error}");
}

/// A comment before the key, with it, or for the keys that follow each other.
#[test]
fn every_key_of_the_example_is_explained() {
    let mut explained = false;
    for line in EXAMPLE.lines() {
        let line = line.trim();
        explained = line.contains('#') || (explained && !line.is_empty() && !line.starts_with('['));
        let is_key = line
            .split_once(" = ")
            .is_some_and(|(key, _)| !key.contains(['#', ' ']));
        assert!(!is_key || explained, "nobody says what this is: {line}");
    }
}

#[test]
fn the_environment_lies_over_the_file() {
    let environment = [
        ("HUILING_BRAND_OFFICIAL_NUMBER", "10086"),
        ("HUILING_PHONE_RTP_FROM", "203.0.113.0/24, 198.51.100.7"),
        ("HUILING_PHONE_REALTIME", "false"),
        ("PATH", "/bin"),
    ];
    let config = from(
        "[brand]\nname_en = \"Bank\"\nofficial_number = \"1\"",
        &environment,
    )
    .unwrap();
    assert_eq!(
        (
            config.brand.name_en.as_str(),
            config.brand.official_number.as_str()
        ),
        ("Bank", "10086")
    );
    assert_eq!(config.phone.rtp_from, ["203.0.113.0/24", "198.51.100.7"]);
    assert!(!config.phone.realtime);
}

#[test]
fn an_error_says_where_it_is_and_never_repeats_a_secret() {
    let secret = "hunter2";
    for (text, wanted) in [
        ("[mail]\npassword = \"hunter2\npasswort = 1", "line 2"),
        ("[mail]\npassword = hunter2", "key password"),
        ("[mail]\npasword = \"hunter2\"", "pasword"),
        ("[mail]\nport = \"hunter2\"", "key port: u16 is wanted"),
        (
            "[mail]\npassword = [\"hunter2\"]",
            "key password: a string is wanted",
        ),
        ("[mail]\ntls = \"hunter2\"", "`starttls`"),
        ("[mail]\npassword = \"a\"\npassword = \"hunter2\"", "line 3"),
        ("[mail]\npassword = \"\"\"hunter2", "line 2"),
        ("mail = \"hunter2\"", "key mail"),
    ] {
        let error = from(text, &[]).unwrap_err();
        assert!(!error.contains(secret), "{error}");
        assert!(error.contains(wanted), "{text}: {error}");
    }
    let error = from("", &[("HUILING_MAIL_TLS", secret)]).unwrap_err();
    assert!(!error.contains(secret) && error.contains("starttls"), "{error}");
}

#[test]
fn the_bureau_answers_where_the_checks_ask_by_default() {
    let checks = Config::default().checks;
    assert_eq!(checks.identity_url, format!("http://{BUREAU}/identity"));
    assert_eq!(checks.credit_url, format!("http://{BUREAU}/credit"));
    let keypad = money::KeypadPolicy::default();
    assert_eq!(Config::default().money.keypad_cap_minor, keypad.cap_minor);
}
