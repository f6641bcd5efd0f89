//! Names of payees, as far as a voice can say them.

use base::Language;
use pinyin::ToPinyin;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum SpokenName {
    Words(String),
    /// Another script, or too long: the wallet's last digits stand for it.
    Unspeakable,
}

/// A longer name is not read out.
const LONGEST: usize = 24;

/// Surnames that are read unlike the same character elsewhere.
const SURNAMES: &[(&str, &[&str])] = &[
    ("万俟", &["mo4", "qi2"]),
    ("尉迟", &["yu4", "chi2"]),
    ("单于", &["chan2", "yu2"]),
    ("长孙", &["zhang3", "sun1"]),
    ("澹台", &["tan2", "tai2"]),
    ("曾", &["zeng1"]),
    ("单", &["shan4"]),
    ("仇", &["qiu2"]),
    ("解", &["xie4"]),
    ("区", &["ou1"]),
    ("任", &["ren2"]),
    ("华", &["hua4"]),
    ("查", &["zha1"]),
    ("朴", &["piao2"]),
    ("覃", &["qin2"]),
    ("盖", &["ge3"]),
    ("召", &["shao4"]),
    ("乐", &["yue4"]),
    ("翟", &["zhai2"]),
    ("缪", &["miao4"]),
    ("冼", &["xian3"]),
    ("洗", &["xian3"]),
    ("黑", &["he4"]),
    ("秘", &["bi4"]),
    ("员", &["yun4"]),
    ("逄", &["pang2"]),
    ("燕", &["yan1"]),
    ("纪", &["ji3"]),
    ("隗", &["wei3"]),
    ("宁", &["ning4"]),
    ("尹", &["yin3"]),
    ("折", &["she2"]),
    ("种", &["chong2"]),
    ("重", &["chong2"]),
    ("柏", &["bai3"]),
    ("薄", &["bo2"]),
    ("卜", &["bu3"]),
    ("能", &["nai4"]),
    ("祭", &["zhai4"]),
    ("车", &["che1"]),
    ("沈", &["shen3"]),
    ("晁", &["chao2"]),
    ("佟", &["tong2"]),
    ("郗", &["xi1"]),
    ("令狐", &["ling2", "hu2"]),
];

/// Readings in our lines and in names of shops that the single character's first reading misses.
const PHRASES: &[(&str, &[&str])] = &[
    ("银行", &["yin2", "hang2"]),
    ("商行", &["shang1", "hang2"]),
    ("分行", &["fen1", "hang2"]),
    ("支行", &["zhi1", "hang2"]),
    ("重庆", &["chong2", "qing4"]),
    ("成都", &["cheng2", "du1"]),
    ("音乐", &["yin1", "yue4"]),
    ("长沙", &["chang2", "sha1"]),
    ("长春", &["chang2", "chun1"]),
    ("厦门", &["xia4", "men2"]),
    ("便利", &["bian4", "li4"]),
    ("美发", &["mei3", "fa4"]),
    ("理发", &["li3", "fa4"]),
    ("会计", &["kuai4", "ji4"]),
    ("朝阳", &["chao2", "yang2"]),
    ("调味", &["tiao2", "wei4"]),
    ("蕃", &["fan1"]),
];

/// How a payee's name is said in this language, if at all.
pub(super) fn spoken(language: Language, name: &str) -> SpokenName {
    let name: String = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST {
        return SpokenName::Unspeakable;
    }
    match language {
        Language::ZhHans => chinese(&name),
        Language::En => english(&name),
    }
}

/// Chinese characters; digits are read out, a middle dot is a pause.
fn chinese(name: &str) -> SpokenName {
    let mut words = String::new();
    for char in name.chars() {
        match char {
            '0'..='9' => words += &super::reading::digits_in_words(Language::ZhHans, &char.to_string()),
            '·' | '•' | '・' if !words.is_empty() => words.push('，'),
            '（' | '）' | '(' | ')' | ' ' => {}
            _ if char.to_pinyin().is_some() => words.push(char),
            _ => return SpokenName::Unspeakable,
        }
    }
    if words.chars().any(|char| char.to_pinyin().is_some()) {
        SpokenName::Words(words)
    } else {
        SpokenName::Unspeakable
    }
}

/// Latin names as they are written; Chinese ones in pinyin, surname first: 张伟 is "Zhang Wei".
fn english(name: &str) -> SpokenName {
    if name
        .chars()
        .all(|char| char.is_ascii_alphabetic() || " .'-".contains(char))
    {
        return SpokenName::Words(name.to_owned());
    }
    if !name.chars().all(|char| char.to_pinyin().is_some()) {
        return SpokenName::Unspeakable;
    }
    let syllables: Vec<String> = syllables(name)
        .iter()
        .map(|syllable| syllable.trim_end_matches(char::is_numeric).replace('ü', "u"))
        .collect();
    let two = SURNAMES
        .iter()
        .any(|(known, _)| known.chars().count() == 2 && name.starts_with(known))
        || COMPOUND.iter().any(|known| name.starts_with(known));
    let (surname, given) = syllables.split_at(if two && syllables.len() > 2 { 2 } else { 1 });
    let words = [surname.concat(), given.concat()].map(|word| capitalised(&word));
    SpokenName::Words(words.join(" ").trim().to_owned())
}

/// Surnames of two characters that are read as their characters are.
const COMPOUND: &[&str] = &[
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "公孙", "慕容", "司徒", "夏侯", "端木", "独孤", "南宫",
];

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|char| char.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// The toned syllables of Chinese text that begins with a surname: `zeng1`, `lü4`; 5 is no tone.
/// Characters without a reading are left out.
pub(super) fn syllables(text: &str) -> Vec<String> {
    let mut syllables = Vec::new();
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let known = PHRASES.iter().find(|(phrase, _)| rest.starts_with(phrase));
        let surname = SURNAMES.iter().find(|(surname, _)| rest.starts_with(surname));
        let table = if rest.len() == text.len() {
            known.or(surname)
        } else {
            known
        };
        if let Some((phrase, readings)) = table {
            syllables.extend(readings.iter().map(|reading| (*reading).to_owned()));
            rest = &rest[phrase.len()..];
            continue;
        }
        if let Some(reading) = char.to_pinyin() {
            let toned = reading.with_tone_num_end();
            let neutral = !toned.ends_with(|end: char| end.is_ascii_digit());
            syllables.push(if neutral {
                format!("{toned}5")
            } else {
                toned.to_owned()
            });
        }
        rest = &rest[char.len_utf8()..];
    }
    syllables
}
