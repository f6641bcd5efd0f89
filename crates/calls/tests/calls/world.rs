//! Two customers, a database, a dialer: the least that a held payment needs.

use crate::speech;
use crate::wallets::{money_policy, open_wallet};
use base::{Ambient, Amount, CaseId, Currency, OperatorZone, PaymentId};
use calls::attempts::{self, Attempt};
use calls::cases::{self, Case, CaseKind, Happening, TimelineItem};
use calls::recordings::{self, Recording};
use calls::transcripts::{Entry, Heard, What};
use calls::{CallPolicy, CallStatus, CallsError, notices, status};
use money::payments::{self, Channel, IdempotencyKey, Kind, Order, Outcome, Payment};
use money::wallets::{self, Wallet};
use phone::prompts::Voice;
use security::sealing::Keyring;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use store::harness::{self, TestDb};
use store::{Db, DbConfig, Migration, Tx};
use tempfile::TempDir;
use tokio::task::block_in_place;

/// Longer than anything here takes on a busy machine.
pub const LONG: Duration = Duration::from_secs(60);

pub const ROOMS: [&[Migration]; 4] = [
    security::MIGRATIONS,
    people::MIGRATIONS,
    money::MIGRATIONS,
    calls::MIGRATIONS,
];

pub struct World {
    pub db: Db,
    pub ambient: Ambient,
    pub keyring: Keyring,
    pub policy: CallPolicy,
    pub money: money::Policy,
    pub folder: TempDir,
    pub voice: Arc<Voice>,
    pub payer: Wallet,
    pub payee: Wallet,
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) listening: Option<JoinHandle<()>>,
    _database: TestDb,
}

impl World {
    /// On SQLite, in real time, with everything short.
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// The same, with another policy.
    pub fn with(change: impl Fn(&mut CallPolicy)) -> Self {
        Self::opened(harness::sqlite_with, change)
    }

    /// The same, on the private PostgreSQL of this test program.
    pub fn with_postgres(change: impl Fn(&mut CallPolicy)) -> Self {
        Self::opened(harness::postgres_with, change)
    }

    fn opened(open: fn(&[&[Migration]], Ambient) -> TestDb, change: impl Fn(&mut CallPolicy)) -> Self {
        let ambient = Ambient::system();
        block_in_place(|| Self::on(open(&ROOMS, ambient.clone()), ambient, change))
    }

    pub fn on(database: TestDb, ambient: Ambient, change: impl Fn(&mut CallPolicy)) -> Self {
        let db = database.clone();
        Self::through(db, database, ambient, change)
    }

    /// Through another connection to the same database.
    pub fn through(db: Db, database: TestDb, ambient: Ambient, change: impl Fn(&mut CallPolicy)) -> Self {
        let zone = OperatorZone::named("Asia/Shanghai").unwrap();
        let money = money_policy();
        let keyring = Keyring::ephemeral(&ambient);
        let payer = open_wallet(&db, &ambient, &keyring, &money, "李雷", "13800138000");
        let payee = open_wallet(&db, &ambient, &keyring, &money, "王小明", "13900139000");
        let mut policy = CallPolicy::short(zone, "95138");
        change(&mut policy);
        let mut world = Self {
            policy,
            folder: tempfile::tempdir().unwrap(),
            voice: speech::voice(),
            stop: Arc::default(),
            listening: None,
            ambient,
            keyring,
            money,
            payer,
            payee,
            db,
            _database: database,
        };
        world.top_up("first", &world.payer);
        world.listen_to_others();
        world
    }

    /// A payment that is held for its amount and its new payee.
    pub fn hold(&self, amount_minor: i64) -> PaymentId {
        self.hold_between(&self.payer, &self.payee, amount_minor)
    }

    pub fn hold_between(&self, payer: &Wallet, payee: &Wallet, amount_minor: i64) -> PaymentId {
        let (ambient, policy) = (self.ambient.clone(), self.money.clone());
        let order = Order {
            caller: [7; 16],
            key: IdempotencyKey::parse(&format!("k{}", ambient.rng.next_u64())).unwrap(),
            request_hash: ambient.rng.bytes(),
            payer_account: payer.account,
            payee_account: payee.account,
            amount: Amount::new(amount_minor, Currency::Cny),
            note: String::new(),
            channel: Channel::App,
            second_factor: true,
            kind: Kind::Transfer,
        };
        let pay =
            move |tx: &mut Tx<'_>| payments::pay_all(tx, &ambient, &policy, std::slice::from_ref(&order));
        let answers = block_in_place(|| self.db.write(pay)).unwrap();
        match &answers[0].outcome {
            Outcome::Held { payment, .. } => *payment,
            other => panic!("not held: {other:?}"),
        }
    }

