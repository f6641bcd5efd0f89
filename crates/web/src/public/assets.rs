use crate::fault::Fault;
use crate::guard::Visitor;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::LazyLock;

struct File {
    bytes: &'static [u8],
    media: &'static str,
    tag: String,
}

macro_rules! files {
    ($($name:literal: $media:literal),* $(,)?) => {
        static FILES: LazyLock<HashMap<&'static str, File>> = LazyLock::new(|| {
            HashMap::from([$((
                $name,
                file(include_bytes!(concat!("../../static/", $name)), $media),
            )),*])
        });
    };
}

files! {
    "app.css": "text/css; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "sw.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "icon-192.png": "image/png",
    "icon-512.png": "image/png",
    "licences/tabler-icons-3.51.0.txt": "text/plain; charset=utf-8",
}

fn file(bytes: &'static [u8], media: &'static str) -> File {
    let digest = Sha256::digest(bytes);
    let tag = digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    File {
        bytes,
        media,
        tag: format!("\"{tag}\""),
    }
}

/// `/static/{*path}`: the files are part of the program; a browser asks again with their tag.
pub async fn static_file(Path(path): Path<String>, headers: HeaderMap) -> Result<Response, Fault> {
    let file = FILES.get(path.as_str()).ok_or_else(Fault::not_found)?;
    Ok(send(file, &headers))
}

/// `/sw.js`: it must live at the root to serve the whole place.
pub async fn service_worker(headers: HeaderMap) -> Response {
    send(&FILES["sw.js"], &headers)
}

fn send(file: &File, headers: &HeaderMap) -> Response {
    let cached = [
        (header::ETAG, file.tag.as_str()),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|tag| tag.to_str().ok());
    if known.is_some_and(|tags| tags.contains(&file.tag)) {
        return (StatusCode::NOT_MODIFIED, cached).into_response();
    }
    (cached, [(header::CONTENT_TYPE, file.media)], file.bytes).into_response()
}

/// `/manifest.webmanifest`: what makes the wallet installable.
pub async fn manifest(State(state): State<AppState>, visitor: Visitor) -> Response {
    let name = state.brand.name(visitor.language);
    let body = json!({
        "name": name,
        "short_name": name,
        "lang": visitor.language.tag(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f8f7",
        "theme_color": "#0f766e",
        "icons": [
            { "src": "/static/icon-192.png", "sizes": "192x192", "type": "image/png" },
            { "src": "/static/icon-512.png", "sizes": "512x512", "type": "image/png" },
            { "src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml" },
        ],
    });
    ([(header::CONTENT_TYPE, "application/manifest+json")], Json(body)).into_response()
}
