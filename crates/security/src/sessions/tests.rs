use super::*;
use crate::fixture::{World, each_engine};
use crate::logins;

fn found(world: &World, token: &Token) -> Option<Session> {
    let token = token.clone();
    world.write(move |tx, ambient, _| find(tx, &token, ambient.now()))
}

fn raised(world: &World, session: &Session) -> Token {
    let id = session.id;
    world.write(move |tx, ambient, _| Ok(raise(tx, ambient, id)?.unwrap()))
}

#[test]
fn a_session_rolls_while_it_is_used_and_ends_after_twelve_hours_all_the_same() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        let Opened { token, .. } = world.sign_in(&login);
        for _ in 0..(12 * 3600 / (29 * 60)) {
            world.advance_secs(29 * 60);
            let session = found(world, &token).unwrap();
            assert!(session.wants_touch(world.ambient.now()));
            world.write(move |tx, ambient, _| touch(tx, &session, ambient.now()));
            assert!(!found(world, &token).unwrap().wants_touch(world.ambient.now()));
        }
        world.advance_secs(29 * 60);
        assert!(found(world, &token).is_none(), "twelve hours");

        let Opened { token, .. } = world.sign_in(&login);
        world.advance_secs(30 * 60 - 1);
        assert!(found(world, &token).is_some());
        world.advance_secs(1);
        assert!(found(world, &token).is_none(), "thirty minutes idle");
    });
}

#[test]
fn proving_the_second_factor_changes_the_token_and_enrols_the_device() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        let Opened {
            token,
            session,
            device_token,
        } = world.sign_in(&login);
        assert!(device_token.is_some());
        let now = world.ambient.now();
        assert_eq!(require_second_factor(&session, now, 300), SecondFactor::Wanted);
        world.advance_secs(10);
        let new = raised(world, &session);
        assert!(
            found(world, &token).is_none(),
            "the token from before is worthless"
        );
        let session = found(world, &new).unwrap();
        let now = world.ambient.now();
        assert_eq!(session.device_enrolled_at, Some(now));
        assert_eq!(require_second_factor(&session, now, 300), SecondFactor::Proven);
        assert_eq!(
            require_second_factor(&session, now.plus_secs(301), 300),
            SecondFactor::Wanted
        );
        assert!(session.csrf_matches(&session.csrf.clone()));
        assert!(!session.csrf_matches("") && !session.csrf_matches("x"));

        world.advance_secs(60);
        let newer = raised(world, &session);
        let session = found(world, &newer).unwrap();
        assert_eq!(session.device_enrolled_at, Some(now), "enrolled once");
    });
}

#[test]
fn a_form_that_raised_a_session_gets_its_token_again_for_half_a_minute_and_no_other_form_does() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        let Opened { token, session, .. } = world.sign_in(&login);
        let again = |before: &Token, code: &'static str| {
            let before = before.clone();
            world.write(move |tx, ambient, keyring| {
                raised_just_now(tx, ambient.now(), keyring, (&before, code))
            })
        };
        assert!(again(&token, "123456").is_none(), "not raised yet");
        let (id, before) = (session.id, token.clone());
        let new = world.write(move |tx, ambient, keyring| {
            Ok(raise_with_code(tx, ambient, keyring, id, (&before, "123456"))?.unwrap())
        });
        assert!(found(world, &token).is_none() && found(world, &new).is_some());
        world.advance_secs(REPEAT_SECS - 1);
        let (same, known) = again(&token, "123456").unwrap();
        assert_eq!((same.id, known.as_str()), (id, new.as_str()));
        assert!(again(&token, "123457").is_none());
        assert!(again(&world.sign_in(&login).token, "123456").is_none());
        world.advance_secs(1);
        assert!(again(&token, "123456").is_none(), "too late");
    });
}

