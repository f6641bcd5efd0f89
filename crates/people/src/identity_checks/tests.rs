use super::gb11643::{self, ResidentIdProblem, check_character};
use super::mrz::{self, Covers, MrzProblem, TravelDocumentKind, check_digit};
use super::*;
use jiff::civil::{Date, date};
use proptest::prelude::*;

const TODAY: Date = date(2026, 11, 2);
/// The specimens of ICAO Doc 9303 expired in April 2012.
const SPECIMEN_DAY: Date = date(2010, 1, 1);

const TD3: &str =
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
const TD2: &str = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6";
const TD1: &str =
    "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";

#[test]
fn the_standards_resident_numbers_are_valid() {
    let id = gb11643::parse("11010519491231002X", TODAY).unwrap();
    assert_eq!(id.birth_date(), date(1949, 12, 31));
    assert_eq!(
        gb11643::parse("440524188001010014", TODAY).unwrap().birth_date(),
        date(1880, 1, 1)
    );
    assert_eq!(format!("{id:?}"), "ResidentId(110***********002X)");
}

#[test]
fn a_resident_number_is_read_however_it_is_typed() {
    let id = gb11643::parse("11010519491231002X", TODAY).unwrap();
    for text in [
        "110105 19491231 002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105-19491231-002X",
    ] {
        assert_eq!(gb11643::parse(text, TODAY).as_ref(), Ok(&id), "{text}");
    }
}

#[test]
fn the_old_form_of_15_digits_becomes_the_same_number() {
    let new = gb11643::parse("11010519491231002X", TODAY).unwrap();
    assert_eq!(gb11643::parse("110105491231002", TODAY), Ok(new));
    let problem = gb11643::parse("110105491331002", TODAY).unwrap_err();
    assert_eq!(
        problem,
        ResidentIdProblem::Month {
            first: 9,
            found: "13".into()
        }
    );
}

#[test]
fn the_message_says_which_digit_is_wrong() {
    let text = |number: &str, language| gb11643::parse(number, TODAY).unwrap_err().text(language);
    assert!(text("110105194912310021", Language::ZhHans).contains("第 18 位应为 X"));
    assert!(text("110105194912310021", Language::En).contains("the 18th character should be X"));
    assert!(
        text("1101O519491231002X", Language::En).contains("The 5th character should be a digit, not “O”")
    );
    assert!(text("1101O519491231002X", Language::ZhHans).contains("第 5 位应为数字"));
    assert!(text("X10105194912310021", Language::En).contains("The 1st character"));
    assert!(text("990105194912310021", Language::ZhHans).contains("第 1–2 位“99”"));
    assert!(text("119905194912310021", Language::ZhHans).contains("第 3–4 位“99”"));
    assert!(text("110105194913310021", Language::ZhHans).contains("第 11–12 位“13”不是月份"));
    assert!(text("110105194902300021", Language::En).contains("Digits 13–14 (“30”)"));
    assert!(text("11010519491231002", Language::ZhHans).contains("您填了 17 位"));
    assert!(text("110105209912310021", Language::En).contains("digits 7–14 is after today"));
    assert!(text("110105174912310021", Language::En).contains("Digits 7–10"));
}

#[test]
fn codes_of_places_that_were_renamed_and_of_foreign_residents_are_accepted() {
    // Wanxian in Sichuan, before it went to Chongqing; a prefecture in Anhui, before it was a city.
    for body in [
        "51221119700101001",
        "34210119700101001",
        "81000019900101001",
        "91115619900101001",
        "65900119800101001",
    ] {
        let number = format!("{body}{}", check_character(body));
        assert!(gb11643::parse(&number, TODAY).is_ok(), "{number}");
    }
}

#[test]
fn a_29th_of_february_exists_in_leap_years_only() {
    let number = |body: &str| format!("{body}{}", check_character(body));
    assert!(gb11643::parse(&number("11010520000229001"), TODAY).is_ok());
    let problem = gb11643::parse(&number("11010519000229001"), TODAY).unwrap_err();
    assert_eq!(
        problem,
        ResidentIdProblem::Day {
            first: 13,
            found: "29".into()
        }
    );
}

#[test]
fn the_specimens_of_9303_are_read_in_all_three_sizes() {
    for (zone, kind, number) in [
        (TD3, TravelDocumentKind::Passport, "L898902C3"),
        (TD2, TravelDocumentKind::IdentityCard, "D23145890"),
        (TD1, TravelDocumentKind::IdentityCard, "D23145890"),
    ] {
        for text in [
            zone.to_owned(),
            zone.replace('\n', ""),
            zone.to_lowercase(),
            zone.replace('\n', "\r\n "),
        ] {
            let document = mrz::parse(&text, SPECIMEN_DAY).unwrap();
            assert_eq!((document.kind, document.number.as_str()), (kind, number));
            assert_eq!(
                (document.surname.as_str(), document.given_names.as_str()),
                ("ERIKSSON", "ANNA MARIA")
            );
            assert_eq!(document.birth_date, date(1974, 8, 12));
            assert_eq!(document.expires, date(2012, 4, 15));
            assert_eq!(
                (document.issuer.as_str(), document.nationality.as_str()),
                ("UTO", "UTO")
            );
        }
    }
}

