//! The payer's signature on a held payment: a code of their authenticator over payment, amount and
//! payee, and the release that it buys, in one transaction. Every door of the app ends here.

use crate::MoneyError;
use crate::payments::{self, Payment, PaymentState, ReleaseOutcome, ReleasedBy};
use base::{Ambient, PaymentId};
use risk::WarningSign;
use security::Token;
use security::proofs::{self, Binding, Challenge, ProofOutcome, Spent};
use security::sealing::Keyring;
use security::sessions::Session;
use store::Tx;

/// What became of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// Proved; or the code was not looked at, because it could not matter.
    Release(ReleaseOutcome),
    /// No signature: a wrong code, a lock-out, or an old or foreign challenge.
    NotProved(ProofOutcome),
}

/// Makes the challenge for a page that shows this payment. Whether the session is its payer's, the
/// caller has seen to.
pub fn challenge(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    session: &Session,
    payment: &Payment,
) -> Result<Challenge, MoneyError> {
    Ok(proofs::challenge(
        tx,
        ambient,
        keyring,
        session,
        &binding(payment),
    )?)
}

/// Checks the code against what the ledger holds now, and posts the payment. A wrong code is a
/// warning sign against the payer. A repeat of a signature that has posted it is told so.
pub fn sign(
    tx: &mut Tx<'_>,
    ambient: &Ambient,
    keyring: &Keyring,
    session: &Session,
    id: PaymentId,
    (nonce, code): (&Token, &str),
) -> Result<Signed, MoneyError> {
    let Some(payment) = payments::get(tx, id)? else {
        return Ok(Signed::Release(ReleaseOutcome::NotFound));
    };
    let played = payment
        .hold
        .as_ref()
        .is_some_and(|hold| hold.details_played.is_some());
    if payment.state == PaymentState::Held && !played {
        // Before the call no code is used up.
        return Ok(Signed::Release(ReleaseOutcome::DetailsNotPlayed));
    }
    let binding = binding(&payment);
    let proof = match proofs::prove(tx, ambient, keyring, session, nonce, &binding, code)? {
        ProofOutcome::Proved(proof) => proof,
        // Perhaps posted in this moment, by the request that this one repeats.
        ProofOutcome::Used if is_posted(tx, id)? => {
            return Ok(Signed::Release(ReleaseOutcome::AlreadyPosted));
        }
        other => {
            if matches!(other, ProofOutcome::WrongCode { .. }) {
                let sign = WarningSign::FailedSecondFactor;
                payments::record_warning(tx, ambient, payment.payer.account, sign)?;
            }
            return Ok(Signed::NotProved(other));
        }
    };
    if proofs::spend(tx, ambient.now(), proof, id)? == Spent::NotProved {
        return Ok(Signed::NotProved(ProofOutcome::Expired));
    }
    let by = ReleasedBy::CustomerApp { proof: proof.0 };
    Ok(Signed::Release(payments::release(tx, ambient, id, by)?))
}

fn is_posted(tx: &mut Tx<'_>, id: PaymentId) -> Result<bool, MoneyError> {
    Ok(payments::get(tx, id)?.is_some_and(|payment| payment.state == PaymentState::Posted))
}

/// Exactly what the payer has seen: of the name all, or to strangers a part.
fn binding(payment: &Payment) -> Binding {
    Binding {
        payment: payment.id,
        amount: payment.amount,
        payee_account: payment.payee.account,
        payee_name: payment.payee.name().to_owned(),
    }
}
