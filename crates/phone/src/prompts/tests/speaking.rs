use super::super::bank::Bank;
use super::super::*;
use super::{cny, details};
use base::{Amount, Currency, Language};
use proptest::prelude::*;
use std::collections::HashSet;

#[test]
fn every_fixed_line_is_recorded_whole_in_both_languages() {
    for language in Language::ALL {
        for prompt in PromptId::ALL {
            let text = prompt.text(language);
            assert!(PartsVoice.has_whole(language, text), "{}: {text}", prompt.id());
        }
        for digit in 3..=9 {
            let text = transcript(language, &SpokenLine::PressDigit(digit));
            assert!(PartsVoice.has_whole(language, &text), "{text}");
        }
    }
}

#[test]
fn every_row_of_the_wording_is_named() {
    let rows = include_str!("../../../prompts/prompts.tsv").lines();
    let rows = rows.filter(|row| !row.starts_with('#') && !row.starts_with("press-"));
    assert_eq!(rows.count(), PromptId::ALL.len());
}

#[test]
fn the_matching_words_differ_and_are_recorded() {
    for language in Language::ALL {
        let words: Vec<_> = (0..MATCHING_WORDS).filter_map(MatchingWord::from_index).collect();
        let texts: HashSet<_> = words.iter().map(|word| word.text(language)).collect();
        assert_eq!(texts.len(), 64);
        for word in words {
            let line = SpokenLine::MatchingWords([word, word]);
            let (sound, text) = PartsVoice.speak(language, &line);
            assert!(sound.duration_ms() > 2_000, "{text}");
            assert!(Bank::of(language).find(word.text(language)).is_some(), "{text}");
        }
    }
    assert_eq!(MatchingWord::from_index(64), None);
    assert_eq!(MatchingWord::from_random(255).index(), 63);
}

#[test]
fn the_phrases_of_the_bank_lie_within_their_file() {
    for language in Language::ALL {
        let bank = Bank::of(language);
        let mut count = 0;
        for (text, phrase) in bank.phrases() {
            let length = bank.sound(phrase).duration_ms();
            assert!((60..30_000).contains(&length), "{text}: {length} ms");
            count += 1;
        }
        assert!(count > 400, "{count} phrases");
    }
}

#[test]
fn the_parts_name_a_payee_in_chinese_and_the_wallet_in_english() {
    let line = details(125_050, "张伟");
    let (_, zh) = PartsVoice.speak(Language::ZhHans, &line);
    assert_eq!(zh, transcript(Language::ZhHans, &line));
    assert_eq!(zh, "您要付款，总共一千两百五十点五块。收款人，张伟。");
    let (_, en) = PartsVoice.speak(Language::En, &line);
    assert!(
        en.ends_with("to the wallet ending in one two, zero four. The name is in your app."),
        "{en}"
    );
    assert!(transcript(Language::En, &line).contains("Zhang Wei, the wallet ending in one two, zero four"));
}

#[test]
fn large_and_foreign_amounts_are_spoken_too() {
    for amount in [
        cny(999_999_999_999_999),
        cny(100_000_000),
        Amount::new(1_205, Currency::Kwd),
    ] {
        for language in Language::ALL {
            let line = SpokenLine::ApplicationDetails { limit: amount };
            let (sound, text) = PartsVoice.speak(language, &line);
            assert!(!sound.is_empty(), "{text}");
        }
    }
}

#[test]
fn the_language_offer_is_made_in_the_other_language() {
    assert!(
        PromptId::LanguageOffer
            .text(Language::ZhHans)
            .starts_with("For English")
    );
    let line = SpokenLine::Fixed(PromptId::LanguageOffer);
    let (zh, _) = PartsVoice.speak(Language::ZhHans, &line);
    let (en, _) = PartsVoice.speak(Language::En, &line);
    assert!(!zh.is_empty() && zh != en);
}

#[test]
fn a_text_without_parts_is_not_half_spoken() {
    assert_eq!(
        PartsVoice.speak_text(Language::En, "You are paying tomorrow"),
        None
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_parts_speak_every_amount(fen in 1i64..10_000_000_000) {
        for language in Language::ALL {
            let (sound, text) = PartsVoice.speak(language, &details(fen, "李娜"));
            prop_assert!(sound.duration_ms() > 2_000, "{}", text);
        }
    }
}
