//! One automated call.

use super::tape::Tape;
use base::{PhoneNumber, Stopwatch};
use phone::{CallEnd, DialOptions, Hangup, Heard, Line, Sound};
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout_at};

/// When a call begins and ends.
#[derive(Clone, Copy, Debug)]
pub struct Hours {
    pub begin: Instant,
    pub end: Instant,
}

/// What became of a call.
pub struct Told {
    /// From the dialling to the answer; the telephone rings for a fifth of a second of it.
    pub setup: Duration,
    pub digit: Option<char>,
    pub end: CallEnd,
    pub tape: Tape,
}

impl Told {
    /// It stood until we ended it.
    pub fn is_complete(&self) -> bool {
        self.end.by == Hangup::Us
    }
}

/// Calls, plays the prompt again and again, hears a digit, and hangs up when it is time.
pub async fn call(line: Line, prompt: Sound, tape: Tape, hours: Hours) -> Result<Told, String> {
    sleep_until(hours.begin).await;
    let since = Stopwatch::start();
    let number = PhoneNumber::parse("13800138000").map_err(|error| error.to_string())?;
    let options = DialOptions {
        recording: Some(tape.sink()),
        ..DialOptions::default()
    };
    let answered = line.dial(&number, options).await.answered().await;
    let mut call = answered.map_err(|failure| failure.to_string())?;
    let setup = since.elapsed();
    let mut digit = None;
    loop {
        match timeout_at(hours.end, call.play_until_digit(prompt.clone())).await {
            Ok(Heard::Digit(heard)) => digit = digit.or(Some(heard)),
            Ok(Heard::Played) => {}
            Ok(Heard::HungUp | Heard::TimedOut) | Err(_) => break,
        }
    }
    let end = call.hang_up().await;
    Ok(Told {
        setup,
        digit,
        end,
        tape,
    })
}
