use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Where `huiling bureau` answers the outside checks, and where they are asked for by default.
pub const BUREAU: &str = "127.0.0.1:7070";

/// Everything an operator can set. `huiling.example.toml` says what each key means.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub brand: Brand,
    pub server: Server,
    pub store: Store,
    pub keys: Keys,
    pub money: Money,
    pub risk: Risk,
    pub phone: Phone,
    pub calls: Calls,
    pub voice: Voice,
    pub checks: Checks,
    pub mail: Mail,
    pub sms: Sms,
    pub retention: Retention,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Brand {
    pub name_zh_hans: String,
    pub name_en: String,
    pub official_number: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    pub bind: String,
    pub public_url: String,
    pub behind_proxy: bool,
    pub log: String,
    pub log_json: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    pub folder: PathBuf,
    pub postgres_url: String,
    pub cache_mib: u32,
    pub log_mib: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    pub master_key: String,
    pub master_key_file: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Money {
    pub time_zone: String,
    pub hold_minutes: u32,
    pub hold_extension_minutes: u32,
    pub keypad_cap_minor: i64,
    pub keypad_unchanged_days: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Risk {
    pub cold_start_minor: i64,
    pub second_factor_above_minor: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Phone {
    pub enabled: bool,
    pub bind: String,
    pub advertised_ip: String,
    pub rtp_first_port: u16,
    pub rtp_last_port: u16,
    pub trunk: String,
    pub transport: String,
    pub username: String,
    pub password: String,
    pub realm: String,
    pub expires_secs: u32,
    pub rtp_from: Vec<String>,
    pub ring_timeout_secs: u32,
    pub media_timeout_secs: u32,
    pub media_threads: usize,
    pub realtime: bool,
    pub max_calls: usize,
    pub countries: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calls {
    pub attempts: u32,
    pub spacing_minutes: u32,
    pub per_number_hour: u32,
    pub per_number_day: u32,
    pub quiet_from: String,
    pub quiet_until: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Voice {
    pub kind: String,
    pub pack_folder: PathBuf,
    pub recordings_folder: PathBuf,
    pub service_url: String,
    pub service_key: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Checks {
    pub identity_url: String,
    pub credit_url: String,
    pub token: String,
    pub timeout_ms: u64,
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailProtection {
    None,
    Starttls,
    Tls,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    pub host: String,
    pub port: u16,
    pub tls: MailProtection,
    pub username: String,
    pub password: String,
    pub from: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sms {
    pub url: String,
    pub key: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    pub message_days: u32,
    pub request_days: u32,
    pub recording_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            message_days: 730,
            request_days: 1_825,
            recording_days: 1_825,
        }
    }
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            name_zh_hans: "回铃".into(),
            name_en: "Huiling".into(),
            official_number: "95138".into(),
        }
    }
}

impl Default for Server {
    fn default() -> Self {
        let log = "info,rsipstack=error".into();
        let public_url = "http://127.0.0.1:8080".into();
        Self {
            bind: "127.0.0.1:8080".into(),
            public_url,
            behind_proxy: false,
            log,
            log_json: false,
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self {
            folder: "huiling-data".into(),
            postgres_url: String::new(),
            cache_mib: 8,
            log_mib: 256,
        }
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            master_key: String::new(),
            master_key_file: "huiling-data/master.key".into(),
        }
    }
}

impl Default for Money {
    fn default() -> Self {
        Self {
            time_zone: "Asia/Shanghai".into(),
            hold_minutes: 180,
            hold_extension_minutes: 10,
            keypad_cap_minor: 200_000,
            keypad_unchanged_days: 7,
        }
    }
}

impl Default for Risk {
    fn default() -> Self {
        Self {
            cold_start_minor: 100_000,
            second_factor_above_minor: 100_000,
        }
    }
}

impl Default for Phone {
    fn default() -> Self {
        Self {
            enabled: true,
            bind: "0.0.0.0:5060".into(),
            advertised_ip: String::new(),
            rtp_first_port: 20_000,
            rtp_last_port: 20_999,
            trunk: String::new(),
            transport: "udp".into(),
            username: String::new(),
            password: String::new(),
            realm: String::new(),
            expires_secs: 300,
            rtp_from: Vec::new(),
            ring_timeout_secs: 45,
            media_timeout_secs: 20,
            media_threads: 1,
            realtime: true,
            max_calls: 200,
            countries: vec!["86".into()],
        }
    }
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            attempts: 3,
            spacing_minutes: 15,
            per_number_hour: 6,
            per_number_day: 15,
            quiet_from: "21:00".into(),
            quiet_until: "08:30".into(),
        }
    }
}

impl Default for Voice {
    fn default() -> Self {
        Self {
            kind: "parts".into(),
            pack_folder: PathBuf::new(),
            recordings_folder: PathBuf::new(),
            service_url: String::new(),
            service_key: String::new(),
        }
    }
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            identity_url: format!("http://{BUREAU}/identity"),
            credit_url: format!("http://{BUREAU}/credit"),
            token: String::new(),
            timeout_ms: 5_000,
        }
    }
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 587,
            tls: MailProtection::Starttls,
            username: String::new(),
            password: String::new(),
            from: "Huiling <no-reply@localhost>".into(),
        }
    }
}
