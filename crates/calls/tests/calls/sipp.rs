//! SIPp (Debian: sip-tester) as the customer's telephone: a program that nobody here wrote.

use crate::world::{LONG, until};
use std::fmt::Write;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// What the telephone does, in order. The INVITE is taken before the first.
#[derive(Clone, Copy)]
pub enum Does {
    Rings,
    /// 181: the network rings another telephone.
    IsForwarded,
    /// 183 with a description: the network plays something before anybody answers.
    PlaysEarlyMedia,
    Answers,
    /// 401 (RFC 3261 section 22), until the call comes again with the credentials.
    Challenges,
    /// Talks for so many seconds, while the next steps go on.
    Speaks(u32),
    /// Answers, and asks for packets of 30 ms.
    AgreesOn30Ms,
    Waits(u32),
    /// RFC 4733, as recorded from a telephone.
    Presses(char),
    /// `application/dtmf-relay`; the number is the request's CSeq.
    PressesByInfo(char, u32),
    Refuses(&'static str),
    IsCancelled,
    HangsUp,
    IsHungUp,
}

pub struct Sipp {
    child: Child,
    folder: TempDir,
    pub address: SocketAddr,
}

impl Sipp {
    /// The trunk that registers us, and no more.
    pub async fn registrar(address: SocketAddr) -> Self {
        Self::run(tempfile::tempdir().unwrap(), address, &registrar()).await
    }

    pub async fn start(address: SocketAddr, does: &[Does]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (place, step) in does.iter().enumerate() {
            let capture = match step {
                Does::Presses(key) => press(*key, place as u32),
                Does::Speaks(secs) => speech(secs * 50),
                _ => continue,
            };
            std::fs::write(folder.path().join(media_file(place)), capture).unwrap();
        }
        Self::run(folder, address, &scenario(does)).await
    }

    async fn run(folder: TempDir, address: SocketAddr, scenario: &str) -> Self {
        std::fs::write(folder.path().join("scenario.xml"), scenario).unwrap();
        let port = address.port().to_string();
        let media_port = free_port().to_string();
        let fixed = "-sf scenario.xml -i 127.0.0.1 -mi 127.0.0.1 -m 1 -nostdin -timeout 50s -timeout_error \
             -trace_err -error_file errors.log -trace_msg -message_file messages.log";
        let child = Command::new("sipp")
            .current_dir(folder.path())
            .args(fixed.split(' '))
            .args(["-p", &port, "-mp", &media_port])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("SIPp must be installed (Debian: apt install sip-tester)");
        until("SIPp listens", || UdpSocket::bind(address).is_err()).await;
        Self {
            child,
            folder,
            address,
        }
    }

    /// Waits for the end of the scenario, which must have gone as written.
    pub async fn succeeds(mut self) {
        let status = tokio::time::timeout(LONG, self.child.wait())
            .await
            .expect("SIPp ends")
            .unwrap();
        let errors = self.log("errors.log");
        assert!(status.success(), "SIPp: {status}\n{errors}\n{}", self.messages());
    }

    /// What has been said so far.
    pub fn messages(&self) -> String {
        self.log("messages.log")
    }

    fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }
}

/// An address whose UDP and TCP port nobody uses, with room for RTP beside it.
pub fn free_address() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], free_port()))
}

fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let start = std::process::id() % 1_000 * 16;
    for _ in 0..4_000 {
        let turn = NEXT.fetch_add(4, Ordering::Relaxed);
        let first = 10_000 + ((start + turn) % 20_000) as u16;
        let free = |port| {
            let address = SocketAddr::from(([127, 0, 0, 1], port));
            UdpSocket::bind(address).is_ok() && TcpListener::bind(address).is_ok()
        };
        if (first..first + 4).all(free) {
            return first;
        }
    }
    panic!("no free ports on this machine");
}

const INVITE: &str = r#"
  <recv request="INVITE" crlf="true">
    <action>
      <ereg regexp=".*" search_in="hdr" header="From:" assign_to="caller"/>
      <ereg regexp=".*" search_in="hdr" header="To:" assign_to="callee"/>
      <ereg regexp="sip:[^&gt;]*" search_in="hdr" header="Contact:" assign_to="target"/>
    </action>
  </recv>
  <Reference variables="caller,callee,target"/>"#;