    pub fn payment(&self, payment: PaymentId) -> Payment {
        block_in_place(|| self.db.read(move |tx| payments::get(tx, payment)))
            .unwrap()
            .unwrap()
    }

    pub fn wallet(&self, wallet: &Wallet) -> Wallet {
        let id = wallet.id;
        block_in_place(|| self.db.read(move |tx| wallets::by_id(tx, id)))
            .unwrap()
            .unwrap()
    }

    pub fn read<T: Send + 'static>(
        &self,
        run: impl Fn(&mut Tx<'_>) -> Result<T, CallsError> + Send + 'static,
    ) -> T {
        block_in_place(|| self.db.read(run)).unwrap()
    }

    pub fn case(&self, payment: PaymentId) -> Option<Case> {
        self.read(move |tx| cases::by_kind(tx, CaseKind::PaymentConfirmation(payment)))
    }

    pub fn attempts(&self, case: CaseId) -> Vec<Attempt> {
        self.read(move |tx| attempts::of_case(tx, case))
    }

    pub fn timeline(&self, case: CaseId) -> Vec<TimelineItem> {
        self.read(move |tx| cases::timeline(tx, case))
    }

    pub fn happened(&self, case: CaseId, happening: Happening) -> bool {
        self.timeline(case).iter().any(|item| item.happening == happening)
    }

    pub fn recording(&self, attempt: &Attempt) -> Option<Recording> {
        let call = attempt.id;
        self.read(move |tx| recordings::of_call(tx, call))
    }

    pub fn notice(&self, case: CaseId) -> notices::Notice {
        self.read(move |tx| notices::for_case(tx, case)).unwrap()
    }

    pub fn status(&self) -> CallStatus {
        let (policy, customer, now) = (self.policy.clone(), self.payer.customer, self.ambient.now());
        self.read(move |tx| status::for_customer(tx, &policy, now, customer, Some(base::Timestamp(0))))
    }

    /// Waits until this attempt is committed, and says which digit it will ask for.
    pub async fn proof_digit(&self, payment: PaymentId, number: u32) -> char {
        let digit = || {
            let attempts = self.attempts(self.case(payment)?.id);
            let attempt = attempts.into_iter().find(|attempt| attempt.number == number)?;
            Some(char::from(b'0' + attempt.proof_digit))
        };
        until("the attempt is committed", || digit().is_some()).await;
        digit().unwrap()
    }

    /// What the latest call about a payment said and heard so far.
    pub fn transcript(&self, payment: PaymentId) -> Vec<Entry> {
        let attempts = self.case(payment).map(|case| self.attempts(case.id));
        let Some(call) = attempts
            .and_then(|mut attempts| attempts.pop())
            .map(|attempt| attempt.id)
        else {
            return Vec::new();
        };
        self.read(move |tx| calls::transcripts::of_call(tx, call))
    }

    /// The keys that came on that call.
    pub fn keys(&self, payment: PaymentId) -> Vec<Heard> {
        let entries = self.transcript(payment).into_iter();
        let heard = entries.filter_map(|entry| match entry.what {
            What::Heard(heard) => Some(heard),
            What::Said { .. } => None,
        });
        heard.collect()
    }

    /// Whether a line has been said to its end on that call.
    pub fn said(&self, payment: PaymentId, name: &str) -> bool {
        let mut entries = self.transcript(payment).into_iter();
        entries
            .any(|entry| matches!(&entry.what, What::Said { line, whole: true, .. } if line.name() == name))
    }

    /// Waits until the case of a payment is concluded and none of its calls is under way.
    pub async fn concluded(&self, payment: PaymentId) -> Case {
        until("the case is concluded", || {
            self.case(payment).is_some_and(|case| {
                case.outcome.is_some() && self.attempts(case.id).iter().all(|a| a.ended_at.is_some())
            })
        })
        .await;
        self.case(payment).unwrap()
    }

    /// Where the database is, for another process.
    pub fn database(&self) -> DbConfig {
        self._database.config().clone()
    }

    pub fn recordings(&self) -> std::path::PathBuf {
        self.folder.path().join("recordings")
    }

    pub fn top_up(&self, reference: &str, wallet: &Wallet) {
        let (ambient, policy, account) = (self.ambient.clone(), self.money.clone(), wallet.account);
        let amount = Amount::new(1_000_000, Currency::Cny);
        let reference = IdempotencyKey::parse(reference).unwrap();
        self.db
            .write(move |tx| money::rails::top_up(tx, &ambient, &policy, &reference, account, amount))
            .unwrap();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
    }
}

/// Waits for a condition, for a bounded time.
pub async fn until(what: &str, condition: impl Fn() -> bool) {
    let patience = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LONG, patience)
        .await
        .unwrap_or_else(|_| panic!("waited in vain: {what}"));
}
