//! What applicants can do themselves after they applied: supply, withdraw, object.

use super::application::{FileId, FileKind, FileLine, Moved, SuppliedFile};
use super::draft::{Field, FieldProblem, parse_limit, parse_name};
use super::history::store as history;
use super::reason::Reason;
use super::state::{ApplicationEvent, ApplicationState};
use super::{advance, store, submit};
use crate::{PeopleError, checks, events};
use ::store::Tx;
use base::{Ambient, ApplicationId};
use security::sealing::Keyring;

const FILES_MAX: usize = 5;
pub const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;
const APPEAL_CHARACTERS_MAX: usize = 2_000;
const APPEAL_DAYS: i64 = 60;
/// An application that waits for its applicant this long is given up.
const PATIENCE_DAYS: i64 = 30;

/// What an applicant adds when asked for more. At least one part is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supply {
    name: Option<String>,
    requested_limit_minor: Option<i64>,
    files: Vec<SuppliedFile>,
}

impl Supply {
    /// `name` and `requested_limit` (in yuan) are empty where nothing is corrected. Files are
    /// JPEG, PNG or PDF by their first bytes, at most five of 4 MiB.
    pub fn parse(
        name: &str,
        requested_limit: &str,
        files: Vec<(FileKind, Vec<u8>)>,
    ) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let mut corrected = None;
        if !name.trim().is_empty() {
            corrected = parse_name(name).map_err(|problem| problems.push(problem)).ok();
        }
        let mut limit = None;
        if !requested_limit.trim().is_empty() {
            limit = parse_limit(requested_limit)
                .map_err(|problem| problems.push(problem))
                .ok();
        }
        let files = parse_files(files)
            .map_err(|problem| problems.push(problem))
            .unwrap_or_default();
        if problems.is_empty() && corrected.is_none() && limit.is_none() && files.is_empty() {
            problems.push(FieldProblem::new(
                Field::Files,
                "nothing_supplied",
                "请上传文件，或更正姓名，或申请较低的额度。",
                "Upload a file, correct your name, or ask for a lower limit.",
            ));
        }
        if problems.is_empty() {
            Ok(Self {
                name: corrected,
                requested_limit_minor: limit,
                files,
            })
        } else {
            Err(problems)
        }
    }
}

/// Takes what was asked for. Then the outside checks are asked again, or staff look at it who
/// had asked.
pub fn supply_documents(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    id: ApplicationId,
    supply: &Supply,
) -> Result<Moved, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(Moved::NotFound);
    };
    if application.state != ApplicationState::MoreDocuments {
        return Ok(Moved::NotNow(application.state));
    }
    for file in &supply.files {
        add_file(tx, ambient, keyring, id, file)?;
    }
    if let Some(name) = &supply.name {
        application.name.clone_from(name);
    }
    if let Some(limit_minor) = supply.requested_limit_minor {
        application.requested_limit_minor = limit_minor;
    }
    application.documents_supplied = true;
    application.round += 1;
    let note = format!("{} files", supply.files.len());
    let for_staff = application.reasons.iter().any(Reason::is_wanted_by_staff);
    let event = if for_staff {
        application.reasons.retain(|reason| !reason.is_wanted_by_staff());
        events::publish(tx, ambient, events::APPLICATION_REFERRED, id, "{}")?;
        ApplicationEvent::SuppliedToStaff
    } else {
        checks::enqueue(tx, ambient, id, application.round)?;
        ApplicationEvent::DocumentsSupplied
    };
    advance(tx, ambient, &mut application, event, &note)
}

/// The applicant changed their mind. Checks and calls under way end.
pub fn withdraw(tx: &mut Tx<'_>, ambient: &Ambient, id: ApplicationId) -> Result<Moved, PeopleError> {
    end(tx, ambient, id, ApplicationEvent::Withdraw)
}

/// A declined applicant objects, once, within 60 days: a person looks again.
pub fn appeal(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    id: ApplicationId,
    grounds: &str,
) -> Result<Moved, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(Moved::NotFound);
    };
    let now = ambient.now();
    let in_time = now <= application.changed_at.plus_secs(APPEAL_DAYS * 86_400);
    if application.state != ApplicationState::Declined || application.appealed_at.is_some() || !in_time {
        return Ok(Moved::NotNow(application.state));
    }
    if !reclaim_person(tx, &application)? {
        return Ok(Moved::NotNow(application.state));
    }
    let grounds: String = grounds.chars().take(APPEAL_CHARACTERS_MAX).collect();
    let file = SuppliedFile {
        kind: FileKind::Objection,
        media_type: "text/plain; charset=utf-8".into(),
        bytes: grounds.into_bytes(),
    };
    add_file(tx, ambient, keyring, id, &file)?;
    application.appealed_at = Some(now);
    application.reapply_from = None;
    events::publish(tx, ambient, events::APPLICATION_REFERRED, id, "{}")?;
    advance(tx, ambient, &mut application, ApplicationEvent::Appeal, "")
}

