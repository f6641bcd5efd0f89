#!/usr/bin/env python3
"""schemathesis against the JSON API of a running demo, by its own description.

It starts demos, each on a port of its own with a fresh folder, and lets schemathesis try what the
description allows and what it forbids: first with a person's token (password and authenticator
code), who orders, and who has a held payment to confirm, stop or sign; then with the long-lived
token that the demo prints. Exits non-zero on any finding. With an address and a token it tries a server that runs already:

    tests/api/run.py [http://127.0.0.1:8080 TOKEN]
"""

import base64
import hashlib
import hmac
import json
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMATHESIS = ROOT / ".tools" / "venv" / "bin" / "schemathesis"
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
    "use_after_free",
    "ensure_resource_availability",
]
EXAMPLES = 25
SEED = 20261122
# As the description writes them.
EXAMPLE_PAYEE = "88661688"
EXAMPLE_PAYMENT = "0192f3a8c5b07d31a1f24be07c9d1e55"
EXAMPLE_PROGRESS = "Xr0n1Yt7mF3a9QwJkL5uVbC8dE2gH4iN6oP0sT1rZxY"
# Somebody who asks for a wallet, so that there is an application to look at.
APPLICANT = {
    "name": "Fang Lin", "phone": "13900007301", "document": "110105199003011236", "income": "8000",
    "requested_limit": "50000", "consent": True,
}  # fmt: skip
# Chance finds no code of an authenticator and no time that is offered: these are never answered with success.
NEVER_DONE = {"confirmPayment", "unfreezeWallet", "signIn", "bookCall"}
# Requests that each operation gets at least.
TRIED = 10
# Somebody in the demo's town whom its customer with the token has never paid.
STRANGER = "+8613800001200"
START_SECONDS = 60
RUN_SECONDS = 600
STEP_SECONDS = 30
# What only a person may do: a program's long-lived token is refused before anything is looked at. Each has a demo
# of its own: whom the demo calls may soon confirm or stop the payment, or be busy, after which orders want a code.
ORDERS = ["pay"]
SIGNING = ["challengePayment", "confirmPayment"]
# A stop may freeze the wallet, which then pays no more.
STOPPING = ["stopPayment", "unfreezeWallet"]
LAST = ["freezeWallet", "signOut"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_server(folder):
    """Starts a still demo; returns the process, its address, a customer's token and sign-in."""
    port = free_port()
    program = ROOT / "target" / "debug" / "huiling"
    command = [program, "demo", "--port", str(port), "--folder", folder, "--still", "--unmetered"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines, token, person = [], [], []

    def read():
        for line in server.stdout:
            lines.append(line)
            del lines[:-50]
            found = re.match(r"\s*api token: (\S+)", line)
            if found:
                token.append(found.group(1))
            found = re.match(r"\s*api sign-in [^:]*: (\S+) (\S+) (\S+)", line)
            if found:
                person.append(found.groups())

    threading.Thread(target=read, daemon=True).start()
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if token and person and answers(address):
            return server, address, token[0], person[0]
        time.sleep(0.1)
    stop(server)
    sys.exit("the demo did not start:\n" + "".join(lines))


def answers(address):
    try:
        with urllib.request.urlopen(f"{address}/api/v1/openapi.json", timeout=5) as reply:
            return reply.status == 200
    except OSError:
        return False


def stop(server):
    server.terminate()
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def fetch(address, path, token, body=None):
    """Status and text; with a body it is posted, under a key of its own."""
    request = urllib.request.Request(f"{address}/api/v1{path}")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
        request.add_header("Idempotency-Key", uuid.uuid4().hex)
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as problem:
        return problem.code, problem.read().decode()


class Person:
    """Somebody with a password and an authenticator, whose every code works once."""

    def __init__(self, address, phone, password, key):
        self.address, self.phone, self.password = address, phone, password
        self.key = base64.b32decode(key + "=" * (-len(key) % 8))
        self.used = 0

    def code(self):
        """The next code that was not used (RFC 6238), waiting for it where it must."""
        while (step := int(time.time()) // STEP_SECONDS) <= self.used:
            time.sleep(0.2)
        self.used = step
        digest = hmac.new(self.key, struct.pack(">Q", step), hashlib.sha1).digest()
        at = digest[-1] & 15
        number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
        return f"{number % 1_000_000:06}"

    def sign_in(self):
        wish = {"phone": self.phone, "password": self.password, "code": self.code()}
        status, text = fetch(self.address, "/tokens", None, wish)
        if status != 201:
            sys.exit(f"the person cannot sign in: {status} {text}")
        return json.loads(text)["token"]

    def held_payment(self, token):
        """A payment that waits for this person, so that there is one to challenge and to stop."""
        order = {"to": STRANGER, "amount": "900.00", "currency": "CNY"}
        status, text = fetch(self.address, "/payments", token, order)
        if status != 202:
            sys.exit(f"the payment is not held: {status} {text}")
        return json.loads(text)["payment"]


def description(address, token, progress, payment=None):
    """The API's description, its examples naming a payee, a payment and an application that there are."""
    _, text = fetch(address, "/openapi.json", token)
    text = text.replace(EXAMPLE_PROGRESS, progress)
    _, listed = fetch(address, "/payments?limit=100", token)
    for one in json.loads(listed)["payments"]:
        number = one["counterpart"].get("number")
        if number and one["direction"] == "out" and one["state"] == "posted":
            text = text.replace(EXAMPLE_PAYEE, number)
            return text.replace(EXAMPLE_PAYMENT, payment or one["id"])
    return text


def applied(address):
    """Asks for a wallet; returns what the applicant finds their progress by."""
    status, text = fetch(address, "/applications", None, APPLICANT)
    if status != 201:
        sys.exit(f"the applicant cannot apply: {status} {text}")
    return json.loads(text)["progress_token"]


def try_it(address, token, schema, operations):
    """One run of schemathesis over the operations that `operations` chooses."""
    command = [
        SCHEMATHESIS, "run", schema,
        "--url", f"{address}/api/v1",
        "--header", f"Authorization: Bearer {token}",
        "--checks", ",".join(CHECKS),
        "--max-examples", str(EXAMPLES),
        "--seed", str(SEED),
        "--generation-database", "none",
        "--request-timeout", "20",
        "--suppress-health-check", "all",
        "--continue-on-failure",
        "--warnings", "off",
        "--no-color",
        "--report", "har",
        "--report-har-path", schema.parent / "answers.har",
        *operations,
    ]  # fmt: skip
    done = subprocess.run(
        command, check=False, cwd=schema.parent, timeout=RUN_SECONDS, stdout=subprocess.PIPE, text=True
    )
    print(done.stdout)
    if done.returncode:
        FINDINGS.append(finding(done.stdout))
    note_answers(schema.parent / "answers.har", json.loads(schema.read_text(encoding="utf-8")))
    return done.returncode


def finding(output):
    """What went wrong in one run, short enough to be read at the end of a long log."""
    part = re.search(r"^=+ (?:FAILURES|ERRORS) =+$.*?(?=^=+ SUMMARY =+$|\Z)", output, re.MULTILINE | re.DOTALL)
    lines = (part.group(0) if part else output).splitlines()
    return "\n".join(lines[:FINDING_LINES])


DOCUMENTS = []
FINDINGS = []
FINDING_LINES = 30
ANSWERS = {}


def note_answers(report, document):
    """Counts what each operation answered."""
    operations = {}
    for path, verbs in document["paths"].items():
        pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))
        operations |= {(verb.upper(), pattern): verbs[verb]["operationId"] for verb in verbs}
    for entry in json.loads(report.read_text(encoding="utf-8"))["log"]["entries"]:
        path = entry["request"]["url"].split("/api/v1", 1)[1].split("?")[0]
        for (verb, pattern), name in operations.items():
            if verb == entry["request"]["method"] and pattern.fullmatch(path):
                counts = ANSWERS.setdefault(name, {})
                status = entry["response"]["status"]
                counts[status] = counts.get(status, 0) + 1


def check_answers(document):
    """Whoever is always turned away at the door finds nothing wrong behind it."""
    wrong = []
    for verbs in document["paths"].values():
        for operation in verbs.values():
            name = operation["operationId"]
            counts = ANSWERS.get(name, {})
            print(f"{name}: {dict(sorted(counts.items()))}")
            if sum(counts.values()) < TRIED:
                wrong.append(f"{name} was hardly tried")
            # Five wrong codes lock a number; that is told with the same status.
            if counts.get(429, 0) * 4 > sum(counts.values()):
                wrong.append(f"{name} was told to slow down")
            if name not in NEVER_DONE and not any(200 <= status < 300 for status in counts):
                wrong.append(f"{name} never did anything")
    return wrong


def only(names):
    return [["--include-operation-id", name] for name in names]


def all_but(names):
    return [[part for name in names for part in ("--exclude-operation-id", name)]]


def try_as_program(address, token, progress):
    """What a program may do, and what it is refused."""
    text = description(address, token, progress)
    DOCUMENTS.append(json.loads(text))
    # The wallet is frozen near the end, and the token ends last: other operations need both.
    return try_runs(address, token, text, all_but(LAST) + only(LAST))


def try_as_person(names):
    """What only a person may do, with a payment that is held at that moment, unless it is about orders."""

    def attempt(address, token, person):
        session = person.sign_in()
        payment = person.held_payment(session) if names != ORDERS else None
        return try_runs(address, session, description(address, session, EXAMPLE_PROGRESS, payment), only(names))

    return attempt


def try_runs(address, token, text, runs):
    with tempfile.TemporaryDirectory() as folder:
        schema = pathlib.Path(folder) / "openapi.json"
        schema.write_text(text, encoding="utf-8")
        return [try_it(address, token, schema, operations) for operations in runs]


def in_a_demo(attempt):
    """Runs the attempt against a demo of its own."""
    folder = tempfile.mkdtemp(prefix="huiling-api-")
    server, address, token, person = start_server(folder)
    try:
        ends = attempt(address, token, Person(address, *person))
        if server.poll() is not None:
            sys.exit("the demo ended by itself")
        return ends
    finally:
        stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def main():
    if len(sys.argv) == 3:
        ends = try_as_program(sys.argv[1], sys.argv[2], EXAMPLE_PROGRESS)
    else:
        attempts = [try_as_person(names) for names in (ORDERS, SIGNING, STOPPING)]
        attempts.append(lambda address, token, _: try_as_program(address, token, applied(address)))
        ends = [end for attempt in attempts for end in in_a_demo(attempt)]
        wrong = check_answers(DOCUMENTS[0])
        print("\n".join(wrong))
        ends.append(len(wrong))
    print("\n\n".join(FINDINGS))
    sys.exit(1 if any(ends) else 0)


if __name__ == "__main__":
    main()
