//! `huiling bench calls`: automated calls at the same time, each with a prompt, a digit and a
//! sealed recording, against SIPp as the telephones. SIPp echoes what it hears, so that both
//! sides of a recording are known.

mod answerer;
mod answerer_scenario;
mod caller;
mod process;
mod row;
mod tape;

use crate::error::HuilingError;
use answerer::Answerer;
use base::{Ambient, Amount, Currency, Language};
use clap::{Args, ValueEnum};
use phone::prompts::{PromptId, SpokenLine, Voice, VoiceConfig};
use phone::{Line, LineConfig, SipTransport, Sound, Trunk};
use row::{Row, measure};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Args, Clone, Debug)]
pub struct Options {
    /// One JSON object a line instead of a table.
    #[arg(long)]
    pub json: bool,
    /// Calls at the same time: a row for each number.
    #[arg(long, value_delimiter = ',', default_values_t = [100, 300, 1_000])]
    pub calls: Vec<usize>,
    /// Calls begun in a second.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub per_second: u32,
    /// How long all calls are watched while they are up.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub secs: u32,
    /// Media threads with real-time scheduling, without it, or a row for each.
    #[arg(long, value_enum, default_value_t = Realtime::Both)]
    pub realtime: Realtime,
    /// As `phone.media_threads`.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=32))]
    pub media_threads: u32,
    /// Where recordings are written, and removed afterwards.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    pub folder: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Realtime {
    On,
    Off,
    Both,
}

/// What one row measures.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub calls: usize,
    pub realtime: bool,
}

/// More would need more than one address for RTP.
const CALLS_MAX: usize = 8_000;

pub fn run(options: &Options) -> Result<ExitCode, HuilingError> {
    if let Some(calls) = options
        .calls
        .iter()
        .find(|calls| !(1..=CALLS_MAX).contains(*calls))
    {
        let text = format!("--calls {calls}: between 1 and {CALLS_MAX} calls fit on one address");
        return Err(HuilingError::Unusable(text));
    }
    answerer::check_installed()?;
    let prompt = prompt()?;
    if !options.json {
        println!("{}", Row::heading());
    }
    let mut complete = true;
    for case in cases(options) {
        let row = measure_in_its_own_runtime(case, options, &prompt)?;
        let text = if options.json {
            row.to_json()
        } else {
            row.to_lines()
        };
        println!("{text}");
        complete &= row.is_complete();
    }
    Ok(if complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn cases(options: &Options) -> Vec<Case> {
    let modes: &[bool] = match options.realtime {
        Realtime::On => &[true],
        Realtime::Off => &[false],
        Realtime::Both => &[false, true],
    };
    let of = |calls: &usize| {
        let calls = *calls;
        modes.iter().map(move |realtime| Case {
            calls,
            realtime: *realtime,
        })
    };
    options.calls.iter().flat_map(of).collect()
}

/// A row leaves nothing behind that the next would be charged for.
fn measure_in_its_own_runtime(case: Case, options: &Options, prompt: &Sound) -> Result<Row, HuilingError> {
    let folder = options
        .folder
        .join(format!("huiling-bench-calls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(HuilingError::io("making the bench's folder"))?;
    let row = crate::operate::serve::runtime()?.block_on(in_folder(case, options, prompt, &folder));
    if let Err(error) = std::fs::remove_dir_all(&folder) {
        tracing::warn!(%error, folder = %folder.display(), "the bench's folder stays");
    }
    row
}

async fn in_folder(
    case: Case,
    options: &Options,
    prompt: &Sound,
    folder: &Path,
) -> Result<Row, HuilingError> {
    let answerer = Answerer::start(folder, options, case.calls)?;
    let line = Line::open(line_config(case, options, answerer.address), Ambient::system()).await?;
    let row = measure(case, options, &line, &answerer, prompt, folder).await;
    line.close().await;
    row
}

fn line_config(case: Case, options: &Options, answerer: SocketAddr) -> LineConfig {
    let trunk = Trunk::Address {
        host: answerer,
        transport: SipTransport::Udp,
        rtp_from: Vec::new(),
    };
    LineConfig {
        rtp_ports: 30_000..=59_999,
        max_calls: case.calls,
        media_threads: options.media_threads as usize,
        realtime: case.realtime,
        ..LineConfig::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), trunk)
    }
}

/// What a customer hears about a held payment, from the greeting to the question.
fn prompt() -> Result<Sound, HuilingError> {
    let voice = Voice::open(&VoiceConfig::default())?;
    let details = SpokenLine::PaymentDetails {
        amount: Amount::new(88_000, Currency::Cny),
        payee_name: "李雷".into(),
        payee_wallet_last4: "4207".into(),
    };
    let lines = [
        SpokenLine::Fixed(PromptId::PaymentGreeting),
        SpokenLine::PressDigit(5),
        details,
        SpokenLine::Fixed(PromptId::PaymentChoices),
    ];
    let sounds = lines.map(|line| voice.line(Language::ZhHans, &line));
    Ok(Sound::concat(&sounds))
}
