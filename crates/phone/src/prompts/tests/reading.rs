use super::super::name::{SpokenName, spoken, syllables};
use super::super::*;
use super::cny;
use base::{Amount, Currency, Language};
use proptest::prelude::*;

#[test]
fn chinese_amounts_are_read_as_people_say_them() {
    let read = |fen| amount_in_words(Language::ZhHans, cny(fen));
    assert_eq!(read(125_050), "一千两百五十点五块");
    assert_eq!(read(1_200), "十二块");
    assert_eq!(read(11_200), "一百一十二块");
    assert_eq!(read(200), "两块");
    assert_eq!(read(10_205), "一百零二点零五块");
    assert_eq!(read(1_050_000), "一万零五百块");
    assert_eq!(read(20_000_022), "二十万点二二块");
    assert_eq!(read(10_000_100), "十万零一块");
    assert_eq!(read(7), "零点零七块");
    assert_eq!(read(12_000_000_000), "一亿两千万块");
    assert_eq!(read(10_000_200_000), "一亿零两千块");
}

#[test]
fn english_amounts_are_read_as_people_say_them() {
    let read = |fen| amount_in_words(Language::En, cny(fen));
    assert_eq!(
        read(125_050),
        "one thousand two hundred fifty yuan and fifty cents"
    );
    assert_eq!(read(100_500), "one thousand five yuan");
    assert_eq!(
        read(10_525_000),
        "one hundred five thousand two hundred fifty yuan"
    );
    assert_eq!(read(20_000), "two hundred yuan");
    assert_eq!(read(5), "five cents");
    assert_eq!(read(100_000_000), "one million yuan");
}

#[test]
fn other_currencies_are_read_with_their_decimals() {
    let dollars = Amount::new(1_250, Currency::Usd);
    assert_eq!(amount_in_words(Language::ZhHans, dollars), "十二点五零美元");
    assert_eq!(
        amount_in_words(Language::En, dollars),
        "twelve point five zero dollars"
    );
    let yen = Amount::new(200, Currency::Jpy);
    assert_eq!(amount_in_words(Language::ZhHans, yen), "两百日元");
}

#[test]
fn surnames_are_read_as_surnames() {
    assert_eq!(syllables("曾国藩"), ["zeng1", "guo2", "fan1"]);
    assert_eq!(syllables("单雄信")[0], "shan4");
    assert_eq!(syllables("尉迟恭"), ["yu4", "chi2", "gong1"]);
    assert_eq!(syllables("任单")[..], ["ren2", "dan1"]);
    assert_eq!(syllables("吕布")[0], "lü3");
    assert_eq!(syllables("中国银行"), ["zhong1", "guo2", "yin2", "hang2"]);
}

#[test]
fn a_name_is_said_in_the_callers_language_or_not_at_all() {
    let words = |text: &str| SpokenName::Words(text.into());
    assert_eq!(spoken(Language::En, "张伟"), words("Zhang Wei"));
    assert_eq!(spoken(Language::En, "欧阳修"), words("Ouyang Xiu"));
    assert_eq!(spoken(Language::En, "Alice O'Neil"), words("Alice O'Neil"));
    assert_eq!(spoken(Language::ZhHans, "阿里·买买提"), words("阿里，买买提"));
    assert_eq!(spoken(Language::ZhHans, "好邻居24"), words("好邻居二四"));
    assert_eq!(spoken(Language::ZhHans, "Alice"), SpokenName::Unspeakable);
    assert_eq!(spoken(Language::En, "مريم"), SpokenName::Unspeakable);
    assert_eq!(spoken(Language::ZhHans, ""), SpokenName::Unspeakable);
    assert_eq!(
        spoken(Language::ZhHans, &"长".repeat(30)),
        SpokenName::Unspeakable
    );
}

