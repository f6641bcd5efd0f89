//! What every page of the desk is made of.

mod ask;
mod detail;
mod list;

use crate::fault::Fault;
use crate::form::Form;
use crate::guard::Staffer;
use crate::shell::Page;
use crate::state::AppState;
use base::StaffId;
use security::staff;
use std::collections::HashMap;

pub use ask::{Asking, Wish, ask, waiting};
pub use detail::{Ask, DetailPage, Entry, Fact, FileRow, Recorded, Tick};
pub use list::{Asked, Find, ListPage, PAGE, after, older};

/// Names of the staff by id.
pub type Names = HashMap<StaffId, String>;

/// What a page says beside its subject: the form as it was typed, what was done, or why nothing
/// was. The texts are message keys.
#[derive(Default)]
pub struct Said {
    pub form: Form,
    pub done: Option<&'static str>,
    pub problem: Option<&'static str>,
}

impl Said {
    pub fn done(done: Option<&'static str>) -> Self {
        Self {
            done,
            ..Self::default()
        }
    }

    pub fn problem(key: &'static str) -> Self {
        Self {
            problem: Some(key),
            ..Self::default()
        }
    }

    /// A field is wrong.
    pub fn refused(form: Form) -> Self {
        Self {
            form,
            ..Self::default()
        }
    }

    pub fn is_refusal(&self) -> bool {
        self.form.has_errors() || self.problem.is_some()
    }
}

/// The end of an id: enough for people to tell two apart.
pub fn short(id: &str) -> &str {
    &id[id.len().saturating_sub(8)..]
}

pub async fn names(state: &AppState) -> Result<Names, Fault> {
    let members = state.db.read_async(staff::list).await?;
    Ok(members
        .into_iter()
        .map(|member| (member.id, member.name))
        .collect())
}

/// The page's frame with the reader's own name.
pub fn frame(state: &AppState, staffer: &Staffer, names: &Names, title: &str, here: &'static str) -> Page {
    let name = names.get(&staffer.id).cloned().unwrap_or_default();
    staffer.page(state, title, here, &name)
}
