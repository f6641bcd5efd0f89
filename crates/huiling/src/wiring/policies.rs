//! From configuration to each room's own policy. What does not fit is refused with its key.

use crate::config::{Config, MailProtection};
use crate::error::HuilingError;
use base::{CallingCodes, OperatorZone};
use calls::{CallPolicy, QuietHours};
use money::{HoldPolicy, KeypadPolicy, Policy};
use phone::prompts::{VoiceConfig, VoiceKind};
use phone::{IpRange, LineConfig, SipTransport, Trunk};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use support::notify::{MailConfig, MailTls, NotifyConfig, SmsConfig, Wording};
use support::purge::Retention;

pub fn zone(config: &Config) -> Result<OperatorZone, HuilingError> {
    let name = &config.money.time_zone;
    let wanted = "a zone of the IANA database, for example Asia/Shanghai";
    OperatorZone::named(name).map_err(|_| HuilingError::setting("money.time_zone", name, wanted))
}

pub fn money(config: &Config) -> Result<Policy, HuilingError> {
    super::bounds::check(config)?;
    let mut policy = Policy::cn();
    policy.zone = zone(config)?;
    policy.hold = HoldPolicy {
        window_secs: i64::from(config.money.hold_minutes) * 60,
        extension_secs: i64::from(config.money.hold_extension_minutes) * 60,
    };
    policy.keypad = KeypadPolicy {
        cap_minor: config.money.keypad_cap_minor,
        unchanged_days: i64::from(config.money.keypad_unchanged_days),
    };
    policy.risk.cold_start_minor = config.risk.cold_start_minor;
    policy.risk.second_factor_from_minor = config.risk.second_factor_above_minor;
    Ok(policy)
}

pub fn calls(config: &Config) -> Result<CallPolicy, HuilingError> {
    let mut policy = CallPolicy::standard(zone(config)?, &config.brand.official_number);
    policy.max_attempts = config.calls.attempts;
    policy.spacing_ms = i64::from(config.calls.spacing_minutes) * 60_000;
    policy.ring_ms = config.phone.ring_timeout_secs.saturating_mul(1_000);
    policy.quiet = QuietHours {
        from_second: second_of_day("calls.quiet_from", &config.calls.quiet_from)?,
        until_second: second_of_day("calls.quiet_until", &config.calls.quiet_until)?,
    };
    policy.concurrent_calls = config.phone.max_calls;
    policy.countries = countries(config)?;
    policy.per_number_hour = config.calls.per_number_hour;
    policy.per_number_day = config.calls.per_number_day;
    Ok(policy)
}

pub(super) fn countries(config: &Config) -> Result<CallingCodes, HuilingError> {
    let codes = &config.phone.countries;
    let wanted = "country calling codes such as [\"86\", \"852\"], at least one";
    let wrong = |value: &str| HuilingError::setting("phone.countries", value, wanted);
    if codes.is_empty() {
        return Err(wrong(""));
    }
    CallingCodes::parse(codes).map_err(|unknown| wrong(&unknown.0))
}

pub fn line(config: &Config) -> Result<LineConfig, HuilingError> {
    let phone = &config.phone;
    let bind = phone.bind.parse();
    let bind = bind
        .map_err(|_| HuilingError::setting("phone.bind", &phone.bind, "an address such as 0.0.0.0:5060"))?;
    let mut line = LineConfig::new(bind, trunk(config)?);
    line.advertised_ip = match phone.advertised_ip.as_str() {
        "" => None,
        text => Some(
            text.parse()
                .map_err(|_| HuilingError::setting("phone.advertised_ip", text, "an IP address"))?,
        ),
    };
    if phone.rtp_first_port >= phone.rtp_last_port {
        let value = phone.rtp_first_port.to_string();
        return Err(HuilingError::setting(
            "phone.rtp_first_port",
            value,
            "a port below phone.rtp_last_port",
        ));
    }
    line.rtp_ports = phone.rtp_first_port..=phone.rtp_last_port;
    line.caller_number = config.brand.official_number.clone();
    line.display_name = config.brand.name_en.clone();
    line.ring_timeout_ms = u64::from(phone.ring_timeout_secs) * 1_000;
    line.media_timeout_ms = u64::from(phone.media_timeout_secs) * 1_000;
    line.media_threads = phone.media_threads.clamp(1, 32);
    line.realtime = phone.realtime;
    line.max_calls = phone.max_calls;
    Ok(line)
}

