use crate::{DbError, Tx};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// A transaction on its way to the engine: what runs, and how the caller is answered.
pub(crate) struct Work {
    /// Runs the closure; `true` asks for a commit.
    pub run: Box<dyn FnMut(&mut Tx<'_>) -> bool + Send>,
    /// Called once, after the commit or instead of it.
    pub answer: Box<dyn FnOnce(Result<(), DbError>) + Send>,
    /// Where transactions share commits: it joins none that has begun.
    pub begins_group: bool,
}

impl Work {
    pub fn new<T, E, F>(run: F) -> (Self, oneshot::Receiver<Result<T, E>>)
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        // The caller may have gone away; the commit stands all the same.
        let work = Self::then(run, move |result| drop(sender.send(result)));
        (work, receiver)
    }

    /// The same for a caller that is called.
    pub fn then<T, E, F>(run: F, then: impl FnOnce(Result<T, E>) + Send + 'static) -> Self
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let outcome = Arc::new(Mutex::new(None));
        let kept = outcome.clone();
        let run = move |tx: &mut Tx<'_>| {
            let result = run(tx);
            let commits = result.is_ok();
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
            commits
        };
        let answer = move |end: Result<(), DbError>| {
            let kept = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
            then(match (end, kept) {
                (Ok(()), Some(result)) => result,
                (Ok(()), None) => Err(E::from(DbError::Closed)),
                (Err(error), _) => Err(E::from(error)),
            });
        };
        Self {
            run: Box::new(run),
            answer: Box::new(answer),
            begins_group: false,
        }
    }
}
