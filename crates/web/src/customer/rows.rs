use crate::shell::Page;
use crate::words::signed_money;
use base::{Amount, PaymentId};
use money::activity::{self, Direction, Entry};
use money::payments::Kind;
use money::{MoneyError, PaymentState, wallets};
use store::Tx;

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

/// What went in or out, and the other side's name as this side may see it.
pub struct Line {
    pub entry: Entry,
    pub other: String,
}

/// A page of an account's activity.
pub fn lines(
    tx: &mut Tx<'_>,
    account: i64,
    before: Option<PaymentId>,
    limit: usize,
) -> Result<Vec<Line>, MoneyError> {
    let mut lines = Vec::new();
    for entry in activity::list(tx, account, before, limit)? {
        let other = wallets::other_name(tx, &entry.payment, account)?;
        lines.push(Line { entry, other });
    }
    Ok(lines)
}

impl Row {
    pub fn of(p: &Page, Line { entry, other }: &Line) -> Self {
        let payment = &entry.payment;
        let incoming = entry.direction == Direction::In;
        let title = match (payment.kind, entry.direction) {
            (Kind::TopUp, _) => p.t("row-topup"),
            (Kind::Transfer, Direction::In) => p.t1("row-from", "name", other),
            (Kind::Transfer, Direction::Out) => p.t1("row-to", "name", other),
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
