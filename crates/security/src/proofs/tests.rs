use super::*;
use crate::fixture::{World, each_engine};
use crate::logins::Login;
use crate::totp::Secret;
use base::{Amount, Currency};

struct Signing<'w> {
    world: &'w World,
    session: Session,
    secret: Secret,
    binding: Binding,
    nonce: Token,
}

impl<'w> Signing<'w> {
    fn begin(world: &'w World) -> Self {
        let login: Login = world.customer("13800138000");
        let (secret, _) = world.enrol(&login);
        world.advance_secs(60);
        let session = world.sign_in(&login).session;
        let binding = Binding {
            payment: PaymentId::new(&world.ambient),
            amount: Amount::new(125_050, Currency::Cny),
            payee_account: 88_661_688,
            payee_name: "王小明".into(),
        };
        let nonce = challenged(world, &session, &binding);
        Self {
            world,
            session,
            secret,
            binding,
            nonce,
        }
    }

    fn prove(&self, session: &Session, binding: &Binding, code: &str) -> ProofOutcome {
        let (session, binding, nonce) = (session.clone(), binding.clone(), self.nonce.clone());
        let code = code.to_owned();
        self.world
            .write(move |tx, ambient, keyring| prove(tx, ambient, keyring, &session, &nonce, &binding, &code))
    }

    fn prove_binding(&self, binding: &Binding) -> ProofOutcome {
        self.prove(&self.session, binding, &self.world.code(&self.secret))
    }

    fn spend(&self, proof: ProofId, payment: PaymentId) -> Spent {
        self.world
            .write(move |tx, ambient, _| spend(tx, ambient.now(), proof, payment))
    }
}

fn challenged(world: &World, session: &Session, binding: &Binding) -> Token {
    let (session, binding) = (session.clone(), binding.clone());
    world.write(move |tx, ambient, keyring| Ok(challenge(tx, ambient, keyring, &session, &binding)?.nonce))
}

#[test]
fn one_changed_byte_of_payment_amount_or_payee_is_refused() {
    each_engine(|world| {
        let signing = Signing::begin(world);
        let right = &signing.binding;
        let mut wrong: Vec<Binding> = (0..16)
            .map(|at| {
                let mut binding = right.clone();
                binding.payment.0[at] ^= 1;
                binding
            })
            .collect();
        wrong.extend((0..63).map(|bit| Binding {
            amount: Amount::new(right.amount.minor ^ (1 << bit), Currency::Cny),
            ..right.clone()
        }));
        wrong.extend((0..63).map(|bit| Binding {
            payee_account: right.payee_account ^ (1 << bit),
            ..right.clone()
        }));
        wrong.push(Binding {
            amount: Amount::new(right.amount.minor, Currency::Jpy),
            ..right.clone()
        });
        for name in ["王小朋", "王小明 ", "王小", "", "王⼩明"] {
            wrong.push(Binding {
                payee_name: name.into(),
                ..right.clone()
            });
        }
        for binding in &wrong {
            assert_eq!(
                signing.prove_binding(binding),
                ProofOutcome::NotThisPayment,
                "{binding:?}"
            );
        }
        assert!(
            matches!(signing.prove_binding(right), ProofOutcome::Proved(_)),
            "the code was not burnt by them"
        );
    });
}

#[test]
fn a_challenge_is_answered_once_by_its_own_session_within_five_minutes() {
    each_engine(|world| {
        let signing = Signing::begin(world);
        let thief = world.sign_in(&world.customer("13900139000")).session;
        let code = world.code(&signing.secret);
        assert_eq!(
            signing.prove(&thief, &signing.binding, &code),
            ProofOutcome::NotThisPayment
        );
        let wrong = signing.prove(&signing.session, &signing.binding, "000000");
        assert_eq!(wrong, ProofOutcome::WrongCode { attempts_left: 4 });
        assert!(matches!(
            signing.prove_binding(&signing.binding),
            ProofOutcome::Proved(_)
        ));
        world.advance_secs(30);
        assert_eq!(signing.prove_binding(&signing.binding), ProofOutcome::Used);

        let late = Signing {
            nonce: challenged(world, &signing.session, &signing.binding),
            ..signing
        };
        world.advance_secs(VALID_SECS);
        assert_eq!(late.prove_binding(&late.binding), ProofOutcome::Expired);
    });
}

#[test]
fn a_proof_releases_its_own_payment_once() {
    each_engine(|world| {
        let signing = Signing::begin(world);
        let payment = signing.binding.payment;
        let ProofOutcome::Proved(proof) = signing.prove_binding(&signing.binding) else {
            panic!("not proved");
        };
        assert_eq!(
            signing.spend(proof, PaymentId::new(&world.ambient)),
            Spent::NotProved
        );
        assert_eq!(
            signing.spend(ProofId::new(&world.ambient), payment),
            Spent::NotProved
        );
        assert_eq!(signing.spend(proof, payment), Spent::Spent);
        assert_eq!(signing.spend(proof, payment), Spent::AlreadySpent);
        world.advance_secs(VALID_SECS + 1);
        assert_eq!(world.write(|tx, ambient, _| sweep(tx, ambient.now(), 10)), 1);
    });
}

#[test]
fn without_an_authenticator_or_through_the_api_nothing_is_proved() {
    each_engine(|world| {
        let signing = Signing::begin(world);
        let plain = world.sign_in(&world.customer("13900139000")).session;
        let nonce = challenged(world, &plain, &signing.binding);
        let unarmed = Signing {
            nonce,
            session: plain,
            ..signing
        };
        assert_eq!(
            unarmed.prove_binding(&unarmed.binding),
            ProofOutcome::NoSecondFactor
        );
        let api = Session {
            api: true,
            ..unarmed.session.clone()
        };
        assert_eq!(
            unarmed.prove(&api, &unarmed.binding, "000000"),
            ProofOutcome::NoSecondFactor
        );
    });
}
