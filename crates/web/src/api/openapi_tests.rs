use super::DOCUMENT;
use serde_json::Value;
use std::collections::BTreeSet;

fn document() -> Value {
    serde_json::from_str(DOCUMENT).unwrap()
}

/// `GET /wallet`, …: each route of the router's source.
fn routes() -> BTreeSet<String> {
    let source = include_str!("mod.rs");
    let mut found = BTreeSet::new();
    for route in source.split(".route(").skip(1) {
        let route = route.split("\n        .").next().unwrap();
        let path = route.split('"').nth(1).unwrap();
        let verbs = route.rsplit_once('"').unwrap().1.replace(" pay.", " post(pay).");
        for verb in ["get", "post", "put", "delete"] {
            if verbs.contains(&format!("{verb}(")) {
                found.insert(format!("{verb} {path}"));
            }
        }
    }
    found
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let document = document();
    let described: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, verbs)| {
            verbs
                .as_object()
                .unwrap()
                .keys()
                .map(move |verb| format!("{verb} {path}"))
        })
        .collect();
    assert_eq!(described, routes());
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 100);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn every_operation_has_an_id_of_its_own_and_tells_its_errors() {
    let document = document();
    let mut ids = BTreeSet::new();
    for verbs in document["paths"].as_object().unwrap().values() {
        for operation in verbs.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id), "{id} twice");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.contains_key("500"), "{id}");
            let open = operation["security"].as_array().is_some_and(Vec::is_empty);
            assert!(open || responses.contains_key("401"), "{id}");
            if operation["requestBody"].is_object() {
                assert!(
                    responses.contains_key("415") && responses.contains_key("422"),
                    "{id}"
                );
            }
        }
    }
}

fn collect<'v>(value: &'v Value, into: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str().filter(|_| name == "$ref") {
                    Some(reference) => into.push(reference),
                    None => collect(member, into),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        _ => {}
    }
}
