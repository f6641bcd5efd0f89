use super::Payees;
use base::{Amount, Currency, Rng};
use money::FIRST_BENCH_ACCOUNT;
use money::payments::{Channel, IdempotencyKey, Kind, Order};

/// The orders of one caller, the same for the same seed.
pub struct Orders {
    caller: u64,
    accounts: u64,
    payees: Payees,
    rng: Rng,
    ordered: u64,
}

/// Who pays whom how much: places among the accounts of the bench world.
pub struct Wish {
    pub payer: u64,
    pub payee: u64,
    pub amount_minor: i64,
    pub key: String,
}

impl Orders {
    pub fn of(caller: usize, accounts: usize, payees: Payees) -> Self {
        Self {
            caller: caller as u64,
            accounts: accounts as u64,
            payees,
            rng: Rng::from_seed(caller as u64 + 1),
            ordered: 0,
        }
    }

    /// The next order for the gatherer itself.
    pub fn next(&mut self) -> Order {
        let wish = self.wish(self.accounts);
        let Wish {
            payer, payee, key, ..
        } = wish;
        Order {
            caller: [7; 16],
            key: IdempotencyKey::parse(&key).expect("digits and a hyphen"),
            request_hash: [self.ordered as u8; 32],
            payer_account: FIRST_BENCH_ACCOUNT + payer as i64,
            payee_account: FIRST_BENCH_ACCOUNT + payee as i64,
            amount: Amount::new(wish.amount_minor, Currency::Cny),
            note: String::new(),
            channel: Channel::Api,
            second_factor: true,
            kind: Kind::Transfer,
        }
    }

    /// The next wish, whoever carries it; only the first `payers` accounts pay.
    pub fn wish(&mut self, payers: u64) -> Wish {
        self.ordered += 1;
        let payer = self.rng.below(payers);
        let payee = self.payee();
        Wish {
            payer,
            payee: if payee == payer {
                (payee + 1) % self.accounts
            } else {
                payee
            },
            amount_minor: self.amount_minor(),
            key: format!("{}-{}", self.caller, self.ordered),
        }
    }

    fn payee(&self) -> u64 {
        match self.payees {
            Payees::Uniform => self.rng.below(self.accounts),
            Payees::Hot if self.rng.below(2) == 0 => 0,
            Payees::Hot => self.rng.below(self.accounts),
            Payees::Zipf => {
                let rank = (self.rng.unit() * (self.accounts as f64).ln()).exp() as u64;
                // Neighbouring ranks are not neighbours in the database.
                rank.wrapping_mul(7_919_777) % self.accounts
            }
        }
    }

    /// ¥1 to ¥20; one of 200 is far above the habit and may be held.
    fn amount_minor(&self) -> i64 {
        let large = self.rng.below(200) == 0;
        100 + self.rng.below(if large { 60_000 } else { 1_900 }) as i64
    }
}
