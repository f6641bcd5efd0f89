//! People who apply for a wallet: the form, the outside services' opinions, the progress page.

use super::town::Inhabitant;
use super::world::{Broken, Step, World};
use base::{ApplicationId, Rng};
use money::wallets;
use people::applications::{self, ApplicationState, Form, SubmitKey, SubmitOutcome, Terms};
use people::checks::{CheckKind, CreditOpinion, IdentityOpinion, Opinion, Script};
use std::sync::Arc;

const HOUR_MS: i64 = 3_600_000;
/// One in so many asks is not answered.
const AWAY_ONE_IN: u64 = 4;

pub struct Applicant {
    form: Form,
    key: String,
    /// What the first answer said: the application and the progress page's token.
    pub answer: Option<(ApplicationId, String)>,
    moved_in: bool,
}

/// The outside services, as they answer a drawn opinion or nothing.
pub fn services(chance: Rng) -> Script {
    Arc::new(move |kind, _| {
        if chance.below(AWAY_ONE_IN) == 0 {
            return Err("the service is away".into());
        }
        let luck = chance.below(100);
        Ok(match kind {
            CheckKind::Identity => Opinion::Identity(match luck {
                0..90 => IdentityOpinion::Matches,
                90..95 => IdentityOpinion::NameDiffers,
                95..98 => IdentityOpinion::Unknown,
                _ => IdentityOpinion::Revoked,
            }),
            CheckKind::Credit => Opinion::Credit(match luck {
                0..10 => CreditOpinion::NoFile,
                _ => CreditOpinion::Report {
                    score: 420 + luck as i64 * 5,
                    overdue_loans: i64::from(luck == 11) * 4,
                    overdue_minor: 0,
                    worst_days_overdue: 0,
                    birth_date_agrees: luck != 12,
                },
            }),
        })
    })
}

impl World {
    pub fn plan_application(&mut self, _day: u32) -> Result<(), Broken> {
        let number = self.applicants.len();
        let form = Form {
            name: "周小雨".into(),
            phone: format!("+861390001{number:04}"),
            document: resident_number(number),
            income: "8000".into(),
            requested_limit: if self.percent(85) { "50000" } else { "900" }.into(),
            language: if self.percent(20) { "en" } else { "zh-Hans" }.into(),
            email: String::new(),
            zone: "Asia/Shanghai".into(),
            consent: true,
        };
        self.applicants.push(Applicant {
            form,
            key: format!("apply-{number}"),
            answer: None,
            moved_in: false,
        });
        let at = self.draw(4 * HOUR_MS, 17 * HOUR_MS);
        self.later_ms(at, Step::Apply(number));
        if self.percent(20) {
            let again = at + self.draw(1_000, HOUR_MS);
            self.later_ms(again, Step::Apply(number));
        }
        Ok(())
    }

    pub fn apply(&mut self, number: usize) -> Result<(), Broken> {
        let Some(keyring) = self.house.as_ref().map(|house| house.keyring.clone()) else {
            self.later_ms(30_000, Step::Apply(number));
            return Ok(());
        };
        let applicant = &self.applicants[number];
        let today = self.policy.zone.civil(self.now()).date();
        let draft = applicant.form.parse(&Terms::china(today));
        let draft =
            draft.map_err(|problems| self.broken(format!("a sound form is refused: {problems:?}")))?;
        let key = SubmitKey::parse(&applicant.key).ok_or_else(|| self.broken("a sound key is refused"))?;
        let ambient = self.ambient.clone();
        let submitted = self.write("applying", move |tx| {
            Ok(applications::submit(tx, &ambient, &keyring, &key, &draft)?)
        })?;
        match submitted {
            Some(SubmitOutcome::Submitted(id, token)) => {
                let answer = (id, token);
                let known = self.applicants[number].answer.clone();
                self.must(known.as_ref().is_none_or(|known| *known == answer), || {
                    format!("applicant {number} was answered in two ways")
                })?;
                if known.is_none() {
                    self.month.applicants += 1;
                    self.applicants[number].answer = Some(answer);
                    let at = self.draw(20 * 60_000, 5 * HOUR_MS);
                    self.later_ms(at, Step::LookAfter(number));
                }
            }
            Some(other) => return Err(self.broken(format!("applicant {number}: {other:?}"))),
            None => {
                let pause_ms = self.draw(2_000, 40_000);
                self.later_ms(pause_ms, Step::Apply(number));
            }
        }
        self.wake();
        Ok(())
    }

