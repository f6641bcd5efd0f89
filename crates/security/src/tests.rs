use crate::fixture::{PASSWORD, each_engine};
use crate::sealing::{Keyring, MasterKey};
use crate::{SecurityError, Token, statements};
use base::{Ambient, Rng, Timestamp};
use store::Sql;

#[test]
fn every_statement_prepares_on_both_engines() {
    each_engine(|world| world.db.prepare_all(&statements(), &[]).unwrap());
}

#[test]
fn a_token_is_256_bits_and_never_printed() {
    let rng = Rng::from_seed(1);
    let token = Token::generate(&rng);
    assert_eq!(token.as_str().len(), 43);
    assert_eq!(Token::parse(token.as_str()).unwrap().hash(), token.hash());
    assert_eq!(format!("{token:?}"), "Token(…)");
    for wrong in ["", "short", &"!".repeat(43), &"a".repeat(44)] {
        assert!(Token::parse(wrong).is_none());
    }
}

#[test]
fn keys_survive_a_restart_and_rotation_and_refuse_another_master_key() {
    each_engine(|world| {
        let master = MasterKey::generate(&Ambient::seeded(Timestamp::from_secs(1), 99));
        let other =
            crate::fixture::World::on_with(store::harness::sqlite(&[crate::MIGRATIONS]), master.clone());
        let before = other.keyring.seal("place", b"old");
        let index = other.keyring.mac("purpose", b"value");
        assert_eq!(other.keyring.rotate(&other.db, &other.ambient).unwrap(), 2);
        assert!(other.keyring.is_outdated(&before));
        let after = other.keyring.seal("place", b"new");
        assert!(!other.keyring.is_outdated(&after));

        let reopened = Keyring::open(&other.db, &other.ambient, master).unwrap();
        assert_eq!(**reopened.unseal("place", &before).unwrap(), *b"old");
        assert_eq!(**reopened.unseal("place", &after).unwrap(), *b"new");
        assert_eq!(reopened.mac("purpose", b"value"), index);
        assert!(matches!(
            world.keyring.unseal("place", &after),
            Err(SecurityError::UnknownKey { key_id: 2, .. })
        ));
        let wrong = MasterKey::generate(&other.ambient);
        assert!(matches!(
            Keyring::open(&other.db, &other.ambient, wrong),
            Err(SecurityError::WrongMasterKey { .. })
        ));
    });
}

#[test]
fn no_secret_lies_readable_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("disk.db");
    let ambient = Ambient::seeded(store::harness::START, 3);
    let db = store::Db::open(&store::DbConfig::sqlite(&path), ambient.clone()).unwrap();
    db.migrate(&[store::MIGRATIONS, crate::MIGRATIONS]).unwrap();
    let master = MasterKey::generate(&ambient);
    let keyring = Keyring::open(&db, &ambient, master.clone()).unwrap();
    let secrets = crate::fixture::live_a_day(&db, &ambient, &keyring);

    // The database stays open, so that its log still lies next to it.
    let disk: Vec<u8> = std::fs::read_dir(folder.path())
        .unwrap()
        .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect();
    assert!(disk.len() > 10_000);
    let holds = |needle: &[u8]| disk.windows(needle.len()).any(|window| window == needle);
    assert!(
        holds(b"Firefox on the kitchen table"),
        "the search itself finds what is there"
    );
    for secret in secrets {
        assert!(!holds(&secret), "{}", String::from_utf8_lossy(&secret));
    }
    assert!(!holds(PASSWORD.as_bytes()));
    assert!(!holds(b"13800138000"));
}

#[test]
fn statements_are_listed_once() {
    let all: Vec<&'static Sql> = statements();
    let unique: std::collections::HashSet<&str> = all.iter().map(|sql| sql.0).collect();
    assert_eq!(unique.len(), all.len());
}
