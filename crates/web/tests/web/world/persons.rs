//! Customers and members of staff, with everything they need to sign in.

use super::World;
use base::{Ambient, Currency, CustomerId, Language, LoginId, PhoneNumber};
use money::limits::Tier;
use money::wallets::{self, NewWallet};
use money::{Policy, Wallet};
use people::customers::{self, Created, NewCustomer};
use security::invitations;
use security::logins::{self, Confirmation, Enrolment, Login};
use security::passwords::{self, Cost};
use security::sessions::{self, SessionPolicy};
use security::staff::{self, Role};
use security::totp::{self, Secret};
use std::sync::Arc;
use store::Tx;

pub const PASSWORD: &str = "blue-river-quiet-lamp";

/// A customer with everything they need to sign in.
#[derive(Clone)]
pub struct Person {
    pub customer: CustomerId,
    pub login: LoginId,
    pub phone: PhoneNumber,
    pub wallet: Wallet,
    pub secret: Arc<Vec<u8>>,
    pub recovery_codes: Vec<String>,
    /// The cookie of a session whose second factor is proven.
    pub session: String,
    pub csrf: String,
}

impl World {
    pub fn person(&self, name: &str, phone: &str, language: Language) -> Person {
        let (ambient, keyring) = (self.ambient.clone(), self.keyring.clone());
        let (name, phone) = (name.to_owned(), PhoneNumber::parse(phone).unwrap());
        let hash = passwords::hash(&self.ambient, Cost::TEST, PASSWORD);
        let number = phone.clone();
        let (wallet, login) = self
            .db
            .write(move |tx| {
                let wallet = with_wallet(tx, &ambient, &name, &number, language);
                let customer = wallet.customer;
                logins::create_customer(tx, &ambient, &keyring, customer, &number, &hash, language)?;
                let login = logins::by_phone(tx, &keyring, &number)?.unwrap();
                Ok::<_, security::SecurityError>((wallet, login))
            })
            .unwrap();
        let (secret, recovery_codes) = self.enrol(login.id);
        let (session, csrf) = self.session(&login);
        Person {
            customer: wallet.customer,
            login: login.id,
            phone,
            wallet,
            secret,
            recovery_codes,
            session,
            csrf,
        }
    }

    fn enrol(&self, login: LoginId) -> (Arc<Vec<u8>>, Vec<String>) {
        let (ambient, keyring) = (self.ambient.clone(), self.keyring.clone());
        self.db
            .write(move |tx| {
                let Enrolment::Show(secret) = logins::begin_totp(tx, &ambient, &keyring, login).unwrap()
                else {
                    panic!("not enrolled yet")
                };
                let code = totp::code_at(&secret, ambient.now().plus_secs(-30));
                let confirmed = logins::confirm_totp(tx, &ambient, &keyring, login, &code).unwrap();
                let Confirmation::Enrolled { recovery_codes } = confirmed else {
                    panic!("{confirmed:?}")
                };
                Ok::<_, store::DbError>((Arc::new(secret.as_bytes().to_vec()), recovery_codes))
            })
            .unwrap()
    }

    /// A session with its second factor proven.
    pub fn session(&self, login: &Login) -> (String, String) {
        let (ambient, login) = (self.ambient.clone(), login.clone());
        self.db
            .write(move |tx| {
                let opened = sessions::open(
                    tx,
                    &ambient,
                    &login,
                    SessionPolicy::default(),
                    None,
                    "Chrome · Android",
                );
                let session = opened.unwrap().session;
                let token = sessions::raise(tx, &ambient, session.id).unwrap().unwrap();
                Ok::<_, store::DbError>((token.as_str().to_owned(), session.csrf))
            })
            .unwrap()
    }

    /// A fresh session, as after a sign-in now.
    pub fn sign_in(&self, person: &mut Person) {
        let id = person.login;
        let login = self.db.read(move |tx| logins::by_id(tx, id)).unwrap().unwrap();
        (person.session, person.csrf) = self.session(&login);
    }

    /// A member of staff with an authenticator and a session: cookie and form token.
    pub fn staff(&self, name: &str, role: Role) -> (String, String) {
        self.member(name, role).0
    }

    /// The same, with the authenticator's secret.
    pub fn member(&self, name: &str, role: Role) -> ((String, String), Arc<Vec<u8>>) {
        let (ambient, keyring) = (self.ambient.clone(), self.keyring.clone());
        let hash = passwords::hash(&self.ambient, Cost::TEST, PASSWORD);
        let name = name.to_owned();
        let login = self
            .db
            .write(move |tx| {
                staff::add(tx, &ambient, &keyring, &name, role, &hash)?;
                let login = logins::by_staff_name(tx, &keyring, &name)?.unwrap();
                logins::change_password(tx, &ambient, login.id, &hash, None)?;
                Ok::<_, security::SecurityError>(login)
            })
            .unwrap();
        let (secret, _) = self.enrol(login.id);
        (self.session(&login), secret)
    }

    /// A member of staff who has not yet chosen a password of their own.
    pub fn first_day(&self, name: &str, role: Role) {
        let (ambient, keyring, name) = (self.ambient.clone(), self.keyring.clone(), name.to_owned());
        let hash = passwords::hash(&self.ambient, Cost::TEST, PASSWORD);
        self.db
            .write(move |tx| staff::add(tx, &ambient, &keyring, &name, role, &hash))
            .unwrap();
    }

    /// What the person's authenticator shows so many steps of 30 s from now.
    pub fn code(&self, person: &Person, steps: i64) -> String {
        let secret = Secret::from_bytes(person.secret.to_vec());
        totp::code_at(&secret, self.ambient.now().plus_secs(30 * steps))
    }

    /// A customer with a wallet and a welcome link, who has not signed in yet.
    pub fn invite(&self, name: &str, phone: &str) -> String {
        let (ambient, keyring) = (self.ambient.clone(), self.keyring.clone());
        let (name, phone) = (name.to_owned(), PhoneNumber::parse(phone).unwrap());
        let token = self.db.write(move |tx| {
            let customer = with_wallet(tx, &ambient, &name, &phone, Language::En).customer;
            invitations::issue(tx, &ambient, &keyring, customer, &phone, Language::En)
        });
        token.unwrap().as_str().to_owned()
    }
}

/// A new customer's wallet.
fn with_wallet(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    name: &str,
    phone: &PhoneNumber,
    language: Language,
) -> Wallet {
    let new = NewCustomer {
        name: name.to_owned(),
        phone: phone.clone(),
        birth_date: jiff::civil::date(1990, 4, 12),
        language,
        zone: "Asia/Shanghai".into(),
        email: None,
        document_index: None,
        document_sealed: None,
    };
    let Created::New(customer) = customers::create(tx, ambient, &new).unwrap() else {
        panic!("the number is free")
    };
    let wallet = NewWallet {
        customer,
        name,
        phone,
        tier: Tier::Two,
        granted_minor: 6_000_000,
        currency: Currency::Cny,
    };
    wallets::open(tx, ambient, &Policy::cn(), &wallet).unwrap()
}