    /// The progress page: asks for another round of calls, or hears what staff decided.
    pub fn look_after(&mut self, number: usize) -> Result<(), Broken> {
        let Some((id, token)) = self.applicants[number].answer.clone() else {
            return Ok(());
        };
        let found = self.read("the progress page", move |tx| {
            Ok(applications::by_progress_token(tx, &token)?)
        })?;
        let Some(found) = found else {
            self.later_ms(60_000, Step::LookAfter(number));
            return Ok(());
        };
        let application = found.ok_or_else(|| self.broken(format!("the application of {number} is gone")))?;
        self.must(application.id == id, || {
            format!("the application of {number} is another")
        })?;
        let ambient = self.ambient.clone();
        match application.state {
            ApplicationState::Activated => return self.welcome(number),
            ApplicationState::Callback if application.number_doubted => {
                self.write("asking for calls", move |tx| {
                    Ok(applications::call_again(tx, &ambient, id)?)
                })?;
            }
            ApplicationState::Referred => {
                let limit_minor = *applications::staff_limits_minor(&application).end();
                self.write("approving", move |tx| {
                    Ok(applications::refer_approve(tx, &ambient, id, limit_minor)?)
                })?;
            }
            state if state.is_ended() => return Ok(()),
            _ => {}
        }
        let at = self.draw(2 * HOUR_MS, 20 * HOUR_MS);
        self.later_ms(at, Step::LookAfter(number));
        Ok(())
    }

    /// A new wallet moves into town: its holder pays like everybody.
    fn welcome(&mut self, number: usize) -> Result<(), Broken> {
        let Some((id, _)) = self.applicants[number].answer.clone() else {
            return Ok(());
        };
        if self.applicants[number].moved_in {
            return Ok(());
        }
        let wallet = self.read("a new wallet", move |tx| {
            let customer = applications::get(tx, id)?.and_then(|application| application.customer);
            let customer = customer.ok_or("an activated application has no customer")?;
            Ok(wallets::by_customer(tx, customer)?)
        })?;
        let Some(Some(wallet)) = wallet else {
            self.later_ms(120_000, Step::LookAfter(number));
            return Ok(());
        };
        self.applicants[number].moved_in = true;
        self.month.wallets_opened += 1;
        self.town.push(Inhabitant {
            customer: wallet.customer,
            wallet: wallet.id,
            account: wallet.account,
            usual_minor: 400,
            app: None,
        });
        let person = self.town.len() - 1;
        self.top_up(person)
    }

    /// Whoever was activated has a wallet, and nobody whose answer stands has vanished.
    pub fn prove_applications(&self) -> Result<(), Broken> {
        for (number, applicant) in self.applicants.iter().enumerate() {
            let Some((id, _)) = applicant.answer.clone() else {
                continue;
            };
            let seen = self.read("an application", move |tx| {
                let Some(application) = applications::get(tx, id)? else {
                    return Ok(None);
                };
                let wallet = match application.customer {
                    Some(customer) => wallets::by_customer(tx, customer)?,
                    None => None,
                };
                Ok(Some((application.state, wallet.is_some())))
            })?;
            let Some(seen) = seen else { continue };
            let (state, wallet) =
                seen.ok_or_else(|| self.broken(format!("applicant {number} is forgotten")))?;
            self.must(wallet == (state == ApplicationState::Activated), || {
                format!("applicant {number} is {state:?}, wallet: {wallet}")
            })?;
        }
        Ok(())
    }
}

/// A resident number of Beijing's Dongcheng, born in 1990, with its check character (GB 11643).
fn resident_number(number: usize) -> String {
    let day = 1 + number / 900 % 28;
    let seventeen = format!("110101199003{day:02}{:03}", 1 + number % 900);
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = seventeen
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let check = char::from(b"10X98765432"[(sum % 11) as usize]);
    format!("{seventeen}{check}")
}
