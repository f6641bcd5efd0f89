//! A small world behind real tables: people with wallets, payments in every state, calls under way.

use base::{
    Ambient, Amount, ApplicationId, Currency, CustomerId, Language, LoginId, OperatorZone, PaymentId,
    PhoneNumber,
};
use calls::attempts::{self, Begun, Words};
use calls::{CallPolicy, cases};
use money::limits::Tier;
use money::payments::{Channel, IdempotencyKey, Kind, Order, Outcome};
use money::wallets::{self, NewWallet};
use money::{Gatherer, Policy, Wallet, payments, rails};
use people::applications::{self, SubmitKey, SubmitOutcome};
use people::customers::{self, Created, NewCustomer};
use security::invitations;
use security::logins::{self, Confirmation, Enrolment, Login};
use security::passwords::{self, Cost};
use security::sealing::Keyring;
use security::sessions::{self, SessionPolicy};
use security::staff::{self, Role};
use security::totp::{self, Secret};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::harness::{self, TestDb};
use store::{Migration, Sql};
use web::{AppState, Brand, RequestLimits, Setup};

pub const PASSWORD: &str = "blue-river-quiet-lamp";
const ROOMS: &[&[Migration]] = &[
    store::MIGRATIONS,
    security::MIGRATIONS,
    people::MIGRATIONS,
    money::MIGRATIONS,
    calls::MIGRATIONS,
    support::MIGRATIONS,
];
/// The process that places calls is alive: without it every status is unknown.
static BEAT: Sql = Sql(
    "INSERT INTO call_node (node, lease_until_us, line, line_since_us) \
    VALUES ('test', $1, 'up', 0) ON CONFLICT (node) DO UPDATE SET lease_until_us = excluded.lease_until_us",
);

static LINE_DOWN: Sql = Sql("UPDATE call_node SET line = 'down'");

/// As if the checks had been made and the rules had decided.
static DECIDED: Sql = Sql(
    "UPDATE applications SET state = $2, reasons = $3, number_doubted = $4, \
    granted_limit_minor = 6000000, granted_tier = 2 WHERE id = $1",
);

