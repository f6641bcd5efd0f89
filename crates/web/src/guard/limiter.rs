use crate::fault::{Fault, Kind};
use base::{LoginId, Timestamp};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

/// Addresses remembered at once; beyond it the oldest half is forgotten.
const MOST_BUCKETS: usize = 20_000;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meter {
    SignIn,
    Apply,
    Pages,
    /// Look-ups of people whom the asker has never paid.
    Strangers,
}

/// Against whom it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    Address(IpAddr),
    Login(LoginId),
}

impl From<IpAddr> for Counted {
    fn from(address: IpAddr) -> Self {
        Self::Address(neighbourhood(address))
    }
}

impl From<LoginId> for Counted {
    fn from(login: LoginId) -> Self {
        Self::Login(login)
    }
}

/// Strangers that one person may look up in an hour: who pays is content, who reads the directory
/// of all numbers is not.
const STRANGERS_AN_HOUR: u32 = 60;

/// A bucket of tokens for each meter and whom it counts, filled evenly.
pub struct Limiter(Mutex<HashMap<(Meter, Counted), Bucket>>);

#[derive(Clone, Copy)]
struct Bucket {
    /// Thousandths of a request.
    left: i64,
    at: Timestamp,
}

impl Limiter {
    pub fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    /// Takes one request of `per_minute`; otherwise says after how many seconds there is one.
    pub fn take(
        &self,
        meter: Meter,
        who: impl Into<Counted>,
        per_minute: u32,
        now: Timestamp,
    ) -> Result<(), Fault> {
        self.take_within(meter, who.into(), per_minute, 60, now)
    }

    /// Takes one look at somebody whom this person has never paid, or at a number that nobody has.
    pub fn take_stranger(&self, login: LoginId, now: Timestamp) -> Result<(), Fault> {
        self.take_within(Meter::Strangers, login.into(), STRANGERS_AN_HOUR, 3_600, now)
    }

    fn take_within(
        &self,
        meter: Meter,
        who: Counted,
        most: u32,
        span_secs: i64,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let most = i64::from(most);
        let full = most * 1_000;
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST_BUCKETS && !buckets.contains_key(&(meter, who)) {
            forget_oldest(&mut buckets);
        }
        let bucket = buckets
            .entry((meter, who))
            .or_insert(Bucket { left: full, at: now });
        let elapsed_ms = now.since(bucket.at).as_millis() as i64;
        let filled = elapsed_ms.saturating_mul(most) / span_secs;
        // Time too short for a drop is kept for the next look, or who asks often would wait longer.
        let spent_ms = filled.saturating_mul(span_secs) / most.max(1);
        bucket.left = (bucket.left + filled).min(full);
        bucket.at = bucket.at.plus_ms(spent_ms).min(now);
        if bucket.left >= 1_000 {
            bucket.left -= 1_000;
            return Ok(());
        }
        let missing_ms = (1_000 - bucket.left) * span_secs / most.max(1);
        let retry_secs = (missing_ms / 1_000 + 1).clamp(1, 3_600) as u32;
        Err(Fault::new(Kind::Busy { retry_secs }))
    }
}

impl Default for Limiter {
    fn default() -> Self {
        Self::new()
    }
}

/// One subscriber has a whole /64 of IPv6 addresses: they count as one.
pub(super) fn neighbourhood(who: IpAddr) -> IpAddr {
    match who {
        IpAddr::V4(_) => who,
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        },
    }
}

fn forget_oldest(buckets: &mut HashMap<(Meter, Counted), Bucket>) {
    let mut times: Vec<Timestamp> = buckets.values().map(|bucket| bucket.at).collect();
    let middle = times.len() / 2;
    let (_, median, _) = times.select_nth_unstable(middle);
    let median = *median;
    buckets.retain(|_, bucket| bucket.at > median);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn a_full_bucket_empties_and_fills_evenly() {
        let limiter = Limiter::new();
        let who = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let start = Timestamp::from_secs(1_000);
        for _ in 0..10 {
            assert!(limiter.take(Meter::Apply, who, 10, start).is_ok());
        }
        let refused = limiter.take(Meter::Apply, who, 10, start).unwrap_err();
        assert_eq!(refused.kind, Kind::Busy { retry_secs: 7 });
        assert!(limiter.take(Meter::Pages, who, 10, start).is_ok());
        assert!(limiter.take(Meter::Apply, who, 10, start.plus_secs(6)).is_ok());
        assert!(limiter.take(Meter::Apply, who, 10, start.plus_secs(7)).is_err());
    }

    #[test]
    fn a_directory_is_not_read_by_asking_often() {
        let limiter = Limiter::new();
        let ambient = base::Ambient::seeded(Timestamp::from_secs(1_000), 3);
        let (reader, other) = (LoginId::new(&ambient), LoginId::new(&ambient));
        let start = ambient.now();
        let seen = (0..36_000)
            .filter(|ask| limiter.take_stranger(reader, start.plus_ms(ask * 100)).is_ok())
            .count();
        assert!(
            (115..=121).contains(&seen),
            "an hour of asking ten times a second: {seen}"
        );
        assert!(limiter.take_stranger(other, start).is_ok());
    }

    #[test]
    fn one_subscribers_ipv6_addresses_share_a_bucket() {
        let limiter = Limiter::new();
        let at = Timestamp::from_secs(1_000);
        let take = |text: &str| limiter.take(Meter::SignIn, text.parse::<IpAddr>().unwrap(), 1, at);
        assert!(take("2001:db8:1:2::1").is_ok());
        assert!(take("2001:db8:1:2:ffff::9").is_err());
        assert!(take("2001:db8:1:3::1").is_ok());
        assert!(take("192.0.2.1").is_ok());
        assert!(take("::ffff:192.0.2.1").is_err());
    }

    #[test]
    fn a_flood_of_addresses_does_not_grow_without_end() {
        let limiter = Limiter::new();
        for address in 0..(MOST_BUCKETS as u32 + 5_000) {
            let at = Timestamp(i64::from(address));
            let _ = limiter.take(Meter::Pages, IpAddr::V4(Ipv4Addr::from(address)), 10, at);
        }
        assert!(limiter.0.lock().unwrap().len() <= MOST_BUCKETS);
    }
}
