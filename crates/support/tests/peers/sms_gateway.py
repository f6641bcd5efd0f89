"""An SMS gateway over HTTP that prints what it takes: one JSON object a line.

It answers with the statuses given as arguments, in turn, and with 202 from then on. With 0 it
answers nothing: it lets the caller wait.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

statuses = [int(status) for status in sys.argv[1:]]
stopped = threading.Event()
order = threading.Lock()


class Gateway(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with order:
            status = statuses.pop(0) if statuses else 202
            say({
                "status": status,
                "key": self.headers.get("Idempotency-Key"),
                "authorization": self.headers.get("Authorization"),
                "type": self.headers.get("Content-Type"),
                "body": json.loads(body),
            })
        if status == 0:
            stopped.wait(60)
            return
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "7")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def say(value):
    print(json.dumps(value), flush=True)


server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
say({"port": server.server_port})
sys.stdin.read()
stopped.set()
