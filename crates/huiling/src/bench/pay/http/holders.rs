use super::super::world::World;
use super::server::MASTER_KEY;
use crate::error::HuilingError;
use base::{Ambient, CustomerId, Language, PhoneNumber};
use people::customers::{self, Created, NewCustomer};
use security::api_tokens::{self, Issued};
use security::logins;
use security::sealing::{Keyring, MasterKey};
use store::{Db, Tx};

/// Customers who hold a token; in a larger world the others are only paid.
const PAYERS_MAX: usize = 10_000;
/// Rows of one write.
const BITE: usize = 1_000;
const TOKEN_VALID_SECS: i64 = 86_400;

/// The tokens of those who pay, by their place in the world.
pub struct Holders {
    tokens: Vec<String>,
}

impl Holders {
    /// Gives every account a wallet, and the first ones a customer with login and token.
    pub fn add(world: &World) -> Result<Self, HuilingError> {
        let (db, ambient) = (&world.db, world.db.ambient().clone());
        let master = MasterKey::parse(MASTER_KEY)
            .map_err(|error| HuilingError::Unusable(format!("the bench's key: {error}")))?;
        let keyring = Keyring::open(db, &ambient, master)?;
        let accounts = world.case.accounts;
        let mut tokens = Vec::new();
        for first in (0..accounts).step_by(BITE) {
            let count = BITE.min(accounts - first);
            let owners = if first < PAYERS_MAX {
                let (owners, some) = add_customers(db, &keyring, first, count)?;
                tokens.extend(some);
                owners
            } else {
                (0..count).map(|_| CustomerId::new(&ambient)).collect()
            };
            money::bench_wallets(db, first, owners)?;
        }
        Ok(Self { tokens })
    }

    pub fn payers(&self) -> u64 {
        self.tokens.len() as u64
    }

    pub fn token(&self, payer: u64) -> &str {
        &self.tokens[payer as usize]
    }
}

fn add_customers(
    db: &Db,
    keyring: &Keyring,
    first: usize,
    count: usize,
) -> Result<(Vec<CustomerId>, Vec<String>), HuilingError> {
    let (ambient, keyring) = (db.ambient().clone(), keyring.clone());
    db.write(move |tx| {
        (first..first + count)
            .map(|place| add_customer(tx, &ambient, &keyring, place))
            .collect()
    })
}

fn add_customer(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    place: usize,
) -> Result<(CustomerId, String), HuilingError> {
    let taken = || HuilingError::Unusable(format!("the bench's customer {place} exists already"));
    let phone = PhoneNumber::parse(&format!("+86139{place:08}")).map_err(|_| taken())?;
    let new = NewCustomer {
        name: "Bench".into(),
        phone: phone.clone(),
        birth_date: "1990-01-01".parse().map_err(|_| taken())?,
        language: Language::En,
        zone: "Asia/Shanghai".into(),
        email: None,
        document_index: None,
        document_sealed: None,
    };
    let Created::New(customer) = customers::create(tx, ambient, &new)? else {
        return Err(taken());
    };
    let made = logins::create_customer(tx, ambient, keyring, customer, &phone, "none", Language::En)?;
    let logins::Created::Created(login) = made else {
        return Err(taken());
    };
    match api_tokens::issue(tx, ambient, login, "bench", TOKEN_VALID_SECS)? {
        Issued::Issued(_, token) => Ok((customer, token.as_str().to_owned())),
        Issued::TooMany => Err(taken()),
    }
}
