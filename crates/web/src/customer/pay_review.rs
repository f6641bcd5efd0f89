//! The sheet before a payment: whom the money reaches, how much, and the signature over both.

use super::pay::Sound;
use crate::fault::Fault;
use crate::form::Form;
use crate::guard::Customer;
use crate::shell::{Page, Tab, reply};
use crate::state::AppState;
use crate::words::money;
use ::money::{Wallet, payments};
use askama::Template;
use axum::response::Response;
use base::{Amount, PaymentId};
use risk::WarningSign;
use security::Token;
use security::proofs::{self, Binding, ProofOutcome, Spent};
use sha2::{Digest, Sha256};

#[derive(Template)]
#[template(path = "customer/pay_review.html")]
struct ReviewPage {
    p: Page,
    form: Form,
    key: String,
    payee: String,
    payee_number: String,
    amount: String,
    left_after: String,
    new_payee: bool,
    /// Of the challenge that a code signs; none where no code is asked for.
    nonce: Option<String>,
    problem: Option<String>,
}

/// One payment as its customer looks at it.
pub(super) struct Review<'a> {
    pub state: &'a AppState,
    pub customer: &'a Customer,
    pub wallet: &'a Wallet,
    pub sound: &'a Sound,
    pub unread: u32,
}

impl Review<'_> {
    pub async fn page(
        &self,
        form: Form,
        key: String,
        needs_code: bool,
        problem: Option<String>,
    ) -> Result<Response, Fault> {
        let sound = self.sound;
        let left_minor = self
            .wallet
            .day_left_minor(self.customer.visitor.now, &self.state.policy)
            - sound.amount.minor;
        let refused = form.has_errors() || problem.is_some();
        let nonce = if needs_code {
            Some(self.challenge(&key).await?)
        } else {
            None
        };
        let mut p = self.customer.page(self.state, "review-title", Tab::Within);
        p.unread = self.unread;
        let view = ReviewPage {
            p,
            form,
            key,
            payee: sound.payee.display_name.clone(),
            payee_number: sound.payee.number.to_string(),
            amount: money(sound.amount),
            left_after: money(Amount::new(left_minor.max(0), self.wallet.currency)),
            new_payee: !sound.payee.known,
            nonce,
            problem,
        };
        reply(&view, refused)
    }

    async fn challenge(&self, key: &str) -> Result<String, Fault> {
        let (ambient, keyring) = (self.state.ambient.clone(), self.state.keyring.clone());
        let (session, binding) = (self.customer.session.clone(), self.binding(key));
        let challenge = self
            .state
            .db
            .write_async(move |tx| proofs::challenge(tx, &ambient, &keyring, &session, &binding))
            .await?;
        Ok(challenge.nonce.as_str().to_owned())
    }

    /// Checks the code as the signature over payee and amount; what to say when it is none. A wrong
    /// code is a warning sign that raises the risk of the payer's next payments.
    pub async fn sign(&self, key: &str, nonce: &str, code: String) -> Result<Option<String>, Fault> {
        let p = self.customer.visitor.page(self.state);
        let Some(nonce) = Token::parse(nonce) else {
            return Ok(Some(p.t("review-code-again")));
        };
        let (ambient, keyring) = (self.state.ambient.clone(), self.state.keyring.clone());
        let (session, binding) = (self.customer.session.clone(), self.binding(key));
        let account = self.wallet.account;
        let outcome = self
            .state
            .db
            .write_async(move |tx| {
                let outcome = proofs::prove(tx, &ambient, &keyring, &session, &nonce, &binding, &code)?;
                match outcome {
                    ProofOutcome::WrongCode { .. } | ProofOutcome::Locked { .. } => {
                        payments::record_warning(tx, &ambient, account, WarningSign::FailedSecondFactor)?;
                    }
                    ProofOutcome::Proved(proof) => {
                        if proofs::spend(tx, ambient.now(), proof, binding.payment)? != Spent::Spent {
                            return Ok(ProofOutcome::Expired);
                        }
                    }
                    ProofOutcome::Expired
                    | ProofOutcome::Used
                    | ProofOutcome::NotThisPayment
                    | ProofOutcome::NoSecondFactor => {}
                }
                Ok::<_, Fault>(outcome)
            })
            .await?;
        Ok(match outcome {
            // Used for this very order, by the request that this one repeats: the key gives its answer.
            ProofOutcome::Proved(_) | ProofOutcome::Used => None,
            ProofOutcome::WrongCode { .. } => Some(p.t("code-wrong")),
            ProofOutcome::Locked { until } => Some(p.t1("signin-locked", "until", p.calendar.soon(until))),
            ProofOutcome::Expired | ProofOutcome::NotThisPayment | ProofOutcome::NoSecondFactor => {
                Some(p.t("review-code-again"))
            }
        })
    }

    /// The payment has no id yet: the key of its order stands for it.
    fn binding(&self, key: &str) -> Binding {
        let mut order = Sha256::new();
        order.update(self.customer.session.login.as_bytes());
        order.update(key);
        let mut id = [0; 16];
        id.copy_from_slice(&order.finalize()[..16]);
        Binding {
            payment: PaymentId(id),
            amount: self.sound.amount,
            payee_account: self.sound.payee.account,
            payee_name: self.sound.payee.display_name.clone(),
        }
    }
}
