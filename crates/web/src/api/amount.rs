//! Amounts as the API writes them: a decimal text and a currency.

use crate::fault::Fault;
use crate::words::{say, say_with};
use base::{Amount, AmountError, Currency, Language};

/// Digits before the point.
const WHOLE_MAX: usize = 13;

/// `"1250.50"` of `"CNY"`: digits with at most one point, no sign, no grouping, above zero.
pub fn parse(amount: &str, currency: &str, lang: Language) -> Result<Amount, Fault> {
    let currency: Currency = currency
        .parse()
        .map_err(|_| Fault::field("currency", say(lang, "api-currency")))?;
    if let Some(rest) = amount.strip_prefix('-') {
        let key = if is_plain(rest) {
            "api-amount-positive"
        } else {
            "api-amount"
        };
        return Err(Fault::field("amount", say(lang, key)));
    }
    if !is_plain(amount) {
        return Err(Fault::field("amount", say(lang, "api-amount")));
    }
    Amount::parse_positive(amount, currency).map_err(|problem| {
        let detail = match problem {
            AmountError::NotANumber => say(lang, "api-amount"),
            AmountError::TooManyDecimals { allowed } => {
                let places = allowed.to_string();
                say_with(lang, "api-amount-decimals", &[("places", &places)])
            }
            AmountError::NotPositive => say(lang, "api-amount-positive"),
            AmountError::TooLarge => say(lang, "api-amount-large"),
        };
        Fault::field("amount", detail)
    })
}

fn is_plain(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    whole.len() <= WHOLE_MAX && digits(whole) && digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::parse;
    use base::Language::En;

    #[test]
    fn an_amount_is_digits_with_at_most_one_point() {
        for (text, minor) in [("1250.50", 125_050), ("0.01", 1), ("7", 700), ("007.5", 750)] {
            assert_eq!(parse(text, "CNY", En).unwrap().minor, minor, "{text}");
        }
        for text in [
            "",
            "1,250",
            "¥5",
            "-3",
            "0",
            "0.00",
            "1.",
            ".5",
            "1e3",
            "1.234",
            "9999999999999999",
            " 5",
        ] {
            let fault = parse(text, "CNY", En).unwrap_err();
            assert_eq!(fault.field.as_deref(), Some("amount"), "{text}");
        }
        assert_eq!(
            parse("5", "ABC", En).unwrap_err().field.as_deref(),
            Some("currency")
        );
    }
}
