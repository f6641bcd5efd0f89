//! The neural voice pack, and a way to hear what the voice says.

use crate::config::Config;
use crate::error::HuilingError;
use crate::wiring::policies;
use base::{Amount, Currency, Language};
use clap::Subcommand;
use phone::prompts::{SpokenLine, Voice, pack};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum Command {
    /// Fetches the neural voice into a folder and checks it.
    Install { folder: PathBuf },
    /// Writes the sentence about a payment as a WAVE file, as it is said on the telephone.
    Say {
        /// zh or en
        #[arg(long, default_value = "zh")]
        language: String,
        #[arg(long)]
        amount: String,
        #[arg(long)]
        payee: String,
        /// The wallet's last four digits.
        #[arg(long, default_value = "1688")]
        wallet: String,
        file: PathBuf,
    },
}

pub fn run(config: &Config, command: Command) -> Result<ExitCode, HuilingError> {
    match command {
        Command::Install { folder } => {
            pack::install(&folder).map_err(|error| HuilingError::Unusable(error.to_string()))?;
            println!(
                "Installed. Set voice.kind = \"pack\" and voice.pack_folder = {:?}.",
                folder.display().to_string()
            );
        }
        Command::Say {
            language,
            amount,
            payee,
            wallet,
            file,
        } => {
            let wanted = "zh or en";
            let language = Language::from_tag(&language)
                .ok_or_else(|| HuilingError::setting("--language", &language, wanted))?;
            let amount = Amount::parse_positive(&amount, Currency::Cny)
                .map_err(|error| HuilingError::Unusable(format!("--amount: {error}")))?;
            let voice = Voice::open(&policies::voice(config)?)?;
            let line = SpokenLine::PaymentDetails {
                amount,
                payee_name: payee,
                payee_wallet_last4: wallet,
            };
            let spoken = voice.speak(language, &line);
            std::fs::write(&file, spoken.sound.to_wav()).map_err(|source| HuilingError::File {
                what: "cannot write",
                path: file.clone(),
                source,
            })?;
            println!("{} ({:?})", spoken.text, spoken.by);
        }
    }
    Ok(ExitCode::SUCCESS)
}
