use super::*;
use crate::fixture::{World, each_engine, phone};

fn issued(world: &World, customer: CustomerId) -> Token {
    world.write(move |tx, ambient, keyring| {
        issue(
            tx,
            ambient,
            keyring,
            customer,
            &phone("13800138000"),
            Language::En,
        )
    })
}

fn redeemed(world: &World, token: &Token) -> Redeemed {
    let token = token.clone();
    world.write(move |tx, ambient, keyring| redeem(tx, ambient, keyring, &token, "hash"))
}

#[test]
fn a_link_makes_one_login_once_and_only_the_newest_works() {
    each_engine(|world| {
        let customer = CustomerId::new(&world.ambient);
        let (old, new) = (issued(world, customer), issued(world, customer));
        assert_eq!(redeemed(world, &old), Redeemed::Gone);
        let token = new.clone();
        let invitation =
            world.write(move |tx, ambient, keyring| Ok(find(tx, keyring, &token, ambient.now())?.unwrap()));
        assert_eq!(
            (invitation.customer, invitation.phone),
            (customer, phone("13800138000"))
        );
        let Redeemed::Redeemed(login) = redeemed(world, &new) else {
            panic!("refused");
        };
        assert_eq!(redeemed(world, &new), Redeemed::Gone);
        let found = world.write(|tx, _, keyring| logins::by_phone(tx, keyring, &phone("13800138000")));
        assert_eq!(found.unwrap().id, login);
        assert_eq!(redeemed(world, &issued(world, customer)), Redeemed::LoginExists);
    });
}

#[test]
fn a_link_is_gone_after_a_day() {
    each_engine(|world| {
        let token = issued(world, CustomerId::new(&world.ambient));
        world.advance_secs(VALID_SECS);
        assert_eq!(redeemed(world, &token), Redeemed::Gone);
    });
}
