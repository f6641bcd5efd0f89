"""The product as its operator runs it, with a softphone for a customer and a desk for the staff."""

import base64
import hashlib
import hmac
import http.cookiejar
import json
import os
import pathlib
import re
import socket
import sqlite3
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests/browser"))
from world import World  # noqa: E402

PROGRAM = os.environ.get("HUILING_TEST_PROGRAM", str(ROOT / "target/debug/huiling"))
# The network is our own, so these are free.
WEB_PORT, LINE_PORT, TELEPHONE_PORT, CONSOLE_PORT = 18080, 5060, 5070, 5080
OUR_RTP, TELEPHONE_RTP = (20000, 20999), (30000, 30098)
# The neighbour, whose API token the demo prints.
CUSTOMER = "8613800001002"
# Of everybody who has one in the demo.
PASSWORD = "demo-ring-back-2026"
# A call of half a minute, several times over on a busy machine.
PATIENCE_S = 120

SETTINGS = f"""
[server]
bind = "127.0.0.1:{WEB_PORT}"
public_url = "http://127.0.0.1:{WEB_PORT}"
log = "warn,rsipstack=error"
[store]
folder = "world"
cache_mib = 64
[keys]
master_key_file = "world/master.key"
[money]
hold_minutes = 1
hold_extension_minutes = 1
# What is paid becomes usual, so later amounts may have to be larger than the usual cap to be held at all.
keypad_cap_minor = 2000000
keypad_unchanged_days = 0
[phone]
bind = "127.0.0.1:{LINE_PORT}"
trunk = "127.0.0.1:{TELEPHONE_PORT}"
rtp_first_port = {OUR_RTP[0]}
rtp_last_port = {OUR_RTP[1]}
[calls]
attempts = 1
"""