const LAST: &str = "[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]SIPpTag01[call_number]\n[last_Call-ID:]\n[last_CSeq:]\n\
     Contact: <sip:[local_ip]:[local_port];transport=[transport]>";

const MEDIA: &str = "v=0\no=peer 53655765 2353687637 IN IP[local_ip_type] [local_ip]\ns=-\n\
     c=IN IP[media_ip_type] [media_ip]\nt=0 0\nm=audio [media_port] RTP/AVP 0 101\na=rtpmap:0 PCMU/8000\n\
     a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\na=ptime:20\n";

fn scenario(does: &[Does]) -> String {
    let mut text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<scenario name=\"test\">{INVITE}\n");
    for (place, step) in does.iter().enumerate() {
        let step = match *step {
            Does::Rings => reply("180 Ringing", None),
            Does::IsForwarded => reply("181 Call Is Being Forwarded", None),
            Does::PlaysEarlyMedia => reply("183 Session Progress", Some(MEDIA)),
            Does::Answers => answer(MEDIA),
            Does::AgreesOn30Ms => answer(&MEDIA.replace("ptime:20", "ptime:30")),
            Does::Waits(ms) => format!("<pause milliseconds=\"{ms}\"/>"),
            Does::Challenges => challenge(),
            Does::Presses(_) | Does::Speaks(_) => {
                let file = media_file(place);
                format!("<nop><action><exec play_pcap_audio=\"{file}\"/></action></nop>")
            }
            Does::PressesByInfo(key, sequence) => {
                let body = format!("Signal={key}\nDuration=160");
                let kind = "Content-Type: application/dtmf-relay\nContent-Length: [len]\n";
                format!("{}\n<recv response=\"200\"/>", request("INFO", sequence, &format!("{kind}\n{body}\n")))
            }
            Does::Refuses(status) => {
                let refusal = reply(status, None).replace("<send>", "<send retrans=\"500\">");
                format!("{refusal}\n<recv request=\"ACK\"/>")
            }
            Does::IsCancelled => {
                let done = "<send><![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]SIPpTag01[call_number]\n[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n]]></send>";
                let ended = "<send retrans=\"500\"><![CDATA[\nSIP/2.0 487 Request Terminated\n[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]SIPpTag01[call_number]\n[last_Call-ID:]\nCSeq: 1 INVITE\nContent-Length: 0\n\n]]></send>";
                format!("<recv request=\"CANCEL\"/>\n{done}\n{ended}\n<recv request=\"ACK\"/>")
            }
            Does::HangsUp => {
                format!("{}\n<recv response=\"200\"/>", request("BYE", 1, "Content-Length: 0\n\n"))
            }
            Does::IsHungUp => "<recv request=\"BYE\"/>\n<send><![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n]]></send>".into(),
        };
        let _ = writeln!(text, "{step}");
    }
    text + "</scenario>\n"
}

fn answer(media: &str) -> String {
    let answer = reply("200 OK", Some(media)).replace("<send>", "<send retrans=\"500\">");
    format!("{answer}\n<recv request=\"ACK\" crlf=\"true\"/>")
}

fn media_file(place: usize) -> String {
    format!("media-{place}.pcap")
}

/// A capture (tcpdump's file format) of packets of 20 ms of quiet noise, which SIPp replays from its own port.
fn speech(packets: u32) -> Vec<u8> {
    const ETHERNET: [u8; 14] = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 8, 0];
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 1u32] {
        file.extend_from_slice(&word.to_le_bytes());
    }
    for number in 0..packets {
        let mut rtp = vec![0x80, 0, (number >> 8) as u8, number as u8];
        rtp.extend_from_slice(&(number * 160).to_be_bytes());
        rtp.extend_from_slice(&0x5eed_0001u32.to_be_bytes());
        rtp.extend((0..160u32).map(|n| 0xf0 | (n * 7 + number) as u8 & 0x8f));
        let udp = 8 + rtp.len() as u16;
        let mut packet = ETHERNET.to_vec();
        packet.extend_from_slice(&[0x45, 0]);
        packet.extend_from_slice(&(20 + udp).to_be_bytes());
        packet.extend_from_slice(&[0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]);
        for word in [6_000, 6_000, udp, 0u16] {
            packet.extend_from_slice(&word.to_be_bytes());
        }
        packet.extend_from_slice(&rtp);
        let (micros, length) = (number * 20_000, packet.len() as u32);
        for word in [micros / 1_000_000, micros % 1_000_000, length, length] {
            file.extend_from_slice(&word.to_le_bytes());
        }
        file.extend_from_slice(&packet);
    }
    file
}