fn trunk(config: &Config) -> Result<Trunk, HuilingError> {
    let phone = &config.phone;
    let transport = match phone.transport.as_str() {
        "udp" => SipTransport::Udp,
        "tcp" => SipTransport::Tcp,
        other => return Err(HuilingError::setting("phone.transport", other, "udp or tcp")),
    };
    let ranges = phone.rtp_from.iter().map(|text| {
        let wanted = "an address or a range such as 203.0.113.0/24";
        text.parse::<IpRange>()
            .map_err(|_| HuilingError::setting("phone.rtp_from", text, wanted))
    });
    let rtp_from = ranges.collect::<Result<Vec<_>, _>>()?;
    if phone.username.is_empty() {
        let wanted = "the carrier's host:port (or set phone.enabled = false)";
        let host = resolve(&phone.trunk)
            .ok_or_else(|| HuilingError::setting("phone.trunk", &phone.trunk, wanted))?;
        return Ok(Trunk::Address {
            host,
            transport,
            rtp_from,
        });
    }
    Ok(Trunk::Registered {
        registrar: phone.trunk.clone(),
        username: phone.username.clone(),
        password: phone.password.clone(),
        realm: Some(phone.realm.clone()).filter(|realm| !realm.is_empty()),
        transport,
        expires_secs: phone.expires_secs,
        rtp_from,
    })
}

fn resolve(text: &str) -> Option<SocketAddr> {
    let with_port = if text.contains(':') {
        text.to_owned()
    } else {
        format!("{text}:5060")
    };
    with_port.to_socket_addrs().ok()?.next()
}

pub fn voice(config: &Config) -> Result<VoiceConfig, HuilingError> {
    let voice = &config.voice;
    let kind = match voice.kind.as_str() {
        "parts" => VoiceKind::Parts,
        "pack" => VoiceKind::Pack,
        "service" => VoiceKind::Service,
        other => {
            return Err(HuilingError::setting(
                "voice.kind",
                other,
                "parts, pack or service",
            ));
        }
    };
    // The voice knows no keys of ours; what it would miss is named here.
    if kind == VoiceKind::Pack && voice.pack_folder.as_os_str().is_empty() {
        let wanted = "the folder that `huiling voice install` filled, because voice.kind is pack";
        return Err(HuilingError::setting("voice.pack_folder", "", wanted));
    }
    if kind == VoiceKind::Service && voice.service_url.is_empty() {
        let wanted = "the address of the service, because voice.kind is service";
        return Err(HuilingError::setting("voice.service_url", "", wanted));
    }
    Ok(VoiceConfig {
        kind,
        recordings_dir: some_path(&voice.recordings_folder),
        pack_command: some_path(&voice.pack_folder).map(|folder| folder.join("speak")),
        service_url: Some(voice.service_url.clone()).filter(|url| !url.is_empty()),
        service_key: Some(voice.service_key.clone()).filter(|key| !key.is_empty()),
    })
}

pub fn notify(config: &Config) -> Result<NotifyConfig, HuilingError> {
    let mail = (!config.mail.host.is_empty()).then(|| MailConfig {
        host: config.mail.host.clone(),
        port: config.mail.port,
        tls: match config.mail.tls {
            MailProtection::None => MailTls::None,
            MailProtection::Starttls => MailTls::StartTls,
            MailProtection::Tls => MailTls::Tls,
        },
        username: config.mail.username.clone(),
        password: config.mail.password.clone(),
        from: config.mail.from.clone(),
        extra_root_pem: None,
    });
    let sms = (!config.sms.url.is_empty()).then(|| SmsConfig {
        url: config.sms.url.clone(),
        key: config.sms.key.clone(),
    });
    let wording = Wording {
        name_zh_hans: config.brand.name_zh_hans.clone(),
        name_en: config.brand.name_en.clone(),
        official_number: config.brand.official_number.clone(),
        zone: zone(config)?,
    };
    Ok(NotifyConfig {
        wording,
        mail,
        sms,
        timeout_ms: 10_000,
    })
}

/// How long things are kept; a day at least, so that nobody deletes what is under way.
pub fn retention(config: &Config) -> Result<Retention, HuilingError> {
    let kept = &config.retention;
    let days = [
        ("retention.message_days", kept.message_days),
        ("retention.request_days", kept.request_days),
        ("retention.recording_days", kept.recording_days),
    ];
    for (key, days) in days {
        if days < 2 {
            return Err(HuilingError::setting(key, days.to_string(), "two days or more"));
        }
    }
    Ok(Retention {
        message_days: kept.message_days,
        request_days: kept.request_days,
    })
}

fn some_path(path: &Path) -> Option<PathBuf> {
    Some(path.to_owned()).filter(|path| !path.as_os_str().is_empty())
}

/// `21:00` as seconds since midnight.
fn second_of_day(key: &'static str, text: &str) -> Result<i64, HuilingError> {
    let wrong = || HuilingError::setting(key, text, "a time such as 21:00");
    let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
    let (hour, minute): (i64, i64) = (
        hour.parse().map_err(|_| wrong())?,
        minute.parse().map_err(|_| wrong())?,
    );
    if (0..24).contains(&hour) && (0..60).contains(&minute) {
        Ok(hour * 3_600 + minute * 60)
    } else {
        Err(wrong())
    }
}