#[test]
fn a_device_is_known_to_its_own_login_only_and_a_stranger_after_its_removal() {
    each_engine(|world| {
        let (login, other) = (world.customer("13800138000"), world.customer("13900139000"));
        let first = world.sign_in(&login);
        let device = first.device_token.clone().unwrap();
        let sign_in = |login: &Login| {
            let (login, device) = (login.clone(), device.clone());
            world.write(move |tx, ambient, _| {
                open(
                    tx,
                    ambient,
                    &login,
                    SessionPolicy::default(),
                    Some(&device),
                    "Firefox\n",
                )
            })
        };
        let second = sign_in(&login);
        assert_eq!(second.session.device, first.session.device);
        assert!(second.device_token.is_none());
        assert!(sign_in(&other).device_token.is_some());

        raised(world, &second.session);
        let (id, device_id) = (login.id, first.session.device);
        world.advance_secs(3 * 86_400);
        let known = world.write(move |tx, _, _| devices(tx, id));
        assert_eq!(known.len(), 1);
        assert_eq!(known[0].label, "Firefox");
        assert!(known[0].enrolled_for_days(world.ambient.now(), 3));
        assert!(!known[0].enrolled_for_days(world.ambient.now(), 4));

        assert!(world.write(move |tx, ambient, _| remove_device(tx, ambient.now(), id, device_id)));
        assert!(found(world, &first.token).is_none());
        assert!(world.write(move |tx, _, _| devices(tx, id)).is_empty());
        assert!(sign_in(&login).device_token.is_some());
    });
}

#[test]
fn sessions_are_listed_ended_one_by_one_and_swept() {
    each_engine(|world| {
        let (login, other) = (world.customer("13800138000"), world.customer("13900139000"));
        let (first, second) = (world.sign_in(&login), world.sign_in(&login));
        let (id, stranger, session) = (login.id, other.id, first.session.id);
        let end = move |owner| world.write(move |tx, ambient, _| revoke(tx, ambient.now(), owner, session));
        assert!(!end(stranger), "not theirs");
        assert!(end(id));
        assert!(!end(id), "ended before");
        let running = world.write(move |tx, ambient, _| list(tx, id, ambient.now()));
        assert_eq!(
            running.iter().map(|open| open.id).collect::<Vec<_>>(),
            [second.session.id]
        );
        assert!(
            world
                .write(move |tx, ambient, _| raise(tx, ambient, session))
                .is_none()
        );
        world.advance_secs(13 * 3600);
        assert_eq!(world.write(|tx, ambient, _| sweep(tx, ambient.now(), 10)), 2);
    });
}

#[test]
fn programs_of_a_login_share_one_device_that_is_never_enrolled() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        let person = world.sign_in(&login).session;
        raised(world, &person);
        let (id, customer) = (login.id, login.who.customer().unwrap());
        let changes = move |world: &World| {
            world.write(move |tx, _, _| Ok(logins::last_changes(tx, customer)?.unwrap().device_enrolled_at))
        };
        let enrolled = changes(world);
        world.advance_secs(8 * 86_400);
        for label in ["curl\u{7}", "Bookkeeping", "Bookkeeping"] {
            let login = login.clone();
            let (session, token) = world.write(move |tx, ambient, keyring| {
                open_program(
                    tx,
                    ambient,
                    keyring,
                    &login,
                    SessionPolicy::default(),
                    label,
                    None,
                )
            });
            let seen = found(world, &token).unwrap();
            assert_eq!((seen.id, seen.device), (session.id, session.device));
            assert_eq!(
                (seen.second_factor_at, seen.device_enrolled_at),
                (session.second_factor_at, None)
            );
        }
        let labels: Vec<String> = world
            .write(move |tx, _, _| devices(tx, id))
            .into_iter()
            .map(|device| device.label)
            .collect();
        assert_eq!(labels, ["Bookkeeping", "Firefox"]);
        assert_eq!(
            changes(world),
            enrolled,
            "the telephone in hand is as trusted as before"
        );
    });
}

#[test]
fn devices_that_nobody_uses_are_forgotten_at_last() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        let person = world.sign_in(&login).session;
        raised(world, &person);
        world.sign_in(&login);
        let id = login.id;
        let left = |world: &World| {
            world.write(move |tx, ambient, _| {
                sweep(tx, ambient.now().plus_secs(-7 * 86_400), 10)?;
                Ok(devices(tx, id)?.len())
            })
        };
        assert_eq!(left(world), 2);
        world.advance_secs(8 * 86_400);
        assert_eq!(left(world), 1, "the one that proved nothing is gone");
        world.advance_secs(390 * 86_400);
        assert_eq!(left(world), 1);
        world.advance_secs(30 * 86_400);
        assert_eq!(left(world), 0);
    });
}
