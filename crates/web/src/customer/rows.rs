use crate::shell::Page;
use crate::words::signed_money;
use base::Amount;
use money::activity::{Direction, Entry};
use money::payments::Kind;
use money::wallets::masked_name;
use money::{Payment, PaymentState};

/// One line of the activity.
pub struct Row {
    pub id: String,
    pub title: String,
    pub pill: String,
    pub tone: &'static str,
    pub when: String,
    pub amount: String,
    pub incoming: bool,
    pub void: bool,
}

impl Row {
    pub fn of(p: &Page, entry: &Entry) -> Self {
        let payment = &entry.payment;
        let incoming = entry.direction == Direction::In;
        let title = match (payment.kind, entry.direction) {
            (Kind::TopUp, _) => p.t("row-topup"),
            (Kind::Transfer, Direction::In) => p.t1("row-from", "name", other_name(payment, true)),
            (Kind::Transfer, Direction::Out) => p.t1("row-to", "name", other_name(payment, false)),
        };
        let signed = if incoming {
            payment.amount.minor
        } else {
            -payment.amount.minor
        };
        let (pill, tone) = match payment.state {
            PaymentState::Posted => (String::new(), ""),
            PaymentState::Held => (p.t("state-held"), "ring"),
            PaymentState::Voided => (p.t("state-voided"), "quiet"),
            PaymentState::Refused => (p.t("state-refused"), "quiet"),
        };
        Self {
            id: payment.id.to_string(),
            title,
            pill,
            tone,
            when: p.calendar.moment(payment.created_at),
            amount: signed_money(Amount::new(signed, payment.amount.currency)),
            incoming,
            void: matches!(payment.state, PaymentState::Voided | PaymentState::Refused),
        }
    }
}

/// The other side's name. A payer learns the payee's in full once they have paid them; until then,
/// and to a payee, it is masked.
pub fn other_name(payment: &Payment, incoming: bool) -> String {
    match (incoming, payment.state) {
        (true, _) => masked_name(payment.payer.name()),
        (false, PaymentState::Posted) => payment.payee.name().to_owned(),
        (false, PaymentState::Held | PaymentState::Voided | PaymentState::Refused) => {
            masked_name(payment.payee.name())
        }
    }
}
