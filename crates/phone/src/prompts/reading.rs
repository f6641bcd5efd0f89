//! Amounts and numbers in words, as they are read out.

use base::{Amount, Currency, Language};

/// The words of an amount: 一千两百五十点五块, "one thousand two hundred fifty yuan and fifty cents".
/// Its sign is left out: what is read out is always a payment or a limit.
pub fn amount_in_words(language: Language, amount: Amount) -> String {
    let minor = amount.minor.unsigned_abs();
    match (language, amount.currency) {
        (Language::ZhHans, Currency::Cny) => chinese_yuan(minor),
        (Language::En, Currency::Cny) => english_yuan(minor),
        (Language::ZhHans, currency) => chinese_decimal(minor, currency),
        (Language::En, currency) => english_decimal(minor, currency),
    }
}

/// The words of a whole number below 10¹⁶ (larger ones digit by digit).
pub fn number_in_words(language: Language, number: u64) -> String {
    match language {
        _ if number >= 10_000_000_000_000_000 => digits_in_words(language, &number.to_string()),
        Language::ZhHans => chinese(number),
        Language::En => english(number),
    }
}

/// Digit by digit, with a pause after every second one: 一二，三四. Anything else is left out.
pub(super) fn digits_in_words(language: Language, digits: &str) -> String {
    let (join, pause) = match language {
        Language::ZhHans => ("", "，"),
        Language::En => (" ", ", "),
    };
    let words: Vec<&str> = digits
        .bytes()
        .filter(u8::is_ascii_digit)
        .map(|digit| match language {
            Language::ZhHans => ZH_DIGITS[usize::from(digit - b'0')],
            Language::En => ONES[usize::from(digit - b'0')],
        })
        .collect();
    let pairs: Vec<String> = words.chunks(2).map(|pair| pair.join(join)).collect();
    pairs.join(pause)
}

const ZH_DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

/// 九点七五块, not 九元七角五分: 角 and 分 are lost on a telephone, and 四十一元 is heard as 四十亿元.
/// A last zero is not said.
fn chinese_yuan(fen: u64) -> String {
    let (yuan, rest) = (fen / 100, fen % 100);
    if rest == 0 {
        return chinese_counted(yuan, "块");
    }
    let mut words = chinese(yuan) + "点" + ZH_DIGITS[(rest / 10) as usize];
    if rest % 10 > 0 {
        words += ZH_DIGITS[(rest % 10) as usize];
    }
    words + "块"
}

/// 2 alone before a unit is 两.
fn chinese_counted(number: u64, unit: &str) -> String {
    if number == 2 {
        format!("两{unit}")
    } else {
        chinese(number) + unit
    }
}

fn chinese(number: u64) -> String {
    let mut words = String::new();
    if number == 0 {
        words += ZH_DIGITS[0];
    }
    chinese_onto(number, &mut words);
    words
}

/// Four digits at a time: how many 亿, then how many 万, then the rest.
fn chinese_onto(number: u64, words: &mut String) {
    let (value, unit) = match number {
        100_000_000.. => (100_000_000, "亿"),
        10_000.. => (10_000, "万"),
        _ => return chinese_section(number, words.is_empty(), words),
    };
    let (high, rest) = (number / value, number % value);
    if high == 2 {
        words.push('两');
    } else {
        chinese_onto(high, words);
    }
    words.push_str(unit);
    if rest > 0 && rest < value / 10 {
        words.push('零');
    }
    chinese_onto(rest, words);
}

