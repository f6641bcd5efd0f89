use crate::Currency;
use std::fmt;

/// An amount of money in one currency, in its minor unit (fen, cent).
/// It may be negative (a movement); arithmetic is checked and refuses to mix currencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Amount {
    pub minor: i64,
    pub currency: Currency,
}

/// Why a text is not an amount that can be paid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    #[error("not a number")]
    NotANumber,
    #[error("more than {allowed} decimal places")]
    TooManyDecimals { allowed: u32 },
    #[error("the amount must be above zero")]
    NotPositive,
    #[error("the amount is too large")]
    TooLarge,
}

impl Amount {
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Parses what a person types: digits with at most one decimal point, and commas between
    /// thousands; the result is above zero. `"1,250.5"` in CNY is 125,050 fen.
    pub fn parse_positive(text: &str, currency: Currency) -> Result<Self, AmountError> {
        let text = text
            .trim()
            .trim_start_matches(['¥', '￥', '$', '€', '£'])
            .trim_start();
        if text.starts_with(['-', '−']) {
            return Err(AmountError::NotPositive);
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let whole = whole_digits(whole)?;
        if (whole.is_empty() && fraction.is_empty()) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Err(AmountError::NotANumber);
        }
        let allowed = currency.exponent();
        if fraction.len() > allowed as usize {
            return Err(AmountError::TooManyDecimals { allowed });
        }
        let digits = format!("{whole}{fraction:0<width$}", width = allowed as usize);
        let digits = digits.trim_start_matches('0');
        if digits.is_empty() {
            return Err(AmountError::NotPositive);
        }
        if digits.len() > 15 {
            return Err(AmountError::TooLarge);
        }
        let minor = digits.parse().map_err(|_| AmountError::NotANumber)?;
        Ok(Self { minor, currency })
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        let minor = (self.currency == other.currency).then(|| self.minor.checked_add(other.minor))??;
        Some(Self { minor, ..self })
    }

    /// `1250.50`, as an API writes it: no symbol, no grouping, all decimal places.
    pub fn to_decimal(self) -> String {
        let exponent = self.currency.exponent() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = exponent + 1);
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        if exponent == 0 {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction}")
        }
    }

    /// `1,250.50`, as a person reads it; the minus sign is U+2212.
    pub fn to_grouped(self) -> String {
        let decimal = Self {
            minor: self.minor.saturating_abs(),
            ..self
        }
        .to_decimal();
        let (whole, fraction) = decimal.split_once('.').unwrap_or((&decimal, ""));
        let mut grouped = String::new();
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if self.minor < 0 { "−" } else { "" };
        if fraction.is_empty() {
            format!("{sign}{grouped}")
        } else {
            format!("{sign}{grouped}.{fraction}")
        }
    }
}

/// `¥1,250.50`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grouped = self.to_grouped();
        match grouped.strip_prefix('−') {
            Some(positive) => write!(f, "−{}{positive}", self.currency.symbol()),
            None => write!(f, "{}{grouped}", self.currency.symbol()),
        }
    }
}

/// The whole part without its commas; a comma must be followed by exactly three digits.
fn whole_digits(text: &str) -> Result<String, AmountError> {
    let mut groups = text.split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let sound =
        rest.iter().all(|group| group.len() == 3) && (rest.is_empty() || (1..=3).contains(&first.len()));
    let digits: String = std::iter::once(first).chain(rest).collect();
    if sound && digits.bytes().all(|b| b.is_ascii_digit()) {
        Ok(digits)
    } else {
        Err(AmountError::NotANumber)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn people_type_amounts_in_many_ways() {
        let parse = |text| Amount::parse_positive(text, Currency::Cny).map(|amount| amount.minor);
        assert_eq!(parse("1250.5"), Ok(125_050));
        assert_eq!(parse(" ¥1,250.50 "), Ok(125_050));
        assert_eq!(parse(".5"), Ok(50));
        assert_eq!(parse("0.00"), Err(AmountError::NotPositive));
        assert_eq!(parse("-3"), Err(AmountError::NotPositive));
        assert_eq!(parse("1.234"), Err(AmountError::TooManyDecimals { allowed: 2 }));
        assert_eq!(parse("12,50"), Err(AmountError::NotANumber));
        assert_eq!(parse("1e5"), Err(AmountError::NotANumber));
        assert_eq!(parse(""), Err(AmountError::NotANumber));
        assert_eq!(parse("99999999999999999999"), Err(AmountError::TooLarge));
    }

    #[test]
    fn exponents_follow_iso_4217() {
        let text = |minor, currency| Amount::new(minor, currency).to_string();
        assert_eq!(text(125_050, Currency::Cny), "¥1,250.50");
        assert_eq!(text(1_250, Currency::Jpy), "¥1,250");
        assert_eq!(text(-1_234_567, Currency::Kwd), "−KD1,234.567");
        assert_eq!(text(5, Currency::Usd), "$0.05");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(minor in 1i64..=999_999_999_999_999, which in 0usize..6) {
            let amount = Amount::new(minor, Currency::ALL[which]);
            prop_assert_eq!(Amount::parse_positive(&amount.to_decimal(), amount.currency), Ok(amount));
            prop_assert_eq!(Amount::parse_positive(&amount.to_grouped(), amount.currency), Ok(amount));
        }
    }
}
