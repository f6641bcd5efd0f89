"""Starts the demo as its user would, and takes it down again."""

import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).parents[2]


class World:
    def __init__(self, *options, folder=None):
        self.folder = folder or tempfile.mkdtemp(prefix="huiling-browser-")
        program = os.environ.get("HUILING_TEST_PROGRAM", str(ROOT / "target/debug/huiling"))
        command = [program, "demo", "--folder", f"{self.folder}/world", "--port", "18200", *options]
        self.log = open(f"{self.folder}/log", "w")
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.url = self.token = self.neighbour_key = None
        for line in self.child.stdout:
            if match := re.match(r"Huiling demo: (http://[^/]+)/demo", line):
                self.url = match[1]
            if line.startswith("api token: "):
                self.token = line.split(": ")[1].strip()
            if line.startswith("api sign-in "):
                self.neighbour_key = line.split()[-1]
            if line.startswith("The world is kept"):
                break
        assert self.url, "the demo did not start: " + self.errors()
        for _ in range(100):
            try:
                urllib.request.urlopen(self.url + "/health/live").read()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the demo does not answer: " + self.errors())

    def errors(self):
        self.log.flush()
        return pathlib.Path(f"{self.folder}/log").read_text()[-4000:]

    def timeline(self):
        """What the calls were about, for whoever reads a failure."""
        with sqlite3.connect(f"file:{self.folder}/world/huiling.db?mode=ro", uri=True) as database:
            rows = database.execute("SELECT at_us, kind, detail FROM call_event ORDER BY at_us").fetchall()
        start = rows[0][0] if rows else 0
        return "\n".join(f"{(at - start) / 1e6:8.1f}  {kind} {detail}" for at, kind, detail in rows)

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.child.kill()

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
