use super::super::table::Table;
use crate::fault::Fault;
use crate::form::Form;
use crate::shell::{Page, reply};
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use std::fmt::Display;
use std::str::FromStr;

/// Lines on one page of a list.
pub const PAGE: usize = 50;

/// What an address of the desk may ask for.
#[derive(Deserialize, Default)]
pub struct Asked {
    #[serde(default)]
    pub filter: String,
    pub cursor: Option<String>,
    #[serde(default)]
    pub done: String,
}

pub struct Filter {
    label: String,
    href: String,
    on: bool,
}

/// A field that finds one thing by its number.
pub struct Find {
    pub action: &'static str,
    pub label: String,
    pub hint: String,
    pub form: Form,
}

#[derive(Template)]
#[template(path = "staff/list.html")]
pub struct ListPage {
    pub p: Page,
    pub filters: Vec<Filter>,
    pub note: Option<String>,
    pub find: Option<Find>,
    /// What the table lists, where the page shows more than it.
    pub heading: Option<String>,
    pub table: Table,
    pub next: Option<String>,
}

impl Asked {
    /// Where the page before this one ended.
    pub fn before<T: FromStr>(&self) -> Result<Option<T>, Fault> {
        match &self.cursor {
            Some(text) => text.parse().map(Some).map_err(|_| Fault::not_found()),
            None => Ok(None),
        }
    }

    /// Ways to see only a part, each a message key and the filter's value.
    pub fn filters<const N: usize>(
        &self,
        p: &Page,
        address: &str,
        choices: [(&str, &str); N],
    ) -> Vec<Filter> {
        choices
            .into_iter()
            .map(|(key, value)| Filter {
                label: p.t(key),
                href: format!("{address}?filter={value}"),
                on: self.filter == value,
            })
            .collect()
    }
}

impl ListPage {
    /// A table alone; what is not set stays away.
    pub fn new(p: Page, table: Table) -> Self {
        Self {
            p,
            filters: Vec::new(),
            note: None,
            find: None,
            heading: None,
            table,
            next: None,
        }
    }

    /// How many lines are left out because they cannot be read.
    pub fn left_out(&mut self, count: usize) {
        self.note = (count > 0).then(|| self.p.t1("staff-unreadable", "count", count));
    }

    pub fn show(&self) -> Result<Response, Fault> {
        let refused = self.find.as_ref().is_some_and(|find| find.form.has_errors());
        reply(self, refused)
    }
}

/// The address of the lines after these, when there may be more.
pub fn older<T>(shown: &[T], address: &str, cursor: impl Fn(&T) -> String) -> Option<String> {
    let last = shown.last().filter(|_| shown.len() >= PAGE)?;
    Some(after(address, cursor(last)))
}

/// The address of the lines after this one.
pub fn after(address: &str, cursor: impl Display) -> String {
    let join = if address.contains('?') { '&' } else { '?' };
    format!("{address}{join}cursor={cursor}")
}
