use super::*;
use crate::api_tokens::Issued;
use crate::fixture::{PASSWORD, World, each_engine, phone};
use crate::passwords;
use crate::totp::Secret;

fn check(world: &World, login: &Login, code: &str) -> Verdict {
    let (id, code) = (login.id, code.to_owned());
    world.write(move |tx, ambient, keyring| check_totp(tx, ambient.now(), keyring, id, &code))
}

fn recover(world: &World, login: &Login, code: &str) -> Recovery {
    let (id, code) = (login.id, code.to_owned());
    world.write(move |tx, ambient, keyring| begin_recovery(tx, ambient, keyring, id, &code))
}

fn again(world: &World, login: &Login) -> Login {
    let id = login.id;
    world.write(move |tx, _, _| Ok(by_id(tx, id)?.unwrap()))
}

#[test]
fn one_number_and_one_customer_have_one_login() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        assert!(passwords::verify(&login.password_hash, PASSWORD));
        let customer = login.who.customer().unwrap();
        let made = world.write(move |tx, ambient, keyring| {
            let other = CustomerId::new(ambient);
            let (old, new) = (phone("13800138000"), phone("13900139000"));
            Ok((
                create_customer(tx, ambient, keyring, other, &old, "x", Language::En)?,
                create_customer(tx, ambient, keyring, customer, &new, "x", Language::En)?,
            ))
        });
        assert_eq!(made, (Created::Exists, Created::Exists));
        assert_eq!(
            world.write(move |tx, _, _| of_customer(tx, customer)),
            Some(login.id)
        );
    });
}

#[test]
fn an_authenticator_is_enrolled_by_its_first_code_and_each_code_works_once() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        assert!(
            matches!(check(world, &login, "123456"), Verdict::Failed { .. }),
            "none is enrolled"
        );
        let (secret, codes) = world.enrol(&login);
        assert_eq!(codes.len(), 10);
        assert!(again(world, &login).has_totp);
        let code = world.code(&secret);
        assert!(
            matches!(check(world, &login, &code), Verdict::Failed { .. }),
            "it was used to enrol"
        );
        world.advance_secs(30);
        let code = world.code(&secret);
        assert_eq!(check(world, &login, &code), Verdict::Passed);
        for _ in 0..6 {
            assert!(
                matches!(check(world, &login, &code), Verdict::Failed { attempts_left: 5 }),
                "sent twice: refused, and no guess"
            );
        }
        assert_eq!(
            check(world, &login, "000000"),
            Verdict::Failed { attempts_left: 4 }
        );
        assert_eq!(check(world, &login, &code), Verdict::Failed { attempts_left: 4 });
        let id = login.id;
        let second = world.write(move |tx, ambient, keyring| begin_totp(tx, ambient, keyring, id));
        assert!(matches!(second, Enrolment::AlreadyEnrolled));
    });
}

#[test]
fn one_code_used_by_two_requests_at_once_passes_one_of_them() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        let (secret, _) = world.enrol(&login);
        world.advance_secs(60);
        let code = world.code(&secret);
        let passed: usize = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| check(world, &login, &code)))
                .collect();
            tries
                .into_iter()
                .map(|t| usize::from(t.join().unwrap() == Verdict::Passed))
                .sum()
        });
        assert_eq!(passed, 1);
    });
}

#[test]
fn wrong_codes_lock_the_second_factor_and_leave_the_password_alone() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        let (secret, codes) = world.enrol(&login);
        world.advance_secs(60);
        for _ in 0..4 {
            assert!(matches!(check(world, &login, "000000"), Verdict::Failed { .. }));
        }
        assert!(matches!(
            recover(world, &login, "aaaa-aaaa-aa"),
            Recovery::Refused(Verdict::Locked { .. })
        ));
        let code = world.code(&secret);
        assert!(matches!(check(world, &login, &code), Verdict::Locked { .. }));
        assert!(matches!(
            recover(world, &login, &codes[0]),
            Recovery::Refused(Verdict::Locked { .. })
        ));
        let subject = login.subject;
        let verdict = world.write(move |tx, ambient, _| conclude_password(tx, ambient.now(), subject, true));
        assert_eq!(verdict, Verdict::Passed);
    });
}

