/// How one attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// The customer confirmed with a key, after hearing the details.
    Confirmed,
    /// The customer stopped the payment, or denied the application, with a key.
    Stopped,
    /// Decided in the app or by staff while we were calling.
    DecidedElsewhere,
    /// "Call me later."
    Later,
    NoAnswer,
    Busy,
    /// The telephone refused the call.
    Declined,
    HungUp,
    WrongKeys,
    /// Answered, but nobody pressed a key.
    Silent,
    /// The number does not exist.
    WrongNumber,
    /// The number exists but cannot be reached now.
    Unreachable,
    /// Our process ended in the middle of the attempt.
    Interrupted,
    /// No sound arrived any more.
    MediaLost,
    /// The deadline passed during the call.
    Expired,
    /// The call reached its longest time.
    TooLong,
    /// Something failed on our side during the call.
    Trouble,
    /// Our trunk did not carry the call: the customer's telephone never rang.
    LineDown,
    /// The customer agreed, but the payee cannot receive it just now: the payment still waits.
    NotPossible,
}

/// What an attempt's end means for its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// The customer has spoken: nobody calls again.
    Concluded,
    /// Try again after a spacing, if attempts and time are left.
    TryAgain,
    /// The customer booked another time.
    Booked,
    /// No further attempt can help.
    GiveUp,
}

impl Disposition {
    pub const ALL: [Self; 19] = [
        Self::Confirmed,
        Self::Stopped,
        Self::DecidedElsewhere,
        Self::Later,
        Self::NoAnswer,
        Self::Busy,
        Self::Declined,
        Self::HungUp,
        Self::WrongKeys,
        Self::Silent,
        Self::WrongNumber,
        Self::Unreachable,
        Self::Interrupted,
        Self::MediaLost,
        Self::Expired,
        Self::TooLong,
        Self::Trouble,
        Self::LineDown,
        Self::NotPossible,
    ];

    pub fn consequence(self) -> Consequence {
        match self {
            Self::Confirmed | Self::Stopped | Self::DecidedElsewhere => Consequence::Concluded,
            Self::Later => Consequence::Booked,
            Self::WrongNumber | Self::Expired => Consequence::GiveUp,
            Self::NoAnswer
            | Self::Busy
            | Self::Declined
            | Self::HungUp
            | Self::WrongKeys
            | Self::Silent
            | Self::Unreachable
            | Self::Interrupted
            | Self::MediaLost
            | Self::TooLong
            | Self::Trouble
            | Self::LineDown
            | Self::NotPossible => Consequence::TryAgain,
        }
    }

    /// Whether the attempt is one of the customer's; a call that our trunk did not carry is not.
    pub fn counts(self) -> bool {
        self != Self::LineDown
    }

    /// Whether the customer may have seen that we called, and could not talk to us.
    pub fn was_missed(self) -> bool {
        matches!(
            self,
            Self::NoAnswer | Self::Busy | Self::Declined | Self::Unreachable
        )
    }

    /// The stored name; also the key of its text on screens.
    pub fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Stopped => "stopped",
            Self::DecidedElsewhere => "decided_elsewhere",
            Self::Later => "later",
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::Declined => "declined",
            Self::HungUp => "hung_up",
            Self::WrongKeys => "wrong_keys",
            Self::Silent => "silent",
            Self::WrongNumber => "wrong_number",
            Self::Unreachable => "unreachable",
            Self::Interrupted => "interrupted",
            Self::MediaLost => "media_lost",
            Self::Expired => "expired",
            Self::TooLong => "too_long",
            Self::Trouble => "trouble",
            Self::LineDown => "line_down",
            Self::NotPossible => "not_possible",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|disposition| disposition.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::Disposition;

    #[test]
    fn every_disposition_reads_back_and_names_are_its_own() {
        for (place, disposition) in Disposition::ALL.into_iter().enumerate() {
            assert_eq!(Disposition::from_code(disposition.code()), Some(disposition));
            assert_eq!(disposition as usize, place, "ALL lists each once, in order");
        }
        assert_eq!(Disposition::from_code("?"), None);
    }
}
