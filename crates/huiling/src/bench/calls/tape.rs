//! A recording, sealed while it streams as those of the product are, and read back afterwards.

use crate::error::HuilingError;
use phone::{CallEnd, RecordingSink};
use security::sealing::{Keyring, SealedReader, SealedWriter};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Two channels of 8,000 octets a second.
const OCTETS_PER_MS: u64 = 16;
/// Samples of a packet, by which both channels are compared.
const FRAME: usize = 160;
/// The echo comes within half a second, placed by whole ticks of 5 ms.
const ECHO_STEP: usize = 40;
const ECHO_STEPS: usize = 100;
/// The beginning and the end of a call differ by what is on its way.
const LENGTH_SLACK_MS: u64 = 150;
/// Telephone events are received and are no sound; some packets are on their way at the end.
const FRAMES_SLACK: u64 = 40;

/// Where one call is recorded.
pub struct Tape {
    keyring: Keyring,
    path: PathBuf,
}

impl Tape {
    pub fn new(keyring: &Keyring, folder: &Path, number: usize) -> Self {
        Self {
            keyring: keyring.clone(),
            path: folder.join(format!("{number}.sealed")),
        }
    }

    /// The file is made with the first sound, on the thread that writes recordings.
    pub fn sink(&self) -> RecordingSink {
        let mut reel = Reel {
            keyring: self.keyring.clone(),
            path: self.path.clone(),
            sealed: None,
        };
        RecordingSink::new(move |octets| reel.write(octets))
    }

    /// Whether the recording holds the whole call: its length, what we played, and of what came
    /// back as much as arrived. Removes the file.
    ///
    /// # Errors
    /// What is amiss.
    pub fn check(&self, end: &CallEnd) -> Result<(), String> {
        let octets = self.read().map_err(|error| error.to_string());
        let _ = std::fs::remove_file(&self.path);
        let octets = octets?;
        if end.stats.recording_lost_ms > 0 {
            return Err("the writer could not keep up".into());
        }
        let length_ms = octets.len() as u64 / OCTETS_PER_MS;
        if length_ms.abs_diff(end.duration_ms) > LENGTH_SLACK_MS {
            return Err("the recording is not as long as the call".into());
        }
        // What SIPp dropped cannot be in the recording; each packet may touch two frames.
        let dropped = end.stats.sent.saturating_sub(end.stats.received);
        let (spoken, heard) = echoed(&octets);
        if spoken - heard > 2 * dropped + FRAMES_SLACK {
            return Err("the recording lacks sound that arrived".into());
        }
        Ok(())
    }

    fn read(&self) -> Result<Vec<u8>, HuilingError> {
        let failed = || HuilingError::io("reading a recording");
        let file = File::open(&self.path).map_err(failed())?;
        let mut octets = Vec::new();
        SealedReader::new(&self.keyring, &context(&self.path), file)?
            .read_to_end(&mut octets)
            .map_err(failed())?;
        Ok(octets)
    }
}

struct Reel {
    keyring: Keyring,
    path: PathBuf,
    sealed: Option<SealedWriter<BufWriter<File>>>,
}

impl Reel {
    fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        if self.sealed.is_none() {
            let file = BufWriter::new(File::create(&self.path)?);
            self.sealed = Some(SealedWriter::new(&self.keyring, &context(&self.path), file)?);
        }
        self.sealed
            .as_mut()
            .map_or(Ok(()), |sealed| sealed.write_all(octets))
    }
}

impl Drop for Reel {
    fn drop(&mut self) {
        if let Some(sealed) = self.sealed.take()
            && let Err(error) = sealed.finish()
        {
            tracing::error!(%error, "the end of a recording was not written");
        }
    }
}

fn context(path: &Path) -> String {
    format!("bench:{}", path.display())
}

/// How many of our frames are not silent, and how many of those came back at a constant delay.
fn echoed(octets: &[u8]) -> (u64, u64) {
    let channel = |which: usize| -> Vec<u8> { octets.iter().skip(which).step_by(2).copied().collect() };
    let (ours, theirs) = (channel(0), channel(1));
    let spoken: Vec<usize> = (0..ours.len() / FRAME)
        .map(|frame| frame * FRAME)
        .filter(|at| !is_silent(&ours[*at..*at + FRAME]))
        .collect();
    let same = |delay: i64| {
        let matches = spoken.iter().filter(|at| {
            let place = usize::try_from(**at as i64 + delay).ok();
            place.is_some_and(|place| theirs.get(place..place + FRAME) == Some(&ours[**at..**at + FRAME]))
        });
        matches.count() as u64
    };
    // A packet is placed where it began, so that a quick echo may stand before its own sound.
    let heard = (0..ECHO_STEPS).map(|step| same((step * ECHO_STEP) as i64 - FRAME as i64));
    (spoken.len() as u64, heard.max().unwrap_or(0))
}

/// Nothing but the octets of the smallest samples.
fn is_silent(frame: &[u8]) -> bool {
    frame.iter().all(|octet| octet & 0x7f >= 0x7e)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_is_found_at_its_delay_and_a_gap_in_it_counts() {
        let ours: Vec<u8> = (0..16_000u32).map(|n| (n * n / 7 % 101) as u8).collect();
        let mut theirs = vec![0xff; 240];
        theirs.extend_from_slice(&ours[..ours.len() - 240]);
        let both = |theirs: &[u8]| -> Vec<u8> {
            ours.iter()
                .zip(theirs)
                .flat_map(|(ours, theirs)| [*ours, *theirs])
                .collect()
        };
        let (spoken, heard) = echoed(&both(&theirs));
        assert!(spoken == 100 && heard >= 98, "{heard} of {spoken}");
        theirs[4_000..8_000].fill(0xff);
        let (_, heard) = echoed(&both(&theirs));
        assert!((70..=75).contains(&heard), "{heard}");
    }
}