#[test]
fn a_recovery_that_is_broken_off_uses_no_code_up_and_new_codes_end_it() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        let (_, codes) = world.enrol(&login);
        let id = login.id;
        let begun = || match recover(world, &login, &codes[0]) {
            Recovery::Show(secret) => secret,
            refused => panic!("{refused:?}"),
        };
        let confirmed = |secret: &Secret| {
            let code = world.code(secret);
            world.write(move |tx, ambient, keyring| confirm_totp(tx, ambient, keyring, id, &code))
        };
        let first = begun();
        let second = begun();
        assert_eq!(world.write(move |tx, _, _| recovery_codes_left(tx, id)), 10);
        assert_eq!(
            confirmed(&first),
            Confirmation::WrongCode,
            "the secret shown last counts"
        );
        // The owner has found the paper gone: what was begun with it ends.
        world.write(move |tx, ambient, keyring| renew_recovery_codes(tx, ambient, keyring, id));
        assert_eq!(confirmed(&second), Confirmation::NothingPending);
        assert!(matches!(recover(world, &login, &codes[0]), Recovery::Refused(_)));
    });
}

#[test]
fn a_code_that_was_accepted_last_is_known_again_for_as_long_as_it_is_shown() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        let (secret, _) = world.enrol(&login);
        let id = login.id;
        let again = |code: &str| {
            let code = code.to_owned();
            world.write(move |tx, ambient, keyring| was_just_used(tx, ambient.now(), keyring, id, &code))
        };
        let enrolled_with = world.code(&secret);
        world.advance_secs(30);
        let code = world.code(&secret);
        assert!(!again(&code), "not used yet");
        assert_eq!(check(world, &login, &code), Verdict::Passed);
        assert!(again(&code) && !again("000000"));
        assert!(!again(&enrolled_with), "another was accepted since");
        world.advance_secs(90);
        assert!(!again(&code));
    });
}

#[test]
fn a_recovery_code_replaces_a_lost_authenticator_once_and_the_change_is_remembered() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        let (old, codes) = world.enrol(&login);
        let enrolled_at = again(world, &login).second_factor_changed_at.unwrap();
        world.advance_secs(86_400);
        let typed = codes[3].to_uppercase().replace('-', " ").replace('0', "O");
        let Recovery::Show(new) = recover(world, &login, &typed) else {
            panic!("the code was refused");
        };
        let code = world.code(&old);
        assert_eq!(
            check(world, &login, &code),
            Verdict::Passed,
            "the old one works until the new one is confirmed"
        );

        let fresh = world.confirm(&login, &new);
        world.advance_secs(60);
        let code = world.code(&old);
        assert!(matches!(check(world, &login, &code), Verdict::Failed { .. }));
        let code = world.code(&new);
        assert_eq!(check(world, &login, &code), Verdict::Passed);
        for older in [&codes[3], &codes[4]] {
            let refused = recover(world, &login, older);
            assert!(matches!(refused, Recovery::Refused(_)), "used, or worthless");
        }
        assert!(matches!(recover(world, &login, &fresh[0]), Recovery::Show(_)));
        let customer = login.who.customer().unwrap();
        let changes = world.write(move |tx, _, _| Ok(last_changes(tx, customer)?.unwrap()));
        assert_eq!(
            changes.second_factor_changed_at,
            Some(enrolled_at.plus_secs(86_400))
        );
        assert_eq!(changes.device_enrolled_at, None);
        assert_eq!(changes.unchanged_since(), None, "no device yet");
        let with_device = |at| LastChanges {
            device_enrolled_at: Some(at),
            ..changes
        };
        let (changed, later) = (enrolled_at.plus_secs(86_400), enrolled_at.plus_secs(90_000));
        assert_eq!(with_device(enrolled_at).unchanged_since(), Some(changed));
        assert_eq!(with_device(later).unchanged_since(), Some(later));
    });
}

#[test]
fn an_authenticator_is_replaced_on_its_own_word_and_a_begun_enrolment_runs_out() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        let (old, _) = world.enrol(&login);
        world.advance_secs(60);
        let replace = |code: String| {
            let id = login.id;
            world.write(move |tx, ambient, keyring| begin_replacement(tx, ambient, keyring, id, &code))
        };
        assert!(matches!(
            replace("000000".into()),
            Replacement::Refused(Verdict::Failed { .. })
        ));
        let Replacement::Show(new) = replace(world.code(&old)) else {
            panic!("the code was refused");
        };
        let confirm = |secret: &Secret| {
            let (id, code) = (login.id, world.code(secret));
            world.write(move |tx, ambient, keyring| confirm_totp(tx, ambient, keyring, id, &code))
        };
        assert_eq!(confirm(&old), Confirmation::WrongCode);
        world.advance_secs(15 * 60);
        assert_eq!(confirm(&new), Confirmation::NothingPending);
        assert_eq!(check(world, &login, &world.code(&old)), Verdict::Passed);
    });
}

