use super::icons;
use crate::words::{self, Calendar};
use base::{Language, OperatorZone, Timestamp};
use std::fmt::Display;
use std::sync::Arc;

/// The operator as the customer knows them.
#[derive(Clone, Debug)]
pub struct Brand {
    /// 回铃 or the operator's own name, per language.
    pub name_zh_hans: String,
    pub name_en: String,
    /// The one number that our calls show, `95138`.
    pub calling_number: String,
    /// What the public pages call the place, for example `https://wallet.example`.
    pub public_url: String,
}

impl Brand {
    pub fn name(&self, language: Language) -> &str {
        match language {
            Language::ZhHans => &self.name_zh_hans,
            Language::En => &self.name_en,
        }
    }
}

/// A place in the customer's navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    Home,
    Activity,
    Security,
    Messages,
    /// A page on the way: the navigation stays, nothing is marked.
    Within,
    /// No navigation: before the sign-in, and public pages.
    None,
}

/// What the frame around a page needs; a template's `p`.
#[derive(Clone, Debug)]
pub struct Page {
    pub language: Language,
    pub brand: Arc<Brand>,
    pub title: String,
    /// Where this page is, for the language switch to come back to.
    pub path: String,
    /// The same, where this page answers a form that was sent to another address.
    pub own: Option<String>,
    /// It answers a form, wherever that was sent.
    pub sent: bool,
    /// The token that every form of this page carries.
    pub csrf: String,
    /// A mark of who has signed in.
    pub who: Option<String>,
    pub tab: Tab,
    pub unread: u32,
    /// Whether the page listens for changes.
    pub live: bool,
    /// The member of staff whose page this is, and the part of the house.
    pub staff: Option<StaffFrame>,
    pub calendar: Calendar,
    /// Reload after so many seconds where scripts do not run.
    pub refresh_secs: Option<u32>,
}

#[derive(Clone, Debug)]
pub struct StaffFrame {
    pub name: String,
    pub role: String,
    /// Which rooms of the desk this role may enter.
    pub cases: bool,
    pub customers: bool,
    pub requests: bool,
    pub members: bool,
    pub audit: bool,
    pub here: &'static str,
}

impl Page {
    pub fn new(language: Language, brand: Arc<Brand>, zone: OperatorZone, now: Timestamp) -> Self {
        Self {
            language,
            brand,
            title: String::new(),
            path: "/".into(),
            own: None,
            sent: false,
            csrf: String::new(),
            who: None,
            tab: Tab::None,
            unread: 0,
            live: false,
            staff: None,
            calendar: Calendar { zone, language, now },
            refresh_secs: None,
        }
    }

    /// Names the page by a message and marks its place.
    pub fn titled(mut self, key: &str, tab: Tab) -> Self {
        self.title = self.t(key);
        self.tab = tab;
        self
    }

    pub fn live(mut self) -> Self {
        self.live = true;
        self
    }

    pub fn t(&self, key: &str) -> String {
        words::say(self.language, key)
    }

    pub fn t1(&self, key: &str, name: &str, value: impl Display) -> String {
        words::say_with(self.language, key, &[(name, &value.to_string())])
    }

    pub fn t2(&self, key: &str, a: &str, first: impl Display, b: &str, second: impl Display) -> String {
        words::say_with(
            self.language,
            key,
            &[(a, &first.to_string()), (b, &second.to_string())],
        )
    }

    pub fn icon(&self, name: &str) -> String {
        format!(
            r#"<svg class="i" viewBox="0 0 24 24" aria-hidden="true">{}</svg>"#,
            icons::strokes(name)
        )
    }

    pub fn small_icon(&self, name: &str) -> String {
        format!(
            r#"<svg class="i s" viewBox="0 0 24 24" aria-hidden="true">{}</svg>"#,
            icons::strokes(name)
        )
    }

    pub fn brand_name(&self) -> &str {
        self.brand.name(self.language)
    }

    pub fn number(&self) -> &str {
        &self.brand.calling_number
    }

    pub fn lang(&self) -> &'static str {
        self.language.tag()
    }

    pub fn other_lang(&self) -> &'static str {
        self.language.other().tag()
    }

    pub fn other_lang_name(&self) -> &'static str {
        match self.language {
            Language::ZhHans => "English",
            Language::En => "中文",
        }
    }

    /// Where the language is switched: the desk's forms carry the token of the desk's session.
    pub fn language_action(&self) -> &'static str {
        if self.path.starts_with("/staff") {
            "/staff/language"
        } else {
            "/language"
        }
    }

    pub fn on(&self, tab: &str) -> bool {
        matches!(
            (tab, self.tab),
            ("home", Tab::Home)
                | ("activity", Tab::Activity)
                | ("security", Tab::Security)
                | ("messages", Tab::Messages)
        )
    }

    pub fn has_tabs(&self) -> bool {
        self.tab != Tab::None
    }

    pub fn in_staff(&self, place: &str) -> bool {
        self.staff.as_ref().is_some_and(|staff| staff.here == place)
    }
}
