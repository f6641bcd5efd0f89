use crate::CallsError;
use crate::attempts::Begun;
use crate::cases::CaseKind;
use crate::dialer::Desk;
use crate::events;
use crate::matter::{self, MatterState};
use crate::scripts::Ended;
use std::sync::Arc;
use store::Tx;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The guarantee when no signal comes.
const LOOK_MS: u64 = 2_000;

/// How the matter of a case was decided, wherever it was; `None` while it waits.
pub fn decided(tx: &mut Tx<'_>, kind: CaseKind) -> Result<Option<Ended>, CallsError> {
    Ok(match matter::load(tx, kind)?.map(|matter| matter.state) {
        Some(MatterState::Ended(ended)) => Some(ended),
        Some(MatterState::Waiting) | None => None,
    })
}

/// Watches whether the matter of a call is decided in the app, by staff or by its deadline.
pub(crate) struct Elsewhere {
    ended: watch::Receiver<Option<Ended>>,
    told: bool,
    watcher: JoinHandle<()>,
}

impl Elsewhere {
    pub fn watch(desk: &Arc<Desk>, begun: &Begun) -> Self {
        let (tell, ended) = watch::channel(None);
        let (db, kind) = (desk.parts.db.clone(), begun.case.kind);
        let mut wake = db.signal(events::SIGNAL_CLOSED).listen();
        let watcher = tokio::spawn(async move {
            loop {
                // A database that is away decides nothing.
                if let Ok(Some(ended)) = db.read_async(move |tx| decided(tx, kind)).await {
                    let _ = tell.send(Some(ended));
                    return;
                }
                wake.changed(LOOK_MS).await;
            }
        });
        Self {
            ended,
            told: false,
            watcher,
        }
    }

    /// This call has decided it: nothing is told any more.
    pub fn rest(&mut self) {
        self.told = true;
    }

    /// Waits until it is decided; tells it once, and then waits for ever.
    pub async fn ended(&mut self) -> Ended {
        if self.told {
            return std::future::pending().await;
        }
        let ended = match self.ended.wait_for(Option::is_some).await {
            Ok(ended) => *ended,
            Err(_) => None,
        };
        match ended {
            Some(ended) => {
                self.told = true;
                ended
            }
            None => std::future::pending().await,
        }
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}
