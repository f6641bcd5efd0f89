use super::*;
use base::{CallId, OperatorZone};
use proptest::prelude::*;

fn policy() -> CallPolicy {
    CallPolicy::standard(OperatorZone::named("Asia/Shanghai").unwrap(), "95138")
}

fn attempt(state: AttemptState, lease_until: i64) -> Attempt {
    let at = Timestamp::from_secs(1_000);
    Attempt {
        id: CallId([1; 16]),
        case: CaseId([2; 16]),
        customer: None,
        number: 1,
        node: "a".into(),
        lease_until: Timestamp::from_secs(lease_until),
        state,
        proof_digit: 5,
        displayed_number: "95138".into(),
        begun_at: at,
        ringing_at: None,
        answered_at: (state == AttemptState::Answered).then_some(at),
        ended_at: (state == AttemptState::Ended).then_some(at),
        words: (state == AttemptState::Answered).then(|| Words::random(&base::Rng::from_seed(1))),
        forwarded: false,
        disposition: None,
    }
}

#[test]
fn words_are_shown_on_a_known_device_while_the_call_is_answered() {
    let now = Timestamp::from_secs(1_010);
    let on_call = attempt(AttemptState::Answered, 1_020);
    let words = |known| match decide(
        &policy(),
        now,
        true,
        Some(&on_call),
        Some(Purpose::Payment),
        known,
    ) {
        CallStatus::OnCall { words, .. } => words,
        other => panic!("{other:?}"),
    };
    assert_eq!(words(true), on_call.words);
    assert_eq!(words(false), None);
}

#[test]
fn a_call_long_ago_is_not_recent() {
    let ended = attempt(AttemptState::Ended, 0);
    let at = |secs| {
        decide(
            &policy(),
            Timestamp::from_secs(secs),
            true,
            Some(&ended),
            None,
            true,
        )
    };
    assert_eq!(at(1_000), CallStatus::NotCalling);
    assert_eq!(at(1_000 + 7 * 86_400), CallStatus::NotCalling);
    assert_eq!(at(1_001 + 7 * 86_400), CallStatus::NoRecentCalls);
}

proptest! {
    #[test]
    fn what_is_stale_is_unknown_and_never_not_calling(
        state in prop::sample::select(AttemptState::ALL.to_vec()),
        lease in 900i64..1_100,
        now in 900i64..1_100,
        alive in any::<bool>(),
        known in any::<bool>(),
    ) {
        let attempt = attempt(state, lease);
        let status = decide(&policy(), Timestamp::from_secs(now), alive, Some(&attempt), None, known);
        let ended = state == AttemptState::Ended;
        match status {
            CallStatus::NotCalling | CallStatus::NoRecentCalls => prop_assert!(ended && alive),
            CallStatus::Unknown => {
                let stale = if ended { !alive } else { lease < now };
                prop_assert!(stale);
            }
            CallStatus::Calling { .. } | CallStatus::OnCall { .. } => prop_assert!(!ended && lease >= now),
            CallStatus::NeverCalled => prop_assert!(false, "there was a call"),
        }
    }
}