pub struct World {
    pub db: TestDb,
    pub ambient: Ambient,
    pub keyring: Keyring,
    pub gatherer: Gatherer,
    pub call_policy: CallPolicy,
    pub state: AppState,
    keys: AtomicU64,
}

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
    pub fn new(ambient: Ambient, limits: RequestLimits) -> Self {
        let db = harness::sqlite_with(ROOMS, ambient.clone());
        Self::on(db, ambient, limits)
    }

    pub fn on_postgres(ambient: Ambient, limits: RequestLimits) -> Self {
        let db = harness::postgres_with(ROOMS, ambient.clone());
        Self::on(db, ambient, limits)
    }

    fn on(db: TestDb, ambient: Ambient, limits: RequestLimits) -> Self {
        let keyring = Keyring::ephemeral(&ambient);
        let policy = Policy::cn();
        let gatherer = Gatherer::start((*db).clone(), ambient.clone(), Arc::new(policy.clone()));
        let zone = OperatorZone::named("Asia/Shanghai").unwrap();
        let mut call_policy = CallPolicy::standard(zone.clone(), "95138");
        call_policy.words_after_enrolled_ms = 0;
        call_policy.lease_ms = 24 * 3_600_000;
        call_policy.quiet = calls::QuietHours::NONE;
        let state = AppState::new(Setup {
            db: (*db).clone(),
            ambient: ambient.clone(),
            keyring: keyring.clone(),
            gatherer: gatherer.clone(),
            policy,
            call_policy: call_policy.clone(),
            brand: Brand {
                name_zh_hans: "回铃".into(),
                name_en: "Huiling".into(),
                calling_number: "95138".into(),
                public_url: "http://localhost".into(),
            },
            zone,
            secure: false,
            behind_proxy: false,
            password_cost: Cost::TEST,
            session_policy: SessionPolicy::default(),
            request_limits: limits,
            links_fill_apply: false,
            recordings: std::env::temp_dir(),
            line_ready: Arc::new(|| true),
        });
        let world = Self {
            db,
            ambient,
            keyring,
            gatherer,
            call_policy,
            state,
            keys: AtomicU64::new(1),
        };
        world
            .db
            .write(|tx| rails::ensure_rail(tx, Currency::Cny))
            .unwrap();
        world.beat();
        world
    }

    /// The dialer's node gives a sign of life for a day.
    pub fn beat(&self) {
        let until = self.ambient.now().plus_secs(86_400);
        self.db
            .write(move |tx| tx.execute(&BEAT, &[until.as_us().into()]))
            .unwrap();
    }

    /// The node lives, and its trunk carries no calls.
    pub fn line_goes_down(&self) {
        self.db.write(|tx| tx.execute(&LINE_DOWN, &[])).unwrap();
    }

    pub fn person(&self, name: &str, phone: &str, language: Language) -> Person {
        let (ambient, keyring) = (self.ambient.clone(), self.keyring.clone());
        let (name, phone) = (name.to_owned(), PhoneNumber::parse(phone).unwrap());
        let hash = passwords::hash(&self.ambient, Cost::TEST, PASSWORD);
        let policy = Policy::cn();
        let number = phone.clone();
        let (customer, login, wallet) = self
            .db
            .write(move |tx| {
                let new = NewCustomer {
                    name: name.clone(),
                    phone: number.clone(),
                    birth_date: jiff::civil::date(1990, 4, 12),
                    language,
                    zone: "Asia/Shanghai".into(),
                    email: None,
                    document_index: None,
                    document_sealed: None,
                };
                let Created::New(customer) = customers::create(tx, &ambient, &new).unwrap() else {
                    panic!("the number is free")
                };
                logins::create_customer(tx, &ambient, &keyring, customer, &number, &hash, language).unwrap();
                let login = logins::by_phone(tx, &keyring, &number).unwrap().unwrap();
                let wallet = wallets::open(
                    tx,
                    &ambient,
                    &policy,
                    &NewWallet {
                        customer,
                        name: &name,
                        phone: &number,
                        tier: Tier::Two,
                        granted_minor: 6_000_000,
                        currency: Currency::Cny,
                    },
                )
                .unwrap();
                Ok::<_, store::DbError>((customer, login, wallet))
            })
            .unwrap();
        let (secret, recovery_codes) = self.enrol(login.id);
        let (session, csrf) = self.session(&login);
        Person {
            customer,
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
        self.enrol(login.id);
        self.session(&login)
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

    pub fn top_up(&self, person: &Person, minor: i64) {
        let order = rails::top_up_order(
            &self.key(),
            person.wallet.account,
            Amount::new(minor, Currency::Cny),
        );
        let answer = self.gatherer.pay_blocking(order).unwrap();
        assert!(
            matches!(answer.outcome, Outcome::Posted(_)),
            "{:?}",
            answer.outcome
        );
    }

    pub fn pay(&self, from: &Person, to: &Person, minor: i64, note: &str) -> Outcome {
        let order = Order {
            caller: from.login.0,
            key: self.key(),
            request_hash: [0; 32],
            payer_account: from.wallet.account,
            payee_account: to.wallet.account,
            amount: Amount::new(minor, Currency::Cny),
            note: note.into(),
            channel: Channel::App,
            second_factor: true,
            kind: Kind::Transfer,
        };
        self.gatherer.pay_blocking(order).unwrap().outcome
    }

    /// A payment that is held, with its case and notice.
    pub fn hold(&self, from: &Person, to: &Person, minor: i64, note: &str) -> PaymentId {
        let outcome = self.pay(from, to, minor, note);
        let Outcome::Held { payment, .. } = outcome else {
            panic!("not held: {outcome:?}")
        };
        let (ambient, policy) = (self.ambient.clone(), self.call_policy.clone());
        self.db
            .write(move |tx| cases::open_for_payment(tx, &ambient, &policy, payment))
            .unwrap();
        payment
    }

    /// The telephone rings for what is due.
    pub fn ring(&self) -> Vec<Begun> {
        let (ambient, policy) = (self.ambient.clone(), self.call_policy.clone());
        self.db
            .write(move |tx| {
                let begun = attempts::begin_due(tx, &ambient, &policy, "test", 10)?;
                for one in &begun {
                    attempts::ringing(tx, &ambient, &one.attempt, false)?;
                }
                Ok::<_, calls::CallsError>(begun)
            })
            .unwrap()
    }

    /// The call is answered; with words when `with_words`.
    pub fn answer(&self, begun: &Begun, with_words: bool) {
        let (ambient, begun) = (self.ambient.clone(), begun.clone());
        let words = with_words.then(|| Words::random(&self.ambient.rng));
        self.db
            .write(move |tx| attempts::answered(tx, &ambient, &begun.case, &begun.attempt, words, false))
            .unwrap();
    }

    /// The call has spoken amount and payee in full.
    pub fn details_played(&self, payment: PaymentId, begun: &Begun) {
        let (now, call) = (self.ambient.now(), begun.attempt.id);
        self.db
            .write(move |tx| payments::details_played(tx, payment, call, now))
            .unwrap();
    }

    pub fn hang_up(&self, begun: &Begun, disposition: calls::Disposition) {
        let (ambient, policy, call) = (self.ambient.clone(), self.call_policy.clone(), begun.attempt.id);
        self.db
            .write(move |tx| attempts::finish(tx, &ambient, &policy, call, disposition))
            .unwrap();
    }

    /// A customer with a wallet and a welcome link, who has not signed in yet.
    pub fn invite(&self, name: &str, phone: &str) -> String {
        let (ambient, keyring) = (self.ambient.clone(), self.keyring.clone());
        let (name, phone) = (name.to_owned(), PhoneNumber::parse(phone).unwrap());
        let policy = Policy::cn();
        let token = self.db.write(move |tx| {
            let new = NewCustomer {
                name: name.clone(),
                phone: phone.clone(),
                birth_date: jiff::civil::date(1990, 4, 12),
                language: Language::En,
                zone: "Asia/Shanghai".into(),
                email: None,
                document_index: None,
                document_sealed: None,
            };
            let Created::New(customer) = customers::create(tx, &ambient, &new).unwrap() else {
                panic!("the number is free")
            };
            let wallet = NewWallet {
                customer,
                name: &name,
                phone: &phone,
                tier: Tier::Two,
                granted_minor: 6_000_000,
                currency: Currency::Cny,
            };
            wallets::open(tx, &ambient, &policy, &wallet).unwrap();
            invitations::issue(tx, &ambient, &keyring, customer, &phone, Language::En)
        });
        token.unwrap().as_str().to_owned()
    }

    pub fn freeze(&self, person: &Person, by: &'static str) {
        let (ambient, wallet) = (self.ambient.clone(), person.wallet.id);
        self.db
            .write(move |tx| wallets::freeze(tx, &ambient, wallet, by, ""))
            .unwrap();
    }

    /// An application as it stands right after it was sent; its progress token.
    pub fn apply(&self, name: &str, phone: &str, document: &str) -> String {
        let form = applications::Form {
            name: name.into(),
            phone: phone.into(),
            document: document.into(),
            income: "8000".into(),
            requested_limit: "60000".into(),
            consent: true,
            ..applications::Form::default()
        };
        let draft = form
            .parse(&applications::Terms::china(jiff::civil::date(2026, 11, 2)))
            .unwrap();
        let key = SubmitKey::parse(self.key().as_str()).unwrap();
        let (ambient, keyring) = (self.ambient.clone(), self.keyring.clone());
        let outcome = self
            .db
            .write(move |tx| applications::submit(tx, &ambient, &keyring, &key, &draft))
            .unwrap();
        match outcome {
            SubmitOutcome::Submitted(_, token) => token,
            other => panic!("{other:?}"),
        }
    }

    /// An application in this state, for these reasons; its id and its progress token.
    pub fn applied(
        &self,
        phone: &str,
        document: &str,
        state: &str,
        reasons: &str,
    ) -> (ApplicationId, String) {
        let token = self.apply("李四", phone, document);
        let (state, reasons, seen) = (state.to_owned(), reasons.to_owned(), token.clone());
        let id = self
            .db
            .write(move |tx| {
                let id = applications::by_progress_token(tx, &seen)?.unwrap().id;
                let doubted = i64::from(state == "callback");
                let args = [
                    id.as_bytes().into(),
                    (&state).into(),
                    (&reasons).into(),
                    doubted.into(),
                ];
                tx.execute(&DECIDED, &args)?;
                Ok::<_, people::PeopleError>(id)
            })
            .unwrap();
        (id, token)
    }

    /// A file that staff see, whatever the application waits for.
    pub fn supply(&self, id: ApplicationId, bytes: &[u8]) {
        let (ambient, keyring) = (self.ambient.clone(), self.keyring.clone());
        let file = vec![(applications::FileKind::IdentityDocument, bytes.to_vec())];
        let supply = applications::Supply::parse("", "", file).unwrap();
        self.db
            .write(move |tx| {
                applications::refer_ask_documents(
                    tx,
                    &ambient,
                    id,
                    &[applications::FileKind::IdentityDocument],
                )?;
                applications::supply_documents(tx, &ambient, &keyring, id, &supply)
            })
            .unwrap();
    }

    pub fn application(&self, id: ApplicationId) -> applications::Application {
        self.db
            .read(move |tx| applications::get(tx, id))
            .unwrap()
            .unwrap()
    }

    fn key(&self) -> IdempotencyKey {
        let number = self.keys.fetch_add(1, Ordering::SeqCst);
        IdempotencyKey::parse(&format!("world-{number}")).unwrap()
    }
}
