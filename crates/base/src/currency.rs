use std::fmt;
use std::str::FromStr;

/// A currency of ISO 4217, with its exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Currency {
    Cny,
    Eur,
    Gbp,
    Jpy,
    Kwd,
    Usd,
}

/// The code is not one that this wallet keeps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown currency {0:?}")]
pub struct UnknownCurrency(pub String);

impl Currency {
    pub const ALL: [Self; 6] = [Self::Cny, Self::Eur, Self::Gbp, Self::Jpy, Self::Kwd, Self::Usd];

    pub fn code(self) -> &'static str {
        match self {
            Self::Cny => "CNY",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Jpy => "JPY",
            Self::Kwd => "KWD",
            Self::Usd => "USD",
        }
    }

    /// Decimal places between the minor and the major unit.
    pub fn exponent(self) -> u32 {
        match self {
            Self::Jpy => 0,
            Self::Cny | Self::Eur | Self::Gbp | Self::Usd => 2,
            Self::Kwd => 3,
        }
    }

    /// What is written before the number on a screen.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Cny | Self::Jpy => "¥",
            Self::Eur => "€",
            Self::Gbp => "£",
            Self::Kwd => "KD",
            Self::Usd => "$",
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, UnknownCurrency> {
        Self::ALL
            .into_iter()
            .find(|currency| currency.code() == text)
            .ok_or_else(|| UnknownCurrency(text.into()))
    }
}

impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

impl<'de> serde::Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
