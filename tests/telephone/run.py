#!/usr/bin/env python3
"""The call is real: `huiling serve` calls a softphone that nobody here wrote, over a trunk. A packet
filter takes the customer's keys away, a capture shows what passed on the wire, and a recogniser hears
a randomly chosen amount in the recording. All of it in a network of its own.

    tests/telephone/run.py [--seed N] [--only WORDS] [--keep FOLDER]
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from handset import the_handset_page_is_a_sip_telephone  # noqa: E402
from house import OUR_RTP, ROOT, TELEPHONE_RTP, CUSTOMER, Browser, House, Softphone, until  # noqa: E402
from wire import Capture, Filter, leave_for_our_own_network  # noqa: E402

sys.path.insert(0, str(ROOT / "voice/judge"))
import score  # noqa: E402

JUDGE = pathlib.Path(os.environ.get("HUILING_JUDGE", ROOT / ".tools/judge")) / "venv/bin/python"
CALLS_MAX, NEEDED, CANDIDATES = 5, 2, 50


class Line:
    """What the tests share: the running house, its telephone, the desk, and chance."""

    def __init__(self, folder, seed):
        self.folder = folder
        self.chance = random.Random(seed)
        self.house = House(folder / "house")
        self.phone = Softphone(folder / "baresip")
        self.desk = Browser(self.house).staff_sign_in()
        Browser(self.house).customer_sign_in()
        self.payees = iter(range(1003, 1200))
        self.known = self.house.known_payee()

    def pay(self):
        """A random amount to somebody who was never paid before: the payment, its amount, and how many
        times the least it is. What was paid before is usual now, so it may have to be more to be held; and
        after some of them a stranger, at night above all, is too much, and somebody known is paid."""
        payee = f"138 0000 {next(self.payees)}"
        for times in (2, 3, 4, 6, 9, 13):
            fen = self.amount(times)
            state, payment = self.house.pay(payee, fen)
            if state == "refused":
                payee = self.known
                state, payment = self.house.pay(payee, fen)
            if state == "held":
                return payment, fen, times
        raise AssertionError("no payment is held")

    def called(self, payment, key):
        """Takes the call about a payment: the digit, and then this key. Returns the ended attempt."""
        house = self.house
        call, _, digit, _ = until("it is called", lambda: house.attempt(payment))
        until("the digit is asked for", lambda: house.said(call, "press-n"))
        self.phone.presses(digit)
        until("the choices are said", lambda: house.said(call, "payment-choices"))
        self.phone.presses(key)
        return self.ended(payment)

    def ended(self, payment):
        return until("the call ends", lambda: (self.house.attempt(payment) or [None] * 4)[3] and self.house.attempt(payment))

    def amount(self, times):
        """In yuan, in jiao or in fen."""
        yuan = self.chance.randrange(280 * times, 330 * times)
        return yuan * 100 + self.chance.choice([0, 10 * self.chance.randrange(1, 10), self.chance.randrange(1, 100)])

    def close(self):
        self.phone.close()
        self.house.close()


def without_its_sound_the_keys_of_a_telephone_do_nothing(line):
    """The filter takes nothing but the customer's RTP: SIP works, the call is answered, our voice is heard."""
    house, before = line.house, line.house.balance()
    with Filter(*TELEPHONE_RTP) as filter:
        payment, _, _ = line.pay()
        call, _, digit, _ = until("it is called", lambda: house.attempt(payment))
        until("we speak", lambda: house.transcript(call))
        # Keys for as long as the call goes on, so that each moment in which one could count has some.
        pressed = 0
        while not house.attempt(payment)[3]:
            for key in (digit, 1):
                line.phone.presses(key)
                pressed += 1
                time.sleep(0.4)
        dropped = filter.dropped()
    disposition = line.ended(payment)[3]
    assert disposition in ("silent", "media_lost"), disposition
    assert pressed > 10 and dropped > 50 * 5, (pressed, dropped)
    keys = [what for kind, what, *_ in house.transcript(call) if kind == "heard" and what != "silence"]
    assert not keys, keys
    assert house.payment(payment)["state"] == "held", "nobody has confirmed it"
    print(f"   {pressed} keys were pressed, {dropped} packets dropped, the call ended as {disposition}")
    ended = until("the deadline voids it", lambda: voided(house, payment), 180)
    assert ended["hold"]["ended_by"] == "deadline", ended
    assert house.balance() == before, (before, house.balance())


def voided(house, payment):
    found = house.payment(payment)
    return found if found["state"] == "voided" else None


def the_wire_carries_the_call_and_the_recording_says_the_amount(line):
    # The recogniser takes about one amount of the parts in six for another one, and in one case of ten
    # another of fifty candidates is as near. So two right ones are asked of at most five calls: that fails
    # by chance once in two thousand runs, and always when the amounts are not on the recordings.
    heard_right = 0
    for number in range(CALLS_MAX):
        with Capture(line.folder / f"call-{number}.pcap") as capture:
            payment, fen, times = line.pay()
            call, case, digit, disposition = line.called(payment, 1)
        assert disposition == "confirmed", disposition
        assert line.house.payment(payment)["state"] == "posted"
        check_wire(capture, digit)
        check_story(line.desk, case, fen)
        heard_right += amount_is_heard(line, call, fen, times)
        if heard_right == NEEDED:
            return
    raise AssertionError(f"{heard_right} of {CALLS_MAX} amounts were heard right")


