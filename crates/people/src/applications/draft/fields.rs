use super::problem::{Field, FieldProblem};
use crate::identity_checks::{Document, DocumentProblem};
use base::{
    Amount, AmountError, CallingCodes, Currency, Language, OperatorZone, PhoneNumber, PhoneNumberError,
};
use jiff::civil::Date;

const ADULT_YEARS: i16 = 18;
const OLDEST_YEARS: i16 = 120;
const LONGEST_NAME_CHARACTERS: usize = 60;
/// More than this a month or a year is a slip of the keyboard: 100 million yuan.
const LARGEST_AMOUNT_MINOR: i64 = 10_000_000_000;

/// A name of 2 to 60 characters: letters of any script, spaces, `·`, `-`, `'` and `.` inside.
pub fn parse_name(text: &str) -> Result<String, FieldProblem> {
    let name = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace(['•', '・'], "·");
    let characters = name.chars().count();
    if !(2..=LONGEST_NAME_CHARACTERS).contains(&characters) {
        return Err(FieldProblem::new(
            Field::Name,
            "name_length",
            format!("请填写证件上的姓名，2 至 {LONGEST_NAME_CHARACTERS} 个字符。"),
            format!("Enter your name as on the document, 2 to {LONGEST_NAME_CHARACTERS} characters."),
        ));
    }
    let found = name
        .chars()
        .find(|c| !(c.is_alphabetic() || matches!(c, ' ' | '·' | '-' | '\'' | '’' | '.')));
    match found {
        Some(found) => Err(FieldProblem::new(
            Field::Name,
            "name_character",
            format!("姓名中不能有“{found}”。请照证件填写。"),
            format!("A name cannot contain “{found}”. Write it as on the document."),
        )),
        None => Ok(name),
    }
}

/// A number that we can call: the call about the application verifies it.
pub fn parse_phone(text: &str, countries: &CallingCodes) -> Result<PhoneNumber, FieldProblem> {
    let wrong =
        |code, chinese: String, english: String| FieldProblem::new(Field::Phone, code, chinese, english);
    // Where no other country is called, the way to write its numbers leads nowhere.
    let abroad = *countries != CallingCodes::china();
    let hint = |text: &'static str| if abroad { text } else { "" };
    let phone = PhoneNumber::parse(text).map_err(|problem| match problem {
        PhoneNumberError::NotDigits => wrong(
            "phone_not_digits",
            format!(
                "请填写手机号码，只用数字，例如 138 0013 8000。{}",
                hint("境外号码以 + 和国家代码开头。")
            ),
            format!(
                "Enter a phone number in digits, for example 138 0013 8000.{}",
                hint(" From abroad begin with + and the country code.")
            ),
        ),
        PhoneNumberError::WrongLength(digits) => wrong(
            "phone_length",
            format!("号码应有 7 至 15 位数字，您填了 {digits} 位。请补全或改正。"),
            format!("A phone number has 7 to 15 digits, you entered {digits}. Correct it."),
        ),
        PhoneNumberError::NotAChineseMobile => wrong(
            "phone_not_a_mobile",
            format!(
                "手机号码应为 11 位，以 13 至 19 开头。请改正。{}",
                hint("境外号码以 + 开头。")
            ),
            format!(
                "A Chinese mobile number has 11 digits and begins with 13 to 19. Correct it.{}",
                hint(" Begin with + for another country.")
            ),
        ),
    })?;
    if countries.cover(&phone) {
        return Ok(phone);
    }
    Err(FieldProblem::new(
        Field::Phone,
        "phone_country",
        format!("我们只拨打以 {countries} 开头的号码，而申请须通过电话确认。请填写这样的号码。"),
        format!(
            "We call numbers that begin with {countries} only, and confirm an application by a call. Give such a number."
        ),
    ))
}

pub(super) fn parse_document(text: &str, today: Date) -> Result<Document, FieldProblem> {
    if text.trim().is_empty() {
        return Err(FieldProblem::new(
            Field::Document,
            "document_missing",
            "请填写 18 位身份证号码，或护照底部的两行机读区。",
            "Enter the 18 characters of your ID number, or the two lines at the bottom of your passport.",
        ));
    }
    let document = Document::parse(text, today).map_err(|problem| from_document(&problem))?;
    let age = age_years(document.birth_date(), today);
    if age < ADULT_YEARS {
        return Err(FieldProblem::new(
            Field::Document,
            "under_age",
            format!("申请人须年满 {ADULT_YEARS} 周岁。未成年人请由监护人陪同到网点办理。"),
            format!(
                "Applicants must be {ADULT_YEARS}. Younger people are welcome at a branch with a guardian."
            ),
        ));
    }
    if age > OLDEST_YEARS {
        return Err(FieldProblem::new(
            Field::Document,
            "birth_date_unlikely",
            format!("证件上的出生日期表示 {age} 岁。请核对出生日期的数字。"),
            format!("By this document you are {age} years old. Check the digits of the birth date."),
        ));
    }
    Ok(document)
}

