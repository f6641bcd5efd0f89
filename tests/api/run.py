#!/usr/bin/env python3
"""schemathesis against the JSON API of a running demo, by its own description.

It starts the demo on a port of its own with a fresh folder, takes the token that the demo prints,
and lets schemathesis try what the description allows and what it forbids. Exits non-zero on any
finding. With an address and a token it tries a server that runs already:

    tests/api/run.py [http://127.0.0.1:8080 TOKEN]
"""

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


def try_it(address, token, operations):
    """One run of schemathesis over the operations that `operations` chooses."""
    command = [
        SCHEMATHESIS, "run", f"{address}/api/v1/openapi.json",
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
    with tempfile.TemporaryDirectory() as here:
        return subprocess.run(command, check=False, cwd=here, timeout=RUN_SECONDS).returncode


def try_all(address, token):
    # The wallet is frozen near the end, and the token ends last: other operations need both.
    late = ["freezeWallet", "signOut"]
    first = [part for name in late for part in ("--exclude-operation-id", name)]
    ends = [try_it(address, token, first)]
    ends += [try_it(address, token, ["--include-operation-id", name]) for name in late]
    return ends


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
