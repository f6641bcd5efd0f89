//! Many at once, and verbs in no sensible order.

use super::*;

#[test]
fn of_many_who_submit_the_same_person_at_once_one_is_taken() {
    each_office(|office| {
        let outcomes: Vec<SubmitOutcome> = std::thread::scope(|scope| {
            let office = &office;
            let threads: Vec<_> = (0..8)
                .map(|number| {
                    // Half share the document, half the number with the other half.
                    let other = Draft {
                        phone: draft(1).phone,
                        ..draft(2)
                    };
                    let draft = if number % 2 == 0 { draft(1) } else { other };
                    scope.spawn(move || office.submit(&format!("key-{number}"), draft))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let taken = outcomes
            .iter()
            .filter(|outcome| matches!(outcome, SubmitOutcome::Submitted(..)))
            .count();
        assert_eq!(taken, 1, "{outcomes:?}");
        assert_eq!(office.write(|tx, _, _| list(tx, None, None, 50)).len(), 1);
    });
}

#[test]
fn one_key_used_by_many_at_once_gives_one_application_and_one_answer() {
    each_office(|office| {
        let outcomes: HashSet<String> = std::thread::scope(|scope| {
            let office = &office;
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(move || office.submit("same", draft(1))))
                .collect();
            threads
                .into_iter()
                .map(|thread| format!("{:?}", thread.join().unwrap()))
                .collect()
        });
        assert_eq!(outcomes.len(), 1, "{outcomes:?}");
        assert!(outcomes.iter().all(|outcome| outcome.starts_with("Submitted")));
    });
}

#[test]
fn two_checks_that_end_at_once_decide_once() {
    each_office(|office| {
        for number in 1..=10 {
            let id = office.submitted(&format!("k{number}"), draft(number));
            std::thread::scope(|scope| {
                let office = &office;
                for opinion in [
                    Opinion::Identity(IdentityOpinion::Matches),
                    Opinion::Credit(good_report()),
                ] {
                    scope.spawn(move || {
                        office.write(move |tx, ambient, _| {
                            let opinion = opinion.clone();
                            let check = CheckRecord {
                                round: 0,
                                opinion,
                                attempts: 1,
                                error: None,
                                at: ambient.now(),
                            };
                            record(tx, ambient, id, &check)
                        })
                    });
                }
            });
            assert_eq!(office.get(id).state, State::Callback);
            assert_eq!(office.write(move |tx, _, _| replay(tx, id)).len(), 1);
        }
    });
}

/// A seeded walk of verbs, sensible or not, over one application after the other.
#[test]
fn whatever_is_done_to_an_application_its_records_agree_with_the_state_machine() {
    let office = Office::new(sqlite(&[crate::MIGRATIONS]));
    let chance = base::Rng::from_seed(20);
    let mut ends = HashSet::new();
    for number in 1..=60 {
        let id = office.submitted(&format!("k{number}"), draft(number));
        for _ in 0..25 {
            let before = office.get(id).state;
            let die = chance.below(14);
            office.write(move |tx, ambient, keyring| walk(tx, ambient, keyring, id, die));
            let application = office.get(id);
            let legal = before == application.state
                || Event::ALL.iter().any(|event| before.next(*event) == Some(application.state))
                // One verb may begin the checks and conclude them.
                || (before == State::Submitted && application.state.word() != "draft");
            assert!(legal, "{before:?} → {:?} by {die}", application.state);
            assert_eq!(
                application.customer.is_some(),
                application.state == State::Activated
            );
            let steps = office.write(move |tx, _, _| steps(tx, id));
            assert_eq!(steps.last().unwrap().state, application.state);
            assert!(application.phone_corrections <= PHONE_CORRECTIONS_MAX);
            assert!(application.round <= 1);
        }
        ends.insert(office.get(id).state);
        office.write(move |tx, ambient, _| withdraw(tx, ambient, id));
    }
    assert!(
        ends.contains(&State::Activated)
            && ends.contains(&State::Declined)
            && ends.contains(&State::Withdrawn)
    );
}

fn walk(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    id: ApplicationId,
    die: u64,
) -> Result<(), PeopleError> {
    let round = get(tx, id)?.map_or(0, |application| application.round);
    let check = |opinion| CheckRecord {
        round,
        opinion,
        attempts: 1,
        error: None,
        at: ambient.now(),
    };
    match die {
        0 => drop(record(
            tx,
            ambient,
            id,
            &check(Opinion::Identity(IdentityOpinion::Matches)),
        )?),
        1 => drop(record(
            tx,
            ambient,
            id,
            &check(Opinion::Identity(IdentityOpinion::NameDiffers)),
        )?),
        2 | 3 => drop(record(tx, ambient, id, &check(Opinion::Credit(good_report())))?),
        4 => drop(record(
            tx,
            ambient,
            id,
            &check(Opinion::Credit(report(600, 4, 100))),
        )?),
        5 => drop(callback_confirmed(tx, ambient, id)?),
        6 => drop(callback_denied(tx, ambient, id)?),
        7 => drop(callback_unreachable(tx, ambient, id)?),
        8 => drop(call_again(tx, ambient, id)?),
        9 => drop(correct_phone(
            tx,
            ambient,
            id,
            &phone(&format!("139{:08}", ambient.rng.below(1_000))),
        )?),
        10 => {
            let supply = Supply::parse("林小文", "", vec![]).expect("a sound supply");
            supply_documents(tx, ambient, keyring, id, &supply)?;
        }
        11 => drop(refer_approve(tx, ambient, id, 100_000)?),
        12 => drop(refer_decline(tx, ambient, id)?),
        _ => drop(appeal(tx, ambient, keyring, id, "please")?),
    }
    Ok(())
}