#[test]
fn a_line_never_breaks_on_strange_names() {
    for name in ["", "🙂", "<script>", "a\u{301}", "\u{0}", "王\n二"] {
        for language in Language::ALL {
            let line = super::details(1, name);
            assert!(!transcript(language, &line).is_empty());
            let (sound, text) = PartsVoice.speak(language, &line);
            assert!(!sound.is_empty(), "{name:?} in {text}");
        }
    }
}

proptest! {
    #[test]
    fn what_is_read_in_chinese_is_the_amount(fen in amounts()) {
        let words = amount_in_words(Language::ZhHans, cny(fen));
        prop_assert_eq!(chinese_fen(&words), fen as u64, "{}", words);
    }

    #[test]
    fn what_is_read_in_english_is_the_amount(fen in amounts()) {
        let words = amount_in_words(Language::En, cny(fen));
        prop_assert_eq!(english_fen(&words), fen as u64, "{}", words);
    }

    #[test]
    fn two_amounts_never_sound_the_same(one in amounts(), other in amounts()) {
        for language in Language::ALL {
            let same = amount_in_words(language, cny(one)) == amount_in_words(language, cny(other));
            prop_assert_eq!(same, one == other);
        }
    }
}

/// Amounts of every size, with zeros in all places.
fn amounts() -> impl Strategy<Value = i64> {
    (
        1u32..=15,
        prop::collection::vec(prop_oneof![Just(0i64), 0i64..=9], 15),
    )
        .prop_map(|(length, digits)| {
            let number = digits
                .iter()
                .take(length as usize)
                .fold(0, |number, digit| number * 10 + digit);
            number.max(1)
        })
}

/// A reader of its own: units multiply what stands before them.
fn chinese_fen(words: &str) -> u64 {
    let (mut fen, mut whole, mut section, mut digit, mut place) = (0, 0, 0, None, 100);
    for char in words.chars() {
        if place < 100 && char != '块' {
            fen += "零一二三四五六七八九"
                .chars()
                .position(|known| known == char)
                .unwrap() as u64
                * place;
            place /= 10;
            continue;
        }
        let tens = |digit: Option<u64>| digit.unwrap_or(1);
        match char {
            '零' => digit = None,
            '十' => section += tens(digit.take()) * 10,
            '百' => section += tens(digit.take()) * 100,
            '千' => section += tens(digit.take()) * 1_000,
            '万' => {
                whole += (section + digit.take().unwrap_or(0)) * 10_000;
                section = 0;
            }
            '亿' => {
                whole = (whole + section + digit.take().unwrap_or(0)) * 100_000_000;
                section = 0;
            }
            '点' => {
                fen += (whole + section + digit.take().unwrap_or(0)) * 100;
                (whole, section, place) = (0, 0, 10);
            }
            '块' if place == 100 => fen += (whole + section + digit.take().unwrap_or(0)) * 100,
            '块' => {}
            '两' => digit = Some(2),
            _ => {
                digit = "一二三四五六七八九"
                    .chars()
                    .position(|known| known == char)
                    .map(|at| at as u64 + 1)
            }
        }
    }
    fen
}

fn english_fen(words: &str) -> u64 {
    let (mut fen, mut whole, mut group) = (0, 0, 0);
    let scale = |group: &mut u64, whole: &mut u64, by: u64| {
        *whole += std::mem::take(group) * by;
    };
    for word in words.split(' ') {
        match word {
            "and" => {}
            "hundred" => group *= 100,
            "thousand" => scale(&mut group, &mut whole, 1_000),
            "million" => scale(&mut group, &mut whole, 1_000_000),
            "billion" => scale(&mut group, &mut whole, 1_000_000_000),
            "trillion" => scale(&mut group, &mut whole, 1_000_000_000_000),
            "yuan" => fen += (std::mem::take(&mut whole) + std::mem::take(&mut group)) * 100,
            "cent" | "cents" => fen += std::mem::take(&mut group),
            small => {
                group += (0..100)
                    .find(|n| number_in_words(Language::En, *n) == small)
                    .unwrap()
            }
        }
    }
    fen
}
