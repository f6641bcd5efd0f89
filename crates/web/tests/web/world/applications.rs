//! Applications in every state.

use super::World;
use base::ApplicationId;
use calls::cases;
use people::applications::{self, SubmitKey, SubmitOutcome};
use store::Sql;

/// As if the checks had been made and the rules had decided.
static DECIDED: Sql = Sql(
    "UPDATE applications SET state = $2, reasons = $3, number_doubted = $4, \
    granted_limit_minor = 6000000, granted_tier = 2 WHERE id = $1",
);

impl World {
    /// An application as it stands right after it was sent; its progress token.
    pub fn apply(&self, name: &str, phone: &str, document: &str) -> String {
        let form = applications::Form {
            name: name.into(),
            phone: phone.into(),
            document: document.into(),
            income: "8000".into(),
            requested_limit: "60000".into(),
            consent: true,
            ..applications::Form::default()
        };
        let draft = form
            .parse(&applications::Terms::china(jiff::civil::date(2026, 11, 2)))
            .unwrap();
        let key = SubmitKey::parse(self.key().as_str()).unwrap();
        let (ambient, keyring) = (self.ambient.clone(), self.keyring.clone());
        let outcome = self
            .db
            .write(move |tx| applications::submit(tx, &ambient, &keyring, &key, &draft))
            .unwrap();
        match outcome {
            SubmitOutcome::Submitted(_, token) => token,
            other => panic!("{other:?}"),
        }
    }

    /// An application in this state, for these reasons; its id and its progress token.
    pub fn applied(
        &self,
        phone: &str,
        document: &str,
        state: &str,
        reasons: &str,
    ) -> (ApplicationId, String) {
        let token = self.apply("李四", phone, document);
        let (state, reasons, seen) = (state.to_owned(), reasons.to_owned(), token.clone());
        let id = self
            .db
            .write(move |tx| {
                let id = applications::by_progress_token(tx, &seen)?.unwrap().id;
                let doubted = i64::from(state == "callback");
                let args = [
                    id.as_bytes().into(),
                    (&state).into(),
                    (&reasons).into(),
                    doubted.into(),
                ];
                tx.execute(&DECIDED, &args)?;
                Ok::<_, people::PeopleError>(id)
            })
            .unwrap();
        (id, token)
    }

    /// A file that staff see, whatever the application waits for.
    pub fn supply(&self, id: ApplicationId, bytes: &[u8]) {
        let (ambient, keyring) = (self.ambient.clone(), self.keyring.clone());
        let file = vec![(applications::FileKind::IdentityDocument, bytes.to_vec())];
        let supply = applications::Supply::parse("", "", file).unwrap();
        self.db
            .write(move |tx| {
                applications::refer_ask_documents(
                    tx,
                    &ambient,
                    id,
                    &[applications::FileKind::IdentityDocument],
                )?;
                applications::supply_documents(tx, &ambient, &keyring, id, &supply)
            })
            .unwrap();
    }

    /// Our call to the applicant is announced and due.
    pub fn open_call(&self, id: ApplicationId) {
        let (ambient, policy) = (self.ambient.clone(), self.call_policy.clone());
        self.db
            .write(move |tx| cases::open_for_application(tx, &ambient, &policy, id, 1))
            .unwrap();
    }

    pub fn application(&self, id: ApplicationId) -> applications::Application {
        self.db
            .read(move |tx| applications::get(tx, id))
            .unwrap()
            .unwrap()
    }
}
