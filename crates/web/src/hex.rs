//! Bytes as lower-case hexadecimal text.

pub fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `None` unless the text is pairs of hexadecimal digits, at most 4,096 of them.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let sound =
        text.len().is_multiple_of(2) && text.len() <= 8_192 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if !sound {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

/// The sixteen bytes of an id, written as we write it.
pub fn id(text: &str) -> Option<[u8; 16]> {
    let written = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    decode(text).filter(|_| written)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::{decode, encode, id};

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(decode(&encode(&[0, 127, 255])), Some(vec![0, 127, 255]));
        assert_eq!(decode("0"), None);
        assert_eq!(decode("zz"), None);
        assert_eq!(decode("é1"), None);
        assert_eq!(id(&"0f".repeat(16)), Some([15; 16]));
        assert_eq!(id(&"0F".repeat(16)), None);
        assert_eq!(id("0f"), None);
    }
}
