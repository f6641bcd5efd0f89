use super::limiter::Meter;
use super::visitor::Visitor;
use crate::fault::{Fault, Kind};
use crate::form::Form;
use crate::state::AppState;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Path, Request};
use axum::http::request::Parts;
use people::applications;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// Files of one form, and how large one may be; the route's own limit bounds their sum.
const MOST_FILES: usize = 5;
const MOST_PARTS: usize = 20;
pub const UPLOAD_LIMIT: usize = 21 * 1024 * 1024;
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(25);

/// A form with files on an application's progress page. Its token comes first; nothing is read
/// before it is right, and not too many are read at once.
pub struct Upload {
    pub form: Form,
    pub files: Vec<Vec<u8>>,
}

impl FromRequest<AppState> for Upload {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Fault> {
        let visitor = request
            .extensions()
            .get::<Visitor>()
            .cloned()
            .ok_or_else(|| Fault::new(Kind::Internal))?;
        if !super::fields::is_same_origin(request.headers()) {
            return Err(Fault::new(Kind::Stale));
        }
        visitor.meter(state, Meter::Apply, state.request_limits.apply)?;
        let (mut head, body) = request.into_parts();
        has_progress(state, &mut head).await?;
        let Ok(_place) = state.uploads.try_acquire() else {
            return Err(Fault::new(Kind::Busy {
                retry_secs: UPLOAD_TIMEOUT.as_secs() as u32,
            }));
        };
        let request = Request::from_parts(head, body);
        let parts = Multipart::from_request(request, state)
            .await
            .map_err(|_| Fault::new(Kind::Media("multipart/form-data")))?;
        tokio::time::timeout(UPLOAD_TIMEOUT, collect(parts, &visitor))
            .await
            .map_err(|_| Fault::new(Kind::TooSlow))?
    }
}

/// Whether the address leads to an application: files for nobody are not read.
async fn has_progress(state: &AppState, head: &mut Parts) -> Result<(), Fault> {
    let Path(token) = Path::<String>::from_request_parts(head, state)
        .await
        .map_err(|_| Fault::not_found())?;
    let found = state
        .db
        .read_async(move |tx| applications::by_progress_token(tx, &token))
        .await?;
    found.map(drop).ok_or_else(Fault::not_found)
}

async fn collect(mut parts: Multipart, visitor: &Visitor) -> Result<Upload, Fault> {
    let mut upload = Upload {
        form: Form::default(),
        files: Vec::new(),
    };
    let mut trusted = false;
    for _ in 0..MOST_PARTS {
        let Some(part) = parts.next_field().await.map_err(broken)? else {
            break;
        };
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = part.file_name().is_some();
        if !trusted && name != "csrf" {
            return Err(Fault::new(Kind::Stale));
        }
        let bytes = part.bytes().await.map_err(broken)?;
        if name == "csrf" {
            trusted = visitor.csrf.as_bytes().ct_eq(&bytes).into();
            if !trusted || visitor.csrf.is_empty() {
                return Err(Fault::new(Kind::Stale));
            }
        } else if !is_file {
            upload.form.set(&name, String::from_utf8_lossy(&bytes));
        } else if !bytes.is_empty() && upload.files.len() <= MOST_FILES {
            upload.files.push(bytes.to_vec());
        }
    }
    if trusted {
        Ok(upload)
    } else {
        Err(Fault::new(Kind::Stale))
    }
}

fn broken(problem: axum::extract::multipart::MultipartError) -> Fault {
    match problem.status() {
        axum::http::StatusCode::PAYLOAD_TOO_LARGE => Fault::new(Kind::TooLarge),
        _ => Fault::bad_request("the form broke off"),
    }
}
