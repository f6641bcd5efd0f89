use super::visitor::Visitor;
use crate::fault::{Fault, Kind};
use crate::shell::{Page, StaffFrame, Tab};
use crate::state::AppState;
use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use base::{CustomerId, LoginId, StaffId};
use security::four_eyes::Action;
use security::logins::Who;
use security::sessions::Session;
use security::staff::{Permission, Role};

/// A customer whose session has proven its second factor.
#[derive(Clone, Debug)]
pub struct Customer {
    pub visitor: Visitor,
    pub session: Session,
    pub id: CustomerId,
}

/// A member of staff, second factor proven.
#[derive(Clone, Debug)]
pub struct Staffer {
    pub visitor: Visitor,
    pub login: LoginId,
    pub id: StaffId,
    pub role: Role,
}

impl Customer {
    pub fn page(&self, state: &AppState, title: &str, tab: Tab) -> Page {
        self.visitor.page(state).titled(title, tab)
    }
}

impl Staffer {
    pub fn may(&self, permission: Permission) -> Result<(), Fault> {
        if self.role.may(permission) {
            Ok(())
        } else {
            Err(Fault::new(Kind::Forbidden))
        }
    }

    /// Whether there is anything of two that this member may ask for.
    pub fn takes_part_in_requests(&self) -> bool {
        Action::ALL
            .iter()
            .any(|action| self.role.may(action.asked_with()))
    }

    pub fn page(&self, state: &AppState, title: &str, here: &'static str, name: &str) -> Page {
        let mut page = self.visitor.page(state).titled(title, Tab::None);
        page.staff = Some(StaffFrame {
            name: name.to_owned(),
            role: page.t(role_key(self.role)),
            cases: self.role.may(Permission::ViewCases),
            customers: self.role.may(Permission::ViewCustomers),
            requests: self.takes_part_in_requests(),
            members: self.role.may(Permission::ManageStaff),
            audit: self.role.may(Permission::ReadAuditLog),
            here,
        });
        page
    }
}

pub(crate) fn role_key(role: Role) -> &'static str {
    match role {
        Role::Agent => "role-agent",
        Role::Teller => "role-teller",
        Role::RiskOfficer => "role-risk-officer",
        Role::Supervisor => "role-supervisor",
        Role::Administrator => "role-administrator",
    }
}

impl FromRequestParts<AppState> for Customer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let customer = visitor
            .session
            .clone()
            .and_then(|session| Some((session.who.customer()?, session)));
        match customer {
            Some((id, session)) if session.second_factor_at.is_some() => Ok(Self { visitor, session, id }),
            Some(_) => Err(Redirect::to("/sign-in/code").into_response()),
            None => Err(Redirect::to(&sign_in_address("/sign-in", &visitor, &parts.method)).into_response()),
        }
    }
}

/// The sign-in, which comes back to the page that was asked for. What was posted is not kept, and
/// the sign-in says so; the form's page is come back to.
fn sign_in_address(door: &str, visitor: &Visitor, method: &Method) -> String {
    let next: String = form_urlencoded::byte_serialize(visitor.back.as_bytes()).collect();
    match (method == Method::GET, visitor.back.as_str()) {
        (true, "/" | "/staff") => door.to_owned(),
        (true, _) => format!("{door}?next={next}"),
        (false, _) => format!("{door}?ended=yes&next={next}"),
    }
}

impl FromRequestParts<AppState> for Staffer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        match visitor.session.as_ref() {
            Some(session) => match session.who {
                Who::Staff(id, role) if session.second_factor_at.is_some() => {
                    let login = session.login;
                    Ok(Self {
                        visitor,
                        login,
                        id,
                        role,
                    })
                }
                Who::Staff(..) => Err(Redirect::to("/staff/sign-in/code").into_response()),
                Who::Customer(_) => Err(Redirect::to("/staff/sign-in").into_response()),
            },
            None => {
                Err(Redirect::to(&sign_in_address("/staff/sign-in", &visitor, &parts.method)).into_response())
            }
        }
    }
}
