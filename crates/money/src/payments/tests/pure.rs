use crate::accounts::{Account, AccountKind, Book, rail_account};
use crate::limits::Limits;
use crate::payments::posting::{Moment, decide};
use crate::payments::{Channel, HoldEvent, IdempotencyKey, Kind, Order, Outcome, PaymentState, payment_id};
use crate::{Policy, rails};
use base::{Amount, Currency, Timestamp};
use proptest::prelude::*;

fn book() -> Book {
    let limits = Limits {
        payment_minor: 200_000,
        day_minor: 300_000,
        year_minor: 900_000,
        balance_minor: 600_000,
    };
    let mut accounts: Vec<Account> = (1_001..1_005)
        .map(|id| Account::new(id, AccountKind::Customer, Currency::Cny, limits, 2026))
        .collect();
    accounts[0].posted_minor = 400_000;
    accounts[1].posted_minor = 50_000;
    accounts[3].frozen_at = Some(Timestamp::from_secs(1));
    let mut rail = rails::rail(Currency::Cny);
    rail.posted_minor = -450_000;
    accounts.push(rail);
    Book::new(accounts)
}

fn any_order() -> impl Strategy<Value = Order> {
    let account = prop_oneof![
        4 => 1_001i64..1_006,
        1 => Just(rail_account(Currency::Cny)),
    ];
    let amount = prop_oneof![-5i64..5, 1i64..250_000, Just(i64::MAX)];
    (account.clone(), account, amount, any::<bool>(), 0u8..6).prop_map(
        |(payer_account, payee_account, minor, second_factor, kind)| Order {
            caller: [0; 16],
            key: IdempotencyKey::parse("k").unwrap(),
            request_hash: [0; 32],
            payer_account,
            payee_account,
            amount: Amount::new(minor, if kind == 5 { Currency::Eur } else { Currency::Cny }),
            note: String::new(),
            channel: Channel::App,
            second_factor,
            kind: if kind == 0 { Kind::TopUp } else { Kind::Transfer },
        },
    )
}

proptest! {
    #[test]
    fn money_is_neither_made_nor_lost_and_no_limit_is_passed(
        orders in prop::collection::vec((any_order(), 0i64..40_000), 1..80),
    ) {
        let policy = Policy::cn();
        let mut book = book();
        let mut now = Timestamp::from_secs(1_793_592_000);
        for (number, (order, pause_secs)) in orders.iter().enumerate() {
            now = now.plus_secs(*pause_secs);
            let moment = Moment::of(now, &policy.zone);
            let before: Vec<Account> = book.accounts().to_vec();
            let decision = decide(&mut book, order, payment_id(number as i64, 0), &moment, &policy).unwrap();
            book.check_conserved().unwrap();
            let moved = matches!(decision.outcome, Outcome::Posted(_) | Outcome::Held { .. });
            for (account, old) in book.accounts().iter().zip(&before) {
                let changed = (account.posted_minor, account.held_minor) != (old.posted_minor, old.held_minor);
                prop_assert!(moved || !changed);
                prop_assert!(!changed || [order.payer_account, order.payee_account].contains(&account.id));
                if account.kind == AccountKind::Customer {
                    prop_assert!(account.available_minor() >= 0 && account.held_minor >= 0);
                    prop_assert!(account.usage.day_used_minor <= account.limits.day_minor);
                    prop_assert!(account.usage.year_used_minor <= account.limits.year_minor);
                    prop_assert!(account.posted_minor <= account.limits.balance_minor);
                    prop_assert!(account.frozen_at.is_none() || !changed);
                }
            }
            if moved {
                prop_assert!(order.amount.minor > 0 && order.amount.currency == Currency::Cny);
            }
        }
    }

    #[test]
    fn a_payment_ends_once(events in prop::collection::vec(any::<bool>(), 1..10)) {
        let mut state = PaymentState::Held;
        let mut ends = 0;
        for release in events {
            let event = if release { HoldEvent::Release } else { HoldEvent::Void };
            match state.next(event) {
                Ok(next) => { state = next; ends += 1; }
                Err(already) => prop_assert_eq!(already, state),
            }
        }
        prop_assert_eq!(ends, 1);
    }
}
