//! Reads the parameters after the question mark; each is known, and comes once.

use crate::fault::Fault;
use crate::words::say_with;
use axum::http::Uri;
use base::Language;

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
