use super::{say, say_with};
use base::{Amount, AmountError, Language, OperatorZone, Timestamp};

/// `¥1,250.50`.
pub fn money(amount: Amount) -> String {
    amount.to_string()
}

/// `+300.00` or `−23.50`: a movement in a list that names its currency elsewhere.
pub fn signed_money(amount: Amount) -> String {
    let sign = if amount.minor > 0 { "+" } else { "" };
    format!("{sign}{}", amount.to_grouped())
}

/// A finding as a line of its own: its first letter is a capital.
pub fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Writes moments as a reader in the operator's zone would say them now.
#[derive(Clone, Debug)]
pub struct Calendar {
    pub zone: OperatorZone,
    pub language: Language,
    pub now: Timestamp,
}

impl Calendar {
    /// `15:08`.
    pub fn time(&self, at: Timestamp) -> String {
        let civil = self.zone.civil(at);
        format!("{:02}:{:02}", civil.hour(), civil.minute())
    }

    /// `15:08:41`.
    pub fn time_exact(&self, at: Timestamp) -> String {
        let civil = self.zone.civil(at);
        format!("{:02}:{:02}:{:02}", civil.hour(), civil.minute(), civil.second())
    }

    /// 今天, 昨天, 11月19日; Today, Yesterday, 19 Nov; with the year when it is another one.
    pub fn day(&self, at: Timestamp) -> String {
        let distance = self.zone.day(self.now).0 - self.zone.day(at).0;
        let (then, now) = (self.zone.civil(at), self.zone.civil(self.now));
        let same_year = then.year() == now.year();
        match (self.language, distance) {
            (Language::ZhHans, 0) => "今天".into(),
            (Language::ZhHans, 1) => "昨天".into(),
            (Language::ZhHans, -1) => "明天".into(),
            (Language::ZhHans, _) if same_year => format!("{}月{}日", then.month(), then.day()),
            (Language::ZhHans, _) => format!("{}年{}月{}日", then.year(), then.month(), then.day()),
            (Language::En, 0) => "Today".into(),
            (Language::En, 1) => "Yesterday".into(),
            (Language::En, -1) => "Tomorrow".into(),
            (Language::En, _) if same_year => format!("{} {}", then.day(), MONTHS[then.month() as usize - 1]),
            (Language::En, _) => {
                format!(
                    "{} {} {}",
                    then.day(),
                    MONTHS[then.month() as usize - 1],
                    then.year()
                )
            }
        }
    }

    /// `今天 15:08`, `Today 15:08`.
    pub fn moment(&self, at: Timestamp) -> String {
        format!("{} {}", self.day(at), self.time(at))
    }

    /// `2026年11月22日 15:08:41`: what is kept, and read on another day.
    pub fn dated(&self, at: Timestamp) -> String {
        let (civil, time) = (self.zone.civil(at), self.time_exact(at));
        match self.language {
            Language::ZhHans => format!("{}年{}月{}日 {time}", civil.year(), civil.month(), civil.day()),
            Language::En => {
                let month = MONTHS[civil.month() as usize - 1];
                format!("{} {month} {} {time}", civil.day(), civil.year())
            }
        }
    }

    /// The time alone when it is today, the day with it otherwise.
    pub fn soon(&self, at: Timestamp) -> String {
        if self.zone.day(at) == self.zone.day(self.now) {
            self.time(at)
        } else {
            self.moment(at)
        }
    }

    /// `今天 15:10–15:25`: a window within one day or across two.
    pub fn window(&self, from: Timestamp, until: Timestamp) -> String {
        let end = if self.zone.day(from) == self.zone.day(until) {
            self.time(until)
        } else {
            self.moment(until)
        };
        format!("{}–{end}", self.moment(from))
    }

    /// The key of the greeting for this hour.
    pub fn greeting_key(&self) -> &'static str {
        match self.zone.civil(self.now).hour() {
            5..=10 => "greeting-morning",
            11..=12 => "greeting-noon",
            13..=17 => "greeting-afternoon",
            _ => "greeting-evening",
        }
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// What is wrong with a typed amount, and what helps.
pub fn amount_problem(lang: Language, problem: &AmountError) -> String {
    match problem {
        AmountError::NotANumber => say(lang, "amount-not-number"),
        AmountError::TooManyDecimals { allowed } => {
            say_with(lang, "amount-decimals", &[("allowed", &allowed.to_string())])
        }
        AmountError::NotPositive => say(lang, "amount-positive"),
        AmountError::TooLarge => say(lang, "amount-large"),
    }
}
