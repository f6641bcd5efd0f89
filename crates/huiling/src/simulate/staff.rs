//! What staff do: one asks, another agrees, and nobody does both.

use super::world::{Broken, Step, World};
use base::{PaymentId, WalletId};
use money::wallets;
use security::four_eyes::{self, Action, Decided, Request, RequestId, Requested, Wanted};
use web::approval;

/// What a member of staff thinks right.
#[derive(Clone, Debug)]
pub enum Wish {
    Release(PaymentId),
    Void(PaymentId),
    Unfreeze(WalletId),
}

impl Wish {
    fn action(&self) -> (Action, String) {
        match self {
            Self::Release(payment) => (Action::ReleasePayment, payment.to_string()),
            Self::Void(payment) => (Action::VoidPayment, payment.to_string()),
            Self::Unfreeze(wallet) => (Action::UnfreezeWallet, wallet.to_string()),
        }
    }
}

impl World {
    /// Frozen wallets are looked into a day later or so.
    pub fn unfreeze_some(&mut self) -> Result<(), Broken> {
        let all = self.read("wallets", |tx| Ok(wallets::list(tx, None, 1_000)?))?;
        for wallet in all.unwrap_or_default() {
            if wallet.frozen.is_some() && self.percent(60) {
                let at = self.draw(5 * 3_600_000, 14 * 3_600_000);
                self.later_ms(at, Step::AskStaff(Wish::Unfreeze(wallet.id)));
            }
        }
        Ok(())
    }

    pub fn ask_staff(&mut self, wish: Wish) -> Result<(), Broken> {
        let ((action, subject), ambient, by) = (wish.action(), self.ambient.clone(), self.staff[0]);
        let asked = self.write("asking as staff", move |tx| {
            let wanted = Wanted {
                action,
                subject: &subject,
                payload: "",
                reason: "looked into",
                ends_by: None,
            };
            Ok(four_eyes::request(tx, &ambient, by, &wanted)?)
        })?;
        match asked {
            Some(Requested::Requested(request)) => {
                let at = self.draw(5_000, 15 * 60_000);
                self.later_ms(at, Step::Agree(request));
            }
            Some(Requested::AlreadyOpen) => {}
            Some(other) => return Err(self.broken(format!("staff may not ask: {other:?}"))),
            None => self.later_ms(10_000, Step::AskStaff(wish)),
        }
        Ok(())
    }

    pub fn agree(&mut self, id: RequestId) -> Result<(), Broken> {
        let (ambient, asked_by) = (self.ambient.clone(), self.staff[0]);
        let own = self.write("agreeing with oneself", move |tx| {
            Ok(four_eyes::approve(tx, &ambient, asked_by, id)?)
        })?;
        let approved = matches!(own, Some(Decided::Approved(_)));
        self.must(!approved, || format!("one person alone approved {id:?}"))?;
        let (ambient, by) = (self.ambient.clone(), self.staff[1]);
        // Whatever comes of it, it may have been done.
        let request = self.read("a request", {
            let now = self.now();
            move |tx| {
                let open = four_eyes::open_requests(tx, now)?;
                Ok(open.into_iter().find(|request| request.id == id))
            }
        })?;
        if let Some(Some(request)) = &request {
            self.note_staff(request);
        }
        let Some(keyring) = self.house.as_ref().map(|house| house.keyring.clone()) else {
            self.later_ms(20_000, Step::Agree(id));
            return Ok(());
        };
        let policy = self.call_policy.clone();
        let agreed = self.write("agreeing as staff", move |tx| {
            let house = approval::House {
                keyring: &keyring,
                policy: &policy,
                first_password: None,
            };
            Ok(approval::approve(tx, &ambient, &house, by, id)?)
        })?;
        if agreed.is_none() {
            self.later_ms(20_000, Step::Agree(id));
        }
        self.wake();
        Ok(())
    }

    fn note_staff(&mut self, request: &Request) {
        let Ok(payment) = request.subject.parse() else {
            return;
        };
        if let Some(held) = self.memory.held.get_mut(&payment) {
            held.staff_released |= request.action == Action::ReleasePayment;
            held.staff_voided |= request.action == Action::VoidPayment;
        }
    }
}
