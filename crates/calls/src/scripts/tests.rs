use super::*;
use crate::Disposition;
use base::Language;
use phone::prompts::PromptId;
use proptest::prelude::*;

const BOUNDS: Bounds = Bounds {
    wrong_keys: 3,
    silences: 2,
    repeats: 5,
};

const PAYMENT: &str = include_str!("../../scripts/payment_confirmation.toml");

fn begin(script: &'static Script) -> (Interpreter, Output) {
    Interpreter::begin(script, BOUNDS, Key::new(5).unwrap(), Language::ZhHans)
}

fn says(output: &Output, prompt: PromptId) -> bool {
    matches!(output, Output::Say(lines) if lines.contains(&Line::Prompt(prompt)))
}

/// Listens to the end, presses, and so on; `.` is the end of what is said, `_` a silence.
fn play(interpreter: &mut Interpreter, keys: &str, keypad: Outcome) -> Vec<Output> {
    let mut outputs = Vec::new();
    for key in keys.chars() {
        let input = match key {
            '.' => Input::Said,
            '_' => Input::Silence,
            key => Input::Key(key),
        };
        let mut output = interpreter.next(input);
        while let Output::Do(act) = output {
            outputs.push(output.clone());
            output = interpreter.next(Input::Did(match act {
                Act::KeypadRule => keypad,
                Act::RecordDetails => Outcome::Recorded,
                Act::Release => Outcome::Posted,
                Act::Stop => Outcome::Stopped,
                Act::Later => Outcome::Booked,
                Act::Confirm => Outcome::Confirmed,
                Act::Deny => Outcome::Denied,
            }));
        }
        outputs.push(output);
    }
    outputs
}

fn end_of(script: &'static Script, keys: &str) -> (Vec<Output>, Option<Disposition>) {
    let (mut interpreter, _) = begin(script);
    let outputs = play(&mut interpreter, keys, Outcome::Allowed);
    let end = outputs.iter().find_map(|output| match output {
        Output::End(disposition) => Some(*disposition),
        _ => None,
    });
    (outputs, end)
}

#[test]
fn the_scripts_of_this_repository_load() {
    assert_eq!(payment_confirmation().name, "payment-confirmation");
    assert_eq!(application_callback().name, "application-callback");
    assert_eq!(number_check().name, "number-check");
}

#[test]
fn proof_digit_then_one_pays_and_only_then_paid_is_said() {
    // greeting, question, key, words, details, choices, key, paid.
    let (outputs, end) = end_of(payment_confirmation(), "..5...1.");
    assert_eq!(end, Some(Disposition::Confirmed));
    let released = outputs
        .iter()
        .position(|o| *o == Output::Do(Act::Release))
        .unwrap();
    let paid = outputs
        .iter()
        .position(|o| says(o, PromptId::PaymentPaid))
        .unwrap();
    assert_eq!(paid, released + 1);
}

#[test]
fn one_before_the_details_were_heard_moves_nothing() {
    let (outputs, _) = end_of(payment_confirmation(), "..51.1.");
    assert!(!outputs.contains(&Output::Do(Act::Release)));
    let (outputs, end) = end_of(payment_confirmation(), "1.1.5.1.1.");
    assert_eq!(
        end,
        Some(Disposition::Confirmed),
        "the last 1 comes after the details"
    );
    assert_eq!(
        outputs.iter().filter(|o| **o == Output::Do(Act::Release)).count(),
        1
    );
}

#[test]
fn what_is_not_known_is_not_claimed_and_a_stop_is_not_told_to_pay() {
    for (script, key) in [
        (payment_confirmation(), '1'),
        (payment_confirmation(), '2'),
        (application_callback(), '1'),
        (application_callback(), '2'),
    ] {
        let (mut interpreter, _) = begin(script);
        play(&mut interpreter, "..5...", Outcome::Allowed);
        assert!(matches!(interpreter.next(Input::Key(key)), Output::Do(_)));
        let said = interpreter.next(Input::Did(Outcome::Trouble));
        assert!(says(&said, PromptId::PaymentUnsure), "{} {key}", script.name);
        assert!(!says(&said, PromptId::PaymentSignIn) && !says(&said, PromptId::Trouble));
        assert_eq!(interpreter.next(Input::Said), Output::End(Disposition::Trouble));
    }
}

#[test]
fn a_call_that_cannot_come_later_is_refused_with_its_reason() {
    for (script, rule) in [
        (payment_confirmation(), Outcome::Allowed),
        (payment_confirmation(), Outcome::AppOnly),
        (application_callback(), Outcome::Allowed),
    ] {
        let (mut interpreter, _) = begin(script);
        play(&mut interpreter, "..5...", rule);
        assert_eq!(interpreter.next(Input::Key('8')), Output::Do(Act::Later));
        let said = interpreter.next(Input::Did(Outcome::NoRoom));
        assert!(says(&said, PromptId::LaterNoRoom) && !says(&said, PromptId::NotUnderstood));
    }
}

