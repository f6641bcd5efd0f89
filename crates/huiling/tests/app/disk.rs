//! The disk under a database, as a trace of the program's system calls tells it: what is on it for
//! certain at a moment, and what may be.

use crate::trace::Call;
use base::Rng;
use std::collections::HashMap;
use std::path::Path;

/// What a disk writes as a whole.
const SECTOR_BYTES: usize = 512;

/// The database's own file and its write-ahead log. The index of the log is made anew at each start.
pub const FILES: [&str; 2] = ["huiling.db", "huiling.db-wal"];

pub struct Disk {
    /// The files before the first call.
    before: HashMap<&'static str, Vec<u8>>,
    changes: Vec<Change>,
    flushes: Vec<Flush>,
}

struct Change {
    file: &'static str,
    began: usize,
    returned: usize,
    what: What,
}

enum What {
    Written {
        at: usize,
        bytes: Vec<u8>,
    },
    /// Cut or grown; a file that is removed is cut to nothing.
    Sized(usize),
}

struct Flush {
    file: &'static str,
    began: usize,
    returned: usize,
}

/// What a flush is worth.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flushes {
    Kept,
    /// As if none had ever been asked for.
    Forgotten,
}

impl Disk {
    /// `folder` as it is now, and the calls that change it later.
    pub fn before(folder: &Path) -> Self {
        let read = |name| Some((name, std::fs::read(folder.join(name)).ok()?));
        Self {
            before: FILES.into_iter().filter_map(read).collect(),
            changes: Vec::new(),
            flushes: Vec::new(),
        }
    }

    pub fn follow(&mut self, calls: &[Call]) {
        for call in calls {
            let Some((name, arguments)) = call.text.trim_start().split_once('(') else {
                continue;
            };
            let Some(file) = file_of(arguments) else { continue };
            let (began, returned) = (call.began, call.returned);
            let changed = match name {
                "pwrite64" => written(arguments),
                "ftruncate" => numbers(arguments).first().map(|length| What::Sized(*length)),
                "unlink" => Some(What::Sized(0)),
                "fsync" | "fdatasync" => {
                    self.flushes.push(Flush {
                        file,
                        began,
                        returned,
                    });
                    None
                }
                _ => None,
            };
            self.changes.extend(changed.map(|what| Change {
                file,
                began,
                returned,
                what,
            }));
        }
    }

    /// How many writes a file has seen.
    pub fn writes_of(&self, file: &str) -> usize {
        self.changes.iter().filter(|change| change.file == file).count()
    }

    /// Puts the files into a folder as they may be found after the power has failed at this line of the
    /// trace: all that a flush had covered, and of the rest any part, even parts of one write.
    pub fn after_power_cut(&self, line: usize, flushes: Flushes, rng: &Rng, folder: &Path) {
        let mut files = self.before.clone();
        for change in self.changes.iter().filter(|change| change.began < line) {
            let bytes = files.entry(change.file).or_default();
            if flushes == Flushes::Kept && self.is_flushed(change, line) {
                change.apply(bytes, usize::MAX);
            } else if rng.below(2) == 0 {
                // Now and then only its first sectors.
                let sectors = if rng.below(4) == 0 { rng.below(8) } else { u64::MAX };
                change.apply(bytes, (sectors as usize).saturating_mul(SECTOR_BYTES));
            }
        }
        for (name, bytes) in files {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
    }

    fn is_flushed(&self, change: &Change, line: usize) -> bool {
        let covers = |flush: &Flush| {
            flush.file == change.file && flush.began > change.returned && flush.returned < line
        };
        self.flushes.iter().any(covers)
    }
}

impl Change {
    fn apply(&self, file: &mut Vec<u8>, most_bytes: usize) {
        match &self.what {
            What::Sized(length) => file.resize(*length, 0),
            What::Written { at, bytes } => {
                let bytes = &bytes[..bytes.len().min(most_bytes)];
                let end = at + bytes.len();
                if file.len() < end {
                    file.resize(end, 0);
                }
                file[*at..end].copy_from_slice(bytes);
            }
        }
    }
}

/// Every text between quotes, which `strace -xx` writes in hexadecimal.
pub fn texts(arguments: &str) -> Vec<u8> {
    let quoted = arguments.split('"').skip(1).step_by(2);
    quoted.flat_map(bytes).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.split("\\x").filter(|digits| !digits.is_empty());
    digits
        .map(|digits| u8::from_str_radix(digits, 16).expect("strace -xx writes hexadecimal digits"))
        .collect()
}

/// Which of the files a call is about: the first argument is its descriptor or its path.
fn file_of(arguments: &str) -> Option<&'static str> {
    let path = match arguments.strip_prefix('"') {
        Some(path) => path.split('"').next()?,
        None => arguments.split_once('<')?.1.split('>').next()?,
    };
    if !path.starts_with("\\x") {
        return None;
    }
    let path = bytes(path);
    let name = path.rsplit(|byte| *byte == b'/').next()?;
    FILES.into_iter().find(|file| file.as_bytes() == name)
}

fn written(arguments: &str) -> Option<What> {
    let bytes = texts(arguments);
    let (_, rest) = arguments.rsplit_once('"')?;
    let numbers = numbers(rest);
    let (length, at) = (*numbers.first()?, *numbers.get(1)?);
    assert_eq!(bytes.len(), length, "the trace has all of a write");
    Some(What::Written { at, bytes })
}

/// The whole numbers after commas, up to the closing bracket.
fn numbers(arguments: &str) -> Vec<usize> {
    let arguments = arguments.rsplit_once(')').map_or(arguments, |(inside, _)| inside);
    let parts = arguments.split(',').skip(1);
    parts.filter_map(|part| part.trim().parse().ok()).collect()
}
