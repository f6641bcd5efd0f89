"""The wire between the product and the telephone: a network of our own, what passes on it, and a
filter that drops what it is told to drop."""

import os
import subprocess
import sys
import time

from house import LINE_PORT, TELEPHONE_PORT

OWN_NETWORK = "HUILING_TEST_OWN_NETWORK"
DURATION_S = 120


def leave_for_our_own_network():
    """Starts this program again where nobody else can be disturbed: filter rules, captures and every
    program it starts live and die with it, however it ends."""
    if os.environ.get(OWN_NETWORK) == "1":
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    # Without root, a user namespace makes us root there.
    mapped = [] if os.geteuid() == 0 else ["--map-root-user"]
    os.environ[OWN_NETWORK] = "1"
    os.execvp("unshare", ["unshare", "--net", "--pid", "--fork", "--kill-child", *mapped, sys.executable, *sys.argv])


class Filter:
    """Drops UDP packets that come from these ports, while it is open."""

    TABLE = "huiling_test"

    def __init__(self, first_port, last_port):
        self.ports = f"{first_port}-{last_port}"

    def __enter__(self):
        self.nft(f"add table inet {self.TABLE}")
        self.nft(f"add chain inet {self.TABLE} out {{ type filter hook output priority 0 ; }}")
        self.nft(f"add rule inet {self.TABLE} out udp sport {self.ports} counter drop")
        return self

    def __exit__(self, *_):
        self.nft(f"delete table inet {self.TABLE}")

    def dropped(self):
        """How many packets it has swallowed."""
        rules = self.nft(f"list table inet {self.TABLE}").split()
        return int(rules[rules.index("packets") + 1])

    def nft(self, command):
        done = subprocess.run(["nft", command], capture_output=True, text=True)
        assert done.returncode == 0, f"nft {command}: {done.stderr}"
        return done.stdout


class Capture:
    """Everything over UDP while it is open, as tcpdump writes it down and tshark reads it."""

    def __init__(self, path, sip_ports=(LINE_PORT, TELEPHONE_PORT)):
        self.path, self.sip_ports = path, sip_ports

    def __enter__(self):
        command = ["tcpdump", "-i", "lo", "-U", "--immediate-mode", "-Z", "root", "-s", "0", "-w", str(self.path), "udp"]
        self.child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        line = self.child.stderr.readline()
        while line and "listening on" not in line:
            line = self.child.stderr.readline()
        assert line, "tcpdump does not start"
        return self

    def __exit__(self, *_):
        # What the kernel holds reaches the file first.
        time.sleep(0.5)
        self.child.terminate()
        self.child.wait(10)

    def packets(self, wanted, *fields):
        """The fields of the packets that tshark's display filter lets through."""
        sip = [part for port in self.sip_ports for part in ("-d", f"udp.port=={port},sip")]
        command = ["tshark", "-r", str(self.path), *sip, "-o", "rtp.heuristic_rtp:FALSE", "-Y", wanted, "-T", "fields"]
        command += [part for field in fields for part in ("-e", field)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=DURATION_S)
        assert done.returncode == 0, done.stderr
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]
