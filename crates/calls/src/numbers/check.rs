use base::{CustomerId, PhoneNumber, Timestamp};

base::id_type!(
    /// One request to verify a number by a call.
    NumberCheckId
);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberCheck {
    pub id: NumberCheckId,
    pub customer: CustomerId,
    pub phone: PhoneNumber,
    pub state: CheckState,
    pub asked_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CheckState {
    /// A call is to come, or under way.
    Asked,
    /// Whoever answered said that the number is theirs.
    Verified,
    /// Whoever answered said that it is not.
    Denied,
    /// Nobody was reached, or another request took its place.
    Ended,
    /// It belongs to another customer, and was not called.
    Taken,
}

/// How far the number on file can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Works,
    /// The network said that there is no such number. One such answer may be the network's fault.
    Doubted {
        since: Timestamp,
    },
    /// It said so again, hours later: nobody calls there any more.
    Wrong {
        since: Timestamp,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A call verifies it.
    Calling(NumberCheckId),
    /// We place no calls to numbers of its country.
    NotCalled,
    /// In use by another; whose is not said.
    Taken,
    /// So many requests within a day.
    TooMany,
    /// The number on file works: staff change it, two of them.
    NotDoubted,
    NotFound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberChange {
    Changed,
    /// It is the number on file, and known to work from now on.
    Confirmed,
    /// We place no calls to numbers of its country.
    NotCalled,
    Taken,
    NotFound,
}

impl CheckState {
    pub const ALL: [Self; 5] = [
        Self::Asked,
        Self::Verified,
        Self::Denied,
        Self::Ended,
        Self::Taken,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Verified => "verified",
            Self::Denied => "denied",
            Self::Ended => "ended",
            Self::Taken => "taken",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}
