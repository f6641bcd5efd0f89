/// A language that screens and prompts are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    ZhHans,
    En,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::ZhHans, Self::En];

    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhHans => "zh-Hans",
            Self::En => "en",
        }
    }

    /// The language of a tag, by its first subtag: `zh-CN` is Chinese, `en-GB` is English.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::ZhHans),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// Chooses by an `Accept-Language` header (RFC 9110); the first known tag of the highest
    /// weight wins, and Chinese is the default.
    pub fn negotiate(accept_language: &str) -> Self {
        let mut best: Option<(Self, f32)> = None;
        for item in accept_language.split(',').take(20) {
            let mut parts = item.trim().split(';');
            let Some(language) = parts.next().and_then(|tag| Self::from_tag(tag.trim())) else {
                continue;
            };
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q=")?.parse().ok())
                .unwrap_or(1.0);
            if weight > 0.0 && best.is_none_or(|(_, highest)| weight > highest) {
                best = Some((language, weight));
            }
        }
        best.map_or(Self::ZhHans, |(language, _)| language)
    }

    pub fn other(self) -> Self {
        match self {
            Self::ZhHans => Self::En,
            Self::En => Self::ZhHans,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{self, En, ZhHans};

    #[test]
    fn the_heaviest_known_language_wins() {
        assert_eq!(Language::negotiate("fr, en;q=0.8, zh;q=0.9"), ZhHans);
        assert_eq!(Language::negotiate("en-GB,en;q=0.9"), En);
        assert_eq!(Language::negotiate("de"), ZhHans);
        assert_eq!(Language::negotiate(""), ZhHans);
    }
}
