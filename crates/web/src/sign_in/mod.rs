//! Coming in: the first time by a welcome link, then by password and code, after a loss by a
//! recovery code. The same steps serve customers and staff.

mod code;
pub(crate) mod door;
mod enrol;
mod password;
mod recover;
mod staff;
mod welcome;

pub use code::{code_form, enter_code, staff_code_form, staff_enter_code};
pub(crate) use enrol::codes_page;
pub use enrol::{confirm_enrolment, enrol_form, staff_confirm_enrolment, staff_enrol_form};
pub use password::{sign_in, sign_in_form, sign_out};
pub use recover::{recover, recover_form};
pub use staff::{
    staff_change_password, staff_password_form, staff_sign_in, staff_sign_in_form, staff_sign_out,
};
pub use welcome::{redeem_welcome, welcome_form};