/// Ends applications that have waited 30 days for their applicant, at most `limit` of them.
pub fn lapse(tx: &mut Tx<'_>, ambient: &Ambient, limit: i64) -> Result<usize, PeopleError> {
    let before = ambient.now().plus_secs(-PATIENCE_DAYS * 86_400);
    let mut ended = 0;
    for state in [ApplicationState::MoreDocuments, ApplicationState::Callback] {
        for id in store::stale(tx, state, before, limit)? {
            end(tx, ambient, id, ApplicationEvent::Lapsed)?;
            ended += 1;
        }
    }
    store::forget_keys(tx, before)?;
    Ok(ended)
}

/// What an applicant supplied, oldest first, for the member of staff who decides.
pub fn supplied_files(tx: &mut Tx<'_>, id: ApplicationId) -> Result<Vec<FileLine>, PeopleError> {
    history::files(tx, id)
}

/// One file of an application in clear. The caller writes down who looked.
pub fn open_file(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    application: ApplicationId,
    file: FileId,
) -> Result<Option<SuppliedFile>, PeopleError> {
    let Some(stored) = history::file(tx, application, file)? else {
        return Ok(None);
    };
    let plain = keyring
        .unseal(&file_context(application, file), &stored.sealed)
        .map_err(|_| PeopleError::Unseal { application })?;
    Ok(Some(SuppliedFile {
        kind: stored.kind,
        media_type: stored.media_type,
        bytes: plain.to_vec(),
    }))
}

/// What a file is by its first bytes; `None` for all that is not accepted.
pub fn media_type_of(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [b'%', b'P', b'D', b'F', ..] => Some("application/pdf"),
        _ => None,
    }
}

fn end(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    id: ApplicationId,
    event: ApplicationEvent,
) -> Result<Moved, PeopleError> {
    let Some(mut application) = store::locked(tx, id)? else {
        return Ok(Moved::NotFound);
    };
    if application.state == ApplicationState::Withdrawn {
        return Ok(Moved::Already);
    }
    if application.state.next(event).is_none() {
        return Ok(Moved::NotNow(application.state));
    }
    checks::cancel(tx, id, application.round)?;
    events::publish(tx, ambient, events::APPLICATION_WITHDRAWN, id, "{}")?;
    advance(tx, ambient, &mut application, event, "")
}

/// The claims were let go at the refusal; someone may have applied with them since.
fn reclaim_person(tx: &mut Tx<'_>, application: &super::Application) -> Result<bool, PeopleError> {
    let id = application.id;
    let Some(document) = store::sealed_document(tx, id)? else {
        return Ok(false);
    };
    let known = crate::customers::by_document(tx, &document.index)?.is_some()
        || crate::customers::by_phone(tx, &application.phone)?.is_some();
    let index: [u8; 32] = document.index.try_into().map_err(|_| PeopleError::Stored {
        application: id,
        what: "the index of its document",
    })?;
    let taken = !known
        && store::claim(tx, &index, id)?
        && store::claim(tx, &submit::phone_claim(&application.phone), id)?;
    if !taken {
        store::release_claims(tx, id)?;
    }
    Ok(taken)
}

fn add_file(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    id: ApplicationId,
    file: &SuppliedFile,
) -> Result<(), PeopleError> {
    let file_id = FileId::new(ambient);
    let sealed = keyring.seal(&file_context(id, file_id), &file.bytes);
    let row = (file.kind.word(), file.media_type.as_str(), sealed.as_slice());
    history::add_file(tx, file_id, id, row, ambient.now())
}

fn file_context(application: ApplicationId, file: FileId) -> String {
    format!("application.file:{application}:{file}")
}

fn parse_files(files: Vec<(FileKind, Vec<u8>)>) -> Result<Vec<SuppliedFile>, FieldProblem> {
    if files.len() > FILES_MAX {
        return Err(FieldProblem::new(
            Field::Files,
            "too_many_files",
            format!("最多上传 {FILES_MAX} 个文件。"),
            format!("Upload at most {FILES_MAX} files."),
        ));
    }
    files
        .into_iter()
        .map(|(kind, bytes)| parse_file(kind, bytes))
        .collect()
}

fn parse_file(kind: FileKind, bytes: Vec<u8>) -> Result<SuppliedFile, FieldProblem> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(FieldProblem::new(
            Field::Files,
            "file_too_large",
            format!(
                "每个文件最大 4 MB，这个有 {} MB。请压缩后再上传。",
                bytes.len() / 1_000_000 + 1
            ),
            format!(
                "A file has at most 4 MB, this one {}. Make it smaller.",
                bytes.len() / 1_000_000 + 1
            ),
        ));
    }
    let Some(media_type) = media_type_of(&bytes) else {
        return Err(FieldProblem::new(
            Field::Files,
            "file_type",
            "文件应为 JPEG、PNG 或 PDF。请换一种格式上传。",
            "A file must be JPEG, PNG or PDF. Upload it in one of these forms.",
        ));
    };
    Ok(SuppliedFile {
        kind,
        media_type: media_type.into(),
        bytes,
    })
}
