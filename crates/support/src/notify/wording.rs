use super::{Message, texts_en, texts_zh};
use base::{Language, OperatorZone, Timestamp};

/// What the operator is called, and whose clock the messages go by.
#[derive(Clone, Debug)]
pub struct Wording {
    pub name_zh_hans: String,
    pub name_en: String,
    /// The number that our calls come from.
    pub official_number: String,
    pub zone: OperatorZone,
}

/// A message in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// One line: the heading in the app, the subject of the e-mail.
    pub title: String,
    /// For the app, where the customer has signed in: with amounts and names.
    pub inside: String,
    /// For SMS and e-mail, which others may read: without.
    pub outside: String,
}

impl Wording {
    pub fn text(&self, message: &Message, language: Language) -> Text {
        match language {
            Language::ZhHans => texts_zh::text(message, self),
            Language::En => texts_en::text(message, self),
        }
    }

    /// The operator's name as a reader of this language knows it.
    pub fn brand(&self, language: Language) -> &str {
        match language {
            Language::ZhHans => &self.name_zh_hans,
            Language::En => &self.name_en,
        }
    }

    /// `15:30`, by the operator's clock.
    pub(super) fn time(&self, at: Timestamp) -> String {
        let local = self.zone.civil(at);
        format!("{:02}:{:02}", local.hour(), local.minute())
    }
}
