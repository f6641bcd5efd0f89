use super::answers::{self, Document, Question};
use super::*;

fn question(number: &str, name: &str) -> Question {
    Question {
        document: Document {
            kind: "resident_id".into(),
            issuer: "CHN".into(),
            number: number.into(),
        },
        name: name.into(),
        birth_date: "1990-01-01".into(),
    }
}

const MOOD: Scenarios = Scenarios {
    default: Scenario::Good,
    slow_ms: 10,
    seed: 7,
};

#[test]
fn a_header_outranks_the_number_and_the_number_outranks_the_name() {
    let choose = |header, number, name| MOOD.choose(header, number, name);
    assert_eq!(
        choose(Some("slow"), "110105199001019020", "王小明·慢"),
        Scenario::Slow
    );
    assert_eq!(choose(None, "110105199001019020", "Wang Slow"), Scenario::Failing);
    assert_eq!(choose(None, "110105199001010010", "Wang Slow"), Scenario::Slow);
    assert_eq!(
        choose(None, "110105199001010010", "王小明·矛"),
        Scenario::Contradicting
    );
    assert_eq!(choose(None, "110105199001010010", "陈新"), Scenario::Good);
    assert_eq!(choose(Some("nonsense"), "L898902C3", "Anna"), Scenario::Good);
    let moody = Scenarios {
        default: Scenario::Hangup,
        ..MOOD
    };
    assert_eq!(moody.choose(None, "L898902C3", "Anna"), Scenario::Hangup);
    assert_eq!(Scenario::from_word("name-differs"), Some(Scenario::NameDiffers));
}

#[test]
fn the_same_seed_says_the_same_of_the_same_person() {
    let json = |seed, number: &str| {
        let question = question(number, "林晓文");
        serde_json::to_string(&answers::credit(&question, Scenario::Good, seed)).unwrap()
    };
    assert_eq!(json(7, "110105199001010010"), json(7, "110105199001010010"));
    assert_ne!(json(7, "110105199001010010"), json(8, "110105199001010010"));
    assert_ne!(json(7, "110105199001010010"), json(7, "110105199001010037"));
}

#[test]
fn a_question_out_of_form_is_refused_with_the_field() {
    assert_eq!(answers::problem(&question("1", "林晓文")), None);
    let mut wrong = question("1", "林晓文");
    wrong.birth_date = "1.1.1990".into();
    assert_eq!(answers::problem(&wrong), Some("birth_date is written 1990-01-31"));
    assert!(answers::problem(&question("1", " ")).unwrap().starts_with("name"));
    assert!(
        answers::problem(&question("", "林晓文"))
            .unwrap()
            .starts_with("document.number")
    );
}
