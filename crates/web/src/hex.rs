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

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(decode(&encode(&[0, 127, 255])), Some(vec![0, 127, 255]));
        assert_eq!(decode("0"), None);
        assert_eq!(decode("zz"), None);
        assert_eq!(decode("é1"), None);
    }
}