def check_wire(capture, digit):
    """INVITE and its answer, sound both ways, and the two keys as events of RFC 4733."""
    invites = capture.packets("sip.Method == INVITE", "udp.srcport", "udp.dstport", "sip.r-uri.user")
    assert len(invites) == 1 and invites[0] == ("5060", "5070", CUSTOMER), invites
    answers = capture.packets('sip.CSeq.method == "INVITE" && sip.Status-Code == 200', "udp.srcport", "sdp.media.port")
    assert answers and answers[0][0] == "5070", answers
    assert capture.packets("sip.Method == BYE", "udp.srcport")[0] == ("5060",), "we said goodbye"
    offered = capture.packets("sip.Method == INVITE", "sdp.media.port")[0][0]
    ours, theirs = int(offered), int(answers[0][1])
    assert OUR_RTP[0] <= ours <= OUR_RTP[1] and TELEPHONE_RTP[0] <= theirs <= TELEPHONE_RTP[1], (ours, theirs)

    sound = capture.packets("rtp && !rtpevent", "udp.srcport", "udp.dstport", "rtp.ssrc", "frame.time_relative")
    for source, target in ((ours, theirs), (theirs, ours)):
        stream = [packet for packet in sound if packet[:2] == (str(source), str(target))]
        secs = float(stream[-1][3]) - float(stream[0][3])
        assert secs > 10 and len(stream) > 35 * secs, f"{len(stream)} packets of 20 ms in {secs:.1f} s"
        assert len({packet[2] for packet in stream}) == 1, "one source of sound each way"
    elsewhere = {packet[:2] for packet in sound} - {(str(ours), str(theirs)), (str(theirs), str(ours))}
    assert not elsewhere, elsewhere

    events = capture.packets("rtpevent", "udp.srcport", "rtpevent.event_id", "rtpevent.end_of_event")
    keys = []
    for source, key, _ in events:
        assert source == str(theirs), "we press no keys"
        if keys[-1:] != [key]:
            keys.append(key)
    assert keys == [str(digit), "1"], events
    assert len(events) >= 6, "each press is several packets, its end is sent again"
    print(f"   {len(sound)} packets of sound, {len(events)} of keys: {' '.join(keys)}")


def check_story(desk, case, fen):
    """The staff's page of the case has the words of the call, and no secret of it."""
    page = desk.get(f"/staff/cases/{case.lower()}")
    amount = f"{fen // 100:,}.{fen % 100:02}"
    for words in ("What was said and heard", f"¥{amount}", "The right digit: a person", "Key 1"):
        assert words in page, f"{words} is not on the page of the case"
    assert "通话内容" in desk.get(f"/staff/cases/{case.lower()}", "zh-CN"), "the page in Chinese"


def amount_is_heard(line, call, fen, times):
    """Whether the recogniser takes what the recording says for this amount, among fifty like it."""
    path = line.folder / f"{call}.wav"
    path.write_bytes(line.desk.get(f"/staff/calls/{call.lower()}/recording.wav"))
    [(from_ms, until_ms)] = [part[2:] for part in line.house.transcript(call) if part[:2] == ("said", "payment-details")]
    command = [JUDGE, ROOT / "tests/telephone/hear_amounts.py", "zh", path, str(max(0, from_ms - 300)), str(until_ms + 300)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    heard = json.loads(done.stdout)
    others = {line.amount(times) for _ in range(4 * CANDIDATES)} - {fen}
    others = line.chance.sample(sorted(others), CANDIDATES - 1)
    nearest = min(map(lambda other: distance(other, heard), others))
    right = distance(fen, heard) < nearest
    print(f"   ¥{fen / 100:.2f} was heard as {heard['text']!r}: {'right' if right else 'wrong'} "
          f"(distance {distance(fen, heard)}, the next candidate's {nearest})")
    return right


def distance(fen, heard):
    """Edits between the digits of an amount and the nearest amount that was heard."""
    wanted = f"{fen / 100:.2f}"
    return min((score.distance(wanted, f"{found / 100:.2f}") for found in heard["amounts"]), default=len(wanted))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    leave_for_our_own_network()
    print(f"seed {options.seed}", flush=True)
    tests = [
        without_its_sound_the_keys_of_a_telephone_do_nothing,
        the_wire_carries_the_call_and_the_recording_says_the_amount,
        the_handset_page_is_a_sip_telephone,
    ]
    folder = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="huiling-telephone-"))
    folder.mkdir(exist_ok=True)
    passed = failed = 0
    line = Line(folder, options.seed)
    try:
        for test in tests:
            if options.only not in test.__name__:
                continue
            began = time.monotonic()
            try:
                test(line)
                passed += 1
                print(f"test {test.__name__} ... ok ({time.monotonic() - began:.0f} s)", flush=True)
            except Exception:
                failed += 1
                traceback.print_exc()
                print(line.house.story(), line.house.errors(), sep="\n")
                print(f"test {test.__name__} ... FAILED", flush=True)
    finally:
        line.close()
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