#[test]
fn a_payment_that_cannot_be_made_just_now_is_not_decided() {
    let (mut interpreter, _) = begin(payment_confirmation());
    play(&mut interpreter, "..5...", Outcome::Allowed);
    assert_eq!(interpreter.next(Input::Key('1')), Output::Do(Act::Release));
    let said = interpreter.next(Input::Did(Outcome::Failed));
    assert!(says(&said, PromptId::PaymentFailed));
    assert_eq!(interpreter.settled(), Some(Disposition::NotPossible));
    assert_eq!(
        interpreter.next(Input::Said),
        Output::End(Disposition::NotPossible)
    );
}

#[test]
fn digits_before_the_question_do_not_prove_a_person() {
    let (outputs, _) = end_of(payment_confirmation(), "5.5._");
    assert!(says(outputs.last().unwrap(), PromptId::KeysAfterQuestion));
}

#[test]
fn two_stops_even_while_the_details_are_spoken_but_not_before_the_proof() {
    assert_eq!(
        end_of(payment_confirmation(), "..5.2.").1,
        Some(Disposition::Stopped)
    );
    assert_eq!(
        end_of(payment_confirmation(), "..5...2.").1,
        Some(Disposition::Stopped)
    );
    let (outputs, end) = end_of(payment_confirmation(), "2.2.2");
    assert_eq!(end, None);
    assert!(!outputs.contains(&Output::Do(Act::Stop)));
}

#[test]
fn nine_repeats_the_details_a_bounded_number_of_times() {
    let details = |outputs: &[Output]| {
        let said = outputs
            .iter()
            .filter(|o| matches!(o, Output::Say(l) if l.contains(&Line::Details)));
        said.count()
    };
    let (outputs, end) = end_of(payment_confirmation(), "..5...9..1.");
    assert_eq!((details(&outputs), end), (2, Some(Disposition::Confirmed)));
    let (outputs, end) = end_of(payment_confirmation(), &format!("..5...{}", "9..".repeat(20)));
    assert_eq!((details(&outputs), end), (6, Some(Disposition::WrongKeys)));
}

#[test]
fn three_wrong_keys_end_the_call() {
    assert_eq!(
        end_of(payment_confirmation(), "..4.4.4.").1,
        Some(Disposition::WrongKeys)
    );
    assert_eq!(
        end_of(payment_confirmation(), "..5...7.#.*.").1,
        Some(Disposition::WrongKeys)
    );
    assert_eq!(
        end_of(payment_confirmation(), "..4.4.5...1.").1,
        Some(Disposition::Confirmed)
    );
}

#[test]
fn silence_ends_the_call_without_paying() {
    let (outputs, end) = end_of(payment_confirmation(), "..5..._._.");
    assert_eq!(end, Some(Disposition::Silent));
    assert!(!outputs.contains(&Output::Do(Act::Release)));
}

#[test]
fn zero_changes_the_language_and_the_details_are_heard_in_it() {
    let (mut interpreter, _) = begin(payment_confirmation());
    play(&mut interpreter, "..5...", Outcome::Allowed);
    let output = interpreter.next(Input::Key('0'));
    assert_eq!(interpreter.language(), Language::En);
    assert_eq!(
        output,
        Output::Say(vec![Line::Prompt(PromptId::LanguageSwitched), Line::Details])
    );
}

#[test]
fn where_the_keypad_is_not_allowed_one_sends_to_the_app() {
    let (mut interpreter, _) = begin(payment_confirmation());
    let outputs = play(&mut interpreter, "..5...1", Outcome::AppOnly);
    assert!(outputs.iter().any(|o| says(o, PromptId::PaymentChoicesAppOnly)));
    assert!(says(outputs.last().unwrap(), PromptId::PaymentSignIn));
    assert!(!outputs.contains(&Output::Do(Act::Release)));
    let paid = interpreter.next(Input::Elsewhere(Ended::Posted));
    assert!(says(&paid, PromptId::PaymentPaid));
    assert_eq!(
        interpreter.next(Input::Said),
        Output::End(Disposition::DecidedElsewhere)
    );
}

#[test]
fn what_was_decided_stands_when_the_line_is_lost_before_it_is_said() {
    let (mut interpreter, _) = begin(payment_confirmation());
    play(&mut interpreter, "..5...1", Outcome::Allowed);
    assert_eq!(interpreter.settled(), Some(Disposition::Confirmed));
    assert_eq!(interpreter.next(Input::Elsewhere(Ended::Posted)), Output::GoOn);
}

