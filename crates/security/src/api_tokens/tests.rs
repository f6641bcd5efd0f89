use super::*;
use crate::fixture::{World, each_engine};

fn issued(world: &World, login: LoginId) -> Option<(ApiTokenId, Token)> {
    match world.write(move |tx, ambient, _| issue(tx, ambient, login, "Bookkeeping", 3_600)) {
        Issued::Issued(id, token) => Some((id, token)),
        Issued::TooMany => None,
    }
}

#[test]
fn a_token_speaks_for_its_login_until_it_runs_out_or_is_revoked() {
    each_engine(|world| {
        let login = world.customer("13800138000");
        let (id, token) = issued(world, login.id).unwrap();
        let (_, short) = issued(world, login.id).unwrap();
        let found = |token: &Token| {
            let token = token.clone();
            world.write(move |tx, ambient, _| find(tx, &token, ambient.now()))
        };
        let session = found(&token).unwrap();
        assert_eq!(
            (session.who, session.api, session.second_factor_at),
            (login.who, true, None)
        );
        assert!(!session.csrf_matches(""));
        let owner = login.id;
        assert_eq!(
            world
                .write(move |tx, ambient, _| list(tx, owner, ambient.now()))
                .len(),
            2
        );
        assert!(world.write(move |tx, ambient, _| revoke(tx, ambient.now(), owner, id)));
        assert!(found(&token).is_none());
        world.advance_secs(3_600);
        assert!(found(&short).is_none());
    });
}

#[test]
fn a_login_has_twenty_tokens_at_most() {
    each_engine(|world| {
        let login = world.customer("13800138000").id;
        assert_eq!((0..25).filter_map(|_| issued(world, login)).count(), 20);
    });
}
