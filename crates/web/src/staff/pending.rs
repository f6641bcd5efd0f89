use super::applications;
use super::desk::{Names, short};
use crate::fault::Fault;
use crate::guard::Staffer;
use crate::shell::Page;
use crate::words::money;
use ::money::{Payment, payments, wallets};
use base::PhoneNumber;
use people::applications as forms;
use security::four_eyes::{Action, Ended, Past, Request};
use std::collections::HashMap;
use store::Tx;

/// What requests are about, in words, by their subject: whoever agrees reads whom and how much.
pub type Subjects = HashMap<String, String>;

/// A request that waits for the second person.
pub struct Pending {
    pub id: String,
    pub text: String,
    pub reason: String,
    pub when: String,
    pub until: String,
    pub role: Seat,
    pub href: Option<String>,
    /// Why the code that came with an approval was not accepted.
    pub wrong: Option<String>,
}

/// Where the reader sits: who asked, who may decide, or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    Asked,
    Decides,
    Watches,
}

/// A request that is over.
pub struct Over {
    pub text: String,
    pub tone: &'static str,
    pub ended: String,
    pub reason: String,
    pub who: String,
    pub href: Option<String>,
}

impl Seat {
    pub fn asked(&self) -> bool {
        *self == Self::Asked
    }

    pub fn decides(&self) -> bool {
        *self == Self::Decides
    }
}

/// The name of a request's subject, so far as it has one.
pub fn subject(tx: &mut Tx<'_>, request: &Request) -> Result<Option<String>, Fault> {
    let id = &request.subject;
    Ok(match request.action {
        Action::ReleasePayment | Action::VoidPayment => match id.parse() {
            Ok(id) => payments::get(tx, id)?.map(|payment| of_payment(&payment)),
            Err(_) => None,
        },
        Action::UnfreezeWallet | Action::ChangePhone => match id.parse() {
            Ok(id) => wallets::by_id(tx, id)?.map(|wallet| wallet.name),
            Err(_) => None,
        },
        Action::ActivateReferred | Action::DeclineReferred => match id.parse() {
            Ok(id) => forms::get(tx, id)?.map(|application| application.name),
            Err(_) => None,
        },
        Action::ResetStaff => None,
    })
}

/// Who pays whom, and how much.
pub fn of_payment(payment: &Payment) -> String {
    let (payer, payee) = (payment.payer.name(), payment.payee.name());
    format!("{payer} → {payee} {}", money(payment.amount))
}

impl Pending {
    /// On the page of what it is about, which has this name.
    pub fn of(p: &Page, names: &Names, name: &str, staffer: &Staffer, request: &Request) -> Self {
        let subjects = Subjects::from([(request.subject.clone(), name.to_owned())]);
        Self::among(p, names, &subjects, staffer, request)
    }

    /// Among others.
    pub fn among(p: &Page, names: &Names, subjects: &Subjects, staffer: &Staffer, request: &Request) -> Self {
        let name = names.get(&request.requested_by).cloned().unwrap_or_default();
        let role = if request.requested_by == staffer.id {
            Seat::Asked
        } else if staffer.role.may(request.action.decided_with()) {
            Seat::Decides
        } else {
            Seat::Watches
        };
        Self {
            id: request.id.to_string(),
            text: title(p, names, subjects, request, &request.payload),
            reason: request.reason.clone(),
            when: p.t2(
                "staff-by",
                "name",
                name,
                "when",
                p.calendar.moment(request.requested_at),
            ),
            until: p.t1(
                "staff-request-until",
                "when",
                p.calendar.moment(request.expires_at),
            ),
            role,
            href: href(request),
            wrong: None,
        }
    }
}

impl Over {
    pub fn of(p: &Page, names: &Names, subjects: &Subjects, past: &Past) -> Self {
        let name = |id| names.get(id).cloned().unwrap_or_default();
        let (key, tone) = match past.ended {
            Ended::Approved => ("staff-ended-approved", "ok"),
            Ended::Refused => ("staff-ended-refused", "stop"),
            Ended::Withdrawn => ("staff-ended-withdrawn", "quiet"),
            Ended::Expired => ("staff-ended-expired", "quiet"),
            Ended::Overtaken => ("staff-ended-overtaken", "quiet"),
        };
        let by = past.by.as_ref().map(name).unwrap_or_default();
        let asked = name(&past.request.requested_by);
        let when = p.calendar.moment(past.at);
        // Only whoever decides has to read a new number whole.
        let number =
            PhoneNumber::parse(&past.request.payload).map_or_else(|_| String::new(), |it| it.masked());
        Self {
            text: title(p, names, subjects, &past.request, &number),
            tone,
            ended: p.t(key),
            reason: if past.reason.is_empty() {
                past.request.reason.clone()
            } else {
                past.reason.clone()
            },
            who: if by.is_empty() || by == asked {
                p.t2("staff-by", "name", asked, "when", when)
            } else {
                p.t2("staff-by", "name", format!("{asked} → {by}"), "when", when)
            },
            href: href(&past.request),
        }
    }
}

/// What is asked for; `number` is how a new telephone number is written.
fn title(p: &Page, names: &Names, subjects: &Subjects, request: &Request, number: &str) -> String {
    let subject = subjects
        .get(&request.subject)
        .map_or_else(|| short(&request.subject).to_owned(), Clone::clone);
    let key = match request.action {
        Action::ReleasePayment => "staff-request-release",
        Action::VoidPayment => "staff-request-void",
        Action::UnfreezeWallet => "staff-request-unfreeze",
        Action::ActivateReferred => {
            let key = if applications::is_with_call(&request.payload) {
                "staff-request-approve"
            } else {
                "staff-request-activate"
            };
            let limit = applications::limit_of(&request.payload).map_or_else(String::new, applications::yuan);
            return p.t2(key, "subject", subject, "limit", limit);
        }
        Action::DeclineReferred => "staff-request-decline",
        Action::ChangePhone => {
            return p.t2("staff-request-number", "subject", subject, "number", number);
        }
        Action::ResetStaff => {
            let member = request.subject.parse().ok();
            let name = member.and_then(|member| names.get(&member));
            return p.t1("staff-request-reset", "name", name.map_or("?", String::as_str));
        }
    };
    p.t1(key, "subject", subject)
}

fn href(request: &Request) -> Option<String> {
    let room = match request.action {
        Action::ReleasePayment | Action::VoidPayment => "payments",
        Action::UnfreezeWallet | Action::ChangePhone => "wallets",
        Action::ActivateReferred | Action::DeclineReferred => "applications",
        Action::ResetStaff => "members",
    };
    Some(format!("/staff/{room}/{}", request.subject))
}
