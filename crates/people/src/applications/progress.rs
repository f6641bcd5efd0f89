//! What the progress page tells an applicant to do next.

use super::application::Application;
use super::callback::PHONE_CORRECTIONS_MAX;
use super::state::ApplicationState;
use base::{Language, Timestamp};

/// Something an applicant can do or wait for. The page offers a button for those that have a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    WaitForChecks,
    SupplyDocuments,
    ExpectCall,
    /// We did not get through: is the number right?
    CorrectPhone {
        corrections_left: i64,
    },
    CallAgain,
    WaitForStaff,
    SignIn,
    Appeal,
    ReapplyFrom(Timestamp),
    ApplyAnew,
    Withdraw,
    /// Ended because the person we called had not applied.
    ContactStaff,
}

/// In the order in which the page shows them: the most useful first.
pub fn next_steps(application: &Application) -> Vec<NextStep> {
    match application.state {
        ApplicationState::Draft => vec![NextStep::ApplyAnew],
        ApplicationState::Submitted | ApplicationState::Screening => {
            vec![NextStep::WaitForChecks, NextStep::Withdraw]
        }
        ApplicationState::MoreDocuments => vec![NextStep::SupplyDocuments, NextStep::Withdraw],
        ApplicationState::Callback if application.number_doubted => {
            let corrections_left = PHONE_CORRECTIONS_MAX - application.phone_corrections;
            vec![
                NextStep::CorrectPhone { corrections_left },
                NextStep::CallAgain,
                NextStep::Withdraw,
            ]
        }
        ApplicationState::Callback => vec![NextStep::ExpectCall, NextStep::Withdraw],
        ApplicationState::Referred => vec![NextStep::WaitForStaff, NextStep::Withdraw],
        ApplicationState::Activated => vec![NextStep::SignIn],
        ApplicationState::Declined => {
            let appeal = application.appealed_at.is_none().then_some(NextStep::Appeal);
            let reapply = application
                .reapply_from
                .map_or(NextStep::ApplyAnew, NextStep::ReapplyFrom);
            appeal.into_iter().chain([reapply]).collect()
        }
        ApplicationState::Withdrawn if application.disowned => vec![NextStep::ContactStaff],
        ApplicationState::Withdrawn => vec![NextStep::ApplyAnew],
    }
}

impl NextStep {
    pub fn text(self, language: Language) -> String {
        match language {
            Language::ZhHans => self.chinese(),
            Language::En => self.english(),
        }
    }

    fn chinese(self) -> String {
        match self {
            Self::WaitForChecks => "我们正在核验资料，通常一分钟内完成。您可以离开本页。".into(),
            Self::SupplyDocuments => "请按下面的说明补充资料或更正，我们会重新核验。".into(),
            Self::ExpectCall => "请留意来电。我们会在通知里写明号码和时间，绝不询问密码和验证码。".into(),
            Self::CorrectPhone { corrections_left: 0 } => {
                "我们打不通您留的号码，更正次数已用完，请等待人工处理。".into()
            }
            Self::CorrectPhone { corrections_left } => {
                format!(
                    "我们打不通您留的号码。号码有误请更正（还可更正 {corrections_left} 次），我们会拨打新号码确认。"
                )
            }
            Self::CallAgain => "号码无误的话，请让我们再打一次。".into(),
            Self::WaitForStaff => "工作人员正在审核，结果会通知您，无需重新申请。".into(),
            Self::SignIn => "钱包已开通，请按短信或邮件里的链接首次登录。".into(),
            Self::Appeal => "您认为结果有误？可提出一次异议，由工作人员重新审核。".into(),
            Self::ReapplyFrom(from) => format!("您可以在 {} 之后重新申请。", &from.to_rfc3339()[..10]),
            Self::ApplyAnew => "您可以随时重新申请。".into(),
            Self::Withdraw => "不想继续？可以撤回申请。".into(),
            Self::ContactStaff => "我们拨打的号码的主人表示没有申请。如果这是误会，请联系客服。".into(),
        }
    }

    fn english(self) -> String {
        match self {
            Self::WaitForChecks => "We are checking your details, usually within a minute. You may leave this page.".into(),
            Self::SupplyDocuments => "Supply or correct what is listed below; we then check again.".into(),
            Self::ExpectCall => {
                "Expect our call. The notice says from which number and when; we never ask for a password or code.".into()
            }
            Self::CorrectPhone { corrections_left: 0 } => {
                "We could not reach your number, and no corrections are left. Our staff will take over.".into()
            }
            Self::CorrectPhone { corrections_left } => format!(
                "We could not reach your number. If it is wrong, correct it ({corrections_left} left); we call the new one to verify it."
            ),
            Self::CallAgain => "If the number is right, let us call again.".into(),
            Self::WaitForStaff => "Our staff are looking at it and will tell you; there is no need to apply again.".into(),
            Self::SignIn => "Your wallet is open. Follow the link in our message to sign in for the first time.".into(),
            Self::Appeal => "You think this is wrong? Object once, and a person will look at it again.".into(),
            Self::ReapplyFrom(from) => format!("You may apply again after {}.", &from.to_rfc3339()[..10]),
            Self::ApplyAnew => "You may apply again at any time.".into(),
            Self::Withdraw => "Changed your mind? Withdraw the application.".into(),
            Self::ContactStaff => {
                "The person at the number we called said that they had not applied. If that is a mistake, ask our staff.".into()
            }
        }
    }
}