/// The challenge of a trunk, and the call with our answer to it.
fn challenge() -> String {
    let refusal = reply("401 Unauthorized", None).replace("<send>", "<send retrans=\"500\">");
    let refusal = refusal.replace("Content-Length", &format!("{CHALLENGE}\nContent-Length"));
    let again = INVITE.replace("<action>", "<action>\n<ereg regexp=\"Digest username=.wallet.\" search_in=\"msg\" check_it=\"true\" assign_to=\"named\"/>");
    let again = again.replace("caller,callee,target", "named");
    format!("{refusal}\n<recv request=\"ACK\"/>{again}")
}

const CHALLENGE: &str = r#"WWW-Authenticate: Digest realm="trunk.test", nonce="47ebe028cda119c35d4877b383027d28da013815", algorithm=MD5, qop="auth""#;

/// A registrar that challenges once, and is content then.
fn registrar() -> String {
    let answer = |status: &str, rest: &str| {
        format!(
            "<send><![CDATA[\nSIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]R[call_number]\n[last_Call-ID:]\n[last_CSeq:]\n{rest}\nContent-Length: 0\n\n]]></send>"
        )
    };
    let refused = answer("401 Unauthorized", CHALLENGE);
    let known = answer("200 OK", "Contact: [$contact];expires=60");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<scenario name=\"registrar\">\n<recv request=\"REGISTER\"/>\n{refused}\n\
         <recv request=\"REGISTER\"><action><ereg regexp=\"&lt;.*&gt;\" search_in=\"hdr\" header=\"Contact:\" assign_to=\"contact\"/>\
         </action></recv>\n{known}\n</scenario>\n"
    )
}

/// One press out of a telephone's own recording. There the keys follow each other from 0 to 9;
/// here each press is later than the one before, as on a real call.
fn press(key: char, place: u32) -> Vec<u8> {
    const FILE_HEADER: usize = 24;
    const RECORD_HEADER: usize = 16;
    const TO_RTP: usize = 42;
    let mut capture = std::fs::read(format!("/usr/share/sip-tester/dtmf_2833_{key}.pcap")).unwrap();
    let mut at = FILE_HEADER;
    while at + RECORD_HEADER < capture.len() {
        let length = u32::from_le_bytes(capture[at + 8..at + 12].try_into().unwrap()) as usize;
        let rtp = at + RECORD_HEADER + TO_RTP;
        let sequence = u16::from_be_bytes(capture[rtp + 2..rtp + 4].try_into().unwrap());
        let sequence = sequence.wrapping_add(place as u16 * 1_000);
        let timestamp = u32::from_be_bytes(capture[rtp + 4..rtp + 8].try_into().unwrap());
        capture[rtp + 2..rtp + 4].copy_from_slice(&sequence.to_be_bytes());
        capture[rtp + 4..rtp + 8].copy_from_slice(&(timestamp + place * 200_000).to_be_bytes());
        at += RECORD_HEADER + length;
    }
    capture
}

fn reply(status: &str, media: Option<&str>) -> String {
    let body = match media {
        Some(media) => format!("Content-Type: application/sdp\nContent-Length: [len]\n\n{media}"),
        None => "Content-Length: 0\n\n".into(),
    };
    format!("<send><![CDATA[\nSIP/2.0 {status}\n{LAST}\n{body}]]></send>")
}

/// A request of ours within the call.
fn request(method: &str, sequence: u32, rest: &str) -> String {
    format!(
        "<send retrans=\"500\"><![CDATA[\n{method} [$target] SIP/2.0\n\
         Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n\
         From:[$callee];tag=[pid]SIPpTag01[call_number]\nTo:[$caller]\nCall-ID: [call_id]\n\
         CSeq: {sequence} {method}\nMax-Forwards: 70\n\
         Contact: <sip:[local_ip]:[local_port];transport=[transport]>\n{rest}]]></send>"
    )
}
