//! What applicants supplied, one file at a time, each look written down.

use super::desk::{FileRow, short};
use crate::fault::Fault;
use crate::guard::Staffer;
use crate::shell::Page;
use crate::state::AppState;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base::ApplicationId;
use people::applications::{self, FileId, FileKind, FileLine, SuppliedFile, media_type_of};
use security::audit::{self, Actor};
use security::staff::Permission;

/// A stranger's bytes: nothing in them may run, load or reach us.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

pub(super) fn rows(p: &Page, application: ApplicationId, files: &[FileLine]) -> Vec<FileRow> {
    files
        .iter()
        .map(|file| FileRow {
            title: p.t(kind_key(file.kind)),
            text: format!(
                "{} · {} kB",
                form_of(&file.media_type),
                (file.length + 999) / 1_000
            ),
            when: p.calendar.moment(file.at),
            href: format!("/staff/applications/{application}/files/{}", file.id),
        })
        .collect()
}

/// `GET /staff/applications/{id}/files/{file}`: unsealed for this look alone; who looked is kept.
pub async fn file(
    State(state): State<AppState>,
    staffer: Staffer,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, Fault> {
    staffer.may(Permission::ViewCustomers)?;
    let application: ApplicationId = id.parse().map_err(|_| Fault::not_found())?;
    let file: FileId = file.parse().map_err(|_| Fault::not_found())?;
    let keyring = state.keyring.clone();
    let found = state
        .db
        .read_async(move |tx| applications::open_file(tx, &keyring, application, file))
        .await?
        .ok_or_else(Fault::not_found)?;
    let (ambient, actor) = (state.ambient.clone(), Actor::Staff(staffer.id));
    state
        .db
        .write_async(move |tx| {
            let (subject, detail) = (application.to_string(), format!("file:{file}"));
            audit::record(tx, &ambient, &actor, "application.file.view", &subject, &detail)
        })
        .await?;
    Ok(send(application, file, found))
}

/// What the bytes are decides, not what was said of them: pictures and text open in the browser
/// without any power, a PDF is saved, because a viewer is a program.
fn send(application: ApplicationId, file: FileId, found: SuppliedFile) -> Response {
    let is_text = found.kind == FileKind::Objection && std::str::from_utf8(&found.bytes).is_ok();
    let (media, ending, place) = match media_type_of(&found.bytes) {
        _ if is_text => ("text/plain; charset=utf-8", "txt", "inline"),
        Some("image/jpeg") => ("image/jpeg", "jpg", "inline"),
        Some("image/png") => ("image/png", "png", "inline"),
        Some("application/pdf") => ("application/pdf", "pdf", "attachment"),
        _ => ("application/octet-stream", "bin", "attachment"),
    };
    let (application, file) = (application.to_string(), file.to_string());
    let named = format!(
        "{place}; filename=\"{}-{}.{ending}\"",
        short(&application),
        short(&file)
    );
    let mut response = found.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    let download = HeaderName::from_static("x-download-options");
    headers.insert(download, HeaderValue::from_static("noopen"));
    if let Ok(named) = HeaderValue::try_from(named) {
        headers.insert(header::CONTENT_DISPOSITION, named);
    }
    response
}

fn kind_key(kind: FileKind) -> &'static str {
    match kind {
        FileKind::IdentityDocument => "file-identity",
        FileKind::IncomeProof => "file-income",
        FileKind::Other => "file-other",
        FileKind::Objection => "file-objection",
    }
}

fn form_of(media_type: &str) -> &'static str {
    match media_type {
        "image/jpeg" => "JPEG",
        "image/png" => "PNG",
        "application/pdf" => "PDF",
        _ => "TXT",
    }
}
