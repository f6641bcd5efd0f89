use super::SmsConfig;
use super::delivery::{Attempt, Outgoing};
use std::time::Duration;
use ureq::Agent;

const LONGEST_PAUSE_MS: u64 = 3_600_000;
const CONFIGURATION_PAUSE_MS: u64 = 300_000;

/// Posts messages to an SMS gateway.
#[derive(Clone)]
pub struct Gateway {
    agent: Agent,
    config: SmsConfig,
}

impl Gateway {
    pub fn new(config: &SmsConfig, timeout_ms: u64) -> Self {
        let agent = Agent::config_builder()
            .timeout_global(Some(Duration::from_millis(timeout_ms)))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build()
            .into();
        Self {
            agent,
            config: config.clone(),
        }
    }

    /// Every attempt carries the same Idempotency-Key: the gateway sends the text once.
    pub fn send(&self, outgoing: &Outgoing) -> Attempt {
        let body = serde_json::json!({
            "id": outgoing.id.to_string(),
            "to": outgoing.contact.phone,
            "text": format!("【{}】{}", outgoing.brand, outgoing.text.outside),
        });
        let mut request = self
            .agent
            .post(&self.config.url)
            .header("Idempotency-Key", &format!("{}-sms", outgoing.id));
        if !self.config.key.is_empty() {
            request = request.header("Authorization", &format!("Bearer {}", self.config.key));
        }
        match request.send_json(body) {
            Ok(response) => {
                let pause = response
                    .headers()
                    .get("retry-after")
                    .and_then(|value| value.to_str().ok());
                judged(response.status().as_u16(), pause)
            }
            Err(error) => Attempt::Later {
                problem: format!("the SMS gateway: {error}"),
                after_ms: None,
            },
        }
    }
}

/// 409 says that the gateway has this key already. A refusal of our key is the operator's to mend.
fn judged(status: u16, retry_after: Option<&str>) -> Attempt {
    let problem = format!("the SMS gateway answered {status}");
    match status {
        200..=299 | 409 => Attempt::Delivered,
        401 | 403 | 404 => Attempt::Later {
            problem,
            after_ms: Some(CONFIGURATION_PAUSE_MS),
        },
        400..=499 if !matches!(status, 408 | 425 | 429) => Attempt::Never { problem },
        _ => {
            let secs = retry_after.and_then(|text| text.trim().parse::<u64>().ok());
            let after_ms = secs.map(|secs| secs.saturating_mul(1_000).min(LONGEST_PAUSE_MS));
            Attempt::Later { problem, after_ms }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateways_answer_decides_about_another_attempt() {
        let later = |status, after: Option<&str>| match judged(status, after) {
            Attempt::Later { after_ms, .. } => after_ms,
            other => panic!("{status}: {other:?}"),
        };
        for status in [200, 202, 204, 409] {
            assert_eq!(judged(status, None), Attempt::Delivered);
        }
        for status in [400, 402, 410, 413, 422] {
            assert!(matches!(judged(status, None), Attempt::Never { .. }), "{status}");
        }
        for status in [301, 408, 425, 429, 500, 502, 503, 504] {
            assert_eq!(later(status, None), None);
        }
        assert_eq!(later(429, Some("7")), Some(7_000));
        assert_eq!(later(503, Some("999999999999")), Some(LONGEST_PAUSE_MS));
        assert_eq!(later(503, Some("Wed, 21 Oct 2026 07:28:00 GMT")), None);
        assert_eq!(later(401, Some("7")), Some(CONFIGURATION_PAUSE_MS));
    }
}
