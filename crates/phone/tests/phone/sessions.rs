//! Session timers (RFC 4028), and extensions that we do not know.

use crate::peers::{Sipp, Step, config, connected, dial, open, until};
use phone::{DialFailure, Hangup};
use std::time::Duration;

const UPDATES: &str = "Allow: INVITE, ACK, BYE, UPDATE";

fn ok<'a>(words: &'a [(&'a str, &'a str)]) -> [Step<'a>; 3] {
    [("invite", &[]), ("ok", words), ("ack", &[])]
}

/// Takes our call and does this, until it has hung up; what was said both ways.
async fn taken(first: &[Step<'_>], rest: &[Step<'_>]) -> String {
    let sipp = Sipp::listening(&[first, rest].concat()).await;
    let (_line, mut call) = connected(&sipp).await;
    assert_eq!(call.ended().await, Hangup::Peer);
    let messages = sipp.messages();
    sipp.succeeds().await;
    messages
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_the_peer_refreshes_goes_on() {
    let four = [("HEADERS", "Session-Expires: 4;refresher=uas")];
    let asks = [
        ("CSEQ", "2"),
        (
            "HEADERS",
            "Supported: timer\n    Session-Expires: 90;refresher=uac",
        ),
        ("TOLD", "Session-Expires: 90;refresher=uac"),
    ];
    let rest = [
        ("pause", &[("MS", "1200")][..]),
        ("update", &asks),
        ("pause", &[("MS", "3000")]),
        ("hang_up", &[("CSEQ", "3")]),
    ];
    let messages = taken(&ok(&four), &rest).await;
    assert!(
        messages.contains("Require: timer"),
        "the refresher is the peer's client"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_without_a_timer_ends_the_timer() {
    let four = [("HEADERS", "Session-Expires: 4;refresher=uas")];
    let rest = [
        ("pause", &[("MS", "1200")][..]),
        ("reinvite", &[("CSEQ", "2"), ("EXPECT", "sendrecv")]),
        ("pause", &[("MS", "3000")]),
        ("hang_up", &[("CSEQ", "3")]),
    ];
    taken(&ok(&four), &rest).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_whose_refresher_fell_silent_is_ended_before_its_interval() {
    let four = [("HEADERS", "Session-Expires: 4;refresher=uas")];
    let sipp = Sipp::listening(&[&ok(&four)[..], &[("hung_up", &[])]].concat()).await;
    let (line, mut call) = connected(&sipp).await;
    assert_eq!(call.ended().await, Hangup::LineFailed);
    let end = call.hang_up().await;
    assert!((2_000..4_000).contains(&end.duration_ms), "{end:?}");
    sipp.succeeds().await;
    until("the call is given back", || line.status().calls == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn we_refresh_by_update_what_we_are_named_for_and_heed_what_the_peer_wants() {
    let told = format!("Session-Expires: 4;refresher=uac\n    {UPDATES}");
    let agreed = [("HEADERS", told.as_str())];
    let update = |cseq, told| [("METHOD", "UPDATE"), ("CSEQ", cseq), ("TOLD", told)];
    let first = update("2", "Session-Expires: 4;refresher=uac");
    let second = update("3", "Session-Expires: 4;refresher=uac");
    let raised = update("4", "Session-Expires: 120;refresher=uac");
    let too_short = [
        ("STATUS", "422 Session Interval Too Small"),
        ("HEADERS", "Min-SE: 120"),
    ];
    let long = [("HEADERS", "Session-Expires: 120;refresher=uac")];
    let rest = [
        ("asked", &first[..]),
        ("answer", &agreed),
        ("asked", &second),
        ("answer", &too_short),
        ("asked", &raised),
        ("answer", &long),
        ("pause", &[("MS", "3000")]),
        ("hang_up", &[("CSEQ", "2")]),
    ];
    let messages = taken(&ok(&agreed), &rest).await;
    assert_eq!(messages.matches("Min-SE: 120").count(), 2, "theirs, and ours");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_without_update_is_asked_again_for_what_we_said_last() {
    let four = [("HEADERS", "Session-Expires: 4;refresher=uac\n    Require: timer")];
    // The same version of the description: nothing changes.
    let same = [
        ("METHOD", "INVITE"),
        ("CSEQ", "2"),
        ("TOLD", "o=huiling [0-9]+ 1 IN"),
    ];
    let rest = [
        ("asked", &same[..]),
        (
            "answer_with_body",
            &[("HEADERS", "Session-Expires: 120;refresher=uac")],
        ),
        ("pause", &[("MS", "3000")]),
        ("hang_up", &[("CSEQ", "2")]),
    ];
    taken(&ok(&four), &rest).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_knows_the_call_no_more_ends_it() {
    let told = format!("Session-Expires: 4;refresher=uac\n    {UPDATES}");
    let agreed = [("HEADERS", told.as_str())];
    let rest = [
        ("asked", &[("METHOD", "UPDATE"), ("CSEQ", "2")][..]),
        ("answer", &[("STATUS", "481 Call/Transaction Does Not Exist")]),
        ("hung_up", &[]),
    ];
    let sipp = Sipp::listening(&[&ok(&agreed)[..], &rest].concat()).await;
    let (_line, mut call) = connected(&sipp).await;
    let begun = tokio::time::Instant::now();
    assert_eq!(call.ended().await, Hangup::LineFailed);
    assert!(begun.elapsed() < Duration::from_secs(30));
    call.hang_up().await;
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_wants_a_longer_interval_is_called_once_more_with_it() {
    let too_short = [("STATUS", "422 Session Interval Too Small\n    Min-SE: 120")];
    let wanted = [("METHOD", "INVITE"), ("TOLD", "Session-Expires: 120")];
    let rest = [("ok", &[][..]), ("ack", &[]), ("hung_up", &[])];
    let begin = [("invite", &[][..]), ("refuse", &too_short), ("asked", &wanted)];
    let sipp = Sipp::listening(&[&begin[..], &rest].concat()).await;
    let (_line, call) = connected(&sipp).await;
    assert_eq!(
        sipp.messages().matches("Min-SE: 120").count(),
        2,
        "theirs, and ours"
    );
    call.hang_up().await;
    sipp.succeeds().await;

    let again = [("asked", &wanted[..]), ("refuse", &too_short)];
    let sipp = Sipp::listening(&[&begin[..2], &again].concat()).await;
    let line = open(config(sipp.address)).await;
    let refused = dial(&line).await.unwrap_err();
    assert_eq!(refused, DialFailure::Refused { status: 422 }, "once is enough");
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_with_a_timer_hears_who_refreshes() {
    for (asked, told) in [
        (
            "Require: timer\n    Session-Expires: 1800;refresher=uas",
            "refresher=uas",
        ),
        ("Supported: timer\n    Session-Expires: 1800", "refresher=uac"),
    ] {
        let line = open(config("127.0.0.1:9".parse().unwrap())).await;
        let mut calls = line.incoming();
        let told = format!("Session-Expires: 1800;{told}");
        let (asks, hears) = ([("HEADERS", asked)], [("TOLD", told.as_str())]);
        let steps = [("call", &asks[..]), ("taken", &hears), ("goodbye", &[])];
        let sipp = Sipp::calling(&line, &steps).await;
        let mut call = calls.next().await.unwrap().accept().await.unwrap();
        assert_eq!(call.ended().await, Hangup::Peer);
        sipp.succeeds().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_we_cannot_keep_is_refused_with_what_we_can() {
    for (asked, status, told) in [
        ("Require: 100rel, timer, gruu", "420", "Unsupported: 100rel, gruu"),
        ("Supported: timer\n    Session-Expires: 30", "422", "Min-SE: 90"),
    ] {
        let line = open(config("127.0.0.1:9".parse().unwrap())).await;
        let _calls = line.incoming();
        let asks = [("HEADERS", asked)];
        let steps = [("call", &asks[..]), ("refused", &[("EXPECT", status)])];
        let sipp = Sipp::calling(&line, &steps).await;
        until("we answer", || sipp.messages().contains(told)).await;
        sipp.succeeds().await;
        assert_eq!(line.status().calls, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_a_call_too_and_the_call_goes_on() {
    let foreign = [
        ("CSEQ", "2"),
        ("HEADERS", "Require: precondition"),
        ("EXPECT", "420"),
        ("TOLD", "Unsupported: precondition"),
    ];
    let short = [
        ("CSEQ", "3"),
        ("HEADERS", "Supported: timer\n    Session-Expires: 20"),
        ("EXPECT", "422"),
        ("TOLD", "Min-SE: 90"),
    ];
    let rest = [
        ("update", &foreign[..]),
        ("update", &short),
        ("pause", &[("MS", "300")]),
        ("hang_up", &[("CSEQ", "4")]),
    ];
    taken(&ok(&[]), &rest).await;
}
