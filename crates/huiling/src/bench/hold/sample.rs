//! One risky payment, from the order to the release on the keypad.

use super::handset::{Rung, Telephones};
use super::keypad::Keypad;
use super::world::{Payer, World};
use base::{CallId, PaymentId, Stopwatch};
use calls::cases::{self, Happening};
use calls::{CallsError, Disposition, attempts};
use money::Outcome;
use money::payments::{self, PaymentState};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// The longest that anything here is waited for; the whole announcement takes less.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at the case; nothing is measured by them.
const LOOK: Duration = Duration::from_millis(100);
/// Between two looks at the payment, should no signal come.
const RELEASE_LOOK_MS: u64 = 1;
/// After a question has been asked, before the key is pressed.
const PRESS_AFTER: Duration = Duration::from_millis(400);
/// A proof pressed too early is not heard, and pressed again.
const PROOF_TRIES: u32 = 4;
const PROOF_PATIENCE: Duration = Duration::from_secs(3);

pub struct Sample {
    /// From the gatherer's answer to the INVITE's arrival.
    pub to_invite: Duration,
    /// From the first event packet to the signal of the commit that released.
    pub to_release: Duration,
}

/// # Errors
/// What went otherwise, in words that are the same for the same failure.
pub async fn take(
    world: &World,
    payer: &Payer,
    telephones: &Telephones,
    since: Stopwatch,
) -> Result<Sample, String> {
    let rings = telephones.expect(&payer.number);
    let answer = world.house.gatherer.pay(world.order(payer)).await;
    let committed = since.elapsed();
    let Outcome::Held { payment, .. } = answer.map_err(|error| error.to_string())?.outcome else {
        return Err("the payment was not held".into());
    };
    let rung = timeout(PATIENCE, rings).await;
    let rung = rung
        .ok()
        .and_then(Result::ok)
        .ok_or("the telephone did not ring")?;
    let call = call_of(&rung).ok_or("the Call-ID names no call")?;
    let keypad = Keypad::start(&rung, since).map_err(|error| error.to_string())?;
    prove(world, call, &keypad).await?;
    until(PATIENCE, || async {
        happened(world, call, Happening::DetailsPlayed).await
    })
    .await
    .ok_or("the details were not played")?;
    sleep(PRESS_AFTER).await;
    let (pressed, released) = release(world, payment, &keypad, since).await?;
    let ended = until(PATIENCE, || async { disposition(world, call).await }).await;
    if ended != Some(Disposition::Confirmed) {
        return Err("the call did not end as confirmed".into());
    }
    Ok(Sample {
        to_invite: rung.at.saturating_sub(committed),
        to_release: released.saturating_sub(pressed),
    })
}

/// Presses the digit that proves a person, once it has been asked for.
async fn prove(world: &World, call: CallId, keypad: &Keypad) -> Result<(), String> {
    let digit = until(PATIENCE, || async {
        let attempt = attempt(world, call).await?;
        attempt.answered_at.map(|_| attempt.proof_digit)
    });
    let digit = digit.await.ok_or("the call was not answered")?;
    sleep(world.question_after(digit)).await;
    for _ in 0..PROOF_TRIES {
        keypad.press(digit).await;
        let proved = until(PROOF_PATIENCE, || async {
            happened(world, call, Happening::Proved).await
        });
        if proved.await.is_some() {
            return Ok(());
        }
    }
    Err("the proof was not heard".into())
}

/// Presses 1: when its first packet left, and when the release was committed.
async fn release(
    world: &World,
    payment: PaymentId,
    keypad: &Keypad,
    since: Stopwatch,
) -> Result<(Duration, Duration), String> {
    let db = &world.house.db;
    let mut commits = db.signal(store::outbox::SIGNAL).listen();
    let pressed = keypad.press(1).await.ok_or("the key was not pressed")?;
    let watched = async {
        loop {
            // The signal is raised right after a commit; whose it was is asked afterwards.
            let at = since.elapsed();
            let found = db.read_async(move |tx| payments::get(tx, payment)).await;
            if let Ok(Some(found)) = found
                && found.state == PaymentState::Posted
            {
                return at;
            }
            commits.changed(RELEASE_LOOK_MS).await;
        }
    };
    let released = timeout(PATIENCE, watched).await;
    Ok((pressed, released.map_err(|_| "the payment was not released")?))
}

async fn attempt(world: &World, call: CallId) -> Option<attempts::Attempt> {
    let found = world.house.db.read_async(move |tx| attempts::get(tx, call)).await;
    found.ok().flatten()
}

async fn happened(world: &World, call: CallId, what: Happening) -> Option<()> {
    let found = world.house.db.read_async(move |tx| {
        let Some(attempt) = attempts::get(tx, call)? else {
            return Ok(false);
        };
        let items = cases::timeline(tx, attempt.case)?;
        Ok::<_, CallsError>(
            items
                .iter()
                .any(|item| item.call == Some(call) && item.happening == what),
        )
    });
    found.await.ok().filter(|found| *found).map(drop)
}

async fn disposition(world: &World, call: CallId) -> Option<Disposition> {
    attempt(world, call).await?.disposition
}

/// Asks again and again until there is an answer; `None`: not in time.
async fn until<T, F: Future<Output = Option<T>>>(patience: Duration, ask: impl Fn() -> F) -> Option<T> {
    let asked = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            sleep(LOOK).await;
        }
    };
    timeout(patience, asked).await.ok()
}

/// The attempt's id is part of the SIP Call-ID.
fn call_of(rung: &Rung) -> Option<CallId> {
    rung.call_id.strip_prefix("huiling-")?.get(..32)?.parse().ok()
}
