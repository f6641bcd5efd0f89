use super::{Reason, ReasonCode};
use base::{Amount, Currency, Language};

impl Reason {
    /// One sentence part for the customer or staff, without a full stop. Amounts are in `currency`.
    pub fn text(&self, language: Language, currency: Currency) -> String {
        match language {
            Language::ZhHans => self.chinese(currency),
            Language::En => self.english(currency),
        }
    }

    fn english(&self, currency: Currency) -> String {
        let usual = || short(self.usual, currency);
        let this = || short(self.this, currency);
        match self.code {
            ReasonCode::AboveHabit => {
                format!("{} × the usual maximum ({})", self.times(), usual())
            }
            ReasonCode::NoHabitYet => format!(
                "{} is a large amount for a wallet whose habits we do not know yet (from {})",
                this(),
                usual()
            ),
            ReasonCode::NewPayee => "no payment to this person lately".into(),
            ReasonCode::FreshPayee => "first paid this person within the last day".into(),
            ReasonCode::UnprovenPayee => "nobody has paid this person before".into(),
            ReasonCode::ManyInTenMinutes => format!(
                "{} payments within ten minutes; {} are unusual",
                self.this, self.usual
            ),
            ReasonCode::ManyInADay => {
                format!("{} payments within a day; {} are unusual", self.this, self.usual)
            }
            ReasonCode::MuchInADay => format!("{} within a day; {} is unusual", this(), usual()),
            ReasonCode::BusyLine => format!("the line was busy when we called {} minutes ago", self.this),
            ReasonCode::FailedSecondFactor => {
                format!("wrong codes within a day: {}", self.this)
            }
            ReasonCode::WrongKeys => "wrong keys were pressed on our last call".into(),
            ReasonCode::Night => "it is night".into(),
            ReasonCode::SecondFactorNeeded => format!("amounts from {} need a code", usual()),
        }
    }

    fn chinese(&self, currency: Currency) -> String {
        let usual = || short(self.usual, currency);
        let this = || short(self.this, currency);
        match self.code {
            ReasonCode::AboveHabit => format!("是平时最高付款（{}）的 {} 倍", usual(), self.times()),
            ReasonCode::NoHabitYet => {
                format!("还没有付款习惯可以对照，而 {} 数额较大（{} 起）", this(), usual())
            }
            ReasonCode::NewPayee => "近期没有向此人付过款".into(),
            ReasonCode::FreshPayee => "首次向此人付款还不到一天".into(),
            ReasonCode::UnprovenPayee => "此前没有人向此人付过款".into(),
            ReasonCode::ManyInTenMinutes => {
                format!("十分钟内付款 {} 次，超过 {} 次即属异常", self.this, self.usual)
            }
            ReasonCode::ManyInADay => format!("一天内付款 {} 次，超过 {} 次即属异常", self.this, self.usual),
            ReasonCode::MuchInADay => format!("一天内合计 {}，超过 {} 即属异常", this(), usual()),
            ReasonCode::BusyLine => format!("{} 分钟前我们致电时，电话占线", self.this),
            ReasonCode::FailedSecondFactor => format!("一天内验证码输错 {} 次", self.this),
            ReasonCode::WrongKeys => "上次通话中按错了键".into(),
            ReasonCode::Night => "现在是深夜".into(),
            ReasonCode::SecondFactorNeeded => format!("{} 起的付款需要验证码", usual()),
        }
    }

    /// This figure over the usual one, with one decimal place.
    fn times(&self) -> String {
        let tenths = i128::from(self.this) * 10 / i128::from(self.usual.max(1));
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// `¥270` or `¥270.50`: decimals only when they say something.
fn short(minor: i64, currency: Currency) -> String {
    let full = Amount::new(minor, currency).to_string();
    match full.split_once('.') {
        Some((whole, decimals)) if decimals.bytes().all(|b| b == b'0') => whole.into(),
        _ => full,
    }
}