#[test]
fn a_new_password_ends_the_other_sessions_and_a_new_number_moves_the_login() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        let (kept, ended) = (world.sign_in(&login), world.sign_in(&login));
        let (id, keep) = (login.id, kept.session.id);
        let issued = world.write(move |tx, ambient, _| api_tokens::issue(tx, ambient, id, "Books", 3_600));
        let Issued::Issued(_, program) = issued else {
            panic!("{issued:?}");
        };
        world.write(move |tx, ambient, _| change_password(tx, ambient, id, "new hash", Some(keep)));
        assert_eq!(again(world, &login).password_hash, "new hash");
        let found = world.write(move |tx, ambient, _| {
            let now = ambient.now();
            Ok((
                sessions::find(tx, &kept.token, now)?.is_some(),
                sessions::find(tx, &ended.token, now)?.is_some(),
                api_tokens::find(tx, &program, now)?.is_some(),
            ))
        });
        assert_eq!(found, (true, false, false), "a program's token ends too");

        let other = world.customer("13900139000");
        let moved = world.write(move |tx, _, keyring| {
            Ok((
                change_phone(tx, keyring, id, &phone("13900139000"))?,
                change_phone(tx, keyring, id, &phone("13700137000"))?,
                by_phone(tx, keyring, &phone("13800138000"))?.is_none(),
                by_phone(tx, keyring, &phone("13700137000"))?.map(|login| login.id),
            ))
        });
        assert_eq!(moved, (false, true, true, Some(id)));
        assert_ne!(other.id, id);
    });
}

#[test]
fn a_forgotten_password_takes_both_proofs_and_strangers_lock_nobody_out() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        let (secret, codes) = world.enrol(&login);
        world.advance_secs(60);
        let recovered = |number: &str, recovery: &str, code: &str| {
            let (number, recovery, code) = (phone(number), recovery.to_owned(), code.to_owned());
            world.write(move |tx, ambient, keyring| {
                recover_password(tx, ambient, keyring, &number, (&recovery, &code), "new hash")
            })
        };
        let code = world.code(&secret);
        for (recovery, code) in [("aaaa-aaaa-aa", code.as_str()), (codes[0].as_str(), "000000")] {
            let refused = recovered("13800138000", recovery, code);
            assert!(
                matches!(refused, Recovered::Refused(Verdict::Failed { .. })),
                "{refused:?}"
            );
        }
        let id = login.id;
        assert_eq!(
            world.write(move |tx, _, _| recovery_codes_left(tx, id)),
            10,
            "half a proof spends nothing"
        );
        // Three more failures close this door, the same for a number that nobody has.
        for number in ["13800138000", "13911112222"] {
            for _ in 0..5 {
                recovered(number, "aaaa-aaaa-aa", "000000");
            }
            let locked = recovered(number, &codes[0], &code);
            assert!(
                matches!(locked, Recovered::Refused(Verdict::Locked { .. })),
                "{locked:?}"
            );
        }
        // The owner's second factor works as before.
        assert_eq!(check(world, &login, &code), Verdict::Passed);
        world.advance_secs(16 * 60);
        let done = recovered("13800138000", &codes[0], &world.code(&secret));
        assert!(matches!(done, Recovered::Changed(_)), "{done:?}");
        assert_eq!(again(world, &login).password_hash, "new hash");
        assert_eq!(world.write(move |tx, _, _| recovery_codes_left(tx, id)), 9);
    });
}

#[test]
fn a_recovery_that_is_sent_twice_is_known_again_and_spends_and_counts_nothing() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        let (secret, codes) = world.enrol(&login);
        world.advance_secs(60);
        let recovered = |recovery: &str, code: &str, hash: &'static str| {
            let (recovery, code) = (recovery.to_owned(), code.to_owned());
            world.write(move |tx, ambient, keyring| {
                let number = phone("13800138000");
                recover_password(tx, ambient, keyring, &number, (&recovery, &code), hash)
            })
        };
        let code = world.code(&secret);
        assert!(matches!(
            recovered(&codes[0], &code, "new hash"),
            Recovered::Changed(_)
        ));
        for _ in 0..6 {
            let again = recovered(&codes[0], &code, "another hash");
            assert!(
                matches!(&again, Recovered::Repeated(login) if login.password_hash == "new hash"),
                "{again:?}"
            );
        }
        assert_eq!(again(world, &login).password_hash, "new hash");
        let id = login.id;
        assert_eq!(world.write(move |tx, _, _| recovery_codes_left(tx, id)), 9);
        // Half of it is none, nor is another code with the same digits.
        for (recovery, code, left) in [(&codes[0], "000000", 4), (&codes[1], code.as_str(), 4)] {
            let refused = recovered(recovery, code, "another hash");
            assert!(
                matches!(refused, Recovered::Refused(Verdict::Failed { attempts_left }) if attempts_left == left),
                "{refused:?}"
            );
        }
        world.advance_secs(90);
        let late = recovered(&codes[0], &code, "another hash");
        assert!(matches!(late, Recovered::Refused(_)), "{late:?}");
    });
}
