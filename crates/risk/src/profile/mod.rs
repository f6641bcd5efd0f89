//! What is remembered of an account's habits: how much it pays, to whom, how often, and which
//! warning signs its calls and sign-ins gave. Fixed size, so that its row never grows.

mod codec;
mod sketch;
#[cfg(test)]
mod tests;
mod window;

pub use codec::{BadProfile, ENCODED_LEN};
pub use sketch::AmountSketch;
pub use window::Window;

use base::Timestamp;

/// Payees remembered as known, most recently paid first.
pub const PAYEES: usize = 12;
pub const TEN_MINUTES_SECS: u32 = 600;
pub const DAY_SECS: u32 = 86_400;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Posted payments, ever.
    pub paid_count: u32,
    /// Payments received, ever.
    pub received_count: u32,
    pub amounts: AmountSketch,
    /// Hashes of the accounts paid last; zero is an empty place.
    pub payees: [u32; PAYEES],
    /// When each of them was first paid: hours since the epoch, modulo 2^16 (seven years).
    pub payees_since: [u16; PAYEES],
    pub ten_minutes: Window,
    pub day: Window,
    /// Seconds since the epoch, zero when never; likewise below.
    pub busy_line_at: u32,
    pub failed_second_factor_at: u32,
    /// Failures whose last is less than a day ago.
    pub failed_second_factors: u8,
    pub wrong_keys_at: u32,
    pub last_paid_at: u32,
    pub first_paid_at: u32,
}

/// A payment that was posted: the only thing a habit is learned from.
#[derive(Clone, Copy, Debug)]
pub struct Posted {
    pub amount_minor: i64,
    pub payee_account: i64,
    pub at: Timestamp,
}

/// What went oddly on a call or a sign-in and raises the risk of the next day's payments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarningSign {
    BusyLine,
    FailedSecondFactor,
    WrongKeys,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            paid_count: 0,
            received_count: 0,
            amounts: AmountSketch::default(),
            payees: [0; PAYEES],
            payees_since: [0; PAYEES],
            ten_minutes: Window::default(),
            day: Window::default(),
            busy_line_at: 0,
            failed_second_factor_at: 0,
            failed_second_factors: 0,
            wrong_keys_at: 0,
            last_paid_at: 0,
            first_paid_at: 0,
        }
    }
}

impl Profile {
    /// The payer's habit after a payment was posted.
    pub fn learn_paid(&mut self, posted: &Posted) {
        let at_secs = secs(posted.at);
        if self.paid_count == 0 {
            self.first_paid_at = at_secs;
        }
        self.paid_count = self.paid_count.saturating_add(1);
        self.last_paid_at = self.last_paid_at.max(at_secs);
        self.amounts.add(posted.amount_minor);
        self.ten_minutes
            .add(TEN_MINUTES_SECS, at_secs, posted.amount_minor);
        self.day.add(DAY_SECS, at_secs, posted.amount_minor);
        self.remember_payee(payee_hash(posted.payee_account), hours(at_secs));
    }

    /// The payee's side of the same payment.
    pub fn learn_received(&mut self) {
        self.received_count = self.received_count.saturating_add(1);
    }

    pub fn learn_warning(&mut self, sign: WarningSign, at: Timestamp) {
        let at_secs = secs(at);
        match sign {
            WarningSign::BusyLine => self.busy_line_at = at_secs,
            WarningSign::WrongKeys => self.wrong_keys_at = at_secs,
            WarningSign::FailedSecondFactor => {
                let fresh = at_secs.saturating_sub(self.failed_second_factor_at) < DAY_SECS;
                let before = if fresh { self.failed_second_factors } else { 0 };
                self.failed_second_factors = before.saturating_add(1);
                self.failed_second_factor_at = at_secs;
            }
        }
    }

    /// Whether any warning sign is younger than `within_secs`.
    pub fn has_warning(&self, at: Timestamp, within_secs: u32) -> bool {
        let now = secs(at);
        [
            self.busy_line_at,
            self.failed_second_factor_at,
            self.wrong_keys_at,
        ]
        .into_iter()
        .any(|sign_at| sign_at > 0 && now.saturating_sub(sign_at) < within_secs)
    }

    /// For how many hours a payee has been paid; `None` for one who is not among the last paid.
    pub fn payee_known_hours(&self, account: i64, at: Timestamp) -> Option<u16> {
        let hash = payee_hash(account);
        let place = self.payees.iter().position(|known| *known == hash)?;
        Some(hours(secs(at)).wrapping_sub(self.payees_since[place]))
    }

    fn remember_payee(&mut self, hash: u32, now_hours: u16) {
        let place = self.payees.iter().position(|known| *known == hash);
        let since = place.map_or(now_hours, |place| self.payees_since[place]);
        let end = place.unwrap_or(PAYEES - 1);
        self.payees.copy_within(..end, 1);
        self.payees_since.copy_within(..end, 1);
        self.payees[0] = hash;
        self.payees_since[0] = since;
    }
}

/// Whole seconds of a moment; a profile's times fit 32 bits until 2106.
pub(crate) fn secs(at: Timestamp) -> u32 {
    u32::try_from(at.as_secs().max(0)).unwrap_or(u32::MAX)
}

fn hours(at_secs: u32) -> u16 {
    (at_secs / 3_600) as u16
}

/// An account's place in the ring of payees. Two accounts share one with a chance of 2^-32.
fn payee_hash(account: i64) -> u32 {
    let mixed = (account as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed >> 32) as u32).max(1)
}
