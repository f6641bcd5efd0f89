#!/usr/bin/env python3
"""schemathesis against the JSON API of a running demo, by its own description.

It starts the demo on a port of its own with a fresh folder, takes the token that the demo prints,
and lets schemathesis try what the description allows and what it forbids. Exits non-zero on any
finding. With an address and a token it tries a server that runs already:

    tests/api/run.py [http://127.0.0.1:8080 TOKEN]
"""

import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

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
START_SECONDS = 60
RUN_SECONDS = 600


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_server(folder):
    """Starts a still demo; returns the process, its address and the token of a customer."""
    port = free_port()
    program = ROOT / "target" / "debug" / "huiling"
    command = [program, "demo", "--port", str(port), "--folder", folder, "--still"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines, token = [], []

    def read():
        for line in server.stdout:
            lines.append(line)
            del lines[:-50]
            found = re.match(r"\s*api token: (\S+)", line)
            if found:
                token.append(found.group(1))

    threading.Thread(target=read, daemon=True).start()
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if token and answers(address):
            return server, address, token[0]
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


def fetch(address, path, token):
    request = urllib.request.Request(f"{address}/api/v1{path}")
    request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=20) as reply:
        return reply.read().decode()


def description(address, token):
    """The API's description, its examples naming a payee and a payment that this customer has."""
    text = fetch(address, "/openapi.json", token)
    for payment in json.loads(fetch(address, "/payments?limit=100", token))["payments"]:
        number = payment["counterpart"].get("number")
        if number and payment["direction"] == "out":
            text = text.replace(EXAMPLE_PAYEE, number).replace(EXAMPLE_PAYMENT, payment["id"])
            break
    return text


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
        *operations,
    ]  # fmt: skip
    return subprocess.run(command, check=False, cwd=schema.parent, timeout=RUN_SECONDS).returncode


def try_all(address, token):
    # The wallet is frozen near the end, and the token ends last: other operations need both.
    late = ["freezeWallet", "signOut"]
    first = [part for name in late for part in ("--exclude-operation-id", name)]
    runs = [first] + [["--include-operation-id", name] for name in late]
    with tempfile.TemporaryDirectory() as folder:
        schema = pathlib.Path(folder) / "openapi.json"
        schema.write_text(description(address, token), encoding="utf-8")
        return [try_it(address, token, schema, operations) for operations in runs]


def main():
    if len(sys.argv) == 3:
        ends = try_all(sys.argv[1], sys.argv[2])
    else:
        folder = tempfile.mkdtemp(prefix="huiling-api-")
        server, address, token = start_server(folder)
        try:
            ends = try_all(address, token)
            if server.poll() is not None:
                sys.exit("the demo ended by itself")
        finally:
            stop(server)
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if any(ends) else 0)


if __name__ == "__main__":
    main()
