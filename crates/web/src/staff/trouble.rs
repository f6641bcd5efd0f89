//! Work in the background that fails: customers may wait for a call or a message because of it.

use crate::fault::Fault;
use crate::shell::Page;
use base::Timestamp;
use calls::cases;
use store::{Tx, jobs, outbox};

/// Of one kind of event or job.
pub struct Trouble {
    pub kind: String,
    /// Tried again by themselves.
    pub failing: i64,
    /// Left for a person.
    pub given_up: i64,
}

/// Events and jobs that fail, as the metrics tell them, and cases that cannot be read: the dialer
/// passes them over and looks again.
pub fn look(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Trouble>, Fault> {
    let mut all: Vec<Trouble> = outbox::troubled(tx)?
        .into_iter()
        .map(|one| Trouble {
            kind: one.topic,
            failing: one.failing,
            given_up: one.given_up,
        })
        .collect();
    let failing = jobs::failing(tx)?;
    for (kind, _, given_up) in jobs::backlog(tx)? {
        let failing = failing.iter().find(|(one, _)| *one == kind);
        all.push(Trouble {
            failing: failing.map_or(0, |(_, count)| *count),
            given_up,
            kind,
        });
    }
    all.push(Trouble {
        kind: "calls.unreadable_case".to_owned(),
        failing: cases::unreadable(tx, now)?.len() as i64,
        given_up: 0,
    });
    all.retain(|one| one.failing > 0 || one.given_up > 0);
    Ok(all)
}

/// What fails and what to do; `None` while all goes well.
pub fn text(p: &Page, all: &[Trouble]) -> Option<String> {
    if all.is_empty() {
        return None;
    }
    let sum = |count: fn(&Trouble) -> i64| all.iter().map(count).sum::<i64>();
    let (failing, given_up) = (sum(|one| one.failing), sum(|one| one.given_up));
    let kinds: Vec<&str> = all.iter().map(|one| one.kind.as_str()).collect();
    let mut text = vec![p.t1("staff-trouble", "kinds", kinds.join(", "))];
    if failing > 0 {
        text.push(p.t1("staff-trouble-failing", "count", failing));
    }
    if given_up > 0 {
        text.push(p.t1("staff-trouble-given-up", "count", given_up));
    }
    text.push(p.t("staff-trouble-do"));
    Some(text.join(if p.lang().starts_with("zh") { "" } else { " " }))
}
