//! The whole house on a database of its own, and customers who have never paid before.

use super::Options;
use crate::config::Config;
use crate::error::HuilingError;
use crate::wiring::house::Adjustments;
use crate::wiring::{House, policies};
use base::{Ambient, Amount, Currency, CustomerId, Language, PhoneNumber};
use calls::QuietHours;
use money::limits::Tier;
use money::payments::{Channel, IdempotencyKey, Kind};
use money::wallets::{self, NewWallet};
use money::{Order, Policy, rails};
use people::customers::{self, Created, NewCustomer};
use phone::prompts::{PromptId, SpokenLine, Voice, VoiceConfig};
use phone::{Line, LineConfig, SipTransport, Trunk};
use security::sealing::Keyring;
use security::{logins, sessions};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::Db;

/// ¥1,500 to a stranger, from somebody without a habit: held.
const RISKY_MINOR: i64 = 150_000;
const SALARY_MINOR: i64 = 1_000_000;
const LANGUAGE: Language = Language::ZhHans;
/// What our commit, the stack and the telephone add before the greeting begins.
const ANSWER_SLACK: Duration = Duration::from_millis(500);

/// Somebody who pays once.
#[derive(Clone, Debug)]
pub struct Payer {
    pub customer: CustomerId,
    pub account: i64,
    /// Digits only.
    pub number: String,
}

pub struct World {
    pub house: House,
    pub payers: Vec<Payer>,
    payee_account: i64,
    voice: Voice,
    folder: PathBuf,
}

impl World {
    pub async fn open(
        options: &Options,
        postgres_url: String,
        telephones: SocketAddr,
    ) -> Result<Self, HuilingError> {
        let folder = options
            .folder
            .join(format!("huiling-bench-hold-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(HuilingError::io("making the bench's folder"))?;
        let mut config = Config::default();
        config.store.folder.clone_from(&folder);
        config.keys.master_key_file = folder.join("master.key");
        config.money.keypad_unchanged_days = 0;
        config.store.postgres_url = postgres_url;
        let ambient = Ambient::system();
        let line = Line::open(line_config(&config, telephones), ambient.clone()).await?;
        let mut call_policy = policies::calls(&config)?;
        call_policy.quiet = QuietHours::NONE;
        // The same few telephones ring again and again.
        (call_policy.per_number_hour, call_policy.per_number_day) = (u32::MAX, u32::MAX);
        let adjusted = Adjustments {
            line: Some(line),
            call_policy: Some(call_policy),
            ..Adjustments::default()
        };
        let house = House::start(&config, ambient.clone(), adjusted).await?;
        let (db, policy, count) = (house.db.clone(), house.policy.clone(), options.samples as usize);
        let keyring = house.keyring.clone();
        let settle = move || settle(&db, &keyring, &policy, &ambient, count);
        let settled = tokio::task::spawn_blocking(settle).await;
        let (payee_account, payers) =
            settled.map_err(|_| HuilingError::Unusable("the customers could not be made".into()))??;
        Ok(Self {
            house,
            payers,
            payee_account,
            voice: Voice::open(&VoiceConfig::default())?,
            folder,
        })
    }

    pub fn order(&self, payer: &Payer) -> Order {
        Order {
            caller: payer.customer.0,
            key: key(&format!("risky-{}", payer.number)),
            request_hash: [1; 32],
            payer_account: payer.account,
            payee_account: self.payee_account,
            amount: Amount::new(RISKY_MINOR, Currency::Cny),
            note: String::new(),
            channel: Channel::App,
            second_factor: true,
            kind: Kind::Transfer,
        }
    }

    /// How long after the answer the digit that proves a person has been asked for.
    pub fn question_after(&self, digit: u8) -> Duration {
        let lines = [
            SpokenLine::Fixed(PromptId::PaymentGreeting),
            SpokenLine::Fixed(PromptId::LanguageOffer),
            SpokenLine::PressDigit(digit),
        ];
        let lasts = lines.map(|line| self.voice.line(LANGUAGE, &line).duration_ms());
        Duration::from_millis(lasts.iter().sum()) + ANSWER_SLACK
    }

    pub async fn close(self) {
        self.house.stop().await;
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!(%error, folder = %self.folder.display(), "the bench's folder stays");
        }
    }
}

fn line_config(config: &Config, telephones: SocketAddr) -> LineConfig {
    let trunk = Trunk::Address {
        host: telephones,
        transport: SipTransport::Udp,
        rtp_from: Vec::new(),
    };
    LineConfig {
        rtp_ports: 30_000..=31_998,
        max_calls: config.phone.max_calls,
        realtime: config.phone.realtime,
        ..LineConfig::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), trunk)
    }
}

