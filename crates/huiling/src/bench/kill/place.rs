//! A place where the real program runs, is killed, and runs again, with customers who can pay.
//! The tests of the program use it too.

use base::{Ambient, Amount, Currency, Language, PhoneNumber, Ticker};
use money::limits::Tier;
use money::payments::IdempotencyKey;
use money::wallets::NewWallet;
use money::{Policy, rails, wallets};
use people::customers::{self, Created, NewCustomer};
use security::api_tokens::{self, Issued};
use security::logins;
use security::sealing::{Keyring, MasterKey};
use std::io::Read;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use store::harness::Cluster;
use store::outbox::HandlerError;
use store::{Db, DbConfig, Migration, Tx};
use tempfile::TempDir;

pub const MASTER_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const POLL: Duration = Duration::from_millis(20);
/// A minute: a loaded machine starts slowly.
const POLLS_MAX: u32 = 3_000;

const HOLDERS_OF_A_WRITE: usize = 100;
const LOG_SHOWN_BYTES: u64 = 65_536;

/// What went wrong, in words.
pub type Told<T> = Result<T, String>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

pub struct Place {
    program: PathBuf,
    pub folder: TempDir,
    pub postgres_url: String,
    pub port: u16,
    /// Where what it tells goes.
    pub log: PathBuf,
    /// Settings that this place has of its own.
    pub settings: Vec<(String, String)>,
}

/// Somebody with a wallet and a token for the API.
#[derive(Clone, Debug)]
pub struct Holder {
    pub number: String,
    pub token: String,
}

/// The serving program; dropped, it is killed.
pub struct Running {
    pub child: Child,
    pub base_url: String,
}

impl Place {
    pub fn new(engine: Engine, program: PathBuf) -> Told<Self> {
        let postgres_url = match engine {
            Engine::Sqlite => String::new(),
            Engine::Postgres => {
                static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
                let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                Cluster::shared().create_database(&format!("app_{number}"))
            }
        };
        let folder = tempfile::tempdir().map_err(told("no folder"))?;
        Ok(Self {
            program,
            log: folder.path().join("log"),
            folder,
            postgres_url,
            port: free_port()?,
            settings: Vec::new(),
        })
    }

    pub fn config(&self) -> DbConfig {
        if self.postgres_url.is_empty() {
            DbConfig::sqlite(self.folder.path().join("huiling.db"))
        } else {
            DbConfig::postgres(&self.postgres_url)
        }
    }

    /// The database, opened beside or instead of the program.
    pub fn open(&self) -> Told<Db> {
        let db = Db::open(&self.config(), Ambient::system()).map_err(told("the database does not open"))?;
        let rooms: [&[Migration]; 6] = [
            store::MIGRATIONS,
            security::MIGRATIONS,
            people::MIGRATIONS,
            money::MIGRATIONS,
            calls::MIGRATIONS,
            support::MIGRATIONS,
        ];
        db.migrate(&rooms).map_err(told("the migrations do not run"))?;
        Ok(db)
    }

    pub fn keyring(&self, db: &Db) -> Told<Keyring> {
        let master = MasterKey::parse(MASTER_KEY).map_err(told("the master key"))?;
        Keyring::open(db, &Ambient::system(), master).map_err(told("the keyring does not open"))
    }

    /// The program with this place's settings.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        let address = format!("127.0.0.1:{}", self.port);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HUILING_SERVER_BIND", &address)
            .env("HUILING_SERVER_PUBLIC_URL", format!("http://{address}"))
            .env("HUILING_SERVER_LOG", "warn")
            .env("HUILING_STORE_FOLDER", self.folder.path())
            .env("HUILING_STORE_POSTGRES_URL", &self.postgres_url)
            // The smallest, so that it is folded into the file again and again.
            .env("HUILING_STORE_LOG_MIB", "1")
            .env("HUILING_KEYS_MASTER_KEY", MASTER_KEY)
            .env("HUILING_PHONE_ENABLED", "false")
            .envs(self.settings.iter().map(|(key, value)| (key, value)));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Told<Output> {
        self.command(arguments)
            .output()
            .map_err(told("the program does not run"))
    }

