use super::messages::{say, sources};
use super::{Calendar, money, signed_money};
use base::{Amount, Currency, Language, OperatorZone, Timestamp};
use fluent_bundle::FluentResource;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The keys of a language, each with the names that its text puts in.
fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for (feature, source) in sources(language) {
        FluentResource::try_new((*source).to_owned())
            .map_err(|(_, errors)| errors)
            .unwrap_or_else(|errors| panic!("{}/{feature}.ftl: {errors:?}", language.tag()));
        for line in source.lines() {
            if line.is_empty() || line.starts_with([' ', '#', '}']) {
                continue;
            }
            let (key, text) = line
                .split_once(" = ")
                .unwrap_or_else(|| panic!("{feature}.ftl: {line:?}"));
            let names = text
                .split("{ $")
                .skip(1)
                .map(|rest| rest.split(' ').next().unwrap().to_owned());
            let twice = found.insert(key.to_owned(), names.collect());
            assert!(twice.is_none(), "{feature}.ftl defines {key} twice");
        }
    }
    found
}

/// Every string in the sources and templates that is passed as a key.
fn asked_for(folder: &Path, into: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            asked_for(&path, into);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for literal in text.split('"').skip(1) {
            let is_key = literal
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if is_key {
                into.insert(literal.to_owned(), path.display().to_string());
            }
        }
    }
}

#[test]
fn no_message_is_missing_in_either_language() {
    let (chinese, english) = (keys(Language::ZhHans), keys(Language::En));
    for (key, names) in &chinese {
        let other = english.get(key).unwrap_or_else(|| panic!("en lacks {key}"));
        assert_eq!(names, other, "{key} puts in different things");
    }
    for key in english.keys() {
        assert!(chinese.contains_key(key), "zh-Hans lacks {key}");
    }
}

#[test]
fn every_key_that_a_page_asks_for_exists_and_none_lies_idle() {
    let known = keys(Language::En);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut asked = BTreeMap::new();
    asked_for(&root.join("src"), &mut asked);
    asked_for(&root.join("templates"), &mut asked);
    for templated in fs_texts(&root.join("templates")) {
        for call in ["p.t(\"", "p.t1(\"", "p.t2(\"", "p.t3(\""] {
            for rest in templated.split(call).skip(1) {
                let key = rest.split('"').next().unwrap();
                assert!(known.contains_key(key), "no message {key}");
            }
        }
    }
    for source in fs_texts(&root.join("src")) {
        for call in [
            "say(lang, \"",
            "say_with(lang, \"",
            ".t(\"",
            ".t1(\"",
            ".t2(\"",
            ".t3(\"",
        ] {
            for rest in source.split(call).skip(1) {
                let key = rest.split('"').next().unwrap();
                let is_key = key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
                assert!(!is_key || known.contains_key(key), "no message {key}");
            }
        }
    }
    let idle: Vec<_> = known.keys().filter(|key| !asked.contains_key(*key)).collect();
    assert!(idle.is_empty(), "nobody asks for {idle:?}");
}

fn fs_texts(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts.extend(fs_texts(&path));
        } else if !path.ends_with("tests.rs") {
            texts.push(fs::read_to_string(&path).unwrap());
        }
    }
    texts
}

#[test]
fn moments_are_written_as_the_reader_says_them() {
    let calendar = |language| Calendar {
        zone: OperatorZone::named("Asia/Shanghai").unwrap(),
        language,
        now: Timestamp::from_secs(1_700_000_000), // 2023-11-15 06:13:20 in Shanghai
    };
    let (zh, en) = (calendar(Language::ZhHans), calendar(Language::En));
    assert_eq!(zh.moment(zh.now), "今天 06:13");
    assert_eq!(en.moment(en.now.plus_secs(-86_400)), "Yesterday 06:13");
    assert_eq!(zh.day(zh.now.plus_secs(-5 * 86_400)), "11月10日");
    assert_eq!(en.day(en.now.plus_secs(-400 * 86_400)), "11 Oct 2022");
    assert_eq!(zh.window(zh.now, zh.now.plus_secs(900)), "今天 06:13–06:28");
    assert_eq!(zh.greeting_key(), "greeting-morning");
}

#[test]
fn money_carries_its_sign_and_groups() {
    let amount = |minor| Amount::new(minor, Currency::Cny);
    assert_eq!(money(amount(1_248_050)), "¥12,480.50");
    assert_eq!(signed_money(amount(30_000)), "+300.00");
    assert_eq!(signed_money(amount(-2_350)), "−23.50");
}

#[test]
fn a_missing_key_is_seen_at_once() {
    assert_eq!(say(Language::En, "no-such-key"), "⟦no-such-key⟧");
}
