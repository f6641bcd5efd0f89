use super::limiter::neighbourhood;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// What one address may hold at once. The whole is bounded elsewhere; so is this table by it.
#[derive(Clone)]
pub struct Places {
    each: usize,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// Held until it is dropped.
pub struct Place {
    who: IpAddr,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Places {
    pub fn new(each: usize) -> Self {
        Self {
            each,
            taken: Arc::default(),
        }
    }

    /// `None` when this address holds all that it may. This machine itself, where a proxy or a
    /// bench may stand, is not counted.
    pub fn take(&self, who: IpAddr) -> Option<Place> {
        let who = neighbourhood(who);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let held = taken.get(&who).copied().unwrap_or_default();
        if held >= self.each && !who.is_loopback() {
            return None;
        }
        taken.insert(who, held + 1);
        Some(Place {
            who,
            taken: self.taken.clone(),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(&self.who) {
            Some(held) if *held > 1 => *held -= 1,
            _ => drop(taken.remove(&self.who)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_its_share_and_gives_it_back() {
        let places = Places::new(2);
        let one: IpAddr = "192.0.2.1".parse().unwrap();
        let other: IpAddr = "192.0.2.2".parse().unwrap();
        let (first, second) = (places.take(one).unwrap(), places.take(one).unwrap());
        assert!(places.take(one).is_none());
        assert!(places.take(other).is_some(), "others come in as before");
        drop(first);
        let again = places.take(one);
        assert!(again.is_some());
        assert!(places.take(one).is_none());
        let ours: IpAddr = "127.0.0.1".parse().unwrap();
        let many: Vec<_> = (0..5).map_while(|_| places.take(ours)).collect();
        assert_eq!(many.len(), 5);
        drop((again, second, many));
        assert!(
            places.taken.lock().unwrap().is_empty(),
            "nothing is kept of who left"
        );
    }
}
