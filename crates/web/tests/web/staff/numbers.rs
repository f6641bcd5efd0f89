//! A telephone number that staff change.

use super::Member;
use crate::browser::Served;
use axum::http::StatusCode;
use base::Language;

#[test]
fn two_of_staff_change_a_number_and_one_does_not() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let (mut asker, mut approver) = Member::two(&served);
    let path = format!("/staff/wallets/{}", lin.wallet.id);
    let form = format!("{path}/number");
    assert!(asker.get(&path).shows(&form));
    assert_eq!(asker.get(&form).status, StatusCode::OK);
    let silent = asker.post(&form, &[("phone", "13700137000"), ("reason", "")]);
    assert!(silent.shows("Give a reason"), "{}", silent.text);
    let fields = [("phone", "13700137000"), ("reason", "Came to the branch")];
    let asked = asker.post(&form, &fields);
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    let number = || {
        let wallet = lin.wallet.id;
        let known = world.db.read(move |tx| money::wallets::by_id(tx, wallet));
        known.unwrap().unwrap().phone.to_string()
    };
    assert_eq!(number(), "+8613800138010");
    let list = approver.get("/staff/requests");
    assert!(list.shows("+8613700137000"), "{}", list.text);
    let own = asker.agree();
    assert_ne!(own.status, StatusCode::SEE_OTHER, "not by who asked");
    let agreed = approver.agree();
    assert_eq!(agreed.status, StatusCode::SEE_OTHER, "{}", agreed.text);
    assert_eq!(number(), "+8613700137000");
    // Whoever agreed had to read it; from now on it is the customer's number like any other.
    let past = approver.get("/staff/requests");
    assert!(
        past.shows("137 **** 7000") && !past.shows("13700137000"),
        "{}",
        past.text
    );
}
