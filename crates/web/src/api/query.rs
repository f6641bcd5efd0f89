//! Reads the parameters after the question mark; each is known, and comes once.

use crate::fault::Fault;
use crate::hex;
use crate::words::{say, say_with};
use axum::http::Uri;
use base::Language;

const PAGE: usize = 20;
const PAGE_MAX: usize = 100;

/// Where a page of a list begins, and how many lines it has.
pub fn page(uri: &Uri, lang: Language) -> Result<(Option<[u8; 16]>, usize), Fault> {
    let [cursor, limit] = parameters(uri, ["cursor", "limit"], lang)?;
    let before = match cursor {
        None => None,
        Some(text) => Some(hex::id(&text).ok_or_else(|| Fault::field("cursor", say(lang, "api-cursor")))?),
    };
    let limit = match limit {
        None => PAGE,
        Some(text) => Some(&text)
            .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|text| text.parse().ok())
            .filter(|limit| (1..=PAGE_MAX).contains(limit))
            .ok_or_else(|| Fault::field("limit", say(lang, "api-limit")))?,
    };
    Ok((before, limit))
}

/// The values of the parameters that an address knows, in the order of `known`.
pub fn parameters<const N: usize>(
    uri: &Uri,
    known: [&'static str; N],
    lang: Language,
) -> Result<[Option<String>; N], Fault> {
    let mut found = [const { None }; N];
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).take(32) {
        let place = known.iter().position(|one| *one == name);
        let refuse = |key| {
            let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
            let detail = say_with(lang, key, &[("field", &name)]);
            Fault::field(name, detail)
        };
        let Some(place) = place else {
            return Err(refuse("api-unknown-member"));
        };
        if found[place].is_some() {
            return Err(refuse("problem-field-unreadable"));
        }
        found[place] = Some(value.into_owned());
    }
    Ok(found)
}
