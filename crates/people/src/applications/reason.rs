//! Why an application was decided as it was, with the figures, in both languages.

use base::{Amount, Currency, Language};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReasonCode {
    LimitAsRequested,
    LimitByIncome,
    LimitByTier,
    LimitByStaff,
    LimitHalvedByOverdue,
    SmallestWallet,
    NoCreditFile,
    NameDiffers,
    BirthDateDiffers,
    DocumentUnknown,
    LimitFarAboveIncome,
    RegistersContradict,
    LowScore,
    SecurityMark,
    IdentityCheckDown,
    CreditCheckDown,
    OverdueLoans,
    LongOverdue,
    DocumentRevoked,
    DecidedByStaff,
    NumberUnreachable,
    NumberTaken,
    IdentityDocumentWanted,
    IncomeProofWanted,
}

/// A finding with the figure that was found and the one it was held against.
/// What the figures mean follows from the code; 0 where it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    pub code: ReasonCode,
    pub figure: i64,
    pub against: i64,
}

use ReasonCode as C;

/// Every code with its word in stored decisions. A word is never reused for another meaning.
const WORDS: [(ReasonCode, &str); 24] = [
    (C::LimitAsRequested, "limit_as_requested"),
    (C::LimitByIncome, "limit_by_income"),
    (C::LimitByTier, "limit_by_tier"),
    (C::LimitByStaff, "limit_by_staff"),
    (C::LimitHalvedByOverdue, "limit_halved_by_overdue"),
    (C::SmallestWallet, "smallest_wallet"),
    (C::NoCreditFile, "no_credit_file"),
    (C::NameDiffers, "name_differs"),
    (C::BirthDateDiffers, "birth_date_differs"),
    (C::DocumentUnknown, "document_unknown"),
    (C::LimitFarAboveIncome, "limit_far_above_income"),
    (C::RegistersContradict, "registers_contradict"),
    (C::LowScore, "low_score"),
    (C::SecurityMark, "security_mark"),
    (C::IdentityCheckDown, "identity_check_down"),
    (C::CreditCheckDown, "credit_check_down"),
    (C::OverdueLoans, "overdue_loans"),
    (C::LongOverdue, "long_overdue"),
    (C::DocumentRevoked, "document_revoked"),
    (C::DecidedByStaff, "decided_by_staff"),
    (C::NumberUnreachable, "number_unreachable"),
    (C::NumberTaken, "number_taken"),
    (C::IdentityDocumentWanted, "identity_document_wanted"),
    (C::IncomeProofWanted, "income_proof_wanted"),
];

impl ReasonCode {
    pub fn word(self) -> &'static str {
        WORDS
            .iter()
            .find(|(code, _)| *code == self)
            .map_or("unknown", |(_, word)| word)
    }

    pub fn from_word(word: &str) -> Option<Self> {
        WORDS
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(code, _)| *code)
    }
}

impl Reason {
    /// Staff asked for it, so that staff get it.
    pub(super) fn is_wanted_by_staff(&self) -> bool {
        matches!(self.code, C::IdentityDocumentWanted | C::IncomeProofWanted)
    }

    pub fn new(code: ReasonCode, figure: i64, against: i64) -> Self {
        Self {
            code,
            figure,
            against,
        }
    }

    pub fn plain(code: ReasonCode) -> Self {
        Self::new(code, 0, 0)
    }

