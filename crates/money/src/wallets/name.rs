use crate::MoneyError;
use crate::payments::{Payment, PaymentState, paid_before};
use ::store::Tx;

/// The other side's name as this reader of a payment may see it. A payer knows in full whom they
/// have paid, by this payment or before; strangers, and whoever paid the reader, are masked.
pub fn other_name(tx: &mut Tx<'_>, payment: &Payment, reader_account: i64) -> Result<String, MoneyError> {
    let (payer, payee) = (&payment.payer, &payment.payee);
    let (other, known) = if payer.account == reader_account {
        let paid = payment.state == PaymentState::Posted;
        (payee, paid || paid_before(tx, payer.account, payee.account)?)
    } else {
        (payer, false)
    };
    // A bank is no person.
    Ok(match &other.wallet {
        Some(wallet) if !known => masked_name(&wallet.name),
        Some(_) | None => other.name().to_owned(),
    })
}

/// A name as a stranger may see it: enough to notice that it is the wrong person, not enough to
/// learn who it is. `王小明` is `王*明`, `王明` is `王*`, `Wang Xiaoming` is `Wang X.`
pub fn masked_name(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => masked_word(only),
        [first, rest @ ..] => {
            let initials = rest.iter().filter_map(|word| word.chars().next());
            let initials: Vec<String> = initials.map(|initial| format!("{initial}.")).collect();
            format!("{first} {}", initials.join(" "))
        }
    }
}

fn masked_word(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    match letters.as_slice() {
        [] => String::new(),
        [only] => only.to_string(),
        [first, _] => format!("{first}*"),
        [first, hidden @ .., last] => format!("{first}{}{last}", "*".repeat(hidden.len().min(3))),
    }
}

#[cfg(test)]
mod tests {
    use super::masked_name;

    #[test]
    fn a_stranger_sees_part_of_a_name() {
        for (name, masked) in [
            ("王小明", "王*明"),
            ("王明", "王*"),
            ("王", "王"),
            ("欧阳小明", "欧**明"),
            ("Wang Xiaoming", "Wang X."),
            ("Anna Maria Schmidt", "Anna M. S."),
            ("Bartholomew", "B***w"),
            ("", ""),
        ] {
            assert_eq!(masked_name(name), masked);
        }
    }
}
