use super::fields;
use super::limiter::Meter;
use super::visitor::Visitor;
use crate::fault::{Fault, Kind};
use crate::form::Form;
use crate::state::AppState;
use axum::extract::{FromRequest, Request};
use security::Token;
use security::sessions::{self, Session};

/// The form with the code of a sign-in or an enrolment. When its button was pressed twice, the second comes with the token
/// that the first has replaced; the browser shows its answer alone, and has perhaps read no other.
pub enum CodeFields {
    Sent {
        form: Form,
        /// The session's token as the browser sent it.
        before: Option<Token>,
    },
    Again {
        form: Form,
        /// What the first was answered with.
        token: Token,
        session: Box<Session>,
    },
}

impl FromRequest<AppState> for CodeFields {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Fault> {
        let (parts, form) = fields::read(request, state).await?;
        let visitor = parts
            .extensions
            .get::<Visitor>()
            .ok_or_else(|| Fault::new(Kind::Internal))?;
        let cookie = visitor.session_cookie();
        let before = cookie.read(&parts.headers, state.secure).and_then(Token::parse);
        if visitor.trusts(&form) {
            return Ok(Self::Sent { form, before });
        }
        let (Some(before), Some(code), None) = (before, form.six_digits("code"), &visitor.session) else {
            return Err(Fault::new(Kind::Stale));
        };
        visitor.meter(state, Meter::SignIn, state.request_limits.sign_in)?;
        let (now, keyring) = (visitor.now, state.keyring.clone());
        let raised = state
            .db
            .read_async(move |tx| sessions::raised_just_now(tx, now, &keyring, (&before, &code)))
            .await?;
        match raised {
            Some((session, token)) if session.csrf_matches(form.exact("csrf")) => {
                let session = Box::new(session);
                Ok(Self::Again { form, token, session })
            }
            Some(_) | None => Err(Fault::new(Kind::Stale)),
        }
    }
}
