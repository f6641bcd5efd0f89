//! Receiving an application: once per key, one open application per person and number.

use super::application::Step;
use super::draft::Draft;
use super::history::store as history;
use super::state::{ApplicationEvent, ApplicationState};
use super::store;
use crate::{PeopleError, checks, customers, events};
use ::store::Tx;
use base::{Ambient, ApplicationId, Language, PhoneNumber, Timestamp};
use data_encoding::BASE64URL_NOPAD;
use security::sealing::Keyring;
use sha2::{Digest, Sha256};

/// What the client made up for this one submission: 1 to 64 visible ASCII characters. It counts for
/// its caller alone: the form it was sent with, or, where a program sends it for somebody, that
/// person's telephone number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitKey {
    text: String,
    form_token: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubmitOutcome {
    /// With the token of the progress page; a repeat gives the same.
    Submitted(ApplicationId, String),
    /// The document or the number is in use. Which of them, and by whom, is not said.
    Duplicate,
    /// Declined lately; the same person may apply again from then.
    TooSoon { from: Timestamp },
    /// This key was used for another application.
    KeyReused,
}

impl SubmitKey {
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self {
            text: text.to_owned(),
            form_token: None,
        })
    }

    /// The key of a page's form, whose token nobody else has.
    pub fn of_form(self, token: &str) -> Self {
        Self {
            form_token: Some(token.to_owned()),
            ..self
        }
    }

    fn scoped(&self, draft: &Draft) -> String {
        match &self.form_token {
            Some(token) => format!("form {token}\n{}", self.text),
            None => format!("phone {}\n{}", draft.phone, self.text),
        }
    }
}

impl SubmitOutcome {
    /// What the applicant reads when nothing was submitted.
    pub fn refusal(&self, language: Language) -> Option<String> {
        let (chinese, english) = match self {
            Self::Submitted(..) => return None,
            Self::Duplicate => (
                "用这些资料不能再提交申请。如果您已经申请过，请用我们发给您的链接查看进度；如果您已有钱包，请直接登录；如果您换了号码，请联系客服。".to_owned(),
                "We cannot take another application with these details. If you have applied, follow the link that we sent you; if you have a wallet, sign in; if your number changed, ask our staff.".to_owned(),
            ),
            Self::TooSoon { from } => {
                let day = from.to_rfc3339()[..10].to_owned();
                (
                    format!("您上次的申请未通过，请在 {day} 之后再次申请，或在进度页面提出异议。"),
                    format!("Your last application was declined. Apply again after {day}, or object on its progress page."),
                )
            }
            Self::KeyReused => (
                "这个请求标识已用于另一份申请。请刷新页面后重新提交。".to_owned(),
                "This request key was used for another application. Reload the page and submit again.".to_owned(),
            ),
        };
        Some(match language {
            Language::ZhHans => chinese,
            Language::En => english,
        })
    }
}

/// Receives an application and queues its checks. A repeat with the same key gets the first answer.
pub fn submit(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    key: &SubmitKey,
    draft: &Draft,
) -> Result<SubmitOutcome, PeopleError> {
    let key_hash = keyring.mac("application.key", key.scoped(draft).as_bytes());
    let request_hash = keyring.mac("application.request", canonical(draft).as_bytes());
    let now = ambient.now();
    if !store::take_key(tx, &key_hash, &request_hash, now)? {
        return first_answer(tx, keyring, &key_hash, &request_hash);
    }
    let index = document_index(keyring, &draft.document.canonical());
    if let Some(from) = store::waits_until(tx, &index, &draft.phone, now)? {
        store::settle_key(tx, &key_hash, None, Some(from))?;
        return Ok(SubmitOutcome::TooSoon { from });
    }
    let id = ApplicationId::new(ambient);
    if !claim_person(tx, id, draft, &index)? {
        return Ok(SubmitOutcome::Duplicate);
    }
    let token = progress_token(keyring, id);
    let secrets = store::Secrets {
        sealed: &keyring.seal(&document_context(&index), draft.document.number().as_bytes()),
        index: &index,
        token_hash: &token_hash(&token),
        marked: store::is_marked(tx, &index)?,
    };
    store::insert(tx, id, draft, &secrets, now)?;
    store::settle_key(tx, &key_hash, Some(id), None)?;
    let note = if secrets.marked { "security mark" } else { "" };
    let step = Step {
        event: ApplicationEvent::Submit,
        state: ApplicationState::Submitted,
        note: note.into(),
        at: now,
    };
    history::add_step(tx, id, &step)?;
    checks::enqueue(tx, ambient, id, 0)?;
    events::publish(tx, ambient, events::APPLICATION_SUBMITTED, id, "{}")?;
    Ok(SubmitOutcome::Submitted(id, token))
}

/// The secret part of the progress page's address: 43 characters, unguessable.
pub fn progress_token(keyring: &Keyring, id: ApplicationId) -> String {
    BASE64URL_NOPAD.encode(&keyring.mac("application.progress", id.as_bytes()))
}

pub(super) fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

pub(super) fn phone_claim(phone: &PhoneNumber) -> [u8; 32] {
    Sha256::digest(format!("phone {phone}").as_bytes()).into()
}

fn document_index(keyring: &Keyring, canonical: &str) -> [u8; 32] {
    keyring.mac("people.document", canonical.as_bytes())
}

/// The place of a sealed document: the same for an application and the customer made from it.
pub(super) fn document_context(index: &[u8]) -> String {
    format!("people.document:{}", data_encoding::HEXLOWER.encode(index))
}

/// Takes the document and the number for this application; leaves nothing behind when either is
/// another's.
fn claim_person(
    tx: &mut Tx<'_>,
    id: ApplicationId,
    draft: &Draft,
    index: &[u8; 32],
) -> Result<bool, PeopleError> {
    let known =
        customers::by_document(tx, index)?.is_some() || customers::by_phone(tx, &draft.phone)?.is_some();
    if known {
        return Ok(false);
    }
    let taken = store::claim(tx, index, id)? && store::claim(tx, &phone_claim(&draft.phone), id)?;
    if !taken {
        store::release_claims(tx, id)?;
    }
    Ok(taken)
}

fn first_answer(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    key_hash: &[u8; 32],
    request_hash: &[u8; 32],
) -> Result<SubmitOutcome, PeopleError> {
    let known = store::known_key(tx, key_hash)?;
    Ok(match (known.application, known.reapply_from) {
        _ if known.request_hash != request_hash => SubmitOutcome::KeyReused,
        (Some(id), _) => SubmitOutcome::Submitted(id, progress_token(keyring, id)),
        (None, Some(from)) => SubmitOutcome::TooSoon { from },
        (None, None) => SubmitOutcome::Duplicate,
    })
}

/// Everything that makes two submissions the same one.
fn canonical(draft: &Draft) -> String {
    let call_time = draft
        .call_time
        .map(|time| format!("\n{}-{}", time.from.as_us(), time.until.as_us()));
    let fields = [
        draft.name.as_str(),
        draft.phone.as_str(),
        &draft.document.canonical(),
        &draft.income_minor.to_string(),
        &draft.requested_limit_minor.to_string(),
        draft.language.tag(),
        draft.email.as_deref().unwrap_or_default(),
        &draft.zone,
    ];
    fields.join("\n") + &call_time.unwrap_or_default()
}