    /// Starts serving and waits until it answers.
    pub fn serve(&self) -> Told<Running> {
        let log = std::fs::File::options().create(true).append(true).open(&self.log);
        let child = self
            .command(&["serve"])
            .stderr(log.map_err(told("no log"))?)
            .stdout(Stdio::null())
            .spawn();
        let mut running = Running {
            child: child.map_err(told("it does not start"))?,
            base_url: format!("http://127.0.0.1:{}", self.port),
        };
        let mut ticker = Ticker::new(POLL);
        for _ in 0..POLLS_MAX {
            if ureq::get(&format!("{}/health/live", running.base_url))
                .call()
                .is_ok()
            {
                return Ok(running);
            }
            if running.has_ended() {
                break;
            }
            ticker.wait();
        }
        Err(format!("the program did not answer: {}", self.told()))
    }

    /// The beginning of what it told.
    fn told(&self) -> String {
        let mut text = String::new();
        let log = std::fs::File::open(&self.log).map(|log| log.take(LOG_SHOWN_BYTES));
        let _ = log.and_then(|mut log| log.read_to_string(&mut text));
        text
    }

    /// Opens wallets with ¥20,000 each.
    pub fn holders(&self, count: usize) -> Told<Vec<Holder>> {
        let db = self.open()?;
        let keyring = self.keyring(&db)?;
        let mut holders = Vec::with_capacity(count);
        while holders.len() < count {
            let (first, last) = (holders.len(), count.min(holders.len() + HOLDERS_OF_A_WRITE));
            let (ambient, keyring) = (Ambient::system(), keyring.clone());
            let written = db.write(move |tx| {
                (first..last)
                    .map(|index| holder(tx, &ambient, &keyring, index))
                    .collect::<Result<Vec<_>, _>>()
            });
            holders.extend(written.map_err(|error| format!("customers cannot be written: {error}"))?);
        }
        Ok(holders)
    }
}

impl Running {
    /// No goodbye: what a power cut looks like to the program.
    pub fn kill(mut self) -> Told<()> {
        self.child.kill().map_err(told("it cannot be killed"))?;
        self.child.wait().map_err(told("it does not end"))?;
        Ok(())
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn holder(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    index: usize,
) -> Result<Holder, HandlerError> {
    let phone = PhoneNumber::parse(&format!("+861390000{index:04}"))?;
    let new = NewCustomer {
        name: format!("客户{index}"),
        phone: phone.clone(),
        birth_date: "1990-01-01".parse()?,
        language: Language::En,
        zone: "Asia/Shanghai".into(),
        email: None,
        document_index: None,
        document_sealed: None,
    };
    let Created::New(customer) = customers::create(tx, ambient, &new)? else {
        return Err("they are known".into());
    };
    let policy = Policy::cn();
    rails::ensure_rail(tx, Currency::Cny)?;
    let wallet = NewWallet {
        customer,
        name: &new.name,
        phone: &phone,
        tier: Tier::Three,
        granted_minor: 2_000_000,
        currency: Currency::Cny,
    };
    let wallet = wallets::open(tx, ambient, &policy, &wallet)?;
    let key = IdempotencyKey::parse(&format!("salary-{index}"))?;
    let salary = Amount::new(2_000_000, Currency::Cny);
    rails::top_up(tx, ambient, &policy, &key, wallet.account, salary)?;
    let made = logins::create_customer(tx, ambient, keyring, customer, &phone, "none", Language::En)?;
    let logins::Created::Created(login) = made else {
        return Err("their login is known".into());
    };
    let Issued::Issued(_, token) = api_tokens::issue(tx, ambient, login, "test", 86_400)? else {
        return Err("they have too many tokens".into());
    };
    Ok(Holder {
        number: wallet.number.to_string(),
        token: token.as_str().to_owned(),
    })
}

/// A port that nobody uses at this moment.
pub fn free_port() -> Told<u16> {
    let bound = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    Ok(bound.map_err(told("no free port"))?.port())
}

pub fn told<E: std::fmt::Display>(what: &'static str) -> impl FnOnce(E) -> String {
    move |error| format!("{what}: {error}")
}
