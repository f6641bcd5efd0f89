//! Whether a sentence asks for a secret.

/// What no call may ask for, as it is said in either language, and how the refusal names it.
const SECRETS: &[(&str, &[&str])] = &[
    (
        "a password",
        &[
            "密码",
            "口令",
            "passw",
            "passphrase",
            "pass code",
            "pin code",
            "your pin",
            "the pin",
        ],
    ),
    (
        "a one-time code",
        &[
            "验证码",
            "校验码",
            "动态码",
            "one-time",
            "one time code",
            "verification code",
            "security code",
            "a code",
            "the code",
            "your code",
            "otp",
        ],
    ),
    (
        "a card number",
        &["卡号", "银行卡", "有效期", "cvv", "cvc", "card number", "expiry"],
    ),
    (
        "an identity number",
        &[
            "身份证",
            "证件号",
            "护照号",
            "identity number",
            "id number",
            "passport number",
            "social security",
        ],
    ),
    (
        "secret words",
        &[
            "助记词",
            "私钥",
            "恢复码",
            "recovery phrase",
            "recovery code",
            "private key",
            "seed phrase",
        ],
    ),
];

/// Sentences that say that we do not ask.
const NEVER: &[&str] = &["从不", "绝不", "不会询问", "不要告诉", "never"];

/// The kind of secret that a text asks for. Each sentence is judged by itself: one that says
/// that we never ask is fine, and excuses no other.
pub(super) fn asks_for(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    text.split(['。', '！', '？', '；', '.', '!', '?', ';'])
        .filter(|sentence| !NEVER.iter().any(|never| sentence.contains(never)))
        .find_map(|sentence| {
            SECRETS
                .iter()
                .find(|(_, words)| words.iter().any(|word| sentence.contains(word)))
                .map(|(kind, _)| *kind)
        })
}
