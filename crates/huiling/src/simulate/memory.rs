//! What the people outside remember: every order with its first answer, every held payment with
//! what its customer did about it. The program is measured by it.

use base::{CallId, PaymentId, Timestamp};
use money::{Order, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

#[derive(Default)]
pub struct Memory {
    pub sent: Vec<Sent>,
    pub held: BTreeMap<PaymentId, Waiting>,
    /// Held payments that were not seen to end.
    pub open: BTreeSet<PaymentId>,
    /// Telephones on which 1 was pressed after the details.
    pub pressed_one: BTreeSet<CallId>,
    pub events: Arc<Mutex<Vec<Delivered>>>,
}

/// An order as its sender knows it.
pub struct Sent {
    pub order: Order,
    /// It has left its customer's telephone.
    pub tried: bool,
    /// The first answer, and what it says.
    pub answer: Option<(Vec<u8>, Outcome)>,
    pub answered_at: Timestamp,
    /// A wish to test that a key stands for one body: no answer is wanted.
    pub forged: bool,
}

/// A held payment, and all that could have ended it.
#[derive(Default)]
pub struct Waiting {
    pub person: usize,
    pub signed: bool,
    pub stopped: bool,
    pub staff_released: bool,
    pub staff_voided: bool,
}

/// An event that was handled.
#[derive(Clone)]
pub struct Delivered {
    pub topic: &'static str,
    pub subject: [u8; 16],
    pub body: String,
}
