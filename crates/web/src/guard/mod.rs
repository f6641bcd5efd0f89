//! Who asks, and whether they may: cookies, form tokens, roles, bearer tokens, rates, headers.

mod bearer;
mod code_fields;
mod cookies;
mod fields;
mod glances;
mod headers;
mod limiter;
mod persons;
mod places;
mod upload;
mod visitor;
mod way_back;

pub use bearer::{Caller, TokenCache};
pub use code_fields::CodeFields;
pub use cookies::{Cookie, device_label, program_label};
pub(crate) use fields::has_media_type;
pub use fields::{Fields, read_body};
pub use glances::{Glances, note};
pub use headers::{secure, secure_answer};
pub use limiter::{Limiter, Meter};
pub(crate) use persons::role_key;
pub use persons::{Customer, Staffer};
pub use places::{Place, Places};
pub use upload::{UPLOAD_LIMIT, Upload};
pub use visitor::{Peer, Visitor, visit};
pub(crate) use visitor::{address, language};
pub(crate) use way_back::{desk_path, local_path};
