"""The demo's handset page is a telephone: what it plays came over RTP, its keys leave as event packets,
and with its RTP taken away they do nothing."""

import json
import pathlib
import sqlite3
import sys
import time
import urllib.request
import uuid

from house import ROOT, until
from page import Page
from wire import Capture, Filter

sys.path.insert(0, str(ROOT / "tests/browser"))
from world import World  # noqa: E402

VISITOR = "8613800000001"
# The demo's own ends of its calls (crates/huiling/src/demo): ours, and those of the town's telephones.
OUR_RTP, HANDSET_RTP = range(30000, 30999), range(31000, 31999)
APPLICATION = {
    "name": "林晓雯", "phone": "13800000001", "document": "11010519491231002X",
    "income": "12000", "requested_limit": "50000", "consent": True,
}  # fmt: skip


def udp_ports():
    """Every UDP port that is open in this network, which is the demo's alone but for other tests' telephones."""
    lines = pathlib.Path("/proc/net/udp").read_text().splitlines()[1:]
    return {int(line.split()[1].split(":")[1], 16) for line in lines}


class Visit:
    """The demo, its page, and an application whose call the page gets."""

    def __init__(self, folder):
        before = udp_ports()
        self.world = World("--still", "--seed", "1", folder=folder)
        # Nobody talks yet: these are its two SIP sockets.
        self.sip_ports = sorted(udp_ports() - before)
        assert len(self.sip_ports) == 2, self.sip_ports
        self.page = Page(self.world.url)

    def apply(self):
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        request = urllib.request.Request(
            self.world.url + "/api/v1/applications", json.dumps(APPLICATION).encode(), headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status in (201, 202), answer.status

    def select(self, sql):
        path = f"file:{self.world.folder}/world/huiling.db?mode=ro"
        database = sqlite3.connect(path, uri=True, timeout=30)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    def attempts(self):
        """How each call about the application ended, and the digit it asked for; oldest first."""
        return self.select("SELECT hex(a.id), a.proof_digit, a.disposition FROM call_attempt a JOIN call_case c "
                           "ON c.id = a.case_id WHERE c.kind = 'application' ORDER BY a.number")

    def keys(self, call):
        """What was pressed on a call and arrived."""
        rows = self.select(f"SELECT what FROM call_transcript WHERE hex(call_id) = '{call}' AND kind = 'heard' "
                           "AND what <> 'silence' ORDER BY place")
        return [what for (what,) in rows]

    def answer(self):
        until("the page rings", lambda: self.page.state() == "ringing")
        self.page.ears.forget()
        self.page.does("answer")
        until("the page talks", lambda: self.page.state() == "answered")

    def close(self):
        self.page.close()
        self.world.close()


def the_handset_page_is_a_sip_telephone(line):
    folder = line.folder / "visit"
    folder.mkdir()
    visit = Visit(folder)
    try:
        visit.apply()
        without_its_rtp_the_pages_keys_do_nothing(visit)
        with Capture(line.folder / "visit.pcap", visit.sip_ports) as capture:
            digit = with_its_rtp_they_count(visit)
        check_wire(visit, capture, digit)
    finally:
        visit.close()


def without_its_rtp_the_pages_keys_do_nothing(visit):
    with Filter(HANDSET_RTP[0], HANDSET_RTP[-1]) as filter:
        visit.answer()
        digit = visit.attempts()[0][1]
        pressed = 0
        # The right digit and the yes, for as long as the call lasts.
        while visit.page.state() == "answered":
            visit.page.presses((digit, 1)[pressed % 2])
            pressed += 1
            time.sleep(0.3)
        dropped = filter.dropped()
    call, _, disposition = until("the call ends", lambda: (ended := visit.attempts()[0])[2] and ended)
    assert disposition in ("silent", "media_lost"), disposition
    assert pressed > 10 and dropped > 50 * 5, (pressed, dropped)
    assert visit.page.frames > 50 * 5, "our voice was heard meanwhile"
    assert not visit.keys(call), visit.keys(call)
    print(f"   {pressed} keys of the page were pressed, {dropped} packets dropped, the call ended as {disposition}")


def with_its_rtp_they_count(visit):
    """The next call about it: the digit that the voice names, and the yes. Returns the digit."""
    visit.answer()
    digit = until("a digit is named", visit.page.ears.proof_digit)
    call, asked, _ = visit.attempts()[1]
    assert str(asked) == digit, (visit.attempts(), digit)
    # A key before its question does not count, so it is pressed again, as people do.
    for key, counted in ((digit, "proof"), ("1", "1")):
        until("the question is over", lambda: visit.page.presses(key) or time.sleep(2) or counted in visit.keys(call))
    until("it hangs up", lambda: visit.page.state() == "idle")
    disposition = until("the call has ended", lambda: visit.attempts()[1][2])
    assert disposition == "confirmed", disposition
    until("the wallet is open", lambda: any("/welcome/" in text for text in visit.page.messages()))
    return digit


def check_wire(visit, capture, digit):
    invites = capture.packets("sip.Method == INVITE", "udp.srcport", "udp.dstport", "sip.r-uri.user", "sdp.media.port")
    assert len(invites) == 1 and invites[0][2] == VISITOR, invites
    source, target, _, ours = invites[0]
    assert {int(source), int(target)} == set(visit.sip_ports), (invites, visit.sip_ports)
    [(theirs,)] = set(capture.packets('sip.CSeq.method == "INVITE" && sip.Status-Code == 200', "sdp.media.port"))
    assert int(ours) in OUR_RTP and int(theirs) in HANDSET_RTP, (ours, theirs)
    wanted = f"rtp && !rtpevent && udp.srcport == {ours} && udp.dstport == {theirs}"
    sound = [bytes.fromhex(payload.replace(":", "")) for (payload,) in capture.packets(wanted, "rtp.payload")]
    assert len(sound) > 50 * 5, len(sound)
    # The page has lost a few at its beginning, or on a busy machine.
    heard = bytes(visit.page.ears.heard)
    spoken = [payload for payload in sound if len(set(payload)) > 20]
    played = sum(payload in heard for payload in spoken)
    assert spoken and played > 0.9 * len(spoken), (played, len(spoken))
    events = capture.packets("rtpevent", "udp.srcport", "udp.dstport", "rtpevent.event_id")
    assert {event[:2] for event in events} == {(theirs, ours)}, events
    keys = [key for *_, key in events]
    assert keys[0] == digit and set(keys) == {digit, "1"}, keys
    print(f"   INVITE {source} to {target}, {played} of {len(spoken)} packets of speech were played by the page, "
          f"{len(events)} packets of keys left it")
