//! The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM: chunks
//! of one size, numbered in the nonce, the last one marked. Chunks cannot be swapped, dropped
//! or appended, and a stream that was cut off is recognised.

use super::cipher::{self, NONCE_BYTES, SALT_BYTES, SecretKey, TAG_BYTES};
use super::keyring::Keyring;
use crate::SecurityError;
use std::io::{self, Error, ErrorKind, Read, Write};

const MAGIC: [u8; 4] = *b"HLS1";
const PREFIX_BYTES: usize = 7;
const HEADER_BYTES: usize = MAGIC.len() + 4 + SALT_BYTES + PREFIX_BYTES;
/// Plain bytes in each chunk but the last: about four seconds of telephone sound.
const CHUNK_BYTES: usize = 64 * 1024;

/// Seals what is written to it. Whole chunks reach the inner writer as they fill, so that a
/// crash costs one chunk at most. [`finish`](Self::finish) marks the end; dropping does not.
#[derive(Debug)]
pub struct SealedWriter<W: Write> {
    inner: W,
    chunks: Chunks,
    buffer: Vec<u8>,
}

impl<W: Write> SealedWriter<W> {
    /// Writes the header at once. The context is as in [`Keyring::seal`].
    pub fn new(keyring: &Keyring, context: &str, mut inner: W) -> io::Result<Self> {
        let (key_id, data_key) = keyring.current();
        let salt: [u8; SALT_BYTES] = keyring.rng().bytes();
        let prefix: [u8; PREFIX_BYTES] = keyring.rng().bytes();
        let header = [MAGIC.as_slice(), &key_id.to_be_bytes(), &salt, &prefix].concat();
        inner.write_all(&header)?;
        Ok(Self {
            inner,
            chunks: Chunks::new(&data_key, &header, context),
            buffer: Vec::with_capacity(CHUNK_BYTES),
        })
    }

    /// Seals the rest as the last chunk and gives the inner writer back.
    pub fn finish(mut self) -> io::Result<W> {
        let last = self.chunks.seal(&self.buffer, true)?;
        self.inner.write_all(&last)?;
        self.inner.flush()?;
        Ok(self.inner)
    }
}

