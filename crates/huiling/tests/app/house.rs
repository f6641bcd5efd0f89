//! Starts the real program on a database of the test's own, with customers who can pay.

use base::{Ambient, Amount, Currency, Language, PhoneNumber, Ticker};
use money::limits::Tier;
use money::payments::IdempotencyKey;
use money::wallets::NewWallet;
use money::{Policy, rails, wallets};
use people::customers::{self, Created, NewCustomer};
use security::api_tokens::{self, Issued};
use security::logins;
use security::sealing::{Keyring, MasterKey};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use store::harness::Cluster;
use store::{Db, DbConfig, Migration};
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_huiling");
const MASTER_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A place where the program can run, be killed, and run again.
pub struct Place {
    pub folder: TempDir,
    pub postgres_url: String,
    pub port: u16,
}

/// Somebody with a wallet and a token for the API.
#[derive(Clone, Debug)]
pub struct Holder {
    pub number: String,
    pub token: String,
}

pub struct Running {
    child: Child,
    pub base_url: String,
}

impl Place {
    pub fn new(engine: Engine) -> Self {
        let postgres_url = match engine {
            Engine::Sqlite => String::new(),
            Engine::Postgres => {
                static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
                let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                Cluster::shared().create_database(&format!("app_{number}"))
            }
        };
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            folder,
            postgres_url,
            port: free_port(),
        }
    }

    pub fn config(&self) -> DbConfig {
        if self.postgres_url.is_empty() {
            DbConfig::sqlite(self.folder.path().join("huiling.db"))
        } else {
            DbConfig::postgres(&self.postgres_url)
        }
    }

    /// The database, opened beside or instead of the program.
    pub fn open(&self) -> Db {
        let db = Db::open(&self.config(), Ambient::system()).expect("the database opens");
        let rooms: [&[Migration]; 6] = [
            store::MIGRATIONS,
            security::MIGRATIONS,
            people::MIGRATIONS,
            money::MIGRATIONS,
            calls::MIGRATIONS,
            support::MIGRATIONS,
        ];
        db.migrate(&rooms).expect("the migrations run");
        db
    }

    /// The program with this place's settings.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HUILING_SERVER_BIND", format!("127.0.0.1:{}", self.port))
            .env(
                "HUILING_SERVER_PUBLIC_URL",
                format!("http://127.0.0.1:{}", self.port),
            )
            .env("HUILING_SERVER_LOG", "warn")
            .env("HUILING_STORE_FOLDER", self.folder.path())
            .env("HUILING_STORE_POSTGRES_URL", &self.postgres_url)
            .env("HUILING_KEYS_MASTER_KEY", MASTER_KEY)
            .env("HUILING_PHONE_ENABLED", "false");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// Starts serving and waits until it answers.
    pub fn serve(&self) -> Running {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("log"));
        let child = self
            .command(&["serve"])
            .stderr(log.expect("a log"))
            .stdout(Stdio::null())
            .spawn();
        let running = Running {
            child: child.expect("it starts"),
            base_url: format!("http://127.0.0.1:{}", self.port),
        };
        let mut ticker = Ticker::new(Duration::from_millis(50));
        for _ in 0..1_200 {
            if ureq::get(&format!("{}/health/live", running.base_url))
                .call()
                .is_ok()
            {
                return running;
            }
            ticker.wait();
        }
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        panic!("the program did not answer within a minute: {log}");
    }

    /// Opens wallets with ¥20,000 each.
    pub fn holders(&self, count: usize) -> Vec<Holder> {
        let (db, ambient) = (self.open(), Ambient::system());
        let keyring = Keyring::open(&db, &ambient, MasterKey::parse(MASTER_KEY).unwrap()).unwrap();
        (0..count)
            .map(|index| holder(&db, &ambient, &keyring, index))
            .collect()
    }
}

impl Running {
    /// No goodbye: what a power cut looks like to the program.
    pub fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ended");
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn holder(db: &Db, ambient: &Ambient, keyring: &Keyring, index: usize) -> Holder {
    let (ambient, keyring) = (ambient.clone(), keyring.clone());
    let written = db.write(move |tx| {
        let phone = PhoneNumber::parse(&format!("+861390000{index:04}")).unwrap();
        let new = NewCustomer {
            name: format!("客户{index}"),
            phone: phone.clone(),
            birth_date: "1990-01-01".parse().unwrap(),
            language: Language::En,
            zone: "Asia/Shanghai".into(),
            email: None,
            document_index: None,
            document_sealed: None,
        };
        let Created::New(customer) = customers::create(tx, &ambient, &new).unwrap() else {
            panic!("they are new")
        };
        let policy = Policy::cn();
        rails::ensure_rail(tx, Currency::Cny).unwrap();
        let wallet = NewWallet {
            customer,
            name: &new.name,
            phone: &phone,
            tier: Tier::Three,
            granted_minor: 2_000_000,
            currency: Currency::Cny,
        };
        let wallet = wallets::open(tx, &ambient, &policy, &wallet).unwrap();
        let key = IdempotencyKey::parse(&format!("salary-{index}")).unwrap();
        let salary = Amount::new(2_000_000, Currency::Cny);
        rails::top_up(tx, &ambient, &policy, &key, wallet.account, salary).unwrap();
        let made =
            logins::create_customer(tx, &ambient, &keyring, customer, &phone, "none", Language::En).unwrap();
        let logins::Created::Created(login) = made else {
            panic!("they are new")
        };
        let Issued::Issued(_, token) = api_tokens::issue(tx, &ambient, login, "test", 86_400).unwrap() else {
            panic!("a first token")
        };
        Ok::<_, store::DbError>(Holder {
            number: wallet.number.to_string(),
            token: token.as_str().to_owned(),
        })
    });
    written.expect("the holder is written")
}

/// A port that nobody uses at this moment.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port")
        .port()
}

/// Where the program was built; its tests leave nothing else there.
pub fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
