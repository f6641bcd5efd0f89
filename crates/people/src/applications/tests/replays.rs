//! A decision that was changed in the database.

use super::*;
use crate::applications::history::store;

/// Puts `to` in the place of `from` in every decision, replays, and puts it back.
fn changed(
    office: &Office,
    id: ApplicationId,
    column: &str,
    from: &str,
    to: &str,
) -> Result<bool, PeopleError> {
    let set = |from: &str, to: &str| {
        let (column, from, to) = (column.to_owned(), from.to_owned(), to.to_owned());
        let named = format!("{column}: {from}");
        let touched = office.write(move |tx, _, _| store::forge(tx, &column, &from, &to));
        assert_eq!(touched, 1, "{named}");
    };
    set(from, to);
    let replayed = office.db.read(move |tx| replay(tx, id));
    set(to, from);
    replayed.map(|pairs| pairs.iter().all(|(decided, again)| decided == again))
}

#[test]
fn a_changed_decision_is_found_whatever_of_it_was_changed() {
    each_office(|office| {
        let id = office.submitted("k1", draft(1));
        office.screened(id, IdentityOpinion::Matches, good_report());
        let damaged = |found| matches!(found, Err(PeopleError::Stored { .. }));
        let other_inputs = |found| matches!(found, Err(PeopleError::OtherInputs { .. }));
        // Its outcome and its reasons.
        assert!(!changed(&office, id, "outcome", "grant", "refer").unwrap());
        assert!(damaged(changed(&office, id, "outcome", "grant", "gront")));
        assert!(damaged(changed(&office, id, "reasons", ":", ";")));
        // What it was made from, though it would have been decided alike.
        assert!(other_inputs(changed(&office, id, "inputs", "800000", "800001")));
        assert!(other_inputs(changed(&office, id, "inputs", "700", "701")));
        assert!(damaged(changed(&office, id, "inputs", "{", "[")));
        assert!(
            office
                .db
                .read(move |tx| replay(tx, id))
                .unwrap()
                .iter()
                .all(|(a, b)| a == b)
        );
    });
}

#[test]
fn a_decision_by_rules_that_are_not_here_is_named_and_not_judged() {
    let office = Office::new(sqlite(&[crate::MIGRATIONS]));
    let id = office.submitted("k1", draft(1));
    office.screened(id, IdentityOpinion::Matches, good_report());
    office.write(|tx, _, _| store::set_rule_version(tx, 7));
    let replayed = office.db.read(move |tx| replay(tx, id));
    assert!(
        matches!(replayed, Err(PeopleError::OtherRules { version: 7, .. })),
        "{replayed:?}"
    );
}