impl<W: Write> Write for SealedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() == CHUNK_BYTES && !bytes.is_empty() {
            let sealed = self.chunks.seal(&self.buffer, false)?;
            self.inner.write_all(&sealed)?;
            self.buffer.clear();
        }
        let taken = bytes.len().min(CHUNK_BYTES - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// Whole chunks only: a partial one stays in the buffer.
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Opens what a [`SealedWriter`] wrote. A changed byte is an error, and so is a missing end,
/// unless the reader [accepts a cut](Self::accept_cut).
#[derive(Debug)]
pub struct SealedReader<R: Read> {
    inner: R,
    chunks: Chunks,
    /// Sealed bytes read ahead: at most one chunk and one byte.
    ahead: Vec<u8>,
    plain: Vec<u8>,
    given: usize,
    ended: bool,
    cut: bool,
    accepts_cut: bool,
}

impl<R: Read> SealedReader<R> {
    pub fn new(keyring: &Keyring, context: &str, mut inner: R) -> Result<Self, SecurityError> {
        let not_authentic = || SecurityError::NotAuthentic {
            context: context.into(),
        };
        let mut header = [0; HEADER_BYTES];
        inner.read_exact(&mut header).map_err(|_| not_authentic())?;
        let key_id = match header.split_first_chunk() {
            Some((&MAGIC, rest)) => rest.first_chunk().map(|id| u32::from_be_bytes(*id)),
            _ => None,
        };
        let data_key = keyring.key(key_id.ok_or_else(not_authentic)?, context)?;
        Ok(Self {
            inner,
            chunks: Chunks::new(&data_key, &header, context),
            ahead: Vec::new(),
            plain: Vec::new(),
            given: 0,
            ended: false,
            cut: false,
            accepts_cut: false,
        })
    }

    /// Reads a stream whose writer died up to its last whole chunk, instead of failing there.
    pub fn accept_cut(mut self) -> Self {
        self.accepts_cut = true;
        self
    }

    /// Whether the stream ended without its mark. Known once it was read to the end.
    pub fn was_cut(&self) -> bool {
        self.cut
    }

    fn next_chunk(&mut self) -> io::Result<()> {
        let sealed_bytes = CHUNK_BYTES + TAG_BYTES;
        let wanted = (sealed_bytes + 1 - self.ahead.len()) as u64;
        self.inner.by_ref().take(wanted).read_to_end(&mut self.ahead)?;
        let last = self.ahead.len() <= sealed_bytes;
        let rest = self.ahead.split_off(sealed_bytes.min(self.ahead.len()));
        let sealed = std::mem::replace(&mut self.ahead, rest);
        (self.given, self.ended) = (0, last);
        if let Some(plain) = self.chunks.open(&sealed, last)? {
            self.plain = plain;
            return Ok(());
        }
        self.plain.clear();
        if !last {
            return Err(Error::new(
                ErrorKind::InvalidData,
                "a chunk of the sealed stream was changed",
            ));
        }
        self.cut = true;
        if !self.accepts_cut {
            return Err(Error::new(
                ErrorKind::UnexpectedEof,
                "the sealed stream was cut off or changed",
            ));
        }
        if let Some(plain) = self.chunks.open(&sealed, false)? {
            self.plain = plain;
        }
        Ok(())
    }
}

impl<R: Read> Read for SealedReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.plain.len() && !self.ended {
            self.next_chunk()?;
        }
        let taken = out.len().min(self.plain.len() - self.given);
        out[..taken].copy_from_slice(&self.plain[self.given..self.given + taken]);
        self.given += taken;
        Ok(taken)
    }
}

/// One stream's key and the number of the next chunk.
struct Chunks {
    key: SecretKey,
    prefix: [u8; PREFIX_BYTES],
    aad: Vec<u8>,
    next: u32,
}

impl Chunks {
    fn new(data_key: &SecretKey, header: &[u8], context: &str) -> Self {
        let prefix = header.last_chunk().expect("a header ends with its prefix");
        let salt = &header[MAGIC.len() + 4..HEADER_BYTES - PREFIX_BYTES];
        Self {
            key: cipher::derive(data_key, salt, "huiling stream"),
            prefix: *prefix,
            aad: [header, context.as_bytes()].concat(),
            next: 0,
        }
    }

    fn seal(&mut self, plain: &[u8], last: bool) -> io::Result<Vec<u8>> {
        let nonce = self.nonce(last);
        self.advance()?;
        Ok(cipher::encrypt(&self.key, &nonce, &self.aad, plain))
    }

    fn open(&mut self, sealed: &[u8], last: bool) -> io::Result<Option<Vec<u8>>> {
        let plain = cipher::decrypt(&self.key, &self.nonce(last), &self.aad, sealed);
        if plain.is_some() {
            self.advance()?;
        }
        Ok(plain.map(|plain| plain.to_vec()))
    }

    fn nonce(&self, last: bool) -> [u8; NONCE_BYTES] {
        let mut nonce = [0; NONCE_BYTES];
        nonce[..PREFIX_BYTES].copy_from_slice(&self.prefix);
        nonce[PREFIX_BYTES..NONCE_BYTES - 1].copy_from_slice(&self.next.to_be_bytes());
        nonce[NONCE_BYTES - 1] = u8::from(last);
        nonce
    }

    fn advance(&mut self) -> io::Result<()> {
        let next = self.next.checked_add(1);
        self.next = next
            .ok_or_else(|| Error::new(ErrorKind::FileTooLarge, "a sealed stream has 2^32 chunks at most"))?;
        Ok(())
    }
}

impl std::fmt::Debug for Chunks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Chunks(next {})", self.next)
    }
}
