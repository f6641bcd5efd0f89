//! Sound, hold and recordings, between two lines of ours and with SIPp.

use crate::peers::{LONG, Sipp, config, dial, number, open, tone, until};
use phone::{
    Call, DialOptions, Hangup, Heard, Line, LineConfig, PlayEnd, RecordingSink, Sound, recording_to_wav,
};
use std::sync::{Arc, Mutex};

const SILENCE: u8 = 0xff;

/// Two lines of ours, one of which called the other.
async fn pair(theirs: impl Fn(LineConfig) -> LineConfig, options: DialOptions) -> (Line, Call, Line, Call) {
    let nowhere = "127.0.0.1:9".parse().unwrap();
    let callee = open(theirs(config(nowhere))).await;
    let caller = open(config(callee.local_addr())).await;
    let mut calls = callee.incoming();
    let dialing = caller.dial(&number(), options).await;
    let taken = async { calls.next().await.unwrap().accept().await.unwrap() };
    let (answered, taken) = tokio::time::timeout(LONG, async { tokio::join!(dialing.answered(), taken) })
        .await
        .expect("the call is answered");
    (caller, answered.unwrap(), callee, taken)
}

fn memory() -> (Arc<Mutex<Vec<u8>>>, DialOptions) {
    let octets = Arc::new(Mutex::new(Vec::new()));
    let copy = octets.clone();
    let sink = RecordingSink::new(move |chunk| {
        copy.lock().unwrap().extend_from_slice(chunk);
        Ok(())
    });
    (
        octets,
        DialOptions {
            recording: Some(sink),
            ..Default::default()
        },
    )
}

fn channel(recording: &[u8], at: usize) -> Vec<u8> {
    recording.iter().skip(at).step_by(2).copied().collect()
}

/// The same sound, told apart without printing it.
fn assert_same(heard: &[u8], said: &[u8]) {
    let (heard, said) = (sounds(heard), sounds(said));
    let differs = heard.iter().zip(&said).position(|(heard, said)| heard != said);
    assert!(
        heard == said,
        "{} octets of {}, from {differs:?} on they differ",
        heard.len(),
        said.len()
    );
}