#[test]
fn an_applicant_confirms_or_denies() {
    assert_eq!(
        end_of(application_callback(), "..5..1.").1,
        Some(Disposition::Confirmed)
    );
    assert_eq!(
        end_of(application_callback(), "..5..2.").1,
        Some(Disposition::Stopped)
    );
    assert_eq!(
        end_of(application_callback(), "..5..8.").1,
        Some(Disposition::Later)
    );
    assert_eq!(
        end_of(application_callback(), ".._._.").1,
        Some(Disposition::Silent)
    );
}

#[test]
fn a_script_that_asks_for_more_than_one_key_does_not_load() {
    for (from, to) in [
        ("ask = \"proof\"", "ask = \"password\""),
        ("ask = \"proof\"", "ask = \"text\""),
        ("ask = \"proof\"", "ask = \"digits\"\nlength = 6"),
        ("ask = \"proof\"", "ask = \"choice\""),
        ("keys = { 1 = \"release\"", "keys = { 1234 = \"release\""),
        ("keys = { 1 = \"release\"", "keys = { 0 = \"release\""),
        ("then = \"details\"", "then = \"nowhere\""),
        ("then = \"details\"", "then = \"details\"\nend = \"later\""),
        ("expired = \"expired\", failed", "failed"),
        ("\"payment-greeting\"", "\"tell-us-your-password\""),
        ("right = \"words\"", "right = \"details\""),
    ] {
        assert!(PAYMENT.contains(from), "{from}");
        let changed = PAYMENT.replacen(from, to, 1);
        assert!(Script::load(&changed).is_err(), "loaded with {to}");
    }
}

#[test]
fn wording_that_asks_for_a_secret_is_refused_in_both_languages() {
    use super::wording::asks_for;
    for text in [
        "请输入您的密码。",
        "我们从不询问密码。请输入您的密码。",
        "请说出短信里的验证码",
        "请输入身份证号码",
        "请按卡号的后四位",
        "Please enter your password.",
        "We never ask for a code. What is your PIN code?",
        "Key in the one-time code we sent you",
        "Tell us your card number",
        "Enter your passport number",
        "read your recovery phrase",
    ] {
        assert!(asks_for(text).is_some(), "{text}");
    }
    for prompt in PromptId::ALL {
        for language in Language::ALL {
            assert_eq!(asks_for(prompt.text(language)), None, "{}", prompt.id());
        }
    }
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        6 => Just(Input::Said),
        2 => Just(Input::Silence),
        4 => prop::sample::select("0123456789*#".chars().collect::<Vec<_>>()).prop_map(Input::Key),
        3 => Just(Input::Key('5')),
        3 => Just(Input::Key('1')),
        1 => prop::sample::select(Ended::ALL).prop_map(Input::Elsewhere),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whatever_is_pressed_money_moves_only_after_proof_and_details(
        inputs in prop::collection::vec(input(), 0..400),
        outcomes in prop::collection::vec(any::<prop::sample::Index>(), 400),
        application in any::<bool>(),
    ) {
        let script = if application { application_callback() } else { payment_confirmation() };
        let (mut interpreter, mut output) = begin(script);
        let (mut heard, mut acted, mut last_key, mut said_details) = (false, 0, None, false);
        let mut outcomes = outcomes.iter();
        for input in inputs {
            if let Output::Say(lines) = &output {
                said_details = lines.contains(&Line::Details);
            }
            let mut was_saying = matches!(output, Output::Say(_));
            if let Input::Key(key) = input { last_key = Some(key) }
            let mut next = interpreter.next(input);
            while let Output::Do(act) = next {
                if act == Act::RecordDetails {
                    prop_assert!(was_saying || said_details, "only after the details were said");
                    prop_assert_eq!(input, Input::Said);
                }
                if matches!(act, Act::Release | Act::Confirm) {
                    prop_assert!(heard && interpreter.proved());
                    prop_assert_eq!(last_key, Some('1'));
                    acted += 1;
                }
                let choices = act.outcomes();
                let outcome = choices[outcomes.next().unwrap().index(choices.len())];
                heard |= outcome == Outcome::Recorded;
                was_saying = false;
                next = interpreter.next(Input::Did(outcome));
            }
            if next != Output::GoOn { output = next }
            if let Output::End(disposition) = output {
                if disposition == Disposition::Confirmed { prop_assert_eq!(interpreter.settled(), Some(disposition)) }
                break;
            }
        }
        prop_assert!(acted <= 10, "tried again only where the outcome led back to the question");
    }

    #[test]
    fn a_call_always_comes_to_an_end(keys in prop::collection::vec(input(), 600)) {
        let (mut interpreter, _) = begin(payment_confirmation());
        let ended = keys.into_iter().any(|input| {
            let mut output = interpreter.next(input);
            for _ in 0..5 {
                let Output::Do(act) = output else { break };
                output = interpreter.next(Input::Did(act.outcomes()[0]));
            }
            matches!(output, Output::End(_))
        });
        prop_assert!(ended);
    }
}
