//! Open pages: told at once what concerns them, and not disturbed by what does not.

use crate::browser::Served;
use base::{Language, Stopwatch};
use std::time::Duration;

/// A page is told its state this often in any case.
const HEARTBEAT: Duration = Duration::from_secs(4);

#[test]
fn a_call_is_told_to_the_page_that_waits_for_it_and_wakes_no_other() {
    let served = Served::new();
    let world = &served.world;
    let lin = world.person("林晓雯", "13800138010", Language::ZhHans);
    let wang = world.person("王小明", "13800138011", Language::ZhHans);
    let zhao = world.person("赵丽", "13800138012", Language::ZhHans);
    world.top_up(&lin, 2_000_000);
    world.hold(&lin, &wang, 150_000, "");
    let patient = Duration::from_secs(60);
    let mut waiting = served.listen(&lin);
    let before = served.next_event(&mut waiting, patient).unwrap();
    let mut idle = served.listen(&zhao);
    let quiet = served.next_event(&mut idle, patient).unwrap();
    let since = Stopwatch::start();
    assert_eq!(world.ring().len(), 1);
    let told = served.next_event(&mut waiting, patient).unwrap();
    assert_ne!(told, before, "it rings");
    let disturbed = served.next_event(&mut idle, Duration::from_secs(1)).is_some();
    assert!(
        !disturbed || since.elapsed() >= HEARTBEAT,
        "the call is not theirs"
    );
    assert_eq!(
        served.next_event(&mut idle, patient).unwrap(),
        quiet,
        "their own beat goes on"
    );
}
