use super::{CaseEvent, CaseOutcome, CaseState};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_concluded_case_stays_concluded_and_calls_follow_each_other(
        events in prop::collection::vec(
            prop::sample::select(vec![CaseEvent::AttemptBegun, CaseEvent::Planned, CaseEvent::Concluded]),
            0..40,
        ),
    ) {
        let mut state = CaseState::Waiting;
        let mut ended = false;
        for event in events {
            match state.next(event) {
                Ok(next) => {
                    prop_assert!(!ended);
                    prop_assert_eq!(event == CaseEvent::AttemptBegun, next == CaseState::Calling);
                    state = next;
                    ended = event == CaseEvent::Concluded;
                }
                Err(_) => prop_assert!(ended || event != CaseEvent::Concluded),
            }
        }
    }
}

#[test]
fn stored_words_are_read_back() {
    for state in CaseState::ALL {
        assert_eq!(CaseState::from_code(state.code()), Some(state));
    }
    for outcome in CaseOutcome::ALL {
        assert_eq!(CaseOutcome::from_code(outcome.code()), Some(outcome));
    }
}
