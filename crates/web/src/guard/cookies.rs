use axum::http::{HeaderMap, HeaderValue, header};

/// The cookies we set. With TLS their names begin with `__Host-`, so that no other host of the
/// domain can plant them (RFC 6265bis).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    Session,
    Staff,
    Device,
    /// What an anonymous form is bound to.
    Form,
    Language,
}

const YEAR_SECS: u32 = 365 * 86_400;

impl Cookie {
    fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-session",
            (Self::Session, false) => "session",
            (Self::Staff, true) => "__Host-staff",
            (Self::Staff, false) => "staff",
            (Self::Device, true) => "__Host-device",
            (Self::Device, false) => "device",
            (Self::Form, true) => "__Host-form",
            (Self::Form, false) => "form",
            (Self::Language, true) => "__Host-language",
            (Self::Language, false) => "language",
        }
    }

    /// The value that the browser sent.
    pub fn read(self, headers: &HeaderMap, secure: bool) -> Option<&str> {
        let wanted = self.name(secure);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == wanted && value.len() <= 128).then_some(value))
    }

    /// The header that sets it; an empty value takes it away.
    pub fn write(self, value: &str, secure: bool) -> HeaderValue {
        let name = self.name(secure);
        let age = match self {
            _ if value.is_empty() => "; Max-Age=0".to_owned(),
            Self::Device | Self::Language => format!("; Max-Age={YEAR_SECS}"),
            Self::Session | Self::Staff | Self::Form => String::new(),
        };
        let site = match self {
            Self::Staff => "Strict",
            Self::Session | Self::Device | Self::Form | Self::Language => "Lax",
        };
        let tls = if secure { "; Secure" } else { "" };
        HeaderValue::from_str(&format!(
            "{name}={value}; Path=/; HttpOnly; SameSite={site}{tls}{age}"
        ))
        .unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// `Chrome · Android`: what a person recognises their device by, from the browser's own words.
pub fn device_label(headers: &HeaderMap) -> String {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let pick = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    let browser = pick(&[
        ("MicroMessenger", "WeChat"),
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = pick(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.into(),
        (None, None) => "?".into(),
    }
}

/// `API · curl/8.5.0`: what a person recognises their program by, from its first word.
pub fn program_label(headers: &HeaderMap) -> String {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split_whitespace().next());
    match agent {
        Some(word) => format!("API · {}", word.chars().take(40).collect::<String>()),
        None => "API".into(),
    }
}
