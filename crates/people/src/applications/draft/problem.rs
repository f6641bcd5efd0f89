use base::Language;

/// Why a field is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    pub field: Field,
    /// A word for programs, stable across languages.
    pub code: &'static str,
    chinese: String,
    english: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    Name,
    Phone,
    Document,
    Income,
    RequestedLimit,
    Language,
    Email,
    Zone,
    CallTime,
    Consent,
    Files,
}

impl FieldProblem {
    pub fn new(
        field: Field,
        code: &'static str,
        chinese: impl Into<String>,
        english: impl Into<String>,
    ) -> Self {
        Self {
            field,
            code,
            chinese: chinese.into(),
            english: english.into(),
        }
    }

    /// What is wrong with the field and what to do about it.
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::ZhHans => &self.chinese,
            Language::En => &self.english,
        }
    }
}

impl Field {
    /// The name of the form's input and of the API's property.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Document => "document",
            Self::Income => "income",
            Self::RequestedLimit => "requested_limit",
            Self::Language => "language",
            Self::Email => "email",
            Self::Zone => "zone",
            Self::CallTime => "call_time",
            Self::Consent => "consent",
            Self::Files => "files",
        }
    }
}
