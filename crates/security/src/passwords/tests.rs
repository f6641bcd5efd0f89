use super::PasswordProblem::{
    Common, ContainsBirthday, ContainsName, ContainsPhone, Repetitive, TooLong, TooShort,
};
use super::*;
use base::{Ambient, Language, PhoneNumber, Timestamp};

fn ambient() -> Ambient {
    Ambient::seeded(Timestamp::from_secs(1_700_000_000), 1)
}

fn person() -> PersonalData {
    PersonalData {
        phone: Some(PhoneNumber::parse("13800138000").unwrap()),
        birth_date: Some((1990, 3, 7)),
        name: Some("Wang Xiaoming 王小明".into()),
        account_name: None,
    }
}

#[test]
fn a_password_is_refused_for_what_is_wrong_with_it() {
    let table = [
        ("correct horse battery staple", vec![]),
        ("雨天在屋檐下听见回铃声", vec![]),
        ("tall-Green-kettle-sings", vec![]),
        ("k7#Lm", vec![TooShort]),
        ("password123", vec![Common]),
        ("P@ssw0rd2024!", vec![Common]),
        ("qwertyuiop", vec![Common]),
        ("woaini1314520", vec![Common]),
        ("DragonMonkey99", vec![Common]),
        ("1234567890", vec![Repetitive]),
        ("aaaaaaaaaaaa", vec![Repetitive]),
        ("abcabcabcabc", vec![Repetitive]),
        ("zyxwvutsrqpo", vec![Repetitive]),
        ("kettle 138-0013-8000", vec![ContainsPhone]),
        ("kettle00138000x", vec![ContainsPhone]),
        ("kettle19900307", vec![ContainsBirthday]),
        ("kettle-7 0390-07.03.1990", vec![ContainsBirthday]),
        ("kettle900307sings", vec![ContainsBirthday]),
        ("my-xiaoming-kettle", vec![ContainsName]),
        ("我是王小明没错的啊", vec![TooShort, ContainsName]),
    ];
    for (password, expected) in table {
        assert_eq!(problems(password, &person()), expected, "{password}");
    }
    assert_eq!(problems(&"长".repeat(129), &person()), vec![TooLong]);
}

#[test]
fn every_problem_says_what_helps_in_both_languages() {
    for problem in [
        TooShort,
        TooLong,
        Common,
        Repetitive,
        ContainsPhone,
        ContainsBirthday,
        ContainsName,
    ] {
        assert!(problem.text(Language::En).ends_with('.'));
        assert!(problem.text(Language::ZhHans).ends_with('。'));
    }
}

#[test]
fn the_blocklist_is_about_a_thousand_lower_case_lines_without_doubles() {
    let lines: Vec<&str> = include_str!("common.txt").lines().collect();
    let unique: std::collections::HashSet<&str> = lines.iter().copied().collect();
    assert_eq!(lines.len(), unique.len());
    assert!((900..2_000).contains(&lines.len()), "{}", lines.len());
    assert!(
        lines
            .iter()
            .all(|line| line.to_lowercase() == *line && line.trim() == *line)
    );
}

#[test]
fn a_hash_matches_its_password_only() {
    let ambient = ambient();
    let hash = hash(&ambient, Cost::TEST, "tall-Green-kettle-sings");
    assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
    assert!(verify(&hash, "tall-Green-kettle-sings"));
    assert!(!verify(&hash, "tall-green-kettle-sings"));
    assert!(!verify("$argon2id$damaged", "tall-Green-kettle-sings"));
    assert!(!verify_nobody(Cost::TEST, "tall-Green-kettle-sings"));
}

#[test]
fn the_same_password_is_salted_differently_and_a_cheap_hash_is_replaced() {
    let ambient = ambient();
    let (first, second) = (
        hash(&ambient, Cost::TEST, "same words"),
        hash(&ambient, Cost::TEST, "same words"),
    );
    assert_ne!(first, second);
    assert!(needs_rehash(&first, Cost::PRODUCTION));
    let costly = hash(&ambient, Cost::PRODUCTION, "same words");
    assert!(costly.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{costly}");
    assert!(!needs_rehash(&costly, Cost::PRODUCTION));
    assert!(verify(&costly, "same words"));
}
