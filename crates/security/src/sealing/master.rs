use super::cipher::SecretKey;
use base::Ambient;
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The key that seals all data keys. It never enters the database or its backup.
#[derive(Clone)]
pub struct MasterKey(pub(super) SecretKey);

#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    #[error("a master key is 32 bytes, written as 64 hexadecimal digits or as base64")]
    NotAKey,
    #[error("the key file {path} may be read by others; set its mode to 0600")]
    TooOpen { path: PathBuf },
    #[error("the key file {path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
}

impl MasterKey {
    pub fn generate(ambient: &Ambient) -> Self {
        Self(Zeroizing::new(ambient.rng.bytes()))
    }

    /// Reads 64 hexadecimal digits or the base64 of 32 bytes.
    pub fn parse(text: &str) -> Result<Self, MasterKeyError> {
        let text = text.trim();
        let bytes = HEXLOWER_PERMISSIVE
            .decode(text.as_bytes())
            .or_else(|_| BASE64.decode(text.as_bytes()))
            .map(Zeroizing::new)
            .map_err(|_| MasterKeyError::NotAKey)?;
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| MasterKeyError::NotAKey)?;
        Ok(Self(Zeroizing::new(key)))
    }

    /// Reads the key file, or makes one that only its owner may read (mode 0600).
    /// A file that others may read is refused.
    pub fn from_file(path: &Path, ambient: &Ambient) -> Result<Self, MasterKeyError> {
        let failed = |source| MasterKeyError::File {
            path: path.into(),
            source,
        };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(mut file) => {
                let key = Self::generate(ambient);
                let line = Zeroizing::new(format!("{}\n", BASE64.encode(&*key.0)));
                file.write_all(line.as_bytes()).map_err(failed)?;
                file.sync_all().map_err(failed)?;
                Ok(key)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Self::read_file(path),
            Err(error) => Err(failed(error)),
        }
    }

    fn read_file(path: &Path) -> Result<Self, MasterKeyError> {
        let failed = |source| MasterKeyError::File {
            path: path.into(),
            source,
        };
        let file = std::fs::File::open(path).map_err(failed)?;
        #[cfg(unix)]
        {
            let mode =
                std::os::unix::fs::PermissionsExt::mode(&file.metadata().map_err(failed)?.permissions());
            if mode & 0o077 != 0 {
                return Err(MasterKeyError::TooOpen { path: path.into() });
            }
        }
        let mut text = Zeroizing::new(String::new());
        file.take(1_024).read_to_string(&mut text).map_err(failed)?;
        Self::parse(&text)
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}
