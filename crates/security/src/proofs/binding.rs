use crate::Token;
use crate::sealing::Keyring;
use crate::sessions::Session;
use base::{Amount, PaymentId};

/// What a signature is about: everything that the customer must have seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub payment: PaymentId,
    pub amount: Amount,
    pub payee_account: i64,
    /// As the screen shows it, or what that is made of.
    pub payee_name: String,
}

impl Binding {
    /// HMAC over every field with its length, so that no two bindings read alike.
    pub(super) fn mac(&self, keyring: &Keyring, session: &Session, nonce: &Token) -> [u8; 32] {
        let amount = self.amount.minor.to_be_bytes();
        let payee = self.payee_account.to_be_bytes();
        let fields: [&[u8]; 8] = [
            session.login.as_bytes(),
            session.id.as_bytes(),
            nonce.as_str().as_bytes(),
            self.payment.as_bytes(),
            &amount,
            self.amount.currency.code().as_bytes(),
            &payee,
            self.payee_name.as_bytes(),
        ];
        let mut message = Vec::with_capacity(256);
        for field in fields {
            message.extend((field.len() as u64).to_be_bytes());
            message.extend(field);
        }
        keyring.mac("proof.binding", &message)
    }
}
