//! Reads a JSON body into a type; what does not fit is told by the field's name.

use crate::fault::{Fault, Kind};
use crate::guard::{has_media_type, read_body};
use crate::state::AppState;
use crate::words::{say, say_with};
use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use base::Language;
use serde::Deserialize;
use serde_json::Value;

/// A member that an object may have; used only to explain why one was not understood.
pub struct Member {
    pub name: &'static str,
    pub form: Form,
    pub required: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Text,
    Flag,
}

impl Member {
    pub const fn required(name: &'static str) -> Self {
        Self {
            name,
            form: Form::Text,
            required: true,
        }
    }

    pub const fn optional(name: &'static str) -> Self {
        Self {
            required: false,
            ..Self::required(name)
        }
    }

    pub const fn flag(name: &'static str, required: bool) -> Self {
        Self {
            name,
            form: Form::Flag,
            required,
        }
    }
}

/// The bytes of a body that says it is JSON, within its bounds of size and time.
pub async fn bytes(state: &AppState, headers: &HeaderMap, body: Body) -> Result<Bytes, Fault> {
    let wanted = "application/json";
    if !has_media_type(headers, wanted) {
        return Err(Fault::new(Kind::Media(wanted)));
    }
    read_body(state, headers, body).await
}

/// Reads an object of known members; texts are borrowed from the bytes where they can be.
pub fn read<'b, T: Deserialize<'b>>(bytes: &'b [u8], members: &[Member], lang: Language) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|problem| explain(bytes, members, lang, &problem))
}

fn explain(bytes: &[u8], members: &[Member], lang: Language, problem: &serde_json::Error) -> Fault {
    let object = match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Fault::bad_request(say(lang, "api-not-an-object")),
        Err(broken) => return not_json(lang, &broken),
    };
    let unknown = object
        .keys()
        .find(|name| members.iter().all(|member| member.name != *name));
    if let Some(name) = unknown {
        let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
        let detail = say_with(lang, "api-unknown-member", &[("field", &name)]);
        return Fault::field(name, detail);
    }
    let refuse =
        |member: &Member, key| Fault::field(member.name, say_with(lang, key, &[("field", member.name)]));
    for member in members {
        match (object.get(member.name), member.form) {
            (None, _) if member.required => return refuse(member, "problem-field-missing"),
            (None, _) | (Some(Value::String(_)), Form::Text) | (Some(Value::Bool(_)), Form::Flag) => {}
            (Some(_), Form::Text) => return refuse(member, "api-wants-text"),
            (Some(_), Form::Flag) => return refuse(member, "api-wants-flag"),
        }
    }
    // Only a member that comes twice is left.
    not_json(lang, problem)
}

fn not_json(lang: Language, problem: &serde_json::Error) -> Fault {
    let (line, column) = (problem.line().to_string(), problem.column().to_string());
    Fault::bad_request(say_with(
        lang,
        "api-not-json",
        &[("line", &line), ("column", &column)],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "read, and never looked at")]
    struct Wish {
        amount: String,
        confirmed: bool,
    }

    #[test]
    fn a_member_of_another_kind_is_told_how_it_is_written() {
        const MEMBERS: &[Member] = &[Member::required("amount"), Member::flag("confirmed", true)];
        for (body, field, told) in [
            (r#"{"amount": 12.5, "confirmed": true}"#, "amount", "\"12.50\""),
            (r#"{"amount": null, "confirmed": true}"#, "amount", "\"12.50\""),
            (
                r#"{"amount": "5", "confirmed": "true"}"#,
                "confirmed",
                "true or false",
            ),
        ] {
            let fault = read::<Wish>(body.as_bytes(), MEMBERS, Language::En).unwrap_err();
            assert_eq!(fault.field.as_deref(), Some(field), "{body}");
            let detail = fault.detail.unwrap();
            assert!(detail.contains(told), "{body}: {detail}");
        }
    }
}
