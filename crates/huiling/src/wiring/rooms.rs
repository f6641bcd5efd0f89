//! What every room brings to the database.

use store::Migration;
#[cfg(test)]
use store::{Shape, Sql};

/// The rooms' migrations, from the ground up.
pub fn migrations() -> Vec<&'static [Migration]> {
    vec![
        store::MIGRATIONS,
        security::MIGRATIONS,
        people::MIGRATIONS,
        money::MIGRATIONS,
        calls::MIGRATIONS,
        support::MIGRATIONS,
    ]
}

/// Every registered statement of the house.
#[cfg(test)]
pub fn statements() -> Vec<&'static Sql> {
    [
        store::statements(),
        security::statements(),
        people::statements(),
        money::statements(),
        calls::statements(),
        support::statements(),
    ]
    .concat()
}

/// Every bulk statement of the house.
#[cfg(test)]
pub fn shapes() -> Vec<Shape> {
    money::shapes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_of_the_house_prepares_on_both_engines() {
        let rooms: Vec<&[Migration]> = migrations().into_iter().skip(1).collect();
        store::harness::each_engine(&rooms, |db| {
            db.prepare_all(&statements(), &shapes()).unwrap();
            assert!(statements().len() > 50);
        });
    }
}
