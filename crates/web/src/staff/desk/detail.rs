use super::super::pending::Pending;
use super::super::transcript::Turn;
use super::Said;
use crate::customer::Step;
use crate::fault::Fault;
use crate::form::Form;
use crate::shell::{Page, reply};
use askama::Template;
use axum::response::Response;

pub struct Recorded {
    pub title: String,
    pub length: String,
    pub src: String,
    pub turns: Vec<Turn>,
}

/// A figure that a form asks for, beside the reason.
pub struct Entry {
    pub name: &'static str,
    pub label: String,
    pub hint: String,
}

/// One choice of a form.
pub struct Tick {
    pub name: &'static str,
    pub label: String,
}

/// A file that the applicant supplied.
pub struct FileRow {
    pub title: String,
    pub text: String,
    pub when: String,
    pub href: String,
}

pub struct Fact {
    pub label: String,
    pub text: String,
    pub href: Option<String>,
    /// Where to ask for what is masked here.
    pub reveal: Option<String>,
}

/// A form that acts, or asks for an action of two; a reason goes with it.
#[derive(Default)]
pub struct Ask {
    pub action: String,
    /// The reason's name; empty where ticks say enough.
    pub field: &'static str,
    pub ticks: Vec<Tick>,
    pub entry: Option<Entry>,
    pub title: String,
    pub text: String,
    pub button: String,
    pub danger: bool,
}

/// One thing, its story, and what may be done about it.
#[derive(Template)]
#[template(path = "staff/detail.html")]
pub struct DetailPage {
    pub p: Page,
    pub back: &'static str,
    pub back_label: String,
    pub headline: String,
    pub state: String,
    pub tone: &'static str,
    pub timeline: Vec<Step>,
    pub recordings: Vec<Recorded>,
    pub files: Vec<FileRow>,
    pub reasons: Vec<String>,
    pub reasons_title: String,
    pub facts: Vec<Fact>,
    pub pending: Option<Pending>,
    pub asks: Vec<Ask>,
    said: Said,
}

impl DetailPage {
    /// A page of this name, reached from the list at `back`; what is not set stays away.
    pub fn new(mut p: Page, (back, label): (&'static str, &str), headline: String, said: Said) -> Self {
        p.title.clone_from(&headline);
        Self {
            back,
            back_label: p.t(label),
            headline,
            state: String::new(),
            tone: "quiet",
            timeline: Vec::new(),
            recordings: Vec::new(),
            files: Vec::new(),
            reasons: Vec::new(),
            reasons_title: String::new(),
            facts: Vec::new(),
            pending: None,
            asks: Vec::new(),
            said,
            p,
        }
    }

    pub fn show(&self) -> Result<Response, Fault> {
        reply(self, self.said.is_refusal())
    }

    /// Whether the wide column has anything to show.
    fn has_story(&self) -> bool {
        !(self.timeline.is_empty()
            && self.recordings.is_empty()
            && self.files.is_empty()
            && self.reasons.is_empty())
    }

    fn form(&self) -> &Form {
        &self.said.form
    }

    fn done(&self) -> Option<String> {
        self.said.done.map(|key| self.p.t(key))
    }

    fn problem(&self) -> Option<String> {
        self.said.problem.map(|key| self.p.t(key))
    }
}

impl Ask {
    /// Whether the form comes back because something in it is wrong.
    pub fn is_wrong(&self, form: &Form) -> bool {
        let entry = self.entry.as_ref().map_or("", |entry| entry.name);
        form.error(self.field).is_some() || form.error(entry).is_some()
    }

    /// Asks a second person, with a reason in `field`.
    pub fn of_two(p: &Page, action: String, field: &'static str, title: &str, text: &str) -> Self {
        Self {
            action,
            field,
            title: p.t(title),
            text: p.t(text),
            button: p.t("staff-ask"),
            ..Self::default()
        }
    }

    pub fn dangerous(mut self) -> Self {
        self.danger = true;
        self
    }
}

impl Fact {
    pub fn new(label: String, text: impl Into<String>) -> Self {
        Self {
            label,
            text: text.into(),
            href: None,
            reveal: None,
        }
    }

    pub fn link(label: String, text: impl Into<String>, href: String) -> Self {
        Self {
            label,
            text: text.into(),
            href: Some(href),
            reveal: None,
        }
    }
}
