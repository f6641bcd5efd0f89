use base::Language;
use std::sync::LazyLock;

/// The reviewed wording: id, Chinese, English.
const PROMPTS: &str = include_str!("../../prompts/prompts.tsv");

macro_rules! prompt_ids {
    ($($name:ident = $id:literal,)*) => {
        /// A fixed line of a script; its wording is a row of `prompts.tsv`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum PromptId { $($name,)* }

        impl PromptId {
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name of its row in `prompts.tsv` and of an operator's recording of it.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }
        }
    };
}

prompt_ids! {
    PaymentGreeting = "payment-greeting",
    ApplicationGreeting = "application-greeting",
    LanguageOffer = "language-offer",
    PaymentChoices = "payment-choices",
    PaymentChoicesAppOnly = "payment-choices-app-only",
    PaymentPaid = "payment-paid",
    PaymentStopped = "payment-stopped",
    PaymentLater = "payment-later",
    PaymentSignIn = "payment-sign-in",
    PaymentNotWaiting = "payment-not-waiting",
    PaymentExpired = "payment-expired",
    PaymentFailed = "payment-failed",
    PaymentUnsure = "payment-unsure",
    PaymentNoAnswer = "payment-no-answer",
    ApplicationChoices = "application-choices",
    ApplicationConfirmed = "application-confirmed",
    ApplicationStopped = "application-stopped",
    ApplicationLater = "application-later",
    LaterNoRoom = "later-no-room",
    ApplicationNotWaiting = "application-not-waiting",
    ApplicationNoAnswer = "application-no-answer",
    NumberGreeting = "number-greeting",
    NumberDetails = "number-details",
    NumberChoices = "number-choices",
    NumberStopped = "number-stopped",
    NoInput = "no-input",
    NotUnderstood = "not-understood",
    KeysAfterQuestion = "keys-after-question",
    LanguageSwitched = "language-switched",
    PleaseWait = "please-wait",
    Trouble = "trouble",
    Inbound = "inbound",
    Goodbye = "goodbye",
}

impl PromptId {
    /// What is said. The language offer is said in the language that it offers.
    pub fn text(self, language: Language) -> &'static str {
        wording(self.id(), language).expect("a test holds that every prompt has its wording")
    }
}

/// The wording of a row, among them `press-3` to `press-9`, which no `PromptId` names.
pub(super) fn wording(id: &str, language: Language) -> Option<&'static str> {
    let row = ROWS.iter().find(|row| row[0] == id)?;
    Some(match language {
        Language::ZhHans => row[1],
        Language::En => row[2],
    })
}

static ROWS: LazyLock<Vec<[&'static str; 3]>> = LazyLock::new(|| {
    let rows = PROMPTS.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| line.split('\t').collect::<Vec<_>>().try_into().ok())
        .collect()
});
