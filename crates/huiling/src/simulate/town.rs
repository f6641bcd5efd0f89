//! The people of the town, as they were before the month begins.

use super::world::{Broken, Tried, World};
use base::{Amount, Currency, CustomerId, Language, LoginId, PhoneNumber, Timestamp, WalletId};
use money::limits::Tier;
use money::payments::IdempotencyKey;
use money::wallets::NewWallet;
use money::{rails, wallets};
use people::customers::{self, Created, NewCustomer};
use security::Token;
use security::logins::{self, Enrolment};
use security::sessions::{self, SessionPolicy};
use security::staff::{self, Added, Role};
use security::totp::{self, Secret};
use store::Tx;

/// Somebody with a wallet.
pub struct Inhabitant {
    pub customer: CustomerId,
    pub wallet: WalletId,
    pub account: i64,
    /// What they usually pay, in minor units.
    pub usual_minor: i64,
    /// Whoever has signed in before; others have only a telephone.
    pub app: Option<App>,
}

/// The app on somebody's device.
pub struct App {
    pub login: LoginId,
    pub secret: Secret,
    pub device: Option<Token>,
}

/// Staff: the first asks, the second agrees.
const STAFF: [(&str, Role); 2] = [("agent.lin", Role::Supervisor), ("agent.zhou", Role::RiskOfficer)];
const FIRST_MONEY_MINOR: i64 = 900_000;

impl World {
    /// Ten days before the month: people get wallets, apps and money, so that their devices and
    /// numbers are old enough by then.
    pub fn settle(&mut self) -> Result<(), Broken> {
        self.start()?;
        self.mischief.switch(false);
        for index in 0..self.scale.customers {
            self.move_in(index)?;
        }
        self.hire()?;
        while self.now() < self.begin() {
            self.ambient.clock.advance_ms(3_600_000);
            self.work()?;
        }
        self.mischief.switch(true);
        Ok(())
    }

    fn move_in(&mut self, index: usize) -> Result<(), Broken> {
        let (ambient, policy) = (self.ambient.clone(), self.policy.clone());
        let keyring = self.house.as_ref().expect("it was started").keyring.clone();
        // One in ten has lost the device: only the telephone is left to them.
        let signs_in = index % 10 != 9;
        let moved = self.write("moving in", move |tx| {
            let phone = phone(index)?;
            let new = NewCustomer {
                name: name(index),
                phone: phone.clone(),
                birth_date: "1988-05-17".parse()?,
                language: if index.is_multiple_of(7) {
                    Language::En
                } else {
                    Language::ZhHans
                },
                zone: "Asia/Shanghai".into(),
                email: None,
                document_index: None,
                document_sealed: None,
            };
            let Created::New(customer) = customers::create(tx, &ambient, &new)? else {
                return Err("somebody lives there".into());
            };
            let wallet = NewWallet {
                customer,
                name: &new.name,
                phone: &phone,
                tier: Tier::Three,
                granted_minor: 20_000_000,
                currency: Currency::Cny,
            };
            let wallet = wallets::open(tx, &ambient, &policy, &wallet)?;
            let app = if signs_in {
                Some(install(tx, &ambient, &keyring, customer, &phone, new.language)?)
            } else {
                None
            };
            Ok((customer, wallet.id, wallet.account, app))
        })?;
        let (customer, wallet, account, app) = moved.ok_or_else(|| self.broken("nobody can move in"))?;
        let app = app.map(|(login, secret, device)| App {
            login,
            secret: Secret::from_bytes(secret),
            device: Token::parse(&device),
        });
        let usual_minor = 600 + (account * 7_919) % 14_000;
        self.town.push(Inhabitant {
            customer,
            wallet,
            account,
            usual_minor,
            app,
        });
        self.remember_top_up(index, FIRST_MONEY_MINOR)
    }

    fn hire(&mut self) -> Result<(), Broken> {
        for (name, role) in STAFF {
            let ambient = self.ambient.clone();
            let keyring = self.house.as_ref().expect("it was started").keyring.clone();
            let hired = self.write("hiring", move |tx| {
                Ok(staff::add(tx, &ambient, &keyring, name, role, "none")?)
            })?;
            match hired {
                Some(Added::Added(id)) => self.staff.push((id, role)),
                _ => return Err(self.broken("nobody can be hired")),
            }
        }
        Ok(())
    }

    /// The first money comes as all money does: by an order that is remembered.
    fn remember_top_up(&mut self, person: usize, amount_minor: i64) -> Result<(), Broken> {
        let account = self.town[person].account;
        let order = top_up_order(account, &format!("first-{person}"), amount_minor)
            .map_err(|error| self.broken(error.to_string()))?;
        let sent = self.remember(order);
        if let Some(house) = &mut self.house {
            house.gathered.push(sent);
        }
        self.gather()
    }
}

pub fn top_up_order(account: i64, key: &str, amount_minor: i64) -> Tried<money::Order> {
    let amount = Amount::new(amount_minor, Currency::Cny);
    Ok(rails::top_up_order(&IdempotencyKey::parse(key)?, account, amount))
}

pub fn phone(index: usize) -> Tried<PhoneNumber> {
    Ok(PhoneNumber::parse(&format!("+861380001{index:04}"))?)
}

fn name(index: usize) -> String {
    const SURNAMES: [&str; 8] = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵"];
    const GIVEN: [&str; 7] = ["伟", "芳", "娜", "敏", "静", "丽", "强"];
    format!("{}{}", SURNAMES[index % 8], GIVEN[index / 8 % 7])
}

/// Signs up, enrols an authenticator and this device.
fn install(
    tx: &mut Tx<'_>,
    ambient: &base::Ambient,
    keyring: &security::sealing::Keyring,
    customer: CustomerId,
    phone: &PhoneNumber,
    language: Language,
) -> Tried<(LoginId, Vec<u8>, String)> {
    let made = logins::create_customer(tx, ambient, keyring, customer, phone, "none", language)?;
    let logins::Created::Created(login) = made else {
        return Err("somebody signs in there".into());
    };
    let Enrolment::Show(secret) = logins::begin_totp(tx, ambient, keyring, login)? else {
        return Err("an authenticator is there".into());
    };
    logins::confirm_totp(tx, ambient, keyring, login, &code(&secret, ambient.now()))?;
    let known = logins::by_id(tx, login)?.ok_or("the login is gone")?;
    let opened = sessions::open(tx, ambient, &known, SessionPolicy::default(), None, "a telephone")?;
    sessions::raise(tx, ambient, opened.session.id)?;
    let device = opened.device_token.ok_or("the device was known")?;
    Ok((login, secret.as_bytes().to_vec(), device.as_str().to_owned()))
}

pub fn code(secret: &Secret, at: Timestamp) -> String {
    totp::code_at(secret, at)
}
