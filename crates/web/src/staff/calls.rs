use super::cases::{named, whom};
use super::desk::{self, Asked, ListPage};
use super::story;
use super::table::{Cell, Table};
use crate::fault::{Fault, Kind};
use crate::guard::Staffer;
use crate::state::AppState;
use ::calls::attempts::{self, Attempt, AttemptState};
use ::calls::cases::{self, CaseKind};
use ::calls::{CallsError, recordings};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::CallId;
use security::audit::{self, Actor};
use security::staff::Permission;

/// `GET /staff/calls`: every attempt, newest first.
pub async fn calls(
    State(state): State<AppState>,
    staffer: Staffer,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    staffer.may(Permission::ViewCases)?;
    let before = asked.before()?;
    let (page, found) = state
        .db
        .read_async(move |tx| {
            let mut page = attempts::list(tx, before)?;
            let mut found: Vec<(Attempt, Option<String>, Option<CaseKind>)> = Vec::new();
            for attempt in page.attempts.drain(..) {
                let case = cases::get_readable(tx, attempt.case)?;
                let (who, kind) = match &case {
                    Some(case) => (whom(tx, case)?, Some(case.kind)),
                    None => (None, None),
                };
                found.push((attempt, who, kind));
            }
            Ok::<_, Fault>((page, found))
        })
        .await?;
    let names = desk::names(&state).await?;
    let p = desk::frame(&state, &staffer, &names, "staff-calls", "calls");
    let columns = vec![
        p.t("staff-col-time"),
        p.t("staff-col-customer"),
        p.t("staff-col-kind"),
        format!("#{}", p.t("staff-col-length")),
        p.t("staff-col-outcome"),
    ];
    let mut table = Table::new(p.t("staff-calls"), p.t("staff-none-calls"), columns);
    for (attempt, who, kind) in &found {
        let (text, tone) = match (attempt.state, attempt.disposition) {
            (AttemptState::Ended, Some(how)) => (p.t(story::disposition_key(how)), "quiet"),
            (AttemptState::Answered, _) => (p.t("state-on-call"), "ring"),
            _ => (p.t("case-calling"), "ring"),
        };
        table.push(vec![
            Cell::text(format!(
                "{} {}",
                p.calendar.day(attempt.begun_at),
                p.calendar.time_exact(attempt.begun_at)
            )),
            Cell::link(named(&p, who.clone()), format!("/staff/cases/{}", attempt.case)),
            Cell::text(kind.map_or_else(String::new, |kind| p.t(story::kind_key(kind)))),
            Cell::text(length(attempt)),
            Cell::pill(text, tone),
        ]);
    }
    let mut view = ListPage::new(p, table);
    view.next = page.next.map(|last| desk::after("/staff/calls", last));
    view.left_out(page.unreadable);
    view.show()
}

fn length(attempt: &Attempt) -> String {
    let secs = match (attempt.answered_at, attempt.ended_at) {
        (Some(from), Some(until)) => until.since(from).as_secs(),
        _ => return "–".into(),
    };
    format!("{}:{:02}", secs / 60, secs % 60)
}

/// `GET /staff/calls/{id}/recording.wav`: unsealed for this playback alone; who listened is kept.
pub async fn recording(
    State(state): State<AppState>,
    staffer: Staffer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    staffer.may(Permission::ListenToRecordings)?;
    let call: CallId = id.parse().map_err(|_| Fault::not_found())?;
    let found = state
        .db
        .read_async(move |tx| recordings::of_call(tx, call))
        .await?
        .ok_or_else(Fault::not_found)?;
    let (keyring, folder) = (state.keyring.clone(), state.recordings.clone());
    let wav = tokio::task::spawn_blocking(move || recordings::open_wav(&keyring, &folder, &found))
        .await
        .map_err(|_| Fault::new(Kind::Internal))?;
    if let Err(CallsError::NoRecording { .. }) = &wav {
        return Err(Fault {
            detail: Some(staffer.visitor.page(&state).t("staff-recording-none")),
            ..Fault::not_found()
        });
    }
    let wav = wav?;
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let part = range.and_then(|range| parse_range(range, wav.len()));
    // A browser asks for many parts of one playback; the first tells that someone listens.
    if part.is_none_or(|(from, _)| from == 0) {
        let (ambient, actor) = (state.ambient.clone(), Actor::Staff(staffer.id));
        state
            .db
            .write_async(move |tx| {
                audit::record(tx, &ambient, &actor, "recording.play", &call.to_string(), "")
            })
            .await?;
    }
    Ok(send(wav, part))
}

fn send(wav: Vec<u8>, part: Option<(usize, usize)>) -> Response {
    let fixed = [
        (header::CONTENT_TYPE, "audio/wav"),
        (header::ACCEPT_RANGES, "bytes"),
    ];
    match part {
        None => (fixed, wav).into_response(),
        Some((from, until)) => {
            let range = format!("bytes {from}-{}/{}", until - 1, wav.len());
            let bytes = wav[from..until].to_vec();
            (
                StatusCode::PARTIAL_CONTENT,
                fixed,
                [(header::CONTENT_RANGE, range)],
                bytes,
            )
                .into_response()
        }
    }
}

/// One range of bytes (RFC 9110), as a half-open interval; what cannot be met is answered whole.
fn parse_range(text: &str, length: usize) -> Option<(usize, usize)> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let (from, until) = match (first.parse::<usize>().ok(), last.parse::<usize>().ok()) {
        (Some(from), Some(last)) => (from, last.saturating_add(1).min(length)),
        (Some(from), None) if last.is_empty() => (from, length),
        (None, Some(tail)) if first.is_empty() => (length.saturating_sub(tail), length),
        _ => return None,
    };
    (from < until).then_some((from, until))
}

#[cfg(test)]
mod tests {
    use super::parse_range;

    #[test]
    fn a_range_is_read_as_the_browser_means_it() {
        assert_eq!(parse_range("bytes=0-", 100), Some((0, 100)));
        assert_eq!(parse_range("bytes=10-19", 100), Some((10, 20)));
        assert_eq!(parse_range("bytes=-5", 100), Some((95, 100)));
        assert_eq!(parse_range("bytes=90-500", 100), Some((90, 100)));
        assert_eq!(parse_range("bytes=100-", 100), None);
        assert_eq!(parse_range("bytes=a-b", 100), None);
        assert_eq!(parse_range("lines=0-1", 100), None);
    }
}
