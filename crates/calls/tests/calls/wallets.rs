//! Customers with a wallet and a device.

use base::{Ambient, Currency, CustomerId, Language, PhoneNumber};
use money::wallets::{self, NewWallet, Wallet};
use people::customers::{self, Created, NewCustomer};
use security::logins;
use security::sealing::Keyring;
use security::sessions::{self, SessionPolicy};
use store::Db;

pub fn money_policy() -> money::Policy {
    let mut money = money::Policy::cn();
    money.risk.cold_start_minor = 10_000;
    // The clock here is the wall's: a payment is held by night as it is by day.
    money.risk.night_until_hour = 0;
    money.keypad.unchanged_days = 0;
    money
}

pub fn open_wallet(
    db: &Db,
    ambient: &Ambient,
    keyring: &Keyring,
    policy: &money::Policy,
    name: &'static str,
    phone: &str,
) -> Wallet {
    let phone = PhoneNumber::parse(phone).unwrap();
    let new = NewCustomer {
        name: name.into(),
        phone: phone.clone(),
        birth_date: jiff::civil::date(1990, 1, 1),
        language: Language::ZhHans,
        zone: "Asia/Shanghai".into(),
        email: None,
        document_index: None,
        document_sealed: None,
    };
    let with = ambient.clone();
    let created = db.write(move |tx| customers::create(tx, &with, &new)).unwrap();
    let Created::New(customer) = created else {
        panic!("{created:?}");
    };
    enrol_device(db, ambient, keyring, customer, &phone);
    let (ambient, policy) = (ambient.clone(), policy.clone());
    db.write(move |tx| {
        let new = NewWallet {
            customer,
            name,
            phone: &phone,
            tier: money::limits::Tier::Three,
            granted_minor: 20_000_000,
            currency: Currency::Cny,
        };
        wallets::open(tx, &ambient, &policy, &new)
    })
    .unwrap()
}

fn enrol_device(db: &Db, ambient: &Ambient, keyring: &Keyring, customer: CustomerId, phone: &PhoneNumber) {
    let (ambient, keyring, phone) = (ambient.clone(), keyring.clone(), phone.clone());
    db.write(move |tx| {
        logins::create_customer(tx, &ambient, &keyring, customer, &phone, "-", Language::ZhHans)?;
        let login = logins::by_phone(tx, &keyring, &phone)?.unwrap();
        let opened = sessions::open(tx, &ambient, &login, SessionPolicy::default(), None, "test")?;
        sessions::raise(tx, &ambient, opened.session.id)?;
        Ok::<_, security::SecurityError>(())
    })
    .unwrap();
}
