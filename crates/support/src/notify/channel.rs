use super::{Message, store};
use crate::SupportError;
use ::store::Tx;
use base::CustomerId;

/// A way out of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    Sms,
    Email,
}

impl Channel {
    pub const ALL: [Self; 2] = [Self::Sms, Self::Email];

    pub fn code(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }

    pub const fn job_kind(self) -> &'static str {
        match self {
            Self::Sms => "support.sms",
            Self::Email => "support.email",
        }
    }

    pub(super) fn of_job(kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.job_kind() == kind)
    }
}

/// Where a customer wants messages that are not vital; vital ones take every channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preferences {
    pub sms: bool,
    pub email: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            sms: false,
            email: true,
        }
    }
}

impl Preferences {
    /// The channels of one message, given whether there is an e-mail address.
    pub(super) fn channels(self, message: &Message, has_email: bool) -> Vec<Channel> {
        let wanted = |channel| match channel {
            Channel::Sms => message.is_vital() || self.sms,
            Channel::Email => has_email && (message.is_vital() || self.email),
        };
        Channel::ALL
            .into_iter()
            .filter(|channel| wanted(*channel))
            .collect()
    }
}

pub fn preferences(tx: &mut Tx, customer: CustomerId) -> Result<Preferences, SupportError> {
    Ok(store::preferences(tx, customer)?.unwrap_or_default())
}

pub fn set_preferences(tx: &mut Tx, customer: CustomerId, wanted: Preferences) -> Result<(), SupportError> {
    Ok(store::set_preferences(tx, customer, wanted)?)
}
