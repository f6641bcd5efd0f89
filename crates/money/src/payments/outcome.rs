use crate::limits::Passed;
use base::{Amount, Currency, Language, PaymentId, Timestamp};
use risk::Reason;

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Posted(PaymentId),
    /// Set aside until the customer confirms on a call; voided at the deadline.
    Held {
        payment: PaymentId,
        deadline: Timestamp,
        reasons: Vec<Reason>,
    },
    /// Nothing moved: order again, under a new key, with a second factor.
    Challenged {
        reasons: Vec<Reason>,
    },
    Refused(Refusal),
    /// The key was used for another request; nothing is stored about this one.
    KeyReused,
}

/// The answer to an order, byte for byte the same however often it is repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The order had been answered before, and nothing was done now.
    pub replayed: bool,
    /// JSON.
    pub body: Vec<u8>,
    pub outcome: Outcome,
}

/// Why nothing moved, and what a person can do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    AmountNotPositive,
    UnknownPayer,
    UnknownPayee,
    SelfPayment,
    WrongCurrency {
        wanted: Currency,
    },
    NotEnough {
        available_minor: i64,
    },
    OverPaymentLimit {
        limit_minor: i64,
    },
    OverDayLimit {
        left_minor: i64,
    },
    OverYearLimit {
        left_minor: i64,
    },
    /// Of a top-up; that a stranger's wallet is full is nobody's business.
    OverBalanceLimit {
        limit_minor: i64,
    },
    PayerFrozen,
    PayeeCannotReceive,
    RiskRefused {
        payment: PaymentId,
    },
}

impl From<Passed> for Refusal {
    fn from(passed: Passed) -> Self {
        match passed {
            Passed::Payment { limit_minor } => Self::OverPaymentLimit { limit_minor },
            Passed::Day { left_minor } => Self::OverDayLimit { left_minor },
            Passed::Year { left_minor } => Self::OverYearLimit { left_minor },
        }
    }
}

impl Refusal {
    /// What the API calls it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AmountNotPositive => "amount_not_positive",
            Self::UnknownPayer => "unknown_payer",
            Self::UnknownPayee => "unknown_payee",
            Self::SelfPayment => "self_payment",
            Self::WrongCurrency { .. } => "wrong_currency",
            Self::NotEnough { .. } => "not_enough",
            Self::OverPaymentLimit { .. } => "over_payment_limit",
            Self::OverDayLimit { .. } => "over_day_limit",
            Self::OverYearLimit { .. } => "over_year_limit",
            Self::OverBalanceLimit { .. } => "over_balance_limit",
            Self::PayerFrozen => "payer_frozen",
            Self::PayeeCannotReceive => "payee_cannot_receive",
            Self::RiskRefused { .. } => "risk_refused",
        }
    }

    /// The field of the order that is to be changed, if one is.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::AmountNotPositive
            | Self::NotEnough { .. }
            | Self::OverPaymentLimit { .. }
            | Self::OverDayLimit { .. }
            | Self::OverYearLimit { .. }
            | Self::OverBalanceLimit { .. } => Some("amount"),
            Self::UnknownPayee | Self::SelfPayment | Self::PayeeCannotReceive => Some("payee"),
            Self::WrongCurrency { .. } => Some("currency"),
            Self::UnknownPayer | Self::PayerFrozen | Self::RiskRefused { .. } => None,
        }
    }

    /// The figure that goes with the code, in minor units.
    pub fn figure_minor(&self) -> Option<i64> {
        match self {
            Self::NotEnough {
                available_minor: figure,
            }
            | Self::OverPaymentLimit { limit_minor: figure }
            | Self::OverDayLimit { left_minor: figure }
            | Self::OverYearLimit { left_minor: figure }
            | Self::OverBalanceLimit { limit_minor: figure } => Some(*figure),
            _ => None,
        }
    }

    /// One or two sentences: what is wrong, and the remedy. Figures are in `currency`.
    pub fn text(&self, language: Language, currency: Currency) -> String {
        let figure = Amount::new(self.figure_minor().unwrap_or(0), currency);
        match language {
            Language::ZhHans => self.chinese(figure),
            Language::En => self.english(figure),
        }
    }

    fn english(&self, figure: Amount) -> String {
        match self {
            Self::AmountNotPositive => "The amount must be above zero.".into(),
            Self::UnknownPayer => "This wallet does not exist. Sign in again.".into(),
            Self::UnknownPayee => "Nobody has this number. Check the payee's number.".into(),
            Self::SelfPayment => "That is your own wallet. Choose another payee.".into(),
            Self::WrongCurrency { wanted } => format!("Both wallets keep {wanted}. Pay in {wanted}."),
            Self::NotEnough { .. } => format!("You have {figure} left to pay with. Pay less or top up."),
            Self::OverPaymentLimit { .. } => format!("At most {figure} may be paid at once. Pay less."),
            Self::OverDayLimit { .. } => {
                format!("{figure} of today's limit is left. Pay less, or again tomorrow.")
            }
            Self::OverYearLimit { .. } => {
                format!("{figure} of this wallet's yearly limit is left. Pay less.")
            }
            Self::OverBalanceLimit { .. } => {
                format!("This wallet holds at most {figure}. Top up less.")
            }
            Self::PayerFrozen => "Your wallet is frozen. The security page says how it is unfrozen.".into(),
            Self::PayeeCannotReceive => {
                "The payee cannot receive this payment now. Ask them, or choose another payee.".into()
            }
            Self::RiskRefused { .. } => {
                "We have stopped this payment for your safety. If it was you, contact support.".into()
            }
        }
    }

    fn chinese(&self, figure: Amount) -> String {
        match self {
            Self::AmountNotPositive => "金额必须大于零。".into(),
            Self::UnknownPayer => "该钱包不存在，请重新登录。".into(),
            Self::UnknownPayee => "没有人使用这个号码，请核对收款人号码。".into(),
            Self::SelfPayment => "这是您自己的钱包，请选择其他收款人。".into(),
            Self::WrongCurrency { wanted } => format!("双方钱包的币种为 {wanted}，请以 {wanted} 付款。"),
            Self::NotEnough { .. } => format!("您可用的余额为 {figure}，请减少金额或先充值。"),
            Self::OverPaymentLimit { .. } => format!("单笔最多可付 {figure}，请减少金额。"),
            Self::OverDayLimit { .. } => format!("今日额度还剩 {figure}，请减少金额或明日再付。"),
            Self::OverYearLimit { .. } => {
                format!("该钱包的年付款额度还剩 {figure}，请减少金额。")
            }
            Self::OverBalanceLimit { .. } => format!("该钱包余额最多为 {figure}，请减少充值金额。"),
            Self::PayerFrozen => "您的钱包已冻结，如何解冻请查看安全页面。".into(),
            Self::PayeeCannotReceive => "收款人目前无法收款，请联系对方或选择其他收款人。".into(),
            Self::RiskRefused { .. } => {
                "为保护您的资金，我们已拦截这笔付款。如确为本人操作，请联系客服。".into()
            }
        }
    }
}