/// 0 (no word) to 9,999. After something higher, ten is 一十.
fn chinese_section(section: u64, head: bool, words: &mut String) {
    let mut zero = false;
    let start = words.len();
    for (value, unit) in [(1_000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = section / value % 10;
        let first = words.len() == start;
        if digit == 0 {
            zero = !first;
            continue;
        }
        if zero {
            words.push('零');
            zero = false;
        }
        match (digit, value) {
            (2, 1_000 | 100) => words.push('两'),
            (1, 10) if first && head => {}
            _ => words.push_str(ZH_DIGITS[digit as usize]),
        }
        words.push_str(unit);
    }
}

/// A hundredth of a yuan is a cent to an English ear: "fen" is heard as a thousand or not at all.
fn english_yuan(fen: u64) -> String {
    let (yuan, rest) = (fen / 100, fen % 100);
    let cents = if rest == 1 { "cent" } else { "cents" };
    match (yuan, rest) {
        (_, 0) => format!("{} yuan", english(yuan)),
        (0, _) => format!("{} {cents}", english(rest)),
        _ => format!("{} yuan and {} {cents}", english(yuan), english(rest)),
    }
}

/// Without "and" inside a number: it is heard as a second number, "400 and 2".
fn english(number: u64) -> String {
    if number < 100 {
        return english_small(number);
    }
    let mut words: Vec<String> = Vec::new();
    for (value, unit) in [
        (1_000_000_000_000_000, "quadrillion"),
        (1_000_000_000_000, "trillion"),
        (1_000_000_000, "billion"),
        (1_000_000, "million"),
        (1_000, "thousand"),
        (1, ""),
    ] {
        let group = number / value % 1_000;
        let (hundreds, small) = (group / 100, group % 100);
        if hundreds > 0 {
            words.push(format!("{} hundred", english_small(hundreds)));
        }
        if small > 0 {
            words.push(english_small(small));
        }
        if group > 0 && !unit.is_empty() {
            words.push(unit.into());
        }
    }
    words.join(" ")
}

/// 0 to 99.
fn english_small(number: u64) -> String {
    let number = number as usize;
    match (number / 10, number % 10) {
        (0 | 1, _) => ONES[number].into(),
        (tens, 0) => TENS[tens].into(),
        (tens, ones) => format!("{} {}", TENS[tens], ONES[ones]),
    }
}

/// 十二点五零美元.
fn chinese_decimal(minor: u64, currency: Currency) -> String {
    let (whole, fraction) = split(minor, currency);
    let mut words = chinese(whole);
    if !fraction.is_empty() {
        words.push('点');
        words.extend(fraction.bytes().map(|digit| ZH_DIGITS[usize::from(digit - b'0')]));
    }
    words + chinese_name(currency)
}

/// "twelve point five zero US dollars".
fn english_decimal(minor: u64, currency: Currency) -> String {
    let (whole, fraction) = split(minor, currency);
    english(whole) + &english_fraction(&fraction) + " " + english_name(currency)
}

/// Digit by digit throughout: what the parts say for an amount that they have no phrases for.
pub(super) fn english_digits(amount: Amount) -> String {
    let (whole, fraction) = split(amount.minor.unsigned_abs(), amount.currency);
    let whole: Vec<&str> = whole
        .to_string()
        .bytes()
        .map(|digit| ONES[usize::from(digit - b'0')])
        .collect();
    whole.join(" ") + &english_fraction(&fraction) + " " + english_name(amount.currency)
}

fn english_fraction(fraction: &str) -> String {
    if fraction.is_empty() {
        return String::new();
    }
    let digits: Vec<&str> = fraction
        .bytes()
        .map(|digit| ONES[usize::from(digit - b'0')])
        .collect();
    format!(" point {}", digits.join(" "))
}

/// The whole part, and the decimals unless they are all zero.
fn split(minor: u64, currency: Currency) -> (u64, String) {
    let exponent = currency.exponent();
    let one = 10u64.pow(exponent);
    let rest = minor % one;
    let fraction = if rest == 0 {
        String::new()
    } else {
        format!("{rest:0>width$}", width = exponent as usize)
    };
    (minor / one, fraction)
}

fn chinese_name(currency: Currency) -> &'static str {
    match currency {
        Currency::Cny => "元",
        Currency::Eur => "欧元",
        Currency::Gbp => "英镑",
        Currency::Jpy => "日元",
        Currency::Kwd => "科威特第纳尔",
        Currency::Usd => "美元",
    }
}

fn english_name(currency: Currency) -> &'static str {
    match currency {
        Currency::Cny => "yuan",
        Currency::Eur => "euros",
        Currency::Gbp => "pounds",
        Currency::Jpy => "yen",
        Currency::Kwd => "dinars",
        Currency::Usd => "dollars",
    }
}
