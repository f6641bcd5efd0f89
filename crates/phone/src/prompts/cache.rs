//! What was rendered, by its text, and what is being rendered.

use crate::Sound;
use base::{Language, Stopwatch};
use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A text in a language.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(pub Language, pub String);

/// Bounded: the oldest lines go first. It lives in memory only, for it holds amounts and names.
#[derive(Default)]
pub(super) struct Cache {
    lines: Mutex<Lines>,
    changed: Condvar,
}

#[derive(Default)]
struct Lines {
    known: HashMap<Key, Entry>,
    order: VecDeque<Key>,
}

enum Entry {
    Pending,
    Ready(Sound),
}

/// What the cache knows of a line.
pub(super) enum Found {
    Ready(Sound),
    Pending,
    Nothing,
}

/// About 60 MB at most: a long line is 20 s of 16-bit samples.
const MOST_LINES: usize = 200;

impl Cache {
    /// A line that is there or on its way is found; otherwise it is now this caller's to order.
    pub fn find_or_claim(&self, key: &Key) -> Found {
        let mut lines = self.lock();
        match lines.known.get(key) {
            Some(Entry::Ready(sound)) => Found::Ready(sound.clone()),
            Some(Entry::Pending) => Found::Pending,
            None => {
                lines.insert(key.clone(), Entry::Pending);
                Found::Nothing
            }
        }
    }

    pub fn put(&self, key: &Key, sound: Sound) {
        self.lock().insert(key.clone(), Entry::Ready(sound));
        self.changed.notify_all();
    }

    /// Nobody renders this line any more.
    pub fn give_up(&self, key: &Key) {
        let mut lines = self.lock();
        if matches!(lines.known.get(key), Some(Entry::Pending)) {
            lines.known.remove(key);
            lines.order.retain(|known| known != key);
        }
        drop(lines);
        self.changed.notify_all();
    }

    /// Waits for a line on its way; nothing when it is given up or late.
    pub fn wait(&self, key: &Key, patience: Duration) -> Option<Sound> {
        let begun = Stopwatch::start();
        let mut lines = self.lock();
        loop {
            match lines.known.get(key) {
                Some(Entry::Ready(sound)) => return Some(sound.clone()),
                None => return None,
                Some(Entry::Pending) => {}
            }
            let left = patience.checked_sub(begun.elapsed())?;
            let waited = self.changed.wait_timeout(lines, left);
            lines = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    fn insert(&mut self, key: Key, entry: Entry) {
        if self.known.insert(key.clone(), entry).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > MOST_LINES {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
    }
}
