use super::*;
use crate::fixture::{World, each_engine};
use ::store::{Sql, Value};
use base::StaffId;

fn write_entries(world: &World, count: usize) {
    let staff = Actor::Staff(StaffId::new(&world.ambient));
    for at in 0..count {
        world.advance_secs(1);
        world.write(move |tx, ambient, _| {
            record(
                tx,
                ambient,
                &staff,
                "payment.release",
                &format!("payment-{at}"),
                "{\"ok\":true}",
            )
        });
    }
}

fn checked(world: &World) -> AuditReport {
    world.write(|tx, _, _| verify(tx))
}

fn tampered(sql: &'static str, args: &'static [i64]) -> AuditReport {
    let db = ::store::harness::sqlite(&[crate::MIGRATIONS]);
    let world = World::on(db);
    write_entries(&world, 6);
    world.write(move |tx, _, _| {
        let args: Vec<Value> = args.iter().map(|&arg| arg.into()).collect();
        Ok(tx.execute(&Sql(sql), &args).map(drop)?)
    });
    checked(&world)
}

#[test]
fn an_untouched_chain_holds_across_pages_and_a_rolled_back_entry_leaves_no_gap() {
    each_engine(|world| {
        assert_eq!(
            checked(world),
            AuditReport {
                entries: 0,
                broken: None
            }
        );
        write_entries(world, 3);
        let ambient = world.ambient.clone();
        let failed: Result<(), SecurityError> = world.db.write(move |tx| {
            record(tx, &ambient, &Actor::System, "lost", "x", "")?;
            Err(SecurityError::damaged("test", "rolled back"))
        });
        assert!(failed.is_err());
        world.write(|tx, ambient, _| {
            for _ in 0..1_050 {
                record(tx, ambient, &Actor::System, "sweep", "x", "")?;
            }
            Ok(())
        });
        assert_eq!(
            checked(world),
            AuditReport {
                entries: 1_053,
                broken: None
            }
        );
        let latest = world.write(|tx, _, _| recent(tx, Some(4), 2));
        assert_eq!(latest.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [3, 2]);
        let one = world.write(|tx, _, _| of_subject(tx, "payment-1"));
        assert_eq!((one.len(), one[0].seq), (1, 2));
    });
}

#[test]
fn entries_written_at_once_form_one_chain() {
    each_engine(|world| {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..10 {
                        world.write(|tx, ambient, _| {
                            record(tx, ambient, &Actor::System, "a", "b", "c").map(drop)
                        });
                    }
                });
            }
        });
        assert_eq!(
            checked(world),
            AuditReport {
                entries: 40,
                broken: None
            }
        );
    });
}

#[test]
fn the_first_entry_that_was_tampered_with_is_named() {
    let broken = |sql, args| tampered(sql, args).broken;
    assert_eq!(
        broken(
            "UPDATE audit_entry SET detail = '{\"ok\":false}' WHERE seq = $1",
            &[3]
        ),
        Some(Break::Changed { seq: 3 })
    );
    assert_eq!(
        broken(
            "UPDATE audit_entry SET at = at + 1 WHERE seq IN ($1, $2)",
            &[5, 2]
        ),
        Some(Break::Changed { seq: 2 })
    );
    assert_eq!(
        broken("DELETE FROM audit_entry WHERE seq = $1", &[4]),
        Some(Break::Missing { seq: 4, found: 5 })
    );
    assert_eq!(
        broken("DELETE FROM audit_entry WHERE seq >= $1", &[5]),
        Some(Break::CutOff { head: 6, last: 4 })
    );
    assert_eq!(
        broken("UPDATE audit_entry SET previous = hash WHERE seq = $1", &[2]),
        Some(Break::Detached { seq: 2 })
    );
    assert_eq!(
        broken("UPDATE audit_head SET seq = seq - 1 WHERE id = $1", &[1]),
        Some(Break::CutOff { head: 5, last: 6 })
    );
}

#[test]
fn an_entry_rewritten_with_a_hash_of_its_own_is_found_by_the_next_one() {
    let world = World::on(::store::harness::sqlite(&[crate::MIGRATIONS]));
    write_entries(&world, 4);
    world.write(|tx, _, _| {
        let mut entries = store::after(tx, 1, 1)?;
        let row = entries.remove(0);
        let forged = Entry {
            actor: "staff:somebody-else".into(),
            ..row.entry
        };
        let hash = forged.hash(&row.previous);
        let sql = Sql("UPDATE audit_entry SET actor = $2, hash = $3 WHERE seq = $1");
        Ok(tx
            .execute(&sql, &[2.into(), forged.actor.into(), (&hash).into()])
            .map(drop)?)
    });
    assert_eq!(checked(&world).broken, Some(Break::Detached { seq: 3 }));
}
