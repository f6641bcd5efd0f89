//! The voice: what a script says, put into words and then into sound.
//!
//! A `SpokenLine` is a fixed prompt of `prompts.tsv`, or one with an amount, a name, digits or
//! matching words in it. `Voice` speaks it: from the parts that ship in this crate, by the
//! optional neural pack, or by a speech service; an operator's recording goes before all three.

mod bank;
mod cache;
mod fixed;
mod line;
mod name;
pub mod pack;
mod parts;
mod reading;
mod recordings;
mod resample;
mod service;
#[cfg(test)]
mod tests;
mod voice;
mod words;

pub use fixed::PromptId;
pub use line::{SpokenLine, transcript};
pub use pack::PackVoice;
pub use parts::PartsVoice;
pub use reading::{amount_in_words, number_in_words};
pub use recordings::RecordingError;
pub use service::ServiceVoice;
pub use voice::{Speaker, Spoken, Voice, VoiceConfig, VoiceError, VoiceKind};
pub use words::{MATCHING_WORDS, MatchingWord};