#[test]
fn a_number_longer_than_nine_characters_goes_on_in_the_optional_data() {
    // The example of part 5: a number of 12 characters, D23145890734, check digit 9.
    let zone = TD1.replace("D231458907<<<<<<<<<<<<<<<", "D23145890<7349<<<<<<<<<<<");
    let composite = check_digit("D23145890<7349<<<<<<<<<<<74081221204159<<<<<<<<<<<");
    let zone = zone.replace("UTO<<<<<<<<<<<6", &format!("UTO<<<<<<<<<<<{composite}"));
    assert_eq!(mrz::parse(&zone, SPECIMEN_DAY).unwrap().number, "D23145890734");
}

#[test]
fn a_wrong_check_digit_is_named_by_line_and_position() {
    let problem = |zone: &str| mrz::parse(zone, SPECIMEN_DAY).unwrap_err();
    let wrong = |line, position, should_be, found, covers| MrzProblem::Check {
        line,
        position,
        should_be,
        found,
        covers,
    };
    let cases = [
        ("L898902C36", "L898902C35", wrong(2, 10, '6', '5', Covers::Number)),
        ("7408122F", "7408123F", wrong(2, 20, '2', '3', Covers::BirthDate)),
        ("1204159", "1204150", wrong(2, 28, '9', '0', Covers::Expiry)),
        (
            "<<<<<10",
            "<<<<<20",
            wrong(2, 43, '1', '2', Covers::PersonalNumber),
        ),
        ("<<<<<10", "<<<<<11", wrong(2, 44, '0', '1', Covers::WholeZone)),
    ];
    for (right, slip, expected) in cases {
        assert_eq!(problem(&TD3.replace(right, slip)), expected);
    }
    let text = problem(&TD3.replace("L898902C36", "L898902C35")).text(Language::En);
    assert!(
        text.starts_with("Line 2, position 10 is the check digit of the document number: it should be 6"),
        "{text}"
    );
    let text = problem(&TD1.replace("<<<6", "<<<5")).text(Language::ZhHans);
    assert!(
        text.contains("第 2 行第 30 位") && text.contains("应为 6"),
        "{text}"
    );
}

#[test]
fn other_slips_in_a_zone_are_named_too() {
    let problem = |zone: &str| mrz::parse(zone, SPECIMEN_DAY).unwrap_err();
    assert_eq!(
        problem(&TD3[..87]),
        MrzProblem::LineLength {
            line: 2,
            characters: 42,
            should_be: 44
        }
    );
    assert_eq!(problem("P<UTO\nA\nB\nC"), MrzProblem::Shape { lines: 4 });
    assert_eq!(problem(""), MrzProblem::Shape { lines: 0 });
    assert_eq!(
        problem(&TD3.replace("ANNA", "ÄNNA")),
        MrzProblem::Character {
            line: 1,
            position: 16,
            found: 'Ä'
        }
    );
    assert_eq!(
        problem(&TD3.replacen('P', "V", 1)),
        MrzProblem::DocumentCode { found: "V<".into() }
    );
    assert_eq!(
        mrz::parse(TD3, TODAY).unwrap_err(),
        MrzProblem::Expired {
            on: date(2012, 4, 15)
        }
    );
}

#[test]
fn a_document_is_recognized_by_its_text() {
    assert_eq!(
        Document::parse("11010519491231002X", TODAY).unwrap().canonical(),
        "resident_id CHN 11010519491231002X"
    );
    assert_eq!(
        Document::parse(TD3, SPECIMEN_DAY).unwrap().canonical(),
        "passport UTO L898902C3"
    );
    assert_eq!(
        Document::parse("110105491231002", TODAY).unwrap().number(),
        "11010519491231002X"
    );
}

proptest! {
    /// GB 11643 promises it: one wrong digit, or two neighbours exchanged, never goes unnoticed.
    #[test]
    fn one_slip_in_a_resident_number_is_always_noticed(sequence in 0u32..1000, at in 0usize..17, to in 0u8..10) {
        let body = format!("11010519491231{sequence:03}");
        let number = format!("{body}{}", check_character(&body));
        let mut slip = number.clone().into_bytes();
        prop_assume!(slip[at] != b'0' + to);
        slip[at] = b'0' + to;
        prop_assert!(gb11643::parse(std::str::from_utf8(&slip).unwrap(), TODAY).is_err());
        let mut exchanged = number.clone().into_bytes();
        prop_assume!(exchanged[at] != exchanged[at + 1]);
        exchanged.swap(at, at + 1);
        prop_assert!(gb11643::parse(std::str::from_utf8(&exchanged).unwrap(), TODAY).is_err());
    }

    #[test]
    fn no_text_makes_the_readers_fall_over(text in "\\PC{0,120}", zone in "[A-Z0-9<\n]{0,140}") {
        for text in [&text, &zone] {
            if let Err(problem) = Document::parse(text, TODAY) {
                prop_assert!(!problem.text(Language::ZhHans).is_empty() && !problem.text(Language::En).is_empty());
            }
        }
    }
}
