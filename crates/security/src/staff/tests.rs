use super::*;
use crate::fixture::{World, each_engine};
use crate::four_eyes::{Action, Requested, Wanted};
use crate::logins::Who;
use crate::sessions::SessionPolicy;

fn added(world: &World, name: &'static str, role: Role) -> Added {
    world.write(move |tx, ambient, keyring| add(tx, ambient, keyring, name, role, "hash"))
}

#[test]
fn a_member_signs_in_by_name_and_changes_the_first_password() {
    each_engine(|world| {
        let Added::Added(id) = added(world, " Li.Na", Role::Agent) else {
            panic!("not added");
        };
        assert_eq!(added(world, "LI.NA", Role::Teller), Added::NameTaken);
        for bad in ["", "ab", "li na", "李娜娜", "x".repeat(33).leak()] {
            assert_eq!(added(world, bad, Role::Agent), Added::BadName);
        }
        let login = world.write(|tx, _, keyring| Ok(logins::by_staff_name(tx, keyring, "li.na")?.unwrap()));
        assert_eq!(login.who, Who::Staff(id, Role::Agent));
        assert!(login.must_change_password);
        let login_id = login.id;
        world.write(move |tx, ambient, _| logins::change_password(tx, ambient, login_id, "own", None));
        let login = world.write(move |tx, _, _| Ok(logins::by_id(tx, login_id)?.unwrap()));
        assert!(!login.must_change_password);
    });
}

#[test]
fn a_changed_role_holds_for_open_sessions_and_a_leaver_is_out_at_once() {
    each_engine(|world| {
        let Added::Added(id) = added(world, "wang.wei", Role::Agent) else {
            panic!("not added");
        };
        let login =
            world.write(|tx, _, keyring| Ok(logins::by_staff_name(tx, keyring, "wang.wei")?.unwrap()));
        let opened = world.write(move |tx, ambient, _| {
            sessions::open(tx, ambient, &login, SessionPolicy::default(), None, "Console")
        });
        let who = |token: crate::Token| {
            world.write(move |tx, ambient, _| Ok(sessions::find(tx, &token, ambient.now())?.map(|s| s.who)))
        };
        let moved = world.write(move |tx, ambient, _| set_role(tx, ambient, id, Role::Supervisor));
        assert_eq!(moved, Some(0));
        assert_eq!(who(opened.token.clone()), Some(Who::Staff(id, Role::Supervisor)));
        assert_eq!(
            world.write(move |tx, ambient, _| deactivate(tx, ambient, id)),
            Some(0)
        );
        assert_eq!(who(opened.token), None);
        assert!(
            world
                .write(|tx, _, keyring| logins::by_staff_name(tx, keyring, "wang.wei"))
                .is_none()
        );
        let everybody = world.write(|tx, _, _| list(tx));
        assert_eq!(everybody.len(), 1);
        assert!(!everybody[0].active);
    });
}

#[test]
fn a_reset_leaves_a_first_password_and_nothing_else_to_come_in_with() {
    each_engine(|world| {
        let Added::Added(id) = added(world, "wang.wei", Role::Agent) else {
            panic!("not added");
        };
        let login =
            || world.write(|tx, _, keyring| Ok(logins::by_staff_name(tx, keyring, "wang.wei")?.unwrap()));
        let id_of_login = login().id;
        world.write(move |tx, ambient, _| logins::change_password(tx, ambient, id_of_login, "own", None));
        world.enrol(&login());
        let opened = world.sign_in(&login());
        assert!(login().has_totp && !login().must_change_password);
        assert!(world.write(move |tx, ambient, _| reset(tx, ambient, id, "first")));
        let after = login();
        assert!(!after.has_totp && after.must_change_password);
        assert_eq!(after.password_hash, "first");
        let (codes_left, signed_in) = world.write(move |tx, ambient, _| {
            let session = sessions::find(tx, &opened.token, ambient.now())?;
            Ok((logins::recovery_codes_left(tx, id_of_login)?, session.is_some()))
        });
        assert_eq!((codes_left, signed_in), (0, false));
        world.enrol(&after);
        assert_eq!(
            world.write(move |tx, ambient, _| deactivate(tx, ambient, id)),
            Some(0)
        );
        assert!(
            !world.write(move |tx, ambient, _| reset(tx, ambient, id, "again")),
            "who has left stays out"
        );
    });
}

#[test]
fn what_a_member_asked_for_goes_with_them() {
    each_engine(|world| {
        let [leaves, stays] =
            ["wang.wei", "zhou.min"].map(|name| match added(world, name, Role::RiskOfficer) {
                Added::Added(id) => id,
                other => panic!("{other:?}"),
            });
        let ask = |by: StaffId, subject: &'static str| {
            world.write(move |tx, ambient, _| {
                let by = (by, Role::RiskOfficer);
                let wanted = Wanted {
                    action: Action::ReleasePayment,
                    subject,
                    payload: "",
                    reason: "looked into",
                    ends_by: None,
                };
                four_eyes::request(tx, ambient, by, &wanted)
            })
        };
        let Requested::Requested(first) = ask(leaves, "one") else {
            panic!("not asked");
        };
        ask(leaves, "two");
        ask(stays, "three");
        world.ambient.clock.advance_ms(1_000);
        assert_eq!(
            world.write(move |tx, ambient, _| deactivate(tx, ambient, leaves)),
            Some(2)
        );
        let (open, past) = world.write(|tx, ambient, _| {
            Ok((
                four_eyes::open_requests(tx, ambient.now())?,
                four_eyes::decided(tx, 9)?,
            ))
        });
        assert_eq!(
            open.iter().map(|one| one.requested_by).collect::<Vec<_>>(),
            [stays]
        );
        assert!(past.iter().all(|past| past.ended == four_eyes::Ended::Withdrawn));
        let decided = world
            .write(move |tx, ambient, _| four_eyes::approve(tx, ambient, (stays, Role::RiskOfficer), first));
        assert_eq!(decided, four_eyes::Decided::AlreadyDone);
        assert!(
            matches!(ask(stays, "one"), Requested::Requested(_)),
            "another may ask"
        );
        assert_eq!(
            world.write(move |tx, ambient, _| deactivate(tx, ambient, leaves)),
            None
        );
    });
}

#[test]
fn nobody_who_manages_staff_touches_customers_and_roles_read_back() {
    for role in Role::ALL {
        assert_eq!(role.code().parse(), Ok(role));
        let manages = role.may(Permission::ManageStaff);
        let touches = [
            Permission::ViewCustomers,
            Permission::ApproveActions,
            Permission::FreezeWallets,
        ]
        .into_iter()
        .any(|permission| role.may(permission));
        assert!(!(manages && touches), "{role}");
    }
    for permission in Permission::ALL {
        assert!(
            Role::ALL.iter().any(|role| role.may(permission)),
            "{permission:?} is nobody's"
        );
    }
    assert!("root".parse::<Role>().is_err());
    assert!(!Role::Agent.may(Permission::ApproveActions));
}
