//! Whom a text means, remembered: the hot path pays thousands of times a second to the same
//! numbers. The decision itself goes by the account's id and is made on the ledger's own rows.

use base::Timestamp;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// Texts remembered at once; beyond it all are forgotten and asked again.
const MOST_TEXTS: usize = 65_536;
/// A telephone number may move to another wallet, so it is believed only for a moment.
const PHONE_MS: i64 = 2_000;
/// A wallet's number is never given to another wallet; ten minutes keep the table fresh.
const NUMBER_MS: i64 = 600_000;

pub struct ResolvedPayees(RwLock<HashMap<Box<str>, Known>>);

#[derive(Clone, Copy)]
struct Known {
    account: i64,
    until: Timestamp,
}

impl ResolvedPayees {
    pub fn new() -> Self {
        Self(RwLock::new(HashMap::new()))
    }

    pub fn get(&self, text: &str, now: Timestamp) -> Option<i64> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known
            .get(text)
            .filter(|known| known.until > now)
            .map(|known| known.account)
    }

    pub fn put(&self, text: &str, is_number: bool, account: i64, now: Timestamp) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_TEXTS {
            known.clear();
        }
        let until = now.plus_ms(if is_number { NUMBER_MS } else { PHONE_MS });
        known.insert(text.into(), Known { account, until });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_number_is_believed_for_a_moment_only() {
        let (payees, now) = (ResolvedPayees::new(), Timestamp::from_secs(1_000));
        payees.put("13800138000", false, 7, now);
        payees.put("88661688", true, 8, now);
        assert_eq!(payees.get("13800138000", now), Some(7));
        assert_eq!(payees.get("13800138000", now.plus_ms(PHONE_MS)), None);
        assert_eq!(payees.get("88661688", now.plus_ms(PHONE_MS)), Some(8));
    }

    #[test]
    fn a_flood_of_texts_does_not_grow_without_end() {
        let (payees, now) = (ResolvedPayees::new(), Timestamp::from_secs(1_000));
        for text in 0..MOST_TEXTS + 10 {
            payees.put(&text.to_string(), true, 1, now);
        }
        assert!(payees.0.read().unwrap().len() <= MOST_TEXTS);
    }
}
