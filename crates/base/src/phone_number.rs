use std::fmt;
use std::str::FromStr;

/// A telephone number in the form of E.164: `+` and 7 to 15 digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PhoneNumber(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneNumberError {
    #[error("a telephone number has digits, spaces and hyphens only")]
    NotDigits,
    #[error("a telephone number has 7 to 15 digits, this one {0}")]
    WrongLength(usize),
    #[error("a Chinese mobile number has 11 digits and begins with 13 to 19")]
    NotAChineseMobile,
}

impl PhoneNumber {
    /// Reads what people type: `13800138000` and `138 0013 8000` are Chinese mobile numbers,
    /// anything else begins with `+` or `00` and the country code.
    pub fn parse(text: &str) -> Result<Self, PhoneNumberError> {
        let compact: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '\u{a0}'))
            .collect();
        let international = compact.strip_prefix('+').or_else(|| compact.strip_prefix("00"));
        let digits = international.unwrap_or(&compact);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PhoneNumberError::NotDigits);
        }
        if international.is_none() {
            return if is_chinese_mobile(digits) {
                Ok(Self(format!("+86{digits}")))
            } else {
                Err(PhoneNumberError::NotAChineseMobile)
            };
        }
        if !(7..=15).contains(&digits.len()) {
            return Err(PhoneNumberError::WrongLength(digits.len()));
        }
        match digits.strip_prefix("86") {
            Some(national) if national.starts_with('1') && !is_chinese_mobile(national) => {
                Err(PhoneNumberError::NotAChineseMobile)
            }
            _ => Ok(Self(format!("+{digits}"))),
        }
    }

    /// `+8613800138000`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits without the plus sign, as most trunks want the user part.
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }

    /// `138 **** 8000`: what may be shown to others.
    pub fn masked(&self) -> String {
        let national = self.0.strip_prefix("+86").unwrap_or(&self.0[1..]);
        let (head, tail) = (&national[..3], &national[national.len() - 4..]);
        format!("{head} **** {tail}")
    }
}

/// Country calling codes, without the plus sign: where telephone numbers may lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallingCodes(Vec<String>);

/// No country has this calling code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a calling code has one to seven digits and does not begin with 0, this one is {0:?}")]
pub struct UnknownCallingCode(pub String);

impl CallingCodes {
    /// `86` or `+86`; a longer code, such as `1876`, names a part of a country.
    pub fn parse(codes: &[impl AsRef<str>]) -> Result<Self, UnknownCallingCode> {
        let read = |code: &str| {
            let digits = code.strip_prefix('+').unwrap_or(code);
            let sound = (1..=7).contains(&digits.len())
                && !digits.starts_with('0')
                && digits.bytes().all(|b| b.is_ascii_digit());
            sound
                .then(|| digits.to_owned())
                .ok_or_else(|| UnknownCallingCode(code.into()))
        };
        let codes = codes.iter().map(|code| read(code.as_ref()));
        Ok(Self(codes.collect::<Result<_, _>>()?))
    }

    /// China's alone.
    pub fn china() -> Self {
        Self(vec!["86".into()])
    }

    pub fn cover(&self, phone: &PhoneNumber) -> bool {
        self.0
            .iter()
            .any(|code| phone.digits().starts_with(code.as_str()))
    }
}

/// `+86, +852`.
impl fmt::Display for CallingCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, code) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}+{code}")?;
        }
        Ok(())
    }
}

fn is_chinese_mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && matches!(digits.as_bytes()[1], b'3'..=b'9')
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PhoneNumber {
    type Err = PhoneNumberError;

    fn from_str(text: &str) -> Result<Self, PhoneNumberError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_brought_to_one_form() {
        for text in [
            "13800138000",
            "138 0013 8000",
            "+86 138-0013-8000",
            "008613800138000",
        ] {
            assert_eq!(PhoneNumber::parse(text).unwrap().as_str(), "+8613800138000");
        }
        assert_eq!(
            PhoneNumber::parse("+44 20 7946 0000").unwrap().as_str(),
            "+442079460000"
        );
        assert_eq!(
            PhoneNumber::parse("13800138000").unwrap().masked(),
            "138 **** 8000"
        );
    }

    #[test]
    fn calling_codes_cover_the_numbers_of_their_countries_alone() {
        let codes = CallingCodes::parse(&["+86", "852"]).unwrap();
        assert_eq!(codes.to_string(), "+86, +852");
        for (text, covered) in [
            ("13800138000", true),
            ("+852 5123 4567", true),
            ("+853 6612 3456", false),
            ("+882 16 5555 0000", false),
        ] {
            assert_eq!(codes.cover(&PhoneNumber::parse(text).unwrap()), covered, "{text}");
        }
        for wrong in ["", "+", "086", "8 6", "12345678"] {
            assert_eq!(
                CallingCodes::parse(&[wrong]),
                Err(UnknownCallingCode(wrong.into()))
            );
        }
    }

    #[test]
    fn what_is_not_a_number_is_refused_with_the_reason() {
        assert_eq!(
            PhoneNumber::parse("12800138000"),
            Err(PhoneNumberError::NotAChineseMobile)
        );
        assert_eq!(
            PhoneNumber::parse("1380013800"),
            Err(PhoneNumberError::NotAChineseMobile)
        );
        assert_eq!(PhoneNumber::parse("call me"), Err(PhoneNumberError::NotDigits));
        assert_eq!(
            PhoneNumber::parse("+12345"),
            Err(PhoneNumberError::WrongLength(5))
        );
    }
}