def until(what, condition, patience_s=PATIENCE_S):
    """The first value of the condition that is true; it is asked often, for a bounded time."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError("waited in vain: " + what)


class House:
    """`huiling serve` over a world that `huiling demo` has made: its people have habits and money."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        demo = World("--still", "--seed", "1", folder=self.folder)
        self.token, self.customer_key = demo.token, demo.neighbour_key
        demo.stop()
        self.lift_limits()
        (self.folder / "huiling.toml").write_text(SETTINGS)
        self.log = open(self.folder / "serve.log", "w")
        command = [PROGRAM, "serve", "--config", "huiling.toml"]
        self.child = subprocess.Popen(command, cwd=self.folder, stdout=self.log, stderr=self.log)
        self.url = f"http://127.0.0.1:{WEB_PORT}"
        until("huiling serves", self.serves)

    def lift_limits(self):
        """Five confirmed payments may be more than the town's people may pay in a day."""
        with sqlite3.connect(self.folder / "world" / "huiling.db") as database:
            database.execute("UPDATE accounts SET day_limit_minor = ? WHERE kind = 1", [100_000_00])
        database.close()

    def serves(self):
        assert self.child.poll() is None, self.errors()
        try:
            return urllib.request.urlopen(self.url + "/health/live").status == 200
        except OSError:
            return False

    def errors(self):
        self.log.flush()
        return (self.folder / "serve.log").read_text()[-4000:]

    def close(self):
        self.child.terminate()
        try:
            self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.child.kill()

    def api(self, method, path, body=None, **headers):
        data = None if body is None else json.dumps(body).encode()
        headers |= {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v1{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def pay(self, to, fen):
        """Orders a payment, without a code: `held` and its id, or `challenged` or `refused` and nothing."""
        order = {"to": to, "amount": f"{fen // 100}.{fen % 100:02}", "currency": "CNY"}
        try:
            answer = self.api("POST", "/payments", order, **{"Idempotency-Key": f"telephone-{os.urandom(8).hex()}"})
        except AssertionError as refusal:
            if "second-factor-needed" in str(refusal):
                return "challenged", None
            if "risk-refused" in str(refusal):
                return "refused", None
            raise
        assert answer["state"] == "held", answer
        return "held", answer["payment"]

    def known_payee(self):
        """The number of somebody whom the customer has paid long ago."""
        listed = self.api("GET", "/payments?limit=100")["payments"]
        paid = [one for one in listed if one["direction"] == "out" and one["state"] == "posted"]
        return paid[-1]["counterpart"]["number"]

    def payment(self, payment):
        return self.api("GET", f"/payments/{payment}")

    def balance(self):
        return self.api("GET", "/wallet")

    def select(self, sql, *values):
        # A writer that checkpoints may keep a reader out for a moment.
        database = sqlite3.connect(f"file:{self.folder}/world/huiling.db?mode=ro", uri=True, timeout=30)
        try:
            return database.execute(sql, values).fetchall()
        finally:
            database.close()

    def attempt(self, payment):
        """The latest call about a payment: id, case, digit, disposition."""
        rows = self.select(
            "SELECT hex(a.id), hex(a.case_id), a.proof_digit, a.disposition FROM call_attempt a "
            "JOIN call_case c ON c.id = a.case_id WHERE hex(c.subject) = upper(?) AND c.kind = 'payment' "
            "ORDER BY a.number DESC LIMIT 1", payment)
        return rows[0] if rows else None

    def transcript(self, call):
        """(kind, what, from_ms, until_ms), in order."""
        return self.select("SELECT kind, what, from_ms, until_ms FROM call_transcript WHERE hex(call_id) = ? "
                           "ORDER BY place", call)

    def said(self, call, name):
        return any(kind == "said" and what == name for kind, what, *_ in self.transcript(call))

    def story(self):
        """What the calls were about, for whoever reads a failure."""
        rows = self.select("SELECT at_us, kind, detail FROM call_event ORDER BY at_us DESC LIMIT 40")[::-1]
        return "\n".join(f"{(at - rows[0][0]) / 1e6:8.1f}  {kind} {detail}" for at, kind, detail in rows)


class Softphone:
    """baresip: answers by itself, and presses the keys that it is told to."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        folder.mkdir()
        account = f"<sip:{CUSTOMER}@127.0.0.1;transport=udp>;regint=0;answermode=auto;audio_codecs=PCMA/8000/1\n"
        (folder / "accounts").write_text(account)
        (folder / "contacts").write_text("")
        (folder / "config").write_text("\n".join([
            "poll_method epoll", f"sip_listen 127.0.0.1:{TELEPHONE_PORT}",
            f"ctrl_tcp_listen 127.0.0.1:{CONSOLE_PORT}", "audio_player aubridge,nobody", "audio_source ausine,440",
            "audio_alert aufile,/dev/null", "ausrc_srate 48000", "auplay_srate 8000", "ausrc_channels 2",
            "auplay_channels 1", "audio_srate 8000-48000", "audio_channels 1-2",
            f"rtp_ports {TELEPHONE_RTP[0]}-{TELEPHONE_RTP[1]}", "net_interface 127.0.0.1",
            "module_path /usr/lib/baresip/modules", "module g711.so", "module ausine.so", "module aufile.so",
            "module aubridge.so", "module_tmp uuid.so", "module_tmp account.so", "module_app menu.so",
            "module_app ctrl_tcp.so", ""]))
        quiet = subprocess.DEVNULL
        self.child = subprocess.Popen(["baresip", "-f", "."], cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet)
        until("baresip listens", self.listens)

    def listens(self):
        assert self.child.poll() is None, "baresip ended"
        try:
            socket.create_connection(("127.0.0.1", CONSOLE_PORT)).close()
            return True
        except OSError:
            return False

    def presses(self, key):
        order = json.dumps({"command": "sndcode", "params": str(key)})
        with socket.create_connection(("127.0.0.1", CONSOLE_PORT)) as console:
            console.sendall(f"{len(order)}:{order},".encode())

    def close(self):
        self.child.terminate()
        self.child.wait(10)


class Browser:
    """A person at the product's pages, without a screen."""

    def __init__(self, house):
        self.house = house
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self.opener.addheaders = [("Accept-Language", "en")]

    def staff_sign_in(self):
        page = self.post("/staff/sign-in", self.get("/staff/sign-in"), name="lin", password=PASSWORD)
        words = "desk rabbit window 42"
        page = self.post("/staff/sign-in/password", page, password=words, again=words)
        self.enrol("/staff/totp", page)
        return self

    def customer_sign_in(self):
        """On a device with a second factor, without which no key on the telephone counts."""
        page = self.post("/sign-in", self.get("/sign-in"), phone=f"+{CUSTOMER}", password=PASSWORD)
        page = self.post("/sign-in/code", page, code=totp(self.house.customer_key))
        assert "/pay" in page, page[:3000]
        return self

    def enrol(self, path, page):
        secret = re.search(r'<p class="mono">([^<]+)</p>', page)
        assert secret, page[:3000]
        page = self.post(path, page, code=totp(secret[1]))
        assert 'class="codes' in page, page[:3000]

    def get(self, path, lang="en"):
        request = urllib.request.Request(self.house.url + path, headers={"Accept-Language": lang})
        with self.opener.open(request, timeout=20) as answer:
            body = answer.read()
            return body if answer.headers["Content-Type"].startswith("audio/") else body.decode()

    def post(self, path, page, **fields):
        """The form of this page, filled in."""
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        body = urllib.parse.urlencode(hidden | fields).encode()
        with self.opener.open(self.house.url + path, body, timeout=20) as answer:
            return answer.read().decode()


def totp(key):
    """RFC 6238 with SHA-1, six digits, thirty seconds."""
    text = key.replace(" ", "")
    secret = base64.b32decode(text + "=" * (-len(text) % 8))
    digest = hmac.new(secret, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[19] & 15
    return str((struct.unpack(">I", digest[at:at + 4])[0] & 0x7FFFFFFF) % 10**6).zfill(6)
