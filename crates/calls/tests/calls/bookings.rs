//! The time that an applicant books, on both engines and by a clock that is moved by hand.

use crate::applicant::{checked, draft, submitted};
use crate::world::ROOMS;
use base::{Ambient, ApplicationId, Clock, OperatorZone, Rng, Timestamp};
use calls::attempts::{self, Begun};
use calls::bookings::{self, Booked};
use calls::cases::{self, Case, CaseKind, CaseOutcome};
use calls::notices::{self, Notice};
use calls::{CallPolicy, CallsError, Disposition, QuietHours, handlers};
use people::applications::{self, Application};
use people::events::CallbackDue;
use security::sealing::Keyring;
use std::sync::Arc;
use store::harness::{self, TestDb};
use store::{Tx, outbox};

/// An office with one applicant of London. Its operator calls from 8:30 to 21:00.
struct Office {
    db: TestDb,
    ambient: Ambient,
    keyring: Keyring,
    policy: CallPolicy,
}

fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
}

fn each_office(start: &str, test: impl Fn(Office)) {
    let ambient = || Ambient {
        clock: Clock::manual(at(start)),
        rng: Rng::from_seed(7),
    };
    for open in [harness::sqlite_with, harness::postgres_with] {
        let ambient = ambient();
        let shanghai = OperatorZone::named("Asia/Shanghai").unwrap();
        test(Office {
            db: open(&ROOMS, ambient.clone()),
            keyring: Keyring::ephemeral(&ambient),
            policy: CallPolicy {
                quiet: QuietHours {
                    from_second: 21 * 3600,
                    until_second: 8 * 3600 + 1800,
                },
                ..CallPolicy::standard(shanghai, "95138")
            },
            ambient,
        });
    }
}

impl Office {
    fn write<T: Send + 'static>(
        &self,
        run: impl Fn(&mut Tx<'_>, &Ambient) -> Result<T, CallsError> + Send + 'static,
    ) -> T {
        let ambient = self.ambient.clone();
        self.db.write(move |tx| run(tx, &ambient)).unwrap()
    }

    fn submitted(&self) -> ApplicationId {
        submitted(&self.db, &self.ambient, &self.keyring, draft("Europe/London"))
    }

    /// The checks are done, and what follows from them.
    fn checked(&self) {
        checked(&self.db, &self.ambient, &self.keyring);
        self.pump();
    }

    fn pump(&self) {
        let mut handlers = outbox::Handlers::default();
        let (ambient, policy) = (self.ambient.clone(), self.policy.clone());
        handlers.on(people::events::APPLICATION_CALLBACK_DUE, move |tx, event| {
            let due = CallbackDue::from_body(&event.body).ok_or("no callback")?;
            let round = u32::try_from(due.call_round)?;
            handlers::callback_due(tx, &ambient, &policy, ApplicationId(event.subject), round)?;
            Ok(())
        });
        let ambient = self.ambient.clone();
        handlers.on(
            calls::events::APPLICATION_CALLBACK_UNREACHABLE,
            move |tx, event| {
                applications::callback_unreachable(tx, &ambient, ApplicationId(event.subject))?;
                Ok(())
            },
        );
        outbox::pump(&self.db, &Arc::new(handlers), 100).unwrap();
    }

    fn book(&self, id: ApplicationId, code: &'static str) -> Booked {
        let policy = self.policy.clone();
        self.write(move |tx, ambient| bookings::book(tx, ambient, &policy, id, code))
    }

    fn application(&self, id: ApplicationId) -> Application {
        self.db
            .read(move |tx| applications::get(tx, id))
            .unwrap()
            .unwrap()
    }

    fn offered(&self, id: ApplicationId) -> Vec<String> {
        let (policy, now, application) = (self.policy.clone(), self.ambient.now(), self.application(id));
        let offered = self.write(move |tx, _| bookings::offered(tx, &policy, now, &application));
        offered.into_iter().map(|window| window.code).collect()
    }

    fn case(&self, id: ApplicationId) -> Case {
        self.write(move |tx, _| cases::by_kind(tx, CaseKind::ApplicationCallback(id)))
            .expect("a case")
    }

    fn notice(&self, id: ApplicationId) -> Notice {
        let case = self.case(id).id;
        self.write(move |tx, _| notices::for_case(tx, case))
            .expect("a notice")
    }

    /// The clock shows it, and the dialer looks.
    fn begin_at(&self, text: &str) -> Option<Begun> {
        self.turn_to(text);
        let policy = self.policy.clone();
        let mut begun = self.write(move |tx, ambient| attempts::begin_due(tx, ambient, &policy, "a", 10));
        assert!(begun.len() <= 1);
        begun.pop()
    }

    fn turn_to(&self, text: &str) {
        let ms = (at(text).as_us() - self.ambient.now().as_us()) / 1_000;
        assert!(ms >= 0, "time goes forward");
        self.ambient.clock.advance_ms(ms);
    }

    fn unanswered(&self, begun: &Begun) {
        let (policy, call) = (self.policy.clone(), begun.attempt.id);
        self.write(move |tx, ambient| attempts::finish(tx, ambient, &policy, call, Disposition::NoAnswer));
    }
}

