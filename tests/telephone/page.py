"""A visitor at the demo's handset page, without a browser: its socket (RFC 6455), spoken by hand."""

import base64
import json
import os
import pathlib
import socket
import struct
import sys
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "browser"))
from ears import Ears  # noqa: E402

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Page:
    """What the page is told, in order, and what it hears; a person answers and presses keys."""

    def __init__(self, url):
        host, port = urllib.parse.urlparse(url).netloc.split(":")
        self.socket = socket.create_connection((host, int(port)))
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /demo/handset HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {url}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
        self.stream = self.socket.makefile("rb")
        status = self.stream.readline()
        assert b" 101 " in status, status
        while self.stream.readline().strip():
            pass
        self.told, self.ears, self.frames = [], Ears(), 0
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while head := self.stream.read(2):
            kind, length = head[0] & 15, head[1] & 127
            if length == 126:
                (length,) = struct.unpack(">H", self.stream.read(2))
            body = self.stream.read(length)
            if kind == BINARY:
                self.frames += 1
                self.ears.frame(body)
            elif kind == TEXT:
                self.told.append(json.loads(body))
            elif kind == PING:
                self.send(PONG, body)
            elif kind == CLOSE:
                return

    def send(self, kind, body):
        mask = os.urandom(4)
        masked = bytes(octet ^ mask[at % 4] for at, octet in enumerate(body))
        self.socket.sendall(bytes([0x80 | kind, 0x80 | len(body)]) + mask + masked)

    def does(self, what, **more):
        self.send(TEXT, json.dumps({"do": what, **more}).encode())

    def presses(self, key):
        self.does("press", key=str(key))

    def state(self):
        """Ringing, answered or idle."""
        states = [news["is"] for news in self.told if news["is"] in ("ringing", "answered", "idle")]
        return states[-1] if states else "idle"

    def messages(self):
        return [news["text"] for news in self.told if news["is"] == "message"]

    def close(self):
        self.socket.close()
