//! What the tests of this room share: a migrated database on either engine, with its keyring.

use crate::SecurityError;
use crate::invitations;
use crate::logins::{self, Login};
use crate::passwords::{self, Cost};
use crate::sealing::{Keyring, MasterKey};
use crate::sessions::{self, Opened, SessionPolicy};
use crate::totp::{self, Secret};
use base::{Ambient, CustomerId, Language, PhoneNumber};
use store::harness::TestDb;
use store::{Db, Tx};

pub const PASSWORD: &str = "tall-Green-kettle-sings";

pub struct World {
    pub db: TestDb,
    pub ambient: Ambient,
    pub keyring: Keyring,
}

/// Runs a test on SQLite, then on PostgreSQL.
pub fn each_engine(test: impl Fn(&World)) {
    store::harness::each_engine(&[crate::MIGRATIONS], |db| test(&World::on(db)));
}

pub fn phone(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

impl World {
    pub fn on(db: TestDb) -> Self {
        let master = MasterKey::generate(db.ambient());
        Self::on_with(db, master)
    }

    pub fn on_with(db: TestDb, master: MasterKey) -> Self {
        let ambient = db.ambient().clone();
        let keyring = Keyring::open(&db, &ambient, master).unwrap();
        Self { db, ambient, keyring }
    }

    pub fn write<T: Send + 'static>(
        &self,
        run: impl Fn(&mut Tx, &Ambient, &Keyring) -> Result<T, SecurityError> + Send + 'static,
    ) -> T {
        let (ambient, keyring) = (self.ambient.clone(), self.keyring.clone());
        self.db.write(move |tx| run(tx, &ambient, &keyring)).unwrap()
    }

    pub fn advance_secs(&self, secs: i64) {
        self.ambient.clock.advance_ms(secs * 1_000);
    }

    pub fn customer(&self, number: &'static str) -> Login {
        let hash = passwords::hash(&self.ambient, Cost::TEST, PASSWORD);
        self.write(move |tx, ambient, keyring| {
            let customer = CustomerId::new(ambient);
            let number = phone(number);
            logins::create_customer(tx, ambient, keyring, customer, &number, &hash, Language::ZhHans)?;
            Ok(logins::by_phone(tx, keyring, &number)?.unwrap())
        })
    }

    /// Enrols an authenticator; returns its secret and the recovery codes.
    pub fn enrol(&self, login: &Login) -> (Secret, Vec<String>) {
        let id = login.id;
        let enrolment = self.write(move |tx, ambient, keyring| logins::begin_totp(tx, ambient, keyring, id));
        let logins::Enrolment::Show(secret) = enrolment else {
            panic!("enrolled before");
        };
        (secret.clone(), self.confirm(login, &secret))
    }

    pub fn confirm(&self, login: &Login, secret: &Secret) -> Vec<String> {
        let (id, code) = (login.id, self.code(secret));
        match self.write(move |tx, ambient, keyring| logins::confirm_totp(tx, ambient, keyring, id, &code)) {
            logins::Confirmation::Enrolled { recovery_codes } => recovery_codes,
            other => panic!("{other:?}"),
        }
    }

    /// The code of this moment.
    pub fn code(&self, secret: &Secret) -> String {
        totp::code_at(secret, self.ambient.now())
    }

    pub fn sign_in(&self, login: &Login) -> Opened {
        let login = login.clone();
        self.write(move |tx, ambient, _| {
            sessions::open(tx, ambient, &login, SessionPolicy::default(), None, "Firefox")
        })
    }
}

/// A customer enrols, signs in and is invited; returns every secret that was shown to them.
pub fn live_a_day(db: &Db, ambient: &Ambient, keyring: &Keyring) -> Vec<Vec<u8>> {
    let hash = passwords::hash(ambient, Cost::TEST, PASSWORD);
    let (clock, keyring) = (ambient.clone(), keyring.clone());
    db.write(move |tx| {
        let customer = CustomerId::new(&clock);
        let number = phone("13800138000");
        logins::create_customer(tx, &clock, &keyring, customer, &number, &hash, Language::En)?;
        let login = logins::by_phone(tx, &keyring, &number)?.unwrap();
        let logins::Enrolment::Show(secret) = logins::begin_totp(tx, &clock, &keyring, login.id)? else {
            panic!("enrolled before");
        };
        let code = totp::code_at(&secret, clock.now());
        let done = logins::confirm_totp(tx, &clock, &keyring, login.id, &code)?;
        let logins::Confirmation::Enrolled { recovery_codes } = done else {
            panic!("{done:?}");
        };
        let label = "Firefox on the kitchen table";
        let opened = sessions::open(tx, &clock, &login, SessionPolicy::default(), None, label)?;
        let link = invitations::issue(tx, &clock, &keyring, customer, &number, Language::En)?;
        let mut secrets = vec![
            secret.as_bytes().to_vec(),
            secret.to_base32().into_bytes(),
            opened.token.as_str().into(),
            opened.device_token.unwrap().as_str().into(),
            link.as_str().into(),
        ];
        secrets.extend(recovery_codes.into_iter().map(String::into_bytes));
        Ok::<_, SecurityError>(secrets)
    })
    .unwrap()
}