    /// What the applicant reads: the finding, its figures and, where there is one, the remedy.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::ZhHans => self.chinese(),
            Language::En => self.english(),
        }
    }

    fn chinese(&self) -> String {
        let (figure, against) = (self.figure, self.against);
        match self.code {
            C::LimitAsRequested => format!("额度 {}，与您申请的一致。", yuan(figure)),
            C::LimitByIncome => format!("额度不超过 {against} 个月的收入，即 {}。", yuan(figure)),
            C::LimitByTier => format!("二类钱包每年最多 {}。", yuan(figure)),
            C::LimitByStaff => format!(
                "您申请的额度是 {}，工作人员审核后定为 {}。",
                yuan(against),
                yuan(figure)
            ),
            C::LimitHalvedByOverdue => {
                format!("征信报告中有 {against} 笔逾期贷款，额度减半为 {}。", yuan(figure))
            }
            C::SmallestWallet => format!("一类钱包，额度 {}。", yuan(figure)),
            C::NoCreditFile => format!("征信系统中没有您的记录，先开一类钱包，额度 {}。", yuan(figure)),
            C::NameDiffers => "姓名与证件登记不一致。请核对姓名的写法，或上传证件照片。".into(),
            C::BirthDateDiffers => "出生日期与证件登记不一致。请上传证件照片。".into(),
            C::DocumentUnknown => "登记系统查不到该证件。请核对证件号码，或上传证件照片。".into(),
            C::LimitFarAboveIncome => format!(
                "申请的额度 {} 远高于您填写的收入。超过 {} 需要收入证明，请上传，或申请较低的额度。",
                yuan(figure),
                yuan(against)
            ),
            C::RegistersContradict => "两个登记系统的资料互相矛盾，由工作人员核实。".into(),
            C::LowScore => format!("信用评分 {figure}，低于 {against}，由工作人员审核。"),
            C::SecurityMark => "以该证件提出的申请曾被机主否认，由工作人员核实。".into(),
            C::IdentityCheckDown => "身份核验服务暂时没有答复，由工作人员处理，您无需重新申请。".into(),
            C::CreditCheckDown => "征信查询服务暂时没有答复，由工作人员处理，您无需重新申请。".into(),
            C::OverdueLoans => {
                format!(
                    "征信报告中有 {figure} 笔逾期贷款，达到 {against} 笔的不予开立。请先结清，再重新申请。"
                )
            }
            C::LongOverdue => {
                format!("有贷款逾期 {figure} 天，达到 {against} 天的不予开立。请先结清，再重新申请。")
            }
            C::DocumentRevoked => "该证件已挂失或注销。请用新证件重新申请。".into(),
            C::DecidedByStaff => "由两位工作人员审核决定。".into(),
            C::NumberUnreachable => "多次拨打您留的号码都未接通，由工作人员处理。".into(),
            C::NumberTaken => "该号码在审核期间被另一个钱包使用，由工作人员核实。".into(),
            C::IdentityDocumentWanted => "工作人员需要您的证件照片（正反两面），请上传。".into(),
            C::IncomeProofWanted => "工作人员需要收入证明（如工资单或银行流水），请上传。".into(),
        }
    }

    fn english(&self) -> String {
        let (figure, against) = (self.figure, self.against);
        match self.code {
            C::LimitAsRequested => format!("The limit is {}, as you asked.", yuan(figure)),
            C::LimitByIncome => {
                format!("A limit is at most {against} months of income, that is {}.", yuan(figure))
            }
            C::LimitByTier => format!("A class II wallet pays at most {} a year.", yuan(figure)),
            C::LimitByStaff => format!(
                "You asked for a limit of {}; our staff set it at {}.",
                yuan(against),
                yuan(figure)
            ),
            C::LimitHalvedByOverdue => format!(
                "Your credit report shows overdue loans ({against}), so the limit is halved to {}.",
                yuan(figure)
            ),
            C::SmallestWallet => {
                format!("A class I wallet with a limit of {}.", yuan(figure))
            }
            C::NoCreditFile => format!(
                "The credit register has no file on you, so you begin with a class I wallet and a limit of {}.",
                yuan(figure)
            ),
            C::NameDiffers => {
                "The name differs from the one registered with the document. Check its spelling, or upload a photo of the document.".into()
            }
            C::BirthDateDiffers => {
                "The birth date differs from the one registered with the document. Upload a photo of the document.".into()
            }
            C::DocumentUnknown => {
                "The register does not know this document. Check its number, or upload a photo of it.".into()
            }
            C::LimitFarAboveIncome => format!(
                "You asked for {}, far above the income you stated. Above {} we need proof of income: upload it, or ask for less.",
                yuan(figure),
                yuan(against)
            ),
            C::RegistersContradict => "Two registers contradict each other; our staff will look into it.".into(),
            C::LowScore => format!("Your credit score is {figure}, below {against}; our staff will decide."),
            C::SecurityMark => {
                "An application with this document was once disowned by the person we called; our staff will look into it.".into()
            }
            C::IdentityCheckDown => {
                "The identity service does not answer at the moment. Our staff will take over; you need not apply again.".into()
            }
            C::CreditCheckDown => {
                "The credit service does not answer at the moment. Our staff will take over; you need not apply again.".into()
            }
            C::OverdueLoans => format!(
                "Your credit report shows {figure} overdue loans; from {against} on we cannot open a wallet. Settle them, then apply again."
            ),
            C::LongOverdue => format!(
                "A loan is {figure} days overdue; from {against} days on we cannot open a wallet. Settle it, then apply again."
            ),
            C::DocumentRevoked => {
                "This document was reported lost or withdrawn. Apply again with your new document.".into()
            }
            C::DecidedByStaff => "Two members of our staff reviewed and decided it.".into(),
            C::NumberUnreachable => {
                "We called your number several times without success; our staff will take over.".into()
            }
            C::NumberTaken => {
                "This number came into use by another wallet in the meantime; our staff will look into it.".into()
            }
            C::IdentityDocumentWanted => {
                "Our staff need a photo of your identity document, both sides. Upload it.".into()
            }
            C::IncomeProofWanted => {
                "Our staff need a proof of income, such as a payslip or bank statement. Upload it.".into()
            }
        }
    }
}

/// `limit_by_income:1200000:12,limit_by_tier:…`: as reasons are stored.
pub fn encode(reasons: &[Reason]) -> String {
    let parts: Vec<String> = reasons
        .iter()
        .map(|reason| format!("{}:{}:{}", reason.code.word(), reason.figure, reason.against))
        .collect();
    parts.join(",")
}

/// Reads what [`encode`] wrote; `None` when the text is not of that form.
pub fn decode(text: &str) -> Option<Vec<Reason>> {
    text.split(',')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let mut fields = part.split(':');
            let code = ReasonCode::from_word(fields.next()?)?;
            let (figure, against) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
            fields.next().is_none().then_some(Reason {
                code,
                figure,
                against,
            })
        })
        .collect()
}

fn yuan(minor: i64) -> Amount {
    Amount::new(minor, Currency::Cny)
}
