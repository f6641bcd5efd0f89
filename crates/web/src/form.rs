//! What a person typed, and what is wrong with it; nothing typed is lost.

use std::collections::HashMap;

/// Fields of digits, which a Chinese keyboard may write at full width.
const NUMBERS: [&str; 11] = [
    "to",
    "amount",
    "phone",
    "income",
    "requested_limit",
    "resident_id",
    "mrz",
    "code",
    "renew",
    "recovery",
    "find",
];

#[derive(Clone, Debug, Default)]
pub struct Form {
    values: HashMap<String, String>,
    errors: HashMap<String, String>,
}

impl Form {
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let readable = |(name, text): (String, String)| {
            let text = match name.as_str() {
                // Kept to the last sign.
                "csrf" | "password" | "again" => text,
                name if NUMBERS.contains(&name) => half_width(&visible(&text)),
                _ => visible(&text),
            };
            (name, text)
        };
        Self {
            values: pairs.into_iter().map(readable).collect(),
            errors: HashMap::new(),
        }
    }

    /// The trimmed text of a field; empty when it was not sent.
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", |text| text.trim())
    }

    /// An authenticator's code, however it is spaced. `None` for what is no code: that is a slip of
    /// the finger, said beside the field and not counted as an attempt.
    pub fn six_digits(&self, name: &str) -> Option<String> {
        let code = self.value(name).replace(' ', "");
        (code.len() == 6 && code.bytes().all(|sign| sign.is_ascii_digit())).then_some(code)
    }

    /// The text as typed: passwords keep their spaces.
    pub fn exact(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.insert(name.into(), value.into());
    }

    /// Takes a secret away before the form is shown again.
    pub fn forget(&mut self, name: &str) {
        self.values.remove(name);
    }

    pub fn error(&self, name: &str) -> Option<&str> {
        self.errors.get(name).map(String::as_str)
    }

    /// The first problem of a field is the one that is shown.
    pub fn refuse(&mut self, name: &str, problem: impl Into<String>) {
        self.errors.entry(name.into()).or_insert_with(|| problem.into());
    }

    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }
}

/// Without signs that nobody sees, which come along when a text is copied or turn it about.
fn visible(text: &str) -> String {
    let unseen = |sign: &char| matches!(sign, '\u{200b}' | '\u{feff}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|sign| !unseen(sign)).collect()
}

/// `１２．５０` is 12.50, and so is `12。50`.
fn half_width(text: &str) -> String {
    let narrow = |sign| match sign {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(sign as u32 - 0xfee0).unwrap_or(sign),
        '\u{3000}' => ' ',
        '。' => '.',
        sign => sign,
    };
    text.chars().map(narrow).collect()
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn a_code_is_six_digits_and_a_slip_is_none() {
        let code = |typed: &str| Form::from_pairs([("code".into(), typed.into())]).six_digits("code");
        for typed in ["123456", " 123 456 ", "１２３４５６"] {
            assert_eq!(code(typed).as_deref(), Some("123456"), "{typed}");
        }
        for slip in ["", "12345", "1234567", "12345a", "z9zn-fyzq-1s"] {
            assert_eq!(code(slip), None, "{slip}");
        }
    }

    #[test]
    fn full_width_digits_and_unseen_signs_are_read_as_they_are_meant() {
        let typed = [
            ("amount", "１，２５０。５０"),
            ("phone", "１３８　００００\u{200b}"),
            ("note", "午餐\u{202e}１"),
            ("password", "１\u{200b} "),
        ];
        let form = Form::from_pairs(typed.map(|(name, text)| (name.into(), text.into())));
        assert_eq!(form.value("amount"), "1,250.50");
        assert_eq!(form.value("phone"), "138 0000");
        assert_eq!(form.value("note"), "午餐１", "words stay as they are");
        assert_eq!(form.exact("password"), "１\u{200b} ");
    }
}
