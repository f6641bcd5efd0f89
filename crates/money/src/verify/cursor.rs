use crate::MoneyError;
use ::store::{DbError, Tx};
use std::collections::VecDeque;

/// A table in the order of the ledger's numbers, read page by page.
pub(super) struct Cursor<T> {
    fetch: fn(&mut Tx<'_>, i64) -> Result<Vec<T>, DbError>,
    number: fn(&T) -> i64,
    page: VecDeque<T>,
    after: i64,
    ended: bool,
}

impl<T> Cursor<T> {
    pub fn new(fetch: fn(&mut Tx<'_>, i64) -> Result<Vec<T>, DbError>, number: fn(&T) -> i64) -> Self {
        Self {
            fetch,
            number,
            page: VecDeque::new(),
            after: i64::MIN,
            ended: false,
        }
    }

    /// The number of the next row; `None` at the end.
    pub fn number(&mut self, tx: &mut Tx<'_>) -> Result<Option<i64>, MoneyError> {
        if self.page.is_empty() && !self.ended {
            self.page = (self.fetch)(tx, self.after)?.into();
            match self.page.back() {
                Some(last) => self.after = (self.number)(last),
                None => self.ended = true,
            }
        }
        Ok(self.page.front().map(self.number))
    }

    /// The next row, if it has this number.
    pub fn take(&mut self, number: i64) -> Option<T> {
        let is_next = self.page.front().is_some_and(|row| (self.number)(row) == number);
        is_next.then(|| self.page.pop_front()).flatten()
    }
}
