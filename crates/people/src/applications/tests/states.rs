//! The state machine, enumerated.

use super::*;
use proptest::prelude::*;

#[test]
fn every_pair_of_state_and_event_is_as_the_plan_says() {
    use State::*;
    let allowed: HashSet<(State, Event, State)> = HashSet::from([
        (Draft, Event::Submit, Submitted),
        (Submitted, Event::ChecksBegan, Screening),
        (Submitted, Event::Withdraw, Withdrawn),
        (Screening, Event::Granted, Callback),
        (Screening, Event::DocumentsWanted, MoreDocuments),
        (Screening, Event::Refused, Declined),
        (Screening, Event::ReferredToStaff, Referred),
        (Screening, Event::Withdraw, Withdrawn),
        (MoreDocuments, Event::DocumentsSupplied, Submitted),
        (MoreDocuments, Event::Withdraw, Withdrawn),
        (MoreDocuments, Event::Lapsed, Withdrawn),
        (Callback, Event::CallConfirmed, Activated),
        (Callback, Event::CallDenied, Withdrawn),
        (Callback, Event::CallUnreachable, Callback),
        (Callback, Event::CallAgain, Callback),
        (Callback, Event::ReferredToStaff, Referred),
        (Callback, Event::Withdraw, Withdrawn),
        (Callback, Event::Lapsed, Withdrawn),
        (Referred, Event::StaffApproved, Callback),
        (Referred, Event::StaffActivated, Activated),
        (Referred, Event::StaffDeclined, Declined),
        (Referred, Event::Withdraw, Withdrawn),
        (Referred, Event::StaffWantsDocuments, MoreDocuments),
        (MoreDocuments, Event::SuppliedToStaff, Referred),
        (Declined, Event::Appeal, Referred),
    ]);
    let mut found = HashSet::new();
    for state in State::ALL {
        for event in Event::ALL {
            found.extend(state.next(event).map(|after| (state, event, after)));
        }
        assert_eq!(State::from_word(state.word()), Some(state));
    }
    assert_eq!(found, allowed);
    // Nothing leads out of the ends, except the one appeal against a refusal.
    for (from, event, _) in &found {
        assert!(!from.is_ended() || (*from, *event) == (Declined, Event::Appeal));
    }
    // Nothing becomes a customer without a call or a person.
    for (from, event, to) in &found {
        if *to == Activated {
            assert!(matches!(
                (from, event),
                (Callback, Event::CallConfirmed) | (Referred, Event::StaffActivated)
            ));
        }
    }
    assert!(
        Event::ALL
            .iter()
            .all(|event| Event::from_word(event.word()) == Some(*event))
    );
}

#[test]
fn every_state_is_reached_and_leads_to_an_end() {
    let mut reached = HashSet::from([State::Draft]);
    for _ in State::ALL {
        let next: Vec<State> = reached
            .iter()
            .flat_map(|state| Event::ALL.iter().filter_map(|event| state.next(*event)))
            .collect();
        reached.extend(next);
    }
    assert_eq!(reached.len(), State::ALL.len());
    let mut ending: HashSet<State> = State::ALL.into_iter().filter(|state| state.is_ended()).collect();
    for _ in State::ALL {
        let more: Vec<State> = State::ALL
            .into_iter()
            .filter(|state| {
                Event::ALL
                    .iter()
                    .any(|event| state.next(*event).is_some_and(|to| ending.contains(&to)))
            })
            .collect();
        ending.extend(more);
    }
    assert_eq!(ending.len(), State::ALL.len());
}

proptest! {
    #[test]
    fn no_walk_of_events_leaves_an_end_or_activates_unseen(events in prop::collection::vec(0usize..Event::ALL.len(), 1..60)) {
        let (mut state, mut looked_at) = (State::Draft, false);
        for index in events {
            let event = Event::ALL[index];
            let Some(next) = state.next(event) else { continue };
            prop_assert!(!matches!(state, State::Activated | State::Withdrawn));
            looked_at |= matches!(event, Event::Granted | Event::StaffApproved | Event::StaffActivated);
            prop_assert!(next != State::Activated || looked_at);
            state = next;
        }
    }
}
