use super::*;
use crate::fixture::{World, each_engine, phone};

fn attempt(world: &World, subject: Subject, good: bool) -> Verdict {
    world.write(move |tx, ambient, _| judge(tx, ambient.now(), subject, |_| Ok(good.into())))
}

fn lock(world: &World, subject: Subject) -> u64 {
    for left in (1..ATTEMPTS).rev() {
        assert_eq!(
            attempt(world, subject, false),
            Verdict::Failed { attempts_left: left }
        );
    }
    let verdict = attempt(world, subject, false);
    verdict.remaining(world.ambient.now()).unwrap().as_secs()
}

#[test]
fn five_failures_lock_the_door_and_each_time_for_twice_as_long() {
    each_engine(|world| {
        let subject = Subject::phone(&world.keyring, &phone("13800138000"));
        for minutes in [15, 30, 60, 120, 240, 480, 960, 1_440, 1_440] {
            let secs = lock(world, subject);
            assert_eq!(secs, minutes * 60);
            world.advance_secs(secs as i64 - 1);
            assert_eq!(
                attempt(world, subject, true)
                    .remaining(world.ambient.now())
                    .unwrap()
                    .as_secs(),
                1
            );
            world.advance_secs(1);
        }
        assert_eq!(attempt(world, subject, true), Verdict::Passed);
        assert_eq!(lock(world, subject), 15 * 60, "a success forgets everything");
    });
}

#[test]
fn a_day_without_attempts_forgets_failures_and_the_sweep_removes_the_row() {
    each_engine(|world| {
        let subject = Subject::staff_name(&world.keyring, "Li.Na ");
        assert_eq!(subject, Subject::staff_name(&world.keyring, "li.na"));
        assert_eq!(
            attempt(world, subject, false),
            Verdict::Failed { attempts_left: 4 }
        );
        // A second before the day is over the first still counts.
        for (secs, attempts_left) in [(24 * 3600 - 1, 3), (24 * 3600, 4)] {
            world.advance_secs(secs);
            assert_eq!(attempt(world, subject, false), Verdict::Failed { attempts_left });
        }
        assert_eq!(world.write(|tx, ambient, _| sweep(tx, ambient.now(), 10)), 0);
        world.advance_secs(24 * 3600 + 1);
        assert_eq!(world.write(|tx, ambient, _| sweep(tx, ambient.now(), 10)), 1);
    });
}

#[test]
fn guesses_made_at_once_are_counted_one_by_one() {
    each_engine(|world| {
        let subject = Subject::phone(&world.keyring, &phone("13900139000"));
        let looked: u32 = std::thread::scope(|scope| {
            let guesses: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(move || {
                        (0..5)
                            .filter(|_| matches!(attempt(world, subject, false), Verdict::Failed { .. }))
                            .count() as u32
                    })
                })
                .collect();
            guesses.into_iter().map(|guess| guess.join().unwrap()).sum()
        });
        assert_eq!(
            looked,
            ATTEMPTS - 1,
            "the fifth closed the door, the other 35 met it closed"
        );
        assert!(matches!(attempt(world, subject, true), Verdict::Locked { .. }));
    });
}