#[test]
fn a_time_booked_before_the_checks_is_when_the_first_call_comes_though_the_clocks_go_back() {
    // Saturday 14:00 in London; its clocks go back that night.
    each_office("2026-10-24T13:00:00Z", |office| {
        let id = office.submitted();
        assert_eq!(office.book(id, "2026-10-25-morning"), Booked::Done);
        assert_eq!(office.book(id, "2026-10-25-morning"), Booked::Done, "again");
        office.checked();
        let case = office.case(id);
        assert_eq!(case.due, at("2026-10-25T08:30:00Z"), "8:30 of winter time");
        let notice = office.notice(id);
        assert_eq!(
            (notice.window_from, notice.window_until),
            (case.due, at("2026-10-25T12:00:00Z"))
        );
        assert_eq!(notice.zone, OperatorZone::named("Europe/London").ok());
        assert!(office.begin_at("2026-10-25T08:29:59Z").is_none());
        let first = office.begin_at("2026-10-25T08:30:00Z").expect("called as booked");
        assert_eq!(office.book(id, ""), Booked::Calling, "the telephone rings");
        assert_eq!(office.offered(id), [""; 0]);
        office.unanswered(&first);
        assert!(office.begin_at("2026-10-25T08:44:59Z").is_none(), "spaced");
        assert!(office.begin_at("2026-10-25T08:45:00Z").is_some());
    });
}

#[test]
fn a_planned_call_is_moved_and_moved_back_within_spacing_and_quiet_hours() {
    // Friday noon in London; its clocks go forward on Sunday.
    each_office("2026-03-27T12:00:00Z", |office| {
        let id = office.submitted();
        office.checked();
        assert_eq!(
            office.case(id).due,
            at("2026-03-27T12:00:00Z"),
            "as soon as possible"
        );
        let first = office.begin_at("2026-03-27T12:00:00Z").unwrap();
        office.unanswered(&first);
        assert_eq!(office.book(id, "2026-03-29-morning"), Booked::Done);
        assert_eq!(
            office.case(id).due,
            at("2026-03-29T07:30:00Z"),
            "8:30 of summer time"
        );
        assert_eq!(office.notice(id).window_until, at("2026-03-29T11:00:00Z"));
        assert!(office.begin_at("2026-03-27T20:00:00Z").is_none(), "the old time");
        assert_eq!(office.book(id, "2026-03-27-evening"), Booked::Done);
        assert_eq!(office.case(id).due, at("2026-03-27T20:00:00Z"), "it has begun");
        assert!(office.begin_at("2026-03-27T21:00:00Z").is_none(), "night");
        assert_eq!(office.case(id).due, at("2026-03-28T08:30:00Z"));
        assert_eq!(office.book(id, "2026-03-29-evening"), Booked::Done);
        assert_eq!(office.book(id, ""), Booked::Done, "as soon as possible");
        assert_eq!(
            office.case(id).due,
            at("2026-03-28T08:30:00Z"),
            "not in the night"
        );
        let second = office.begin_at("2026-03-28T08:30:00Z").unwrap();
        office.unanswered(&second);
        assert_eq!(office.book(id, "2026-03-28-morning"), Booked::Done);
        assert_eq!(
            office.case(id).due,
            at("2026-03-28T08:45:00Z"),
            "the spacing holds"
        );
    });
}

#[test]
fn what_is_not_offered_is_not_booked() {
    each_office("2026-10-24T13:00:00Z", |office| {
        let id = office.submitted();
        for code in [
            "2026-10-24-morning",
            "2026-10-27-morning",
            "2026-10-25-night",
            "soon",
        ] {
            assert_eq!(office.book(id, code), Booked::NoSuchTime, "{code}");
        }
        assert_eq!(office.application(id).call_time, None);
        let offered = office.offered(id);
        assert_eq!((offered.len(), offered[0].as_str()), (8, "2026-10-24-afternoon"));
        office.checked();
        // Its case ends three days after it was opened.
        office.turn_to("2026-10-27T09:00:00Z");
        assert_eq!(office.offered(id), ["2026-10-27-morning"]);
        let nobody = ApplicationId([9; 16]);
        assert_eq!(office.book(nobody, ""), Booked::NotFound);
        let ambient = office.ambient.clone();
        office
            .db
            .write(move |tx| applications::withdraw(tx, &ambient, id))
            .unwrap();
        assert_eq!(office.book(id, "2026-10-27-evening"), Booked::TooLate);
        assert_eq!(office.book(id, ""), Booked::TooLate);
    });
}

#[test]
fn who_was_not_reached_books_the_next_round_and_a_crash_forgets_none_of_it() {
    each_office("2026-10-23T12:00:00Z", |mut office| {
        office.policy.max_attempts = 1;
        let id = office.submitted();
        office.checked();
        let first = office.begin_at("2026-10-23T12:00:00Z").unwrap();
        office.unanswered(&first);
        office.pump();
        assert_eq!(office.case(id).outcome, Some(CaseOutcome::Unreachable));
        assert!(office.application(id).number_doubted);
        assert_eq!(office.book(id, "2026-10-25-evening"), Booked::Done);
        let ambient = office.ambient.clone();
        office
            .db
            .write(move |tx| applications::call_again(tx, &ambient, id))
            .unwrap();
        office.db.restart();
        office.pump();
        assert_eq!(office.case(id).due, at("2026-10-25T18:00:00Z"));
        office.db.restart();
        assert!(office.begin_at("2026-10-25T17:59:59Z").is_none());
        assert!(office.begin_at("2026-10-25T18:00:00Z").is_some());
    });
}