pub(super) fn parse_income(text: &str) -> Result<i64, FieldProblem> {
    // People without an income may apply; zero is not a payment, so it is read here.
    if !text.is_empty() && text.trim().chars().all(|c| matches!(c, '0' | '.')) && text.contains('0') {
        return Ok(0);
    }
    parse_amount(Field::Income, text, ("月收入", "Monthly income"))
}

pub fn parse_limit(text: &str) -> Result<i64, FieldProblem> {
    parse_amount(Field::RequestedLimit, text, ("申请额度", "The limit"))
}

fn parse_amount(field: Field, text: &str, (chinese, english): (&str, &str)) -> Result<i64, FieldProblem> {
    let too_large = || {
        FieldProblem::new(
            field,
            "amount_too_large",
            format!("{chinese}过大，最多一亿元。请检查多余的零。"),
            format!("{english} is too large, at most 100,000,000 yuan. Check for extra zeros."),
        )
    };
    let amount = Amount::parse_positive(text, Currency::Cny).map_err(|problem| match problem {
        AmountError::NotANumber => FieldProblem::new(
            field,
            "amount_not_a_number",
            format!("{chinese}应为以元为单位的数字，例如 8000。"),
            format!("{english} should be a number in yuan, for example 8000."),
        ),
        AmountError::TooManyDecimals { allowed } => FieldProblem::new(
            field,
            "amount_decimals",
            format!("{chinese}最多 {allowed} 位小数。"),
            format!("{english} has at most {allowed} decimal places."),
        ),
        AmountError::NotPositive => FieldProblem::new(
            field,
            "amount_not_positive",
            format!("{chinese}应大于零。"),
            format!("{english} must be above zero."),
        ),
        AmountError::TooLarge => too_large(),
    })?;
    if amount.minor > LARGEST_AMOUNT_MINOR {
        Err(too_large())
    } else {
        Ok(amount.minor)
    }
}

pub(super) fn parse_language(text: &str) -> Result<Language, FieldProblem> {
    if text.is_empty() {
        return Ok(Language::ZhHans);
    }
    Language::from_tag(text).ok_or_else(|| {
        FieldProblem::new(
            Field::Language,
            "language_unknown",
            "语言请选择 zh-Hans 或 en。",
            "Choose zh-Hans or en as the language.",
        )
    })
}

pub(super) fn parse_email(text: &str) -> Result<Option<String>, FieldProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let plausible = text.len() <= 254
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';'))
        && text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !domain.contains('@')
                && domain.contains('.')
                && domain.split('.').all(|label| !label.is_empty())
        });
    if plausible {
        return Ok(Some(text.to_owned()));
    }
    Err(FieldProblem::new(
        Field::Email,
        "email_form",
        "邮箱应类似 name@example.com；没有邮箱可以留空。",
        "An e-mail address looks like name@example.com; leave it empty if you have none.",
    ))
}

pub(super) fn parse_zone(text: &str, operator: &OperatorZone) -> Result<String, FieldProblem> {
    if text.is_empty() {
        return Ok(operator.name().to_owned());
    }
    match OperatorZone::named(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(FieldProblem::new(
            Field::Zone,
            "zone_unknown",
            "时区请用 IANA 名称，例如 Asia/Shanghai。",
            "Name the time zone as in the IANA database, for example Asia/Shanghai.",
        )),
    }
}

/// Whole years between a birth date and today.
pub fn age_years(birth_date: Date, today: Date) -> i16 {
    let had_birthday = (today.month(), today.day()) >= (birth_date.month(), birth_date.day());
    today.year() - birth_date.year() - i16::from(!had_birthday)
}

fn from_document(problem: &DocumentProblem) -> FieldProblem {
    FieldProblem::new(
        Field::Document,
        problem.code(),
        problem.text(Language::ZhHans),
        problem.text(Language::En),
    )
}
