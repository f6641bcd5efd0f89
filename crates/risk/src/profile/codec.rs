use super::sketch::PLACES;
use super::{AmountSketch, PAYEES, Profile, Window};

const VERSION: u8 = 1;
const WINDOW_LEN: usize = 4 + 2 + 2 + 8 + 8;
/// Bytes of a stored profile.
pub const ENCODED_LEN: usize = 1 + 4 + 4 + PLACES + 6 * PAYEES + 2 * WINDOW_LEN + 4 + 4 + 1 + 4 + 4 + 4;
const _: () = assert!(
    ENCODED_LEN <= 256,
    "a profile is bounded: it lies on the account's row"
);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProfile {
    #[error("a profile has {ENCODED_LEN} bytes, this one {0}")]
    Length(usize),
    #[error("profile version {0} is not known")]
    Version(u8),
}

impl Profile {
    /// Little-endian fields in the order of the struct, after a version byte.
    pub fn encode(&self) -> [u8; ENCODED_LEN] {
        let mut bytes = [0; ENCODED_LEN];
        let mut to = Writer(&mut bytes, 0);
        to.put(&[VERSION]);
        to.put(&self.paid_count.to_le_bytes());
        to.put(&self.received_count.to_le_bytes());
        to.put(&self.amounts.0);
        self.payees.iter().for_each(|payee| to.put(&payee.to_le_bytes()));
        self.payees_since
            .iter()
            .for_each(|since| to.put(&since.to_le_bytes()));
        for window in [&self.ten_minutes, &self.day] {
            to.put(&window.index.to_le_bytes());
            to.put(&window.count.to_le_bytes());
            to.put(&window.count_before.to_le_bytes());
            to.put(&window.sum_minor.to_le_bytes());
            to.put(&window.sum_before_minor.to_le_bytes());
        }
        to.put(&self.busy_line_at.to_le_bytes());
        to.put(&self.failed_second_factor_at.to_le_bytes());
        to.put(&[self.failed_second_factors]);
        to.put(&self.wrong_keys_at.to_le_bytes());
        to.put(&self.last_paid_at.to_le_bytes());
        to.put(&self.first_paid_at.to_le_bytes());
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, BadProfile> {
        if bytes.len() != ENCODED_LEN {
            return Err(BadProfile::Length(bytes.len()));
        }
        let mut from = Reader(bytes, 0);
        let [version] = from.take();
        if version != VERSION {
            return Err(BadProfile::Version(version));
        }
        Ok(Self {
            paid_count: u32::from_le_bytes(from.take()),
            received_count: u32::from_le_bytes(from.take()),
            amounts: AmountSketch(from.take()),
            payees: std::array::from_fn(|_| u32::from_le_bytes(from.take())),
            payees_since: std::array::from_fn(|_| u16::from_le_bytes(from.take())),
            ten_minutes: window(&mut from),
            day: window(&mut from),
            busy_line_at: u32::from_le_bytes(from.take()),
            failed_second_factor_at: u32::from_le_bytes(from.take()),
            failed_second_factors: u8::from_le_bytes(from.take()),
            wrong_keys_at: u32::from_le_bytes(from.take()),
            last_paid_at: u32::from_le_bytes(from.take()),
            first_paid_at: u32::from_le_bytes(from.take()),
        })
    }
}

fn window(from: &mut Reader) -> Window {
    Window {
        index: u32::from_le_bytes(from.take()),
        count: u16::from_le_bytes(from.take()),
        count_before: u16::from_le_bytes(from.take()),
        sum_minor: u64::from_le_bytes(from.take()),
        sum_before_minor: u64::from_le_bytes(from.take()),
    }
}

struct Writer<'a>(&'a mut [u8; ENCODED_LEN], usize);

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) {
        self.0[self.1..self.1 + bytes.len()].copy_from_slice(bytes);
        self.1 += bytes.len();
    }
}

struct Reader<'a>(&'a [u8], usize);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.0[self.1..self.1 + N]);
        self.1 += N;
        bytes
    }
}
