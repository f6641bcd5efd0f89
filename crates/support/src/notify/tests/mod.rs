mod channels;
mod inbox;
mod peer;
mod purge;
mod words;

use super::*;
use crate::SupportError;
use ::store::harness::TestDb;
use ::store::{Tx, jobs};
use base::{Ambient, Amount, Currency, CustomerId, Language, OperatorZone, PhoneNumber, Timestamp};
use security::sealing::{Keyring, MasterKey};

struct World {
    db: TestDb,
    ambient: Ambient,
    keyring: Keyring,
}

fn each_engine(test: impl Fn(&World)) {
    ::store::harness::each_engine(&[security::MIGRATIONS, crate::MIGRATIONS], |db| {
        test(&World::on(db))
    });
}

fn on_sqlite() -> World {
    World::on(::store::harness::sqlite(&[
        security::MIGRATIONS,
        crate::MIGRATIONS,
    ]))
}

impl World {
    fn on(db: TestDb) -> Self {
        let ambient = db.ambient().clone();
        let keyring = Keyring::open(&db, &ambient, MasterKey::generate(&ambient)).unwrap();
        Self { db, ambient, keyring }
    }

    fn write<T: Send + 'static>(
        &self,
        run: impl Fn(&mut Tx, &Ambient, &Keyring) -> Result<T, SupportError> + Send + 'static,
    ) -> T {
        let (ambient, keyring) = (self.ambient.clone(), self.keyring.clone());
        self.db.write(move |tx| run(tx, &ambient, &keyring)).unwrap()
    }

    fn send(&self, to: &Recipient, message: &Message, subject: &'static str) -> Sent {
        let (to, message) = (to.clone(), message.clone());
        self.write(move |tx, ambient, keyring| send(tx, ambient, keyring, &to, &message, subject))
    }

    fn sent(&self, to: &Recipient, message: &Message, subject: &'static str) -> MessageId {
        match self.send(to, message, subject) {
            Sent::Sent(id) => id,
            Sent::SentBefore => panic!("sent before"),
        }
    }

    fn deliveries(&self, mail: Option<MailConfig>, sms: Option<SmsConfig>) -> Deliveries {
        let config = NotifyConfig {
            wording: wording(),
            mail,
            sms,
            timeout_ms: 20_000,
        };
        Deliveries::new(self.db.clone(), self.keyring.clone(), config).unwrap()
    }

    /// Runs what is due on both channels; says how many jobs ran.
    fn run(&self, deliveries: &Deliveries) -> usize {
        JOB_KINDS
            .into_iter()
            .map(|kind| jobs::run_due(&self.db, kind, 10, &|job| deliveries.run_job(job)).unwrap())
            .sum()
    }

    fn fared(&self, id: MessageId) -> Vec<Delivery> {
        self.write(move |tx, _, _| super::deliveries(tx, id))
    }

    fn inbox(&self, customer: CustomerId) -> Vec<InboxItem> {
        self.write(move |tx, _, keyring| inbox(tx, keyring, customer, None, 50))
    }
}

fn wording() -> Wording {
    Wording {
        name_zh_hans: "回铃".into(),
        name_en: "Huiling".into(),
        official_number: "95138".into(),
        zone: OperatorZone::named("Asia/Shanghai").unwrap(),
    }
}

fn recipient(ambient: &Ambient, email: &str, language: Language) -> Recipient {
    Recipient {
        customer: Some(CustomerId::new(ambient)),
        phone: PhoneNumber::parse("13800138000").unwrap(),
        email: Some(email.into()),
        language,
    }
}

fn held() -> Message {
    Message::PaymentHeld {
        amount: Amount::new(480_000, Currency::Cny),
        payee: "王小明".into(),
        until: Timestamp::from_secs(1_793_602_800),
    }
}

fn received() -> Message {
    Message::MoneyReceived {
        amount: Amount::new(5_000, Currency::Cny),
        payer: "李娜".into(),
    }
}

fn mail(port: u16, tls: MailTls, extra_root_pem: Option<Vec<u8>>) -> MailConfig {
    MailConfig {
        host: "127.0.0.1".into(),
        port,
        tls,
        username: String::new(),
        password: String::new(),
        from: "Huiling <no-reply@huiling.example>".into(),
        extra_root_pem,
    }
}

fn gateway(port: u16) -> SmsConfig {
    SmsConfig {
        url: format!("http://127.0.0.1:{port}/messages"),
        key: "gateway-key".into(),
    }
}
