//! Renders lines through `Voice`, as calls do, for the judge and for listening.
//!
//! `cargo run -p phone --example speak -- OUT_FOLDER [PACK_COMMAND] < lines.tsv`, each line one of
//!   id  zh|en  fixed  prompt-id
//!   id  zh|en  press  5
//!   id  zh|en  words  12  40
//!   id  zh|en  pay    1250.50  payee  last4
//!   id  zh|en  limit  5000.00
//! (tabs between). Writes OUT_FOLDER/id.wav and prints id, speaker, seconds, milliseconds it took, text.

use base::{Amount, Currency, Language, Stopwatch};
use phone::prompts::{MatchingWord, PromptId, Speaker, SpokenLine, Voice, VoiceConfig, VoiceKind};
use std::error::Error;
use std::io::BufRead;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().ok_or("an output folder is missing")?);
    let pack_command = args.next().map(PathBuf::from);
    let voice = Voice::open(&VoiceConfig {
        kind: if pack_command.is_some() {
            VoiceKind::Pack
        } else {
            VoiceKind::Parts
        },
        pack_command: pack_command.clone(),
        ..VoiceConfig::default()
    })?;
    std::fs::create_dir_all(&folder)?;
    for row in std::io::stdin().lock().lines() {
        let row = row?;
        if !row.is_empty() && !row.starts_with('#') {
            speak(&voice, pack_command.is_some(), &folder, &row)?;
        }
    }
    Ok(())
}

fn speak(voice: &Voice, with_pack: bool, folder: &Path, row: &str) -> Result<(), Box<dyn Error>> {
    let fields: Vec<&str> = row.split('\t').collect();
    let [id, language, rest @ ..] = fields.as_slice() else {
        return Err(format!("not a line: {row}").into());
    };
    let language = Language::from_tag(language).ok_or("the language is zh or en")?;
    let line = line(rest).ok_or_else(|| format!("not a line: {row}"))?;
    let watch = Stopwatch::start();
    let mut spoken = voice.speak(language, &line);
    // A model that is still loading is given time; in a call the parts would have spoken.
    let whole = matches!(line, SpokenLine::Fixed(_) | SpokenLine::PressDigit(_));
    while with_pack && !whole && spoken.by == Speaker::Parts && watch.elapsed().as_secs() < 120 {
        spoken = voice.speak(language, &line);
    }
    std::fs::write(folder.join(format!("{id}.wav")), spoken.sound.to_wav())?;
    let seconds = spoken.sound.duration_ms() as f64 / 1_000.0;
    let took = watch.elapsed().as_millis();
    println!("{id}\t{:?}\t{seconds:.2}\t{took}\t{}", spoken.by, spoken.text);
    Ok(())
}

fn line(fields: &[&str]) -> Option<SpokenLine> {
    let amount = |text: &str| Amount::parse_positive(text, Currency::Cny).ok();
    let word = |text: &str| MatchingWord::from_index(text.parse().ok()?);
    Some(match fields {
        ["fixed", id] => SpokenLine::Fixed(PromptId::ALL.iter().copied().find(|prompt| prompt.id() == *id)?),
        ["press", digit] => SpokenLine::PressDigit(digit.parse().ok()?),
        ["words", first, second] => SpokenLine::MatchingWords([word(first)?, word(second)?]),
        ["pay", paid, payee, last4] => SpokenLine::PaymentDetails {
            amount: amount(paid)?,
            payee_name: (*payee).into(),
            payee_wallet_last4: (*last4).into(),
        },
        ["limit", limit] => SpokenLine::ApplicationDetails {
            limit: amount(limit)?,
        },
        _ => return None,
    })
}
