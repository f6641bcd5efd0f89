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
use base::{Ambient, Timestamp};
use security::staff::Role;
use security::totp::{self, Secret};
use std::sync::Arc;

/// A member of staff who has signed in.
pub struct Member {
    browser: Browser,
    csrf: String,
    ambient: Ambient,
    secret: Arc<Vec<u8>>,
    /// The step of the latest code.
    step: i64,
}

impl Member {
    pub fn at(served: &Served, name: &str, role: Role) -> Self {
        let ((session, csrf), secret) = served.world.member(name, role);
        Self {
            browser: served.staff_browser(&session),
            csrf,
            ambient: served.world.ambient.clone(),
            secret,
            step: 0,
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
        let code = self.code();
        self.post(&format!("{request}/approve"), &[("code", &code)])
    }

    /// What the authenticator shows and was not used yet.
    pub fn code(&mut self) -> String {
        self.step = (self.ambient.now().as_secs() / 30).max(self.step + 1);
        let secret = Secret::from_bytes(self.secret.to_vec());
        totp::code_at(&secret, Timestamp::from_secs(self.step * 30))
    }
}
