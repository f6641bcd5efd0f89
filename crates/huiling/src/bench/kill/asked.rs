//! Requests with their keys and first answers, and the proof that a repeat of any of them gets the
//! same bytes and moves nothing.

use super::place::Told;
use base::Rng;
use std::time::Duration;
use ureq::Agent;

/// A request to pay, as it was sent, and how it was answered.
#[derive(Clone, Debug)]
pub struct Asked {
    pub token: String,
    pub key: String,
    /// JSON.
    pub body: String,
    /// `None`: no answer came, its outcome is unknown.
    pub answer: Option<Answered>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub status: u16,
    pub bytes: Vec<u8>,
}

pub fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into()
}

impl Asked {
    /// A server error is an answer that says "unknown": `None`.
    pub fn send(&self, agent: &Agent, base_url: &str) -> Option<Answered> {
        let response = agent
            .post(&format!("{base_url}/api/v1/payments"))
            .header("authorization", &format!("Bearer {}", self.token))
            .header("idempotency-key", &self.key)
            .header("accept-language", "en")
            .header("content-type", "application/json")
            .send(&self.body);
        read(response)
    }

    pub fn status(&self) -> Option<u16> {
        self.answer.as_ref().map(|answer| answer.status)
    }

    /// Whether a repeat is answered as the first time.
    pub fn is_repeated(&self, agent: &Agent, base_url: &str) -> Told<()> {
        let Some(first) = &self.answer else {
            return Ok(());
        };
        let again = self.send(agent, base_url);
        if again.as_ref() == Some(first) {
            return Ok(());
        }
        let shown =
            |answer: &Answered| format!("{} {}", answer.status, String::from_utf8_lossy(&answer.bytes));
        let again = again.as_ref().map_or("nothing".into(), shown);
        Err(format!(
            "{} was answered {}, and again {again}",
            self.key,
            shown(first)
        ))
    }
}

/// Sends a JSON body to another address of the API in this caller's name.
pub fn post(agent: &Agent, url: &str, token: &str, body: &str) -> Option<Answered> {
    let response = agent
        .post(url)
        .header("authorization", &format!("Bearer {token}"))
        .header("accept-language", "en")
        .header("content-type", "application/json")
        .send(body);
    read(response)
}

fn read(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Option<Answered> {
    let mut response = response.ok()?;
    let status = response.status().as_u16();
    let bytes = response.body_mut().read_to_vec().ok()?;
    (status < 500 && status != 429).then_some(Answered { status, bytes })
}

/// Repeats this many answered requests, drawn at random, and compares every byte; returns how many.
/// That nothing was posted meanwhile is for `verify` to say, before and after.
pub fn repeat(base_url: &str, asked: &[Asked], many: usize, rng: &Rng) -> Told<usize> {
    let agent = agent();
    let answered: Vec<&Asked> = asked.iter().filter(|one| one.answer.is_some()).collect();
    if answered.is_empty() {
        return Ok(0);
    }
    for _ in 0..many {
        answered[rng.below(answered.len() as u64) as usize].is_repeated(&agent, base_url)?;
    }
    Ok(many)
}