/// Our octets without the silence around and between them.
fn sounds(octets: &[u8]) -> Vec<u8> {
    octets.iter().copied().filter(|octet| *octet != SILENCE).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_lines_hear_each_other_and_each_others_digits() {
    let (_a, mut calling, _b, mut called) = pair(|config| config, DialOptions::default()).await;
    let mut heard = called.audio();
    assert_eq!(calling.play(tone(500)).await, PlayEnd::Played);
    let loud = async { while heard.recv().await.unwrap().iter().all(|octet| *octet == SILENCE) {} };
    tokio::time::timeout(LONG, loud).await.expect("the tone is heard");
    calling.send_digit('7').await;
    calling.send_digit('#').await;
    assert_eq!(called.digit(15_000).await, Heard::Digit('7'));
    assert_eq!(called.digit(15_000).await, Heard::Digit('#'));
    called.send_digit('0').await;
    assert_eq!(calling.digit(15_000).await, Heard::Digit('0'));
    assert_eq!(called.hang_up().await.by, Hangup::Us);
    assert_eq!(calling.ended().await, Hangup::Peer);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digit_by_info_reaches_the_other_line() {
    let (_a, mut calling, _b, mut called) = pair(|config| config, DialOptions::default()).await;
    // Both ends have agreed that there is a call: an INFO that overtakes the ACK belongs to none.
    called.send_digit('0').await;
    assert_eq!(calling.digit(15_000).await, Heard::Digit('0'));
    calling.send_digit_by_info('8').await;
    assert_eq!(called.digit(15_000).await, Heard::Digit('8'));
    calling.hang_up().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packets_have_the_length_that_the_peer_asks_for() {
    for (ptime_ms, octets) in [(10, 80), (30, 240), (60, 480)] {
        let theirs = |config| LineConfig { ptime_ms, ..config };
        let (_a, mut calling, _b, mut called) = pair(theirs, DialOptions::default()).await;
        let mut heard = called.audio();
        assert_eq!(calling.play(tone(100)).await, PlayEnd::Played);
        let frame = tokio::time::timeout(LONG, heard.recv()).await.unwrap().unwrap();
        assert_eq!(frame.len(), octets, "{ptime_ms} ms");
        calling.hang_up().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spoken_frames_arrive_as_they_were() {
    let (_a, mut calling, _b, mut called) = pair(|config| config, DialOptions::default()).await;
    let mut heard = called.audio();
    let words = tone(200).to_ulaw();
    for frame in words.chunks(160) {
        calling.speak(frame);
    }
    let mut arrived = Vec::new();
    let collect = async {
        while sounds(&arrived).len() < sounds(&words).len() {
            arrived.extend(heard.recv().await.unwrap());
        }
    };
    tokio::time::timeout(LONG, collect)
        .await
        .expect("the words arrive");
    assert_same(&arrived, &words);
    calling.hang_up().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_has_both_sides_where_they_were_spoken() {
    let (octets, options) = memory();
    let (_a, mut calling, _b, mut called) = pair(|config| config, options).await;
    let ours = Sound::concat(&[Sound::silence(200), tone(300)]);
    let theirs = tone(400);
    // Whoever is called may speak before our side has taken the answer; that is not recorded.
    until("both hear each other", || {
        [calling.stats(), called.stats()]
            .iter()
            .all(|stats| stats.sent > 0 && stats.received > 0)
    })
    .await;
    let before = calling.stats().received;
    let (first, second) = tokio::join!(calling.play(ours.clone()), called.play(theirs.clone()));
    assert_eq!((first, second), (PlayEnd::Played, PlayEnd::Played));
    // Twenty packets carry what the peer said; so many silent ones later it has all arrived.
    until("what the peer said last has come", || {
        calling.stats().received >= before + 70
    })
    .await;
    let end = calling.hang_up().await;
    let recording = octets.lock().unwrap().clone();
    let length_ms = recording.len() as u64 / 16;
    // By the clock of the frames that left or were given up; a loaded machine is late with others.
    let framed_ms = 20 * (end.stats.sent + end.stats.skipped_frames);
    assert!(
        length_ms.abs_diff(framed_ms) <= 60 && length_ms.abs_diff(end.duration_ms) < 5_000,
        "{length_ms} of {framed_ms} and {}",
        end.duration_ms
    );
    assert_eq!(end.stats.recording_lost_ms, 0);
    assert_same(&channel(&recording, 0), &ours.to_ulaw());
    assert_same(&channel(&recording, 1), &theirs.to_ulaw());
    let wav = recording_to_wav(&recording);
    assert_eq!((&wav[..4], wav.len()), (&b"RIFF"[..], 44 + recording.len()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_that_cannot_be_written_does_not_end_the_call() {
    let sink = RecordingSink::new(|_| Err(std::io::Error::other("disk full")));
    let options = DialOptions {
        recording: Some(sink),
        ..Default::default()
    };
    let (line, mut calling, _b, _called) = pair(|config| config, options).await;
    assert_eq!(calling.play(Sound::silence(1_500)).await, PlayEnd::Played);
    until("the failure is known", || line.status().recording_failures == 1).await;
    assert_eq!(calling.hang_up().await.by, Hangup::Us);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_are_exchanged_and_frames_are_timed() {
    let (line, calling, _b, called) = pair(|config| config, DialOptions::default()).await;
    until("reports arrive on both sides", || {
        [calling.stats(), called.stats()]
            .iter()
            .all(|stats| stats.rtcp_received > 0 && stats.rtcp_sent > 0)
    })
    .await;
    until("a round trip is known", || called.stats().round_trip_us.is_some()).await;
    let stats = calling.hang_up().await.stats;
    assert!(stats.sent > 100 && stats.received > 100, "{stats:?}");
    assert_eq!((stats.from_strangers, stats.malformed), (0, 0));
    let report = line.media_report();
    assert!(
        report.frames >= stats.sent && report.late_p50_us <= report.late_p99_us,
        "{report:?}"
    );
    line.reset_media_report();
    assert!(line.media_report().frames < report.frames);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prompt_waits_while_the_peer_holds_and_goes_on_where_it_was() {
    let held = [("CSEQ", "2"), ("DIRECTION", "sendonly"), ("EXPECT", "recvonly")];
    let resumed = [("CSEQ", "3"), ("EXPECT", "sendrecv")];
    let sipp = Sipp::listening(&[
        ("invite", &[]),
        ("ok", &[]),
        ("ack", &[]),
        ("pause", &[("MS", "400")]),
        ("reinvite", &held),
        ("pause", &[("MS", "2500")]),
        ("reinvite", &resumed),
        ("hung_up", &[]),
    ])
    .await;
    let line = open(LineConfig {
        media_timeout_ms: 2_000,
        ..config(sipp.address)
    })
    .await;
    let (octets, options) = memory();
    let mut call = line.dial(&number(), options).await.answered().await.unwrap();
    let prompt = tone(1_500);
    let mut seen_on_hold = false;
    let end = {
        let link = call.hold_watch();
        let mut playing = std::pin::pin!(call.play(prompt.clone()));
        loop {
            tokio::select! {
                end = &mut playing => break end,
                () = tokio::time::sleep(std::time::Duration::from_millis(20)) => seen_on_hold |= link(),
            }
        }
    };
    assert_eq!(end, PlayEnd::Played);
    assert!(seen_on_hold && !call.on_hold());
    let end = call.hang_up().await;
    assert!(end.duration_ms > 3_500, "{end:?}");
    let recording = octets.lock().unwrap().clone();
    assert_same(&channel(&recording, 0), &prompt.to_ulaw());
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_old_ways_of_holding_are_understood_and_nonsense_is_refused() {
    let black_hole = [("CSEQ", "2"), ("MEDIA_IP", "0.0.0.0"), ("EXPECT", "recvonly")];
    let inactive = [("CSEQ", "3"), ("DIRECTION", "inactive"), ("EXPECT", "inactive")];
    let sipp = Sipp::listening(&[
        ("invite", &[]),
        ("ok", &[]),
        ("ack", &[]),
        ("reinvite", &black_hole),
        ("pause", &[("MS", "400")]),
        ("reinvite", &inactive),
        ("pause", &[("MS", "400")]),
        (
            "reinvite_refused",
            &[("CSEQ", "4"), ("PAYLOADS", "18"), ("EXPECT", "488")],
        ),
        ("hung_up", &[]),
    ])
    .await;
    let line = open(config(sipp.address)).await;
    let call = dial(&line).await.unwrap();
    until("the call is on hold", || call.on_hold()).await;
    until("nonsense is refused", || sipp.messages().contains("CSeq: 4 ACK")).await;
    assert!(call.on_hold());
    call.hang_up().await;
    sipp.succeeds().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_asks_for_our_offer_in_a_call_answers_it_with_its_ack() {
    let held = [("CSEQ", "2"), ("DIRECTION", "sendonly")];
    let resumed = [("CSEQ", "3")];
    let sipp = Sipp::listening(&[
        ("invite", &[]),
        ("ok", &[]),
        ("ack", &[]),
        ("reinvite_without_offer", &held),
        ("pause", &[("MS", "1500")]),
        ("reinvite_without_offer", &resumed),
        ("hung_up", &[]),
    ])
    .await;
    let line = open(config(sipp.address)).await;
    let call = dial(&line).await.unwrap();
    until("the call is on hold", || call.on_hold()).await;
    until("the call is resumed", || !call.on_hold()).await;
    call.hang_up().await;
    sipp.succeeds().await;
}
