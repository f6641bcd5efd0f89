//! Every telephone of the demo's town hangs on one line: the visitor's, and those of the people
//! who live there.

use super::persona::{Ears, Persona, take_call};
use base::Rng;
use phone::{DeclineReason, IncomingCall, Line};
use tokio::sync::mpsc;

/// Hands each call to the telephone that it is for. The visitor's one telephone is busy while
/// it has a call.
pub fn connect(
    line: &Line,
    visitor_number: &str,
    to_visitor: mpsc::Sender<IncomingCall>,
    ears: Ears,
    rng: Rng,
) {
    let mut calls = line.incoming();
    let visitor_number = visitor_number.trim_start_matches('+').to_owned();
    tokio::spawn(async move {
        while let Some(call) = calls.next().await {
            if call.to_number.trim_start_matches('+') == visitor_number {
                if let Err(error) = to_visitor.try_send(call) {
                    error.into_inner().decline(DeclineReason::Busy);
                }
            } else {
                tokio::spawn(take_call(call, Persona::draw(&rng), ears.clone(), rng.clone()));
            }
        }
    });
}
