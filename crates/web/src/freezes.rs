//! Who froze a wallet, and whether the customer alone may lift it. A freeze beside a stopped
//! payment, in the app or on a call, and one by staff take two members of staff.

use base::StaffId;

/// The freeze switch.
pub const BY_CUSTOMER: &str = "customer";
/// "Stop it and freeze my wallet".
pub const WITH_STOP: &str = "customer-stop";

/// Staff froze it, for a reason that is recorded.
pub fn by_staff(member: StaffId) -> String {
    format!("staff:{member}")
}

pub fn customer_may_lift(by: &str) -> bool {
    by == BY_CUSTOMER
}

/// The key of how the customer reads it.
pub fn text_key(by: &str) -> &'static str {
    match by {
        BY_CUSTOMER => "frozen-own",
        by if by.starts_with("staff") => "frozen-staff",
        _ => "frozen-call",
    }
}
