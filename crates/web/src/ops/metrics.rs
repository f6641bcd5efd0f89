use crate::fault::Fault;
use crate::state::AppState;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::Stopwatch;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use store::{jobs, outbox};

/// Upper bounds of the latency histogram in microseconds.
const BOUNDS_US: [u64; 10] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 500_000, 2_500_000, 10_000_000,
];
/// Routes are few; what is not one of them is counted as `other`.
const MOST_ROUTES: usize = 200;

/// Requests by route, which the router bounds, and class of status.
#[derive(Default)]
pub struct Metrics {
    routes: RwLock<HashMap<String, Arc<Route>>>,
    pub listening: AtomicI64,
}

#[derive(Default)]
struct Route {
    /// By the first digit of the status, 1 to 5.
    by_class: [AtomicU64; 6],
    buckets: [AtomicU64; BOUNDS_US.len()],
    sum_us: AtomicU64,
}

impl Metrics {
    fn route(&self, name: &str) -> Arc<Route> {
        if let Some(route) = self
            .routes
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
        {
            return route.clone();
        }
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        let name = if routes.len() >= MOST_ROUTES {
            "other"
        } else {
            name
        };
        routes.entry(name.to_owned()).or_default().clone()
    }
}

/// Counts a request under its route.
pub async fn count(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let counting = Counting::begin(&state.metrics, &request);
    let response = next.run(request).await;
    counting.end(&response);
    response
}

/// A request on its way.
pub struct Counting {
    route: Arc<Route>,
    watch: Stopwatch,
}

impl Counting {
    pub fn begin(metrics: &Metrics, request: &Request) -> Self {
        let matched = request.extensions().get::<MatchedPath>();
        Self {
            route: metrics.route(matched.map_or("other", MatchedPath::as_str)),
            watch: Stopwatch::start(),
        }
    }

    pub fn end(self, response: &Response) {
        let (route, took_us) = (self.route, self.watch.elapsed().as_micros() as u64);
        let class = usize::from(response.status().as_u16() / 100).min(5);
        route.by_class[class].fetch_add(1, Ordering::Relaxed);
        route.sum_us.fetch_add(took_us, Ordering::Relaxed);
        if let Some(place) = BOUNDS_US.iter().position(|bound| took_us <= *bound) {
            route.buckets[place].fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// `/metrics`: the Prometheus text format.
pub async fn metrics(State(state): State<AppState>) -> Result<Response, Fault> {
    let (events, troubled, jobs, failing) = state
        .db
        .read_async(|tx| {
            let (events, troubled) = (outbox::backlog(tx)?, outbox::troubled(tx)?);
            Ok::<_, Fault>((events, troubled, jobs::backlog(tx)?, jobs::failing(tx)?))
        })
        .await?;
    let mut text = String::with_capacity(8 * 1024);
    write_routes(&mut text, &state.metrics);
    gauge(
        &mut text,
        "huiling_line_ready",
        "Whether the telephone line takes calls.",
        i64::from((state.line_ready)()),
    );
    gauge(
        &mut text,
        "huiling_pages_listening",
        "Open pages that wait for changes.",
        state.metrics.listening.load(Ordering::Relaxed),
    );
    gauge(
        &mut text,
        "huiling_outbox_waiting",
        "Events not handled yet.",
        events.waiting,
    );
    let _ = writeln!(
        text,
        "# HELP huiling_outbox_troubled Events by topic that a handler refused: tried again, or left for a person.\n# TYPE huiling_outbox_troubled gauge"
    );
    for one in troubled {
        let (topic, failing, given_up) = (one.topic, one.failing, one.given_up);
        let _ = writeln!(
            text,
            "huiling_outbox_troubled{{topic=\"{topic}\",state=\"failing\"}} {failing}"
        );
        let _ = writeln!(
            text,
            "huiling_outbox_troubled{{topic=\"{topic}\",state=\"given_up\"}} {given_up}"
        );
    }
    let _ = writeln!(
        text,
        "# HELP huiling_jobs Jobs by kind that are not done.\n# TYPE huiling_jobs gauge"
    );
    for (kind, waiting, failed) in jobs {
        let _ = writeln!(
            text,
            "huiling_jobs{{kind=\"{kind}\",state=\"waiting\"}} {waiting}"
        );
        let _ = writeln!(text, "huiling_jobs{{kind=\"{kind}\",state=\"failed\"}} {failed}");
    }
    for (kind, failing) in failing {
        let _ = writeln!(
            text,
            "huiling_jobs{{kind=\"{kind}\",state=\"failing\"}} {failing}"
        );
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

fn gauge(text: &mut String, name: &str, help: &str, value: i64) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
}

fn write_routes(text: &mut String, metrics: &Metrics) {
    let routes = metrics.routes.read().unwrap_or_else(PoisonError::into_inner);
    let mut names: Vec<&String> = routes.keys().collect();
    names.sort();
    let _ = writeln!(
        text,
        "# HELP huiling_http_requests_total Requests by route and class of status.\n# TYPE huiling_http_requests_total counter"
    );
    for name in &names {
        for (class, counted) in routes[*name].by_class.iter().enumerate().skip(1) {
            let counted = counted.load(Ordering::Relaxed);
            if counted > 0 {
                let _ = writeln!(
                    text,
                    "huiling_http_requests_total{{route=\"{name}\",status=\"{class}xx\"}} {counted}"
                );
            }
        }
    }
    let _ = writeln!(
        text,
        "# HELP huiling_http_seconds Time to answer.\n# TYPE huiling_http_seconds histogram"
    );
    for name in &names {
        let route = &routes[*name];
        let mut below = 0;
        for (bound, bucket) in BOUNDS_US.iter().zip(&route.buckets) {
            below += bucket.load(Ordering::Relaxed);
            let secs = *bound as f64 / 1e6;
            let _ = writeln!(
                text,
                "huiling_http_seconds_bucket{{route=\"{name}\",le=\"{secs}\"}} {below}"
            );
        }
        let all: u64 = route
            .by_class
            .iter()
            .map(|class| class.load(Ordering::Relaxed))
            .sum();
        let sum = route.sum_us.load(Ordering::Relaxed) as f64 / 1e6;
        let _ = writeln!(
            text,
            "huiling_http_seconds_bucket{{route=\"{name}\",le=\"+Inf\"}} {all}"
        );
        let _ = writeln!(text, "huiling_http_seconds_sum{{route=\"{name}\"}} {sum}");
        let _ = writeln!(text, "huiling_http_seconds_count{{route=\"{name}\"}} {all}");
    }
}
