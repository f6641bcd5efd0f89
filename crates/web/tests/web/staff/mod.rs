//! The desk: each role within its bounds, and nothing that moves money by one person alone.

mod applications;
mod cases;
mod log;
mod members;
mod numbers;
mod overview;
mod requests;
mod roles;
mod wallets;

pub use roles::rooms;

use crate::browser::{Browser, Seen, Served};
use security::staff::Role;

/// A member of staff who has signed in.
pub struct Member {
    browser: Browser,
    csrf: String,
    authenticator: Authenticator,
}

impl Member {
    pub fn at(served: &Served, name: &str, role: Role) -> Self {
        let (session, csrf) = served.world.staff(name, role);
        Self {
            browser: served.staff_browser(&session),
            csrf,
            authenticator: served.world.authenticator(name),
        }
    }

    /// One who asks, and another who may agree.
    pub fn two(served: &Served) -> (Self, Self) {
        (
            Self::at(served, "chen.hua", Role::RiskOfficer),
            Self::at(served, "li.na", Role::Supervisor),
        )
    }

    pub fn get(&mut self, path: &str) -> Seen {
        self.browser.get(path)
    }

    /// Posts these fields with the form's token.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let token = [("csrf", self.csrf.as_str())];
        self.browser.post(path, &[fields, token.as_slice()].concat())
    }

    /// The address of the first request on the page of requests.
    pub fn request(&mut self) -> String {
        let page = self.get("/staff/requests").text;
        let rest = page.split("/staff/requests/").nth(1).expect("a request waits");
        format!("/staff/requests/{}", rest.split('/').next().unwrap())
    }

    /// Agrees to the first request that waits.
    pub fn agree(&mut self) -> Seen {
        let request = self.request();
        self.agree_to(&request)
    }

    /// Agrees to this request, with what the authenticator shows.
    pub fn agree_to(&mut self, request: &str) -> Seen {
        let code = self.authenticator.code();
        self.post(&format!("{request}/approve"), &[("code", &code)])
    }
}