/// The payee's account, and everybody who pays.
fn settle(
    db: &Db,
    keyring: &Keyring,
    policy: &Arc<Policy>,
    ambient: &Ambient,
    count: usize,
) -> Result<(i64, Vec<Payer>), HuilingError> {
    let payee = move_in(db, policy, ambient, 0)?;
    let mut payers = Vec::with_capacity(count);
    for index in 1..=count {
        let payer = move_in(db, policy, ambient, index)?;
        enrol_device(db, keyring, ambient, &payer)?;
        payers.push(payer);
    }
    Ok((payee.account, payers))
}

fn move_in(db: &Db, policy: &Arc<Policy>, ambient: &Ambient, index: usize) -> Result<Payer, HuilingError> {
    let (policy, ambient) = (policy.clone(), ambient.clone());
    let unusable = |error: String| HuilingError::Unusable(format!("a customer could not be made: {error}"));
    let phone = PhoneNumber::parse(&format!("+861380000{index:04}"));
    let phone = phone.map_err(|error| unusable(error.to_string()))?;
    let birth_date = "1988-05-17".parse();
    let birth_date = birth_date.map_err(|_| unusable("a date".into()))?;
    let new = NewCustomer {
        name: "李雷".into(),
        phone: phone.clone(),
        birth_date,
        language: LANGUAGE,
        zone: "Asia/Shanghai".into(),
        email: None,
        document_index: None,
        document_sealed: None,
    };
    db.write(move |tx| {
        let created = customers::create(tx, &ambient, &new).map_err(|error| unusable(error.to_string()))?;
        let Created::New(customer) = created else {
            return Err(unusable("the number is taken".into()));
        };
        let wallet = NewWallet {
            customer,
            name: &new.name,
            phone: &new.phone,
            tier: Tier::Three,
            granted_minor: 20_000_000,
            currency: Currency::Cny,
        };
        let wallet = wallets::open(tx, &ambient, &policy, &wallet)?;
        let salary = Amount::new(SALARY_MINOR, Currency::Cny);
        let key = key(&format!("salary-{index}"));
        rails::top_up(tx, &ambient, &policy, &key, wallet.account, salary)?;
        Ok(Payer {
            customer,
            account: wallet.account,
            number: new.phone.as_str().trim_start_matches('+').to_owned(),
        })
    })
}

/// Without a device that has been theirs for a while, customers sign in the app.
fn enrol_device(db: &Db, keyring: &Keyring, ambient: &Ambient, payer: &Payer) -> Result<(), HuilingError> {
    let (keyring, ambient, customer) = (keyring.clone(), ambient.clone(), payer.customer);
    let phone = PhoneNumber::parse(&format!("+{}", payer.number));
    let phone = phone.map_err(|error| HuilingError::Unusable(error.to_string()))?;
    db.write(move |tx| {
        logins::create_customer(tx, &ambient, &keyring, customer, &phone, "-", LANGUAGE)?;
        let login = logins::by_phone(tx, &keyring, &phone)?;
        let login = login.ok_or_else(|| HuilingError::Unusable("a login is missing".into()))?;
        let policy = sessions::SessionPolicy::default();
        let opened = sessions::open(tx, &ambient, &login, policy, None, "bench")?;
        sessions::raise(tx, &ambient, opened.session.id)?;
        Ok(())
    })
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).expect("short visible ASCII")
}
