use super::answers::{self, Question};
use super::{Scenario, Scenarios};
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use serde_json::json;
use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;

const QUESTION_BYTES_MAX: usize = 16 * 1024;
/// How often a flaky register fails before it answers.
const FLAKY_FAILURES: u32 = 2;
/// Questions that a flaky register remembers; beyond them it begins to forget.
const FLAKY_MEMORY: usize = 10_000;

struct Bureau {
    scenarios: Scenarios,
    /// Failures so far, by register and document.
    failed: Mutex<HashMap<String, u32>>,
}

#[derive(Clone, Copy)]
enum Register {
    Identity,
    Credit,
}

/// Answers until `until` ends.
pub async fn serve(
    listener: TcpListener,
    scenarios: Scenarios,
    until: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let bureau = Arc::new(Bureau {
        scenarios,
        failed: Mutex::default(),
    });
    let router = Router::new()
        .route("/identity", post(identity))
        .route("/credit", post(credit))
        .route("/health", get(|| async { "ok" }))
        .layer(DefaultBodyLimit::max(QUESTION_BYTES_MAX))
        .with_state(bureau);
    axum::serve(listener, router).with_graceful_shutdown(until).await
}

async fn identity(State(bureau): State<Arc<Bureau>>, headers: HeaderMap, body: Bytes) -> Response {
    bureau.answer(Register::Identity, &headers, &body).await
}

async fn credit(State(bureau): State<Arc<Bureau>>, headers: HeaderMap, body: Bytes) -> Response {
    bureau.answer(Register::Credit, &headers, &body).await
}

impl Bureau {
    async fn answer(&self, register: Register, headers: &HeaderMap, body: &[u8]) -> Response {
        let question: Question = match serde_json::from_slice(body) {
            Ok(question) => question,
            Err(error) => return refusal(StatusCode::BAD_REQUEST, &error.to_string()),
        };
        if let Some(problem) = answers::problem(&question) {
            return refusal(StatusCode::UNPROCESSABLE_ENTITY, problem);
        }
        let header = headers
            .get("x-bureau-scenario")
            .and_then(|value| value.to_str().ok());
        let scenario = self
            .scenarios
            .choose(header, &question.document.number, &question.name);
        match scenario {
            Scenario::Failing => return broken(),
            Scenario::Hangup => return hang_up(),
            Scenario::Flaky if self.fails_again(register, &question) => return broken(),
            Scenario::Slow => tokio::time::sleep(Duration::from_millis(self.scenarios.slow_ms)).await,
            _ => {}
        }
        let seed = self.scenarios.seed;
        match register {
            Register::Identity => Json(answers::identity(&question, scenario, seed)).into_response(),
            Register::Credit => Json(answers::credit(&question, scenario, seed)).into_response(),
        }
    }

    fn fails_again(&self, register: Register, question: &Question) -> bool {
        let path = match register {
            Register::Identity => "identity",
            Register::Credit => "credit",
        };
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.len() >= FLAKY_MEMORY {
            failed.clear();
        }
        let count = failed
            .entry(format!("{path} {}", question.document.number))
            .or_default();
        *count += 1;
        *count <= FLAKY_FAILURES
    }
}

fn refusal(status: StatusCode, detail: &str) -> Response {
    (status, Json(json!({ "error": detail }))).into_response()
}

fn broken() -> Response {
    refusal(
        StatusCode::INTERNAL_SERVER_ERROR,
        "the register is down for maintenance",
    )
}

/// Promises a body and breaks the connection instead.
fn hang_up() -> Response {
    let broken = stream::iter([Err::<Bytes, _>(io::Error::other("the bureau hangs up"))]);
    Response::new(Body::from_stream(broken))
}
