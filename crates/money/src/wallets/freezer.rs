/// Who froze a wallet, from the lightest to the gravest: a graver freeze takes a lighter one's
/// place, and who may lift it follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freezer {
    /// The customer's own switch; the customer lifts it alone.
    Customer,
    /// The customer stopped a payment and froze with it, in the app or on a call.
    Stop,
    Staff,
}

impl Freezer {
    /// As a freeze keeps it: `customer`, `customer-stop`, `call:` or `staff:` with an id. What is
    /// none of them counts as the gravest.
    pub fn of(by: &str) -> Self {
        match by {
            "customer" => Self::Customer,
            "customer-stop" => Self::Stop,
            by if by.starts_with("call:") => Self::Stop,
            _ => Self::Staff,
        }
    }
}
