"""A real mail server (aiosmtpd) that prints what it takes: one JSON object a line.

Arguments: none|starttls|tls, and for the latter two a certificate and its key.
A recipient that begins with "later" gets 451, one that begins with "never" gets 550.
"""

import json
import socket
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller


class Sink:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("later"):
            return "451 4.3.0 come back later"
        if address.startswith("never"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        say({
            "from": mail["From"],
            "to": envelope.rcpt_tos,
            "id": mail["Message-ID"],
            "date": mail["Date"],
            "subject": mail["Subject"],
            "body": mail.get_content(),
            "tls": server.transport.get_extra_info("sslcontext") is not None,
        })
        return "250 OK"


def say(value):
    print(json.dumps(value), flush=True)


def main():
    mode = sys.argv[1]
    context = None
    if mode != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    # The controller checks itself by connecting to its port, so it must know it beforehand.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(
        Sink(),
        hostname="127.0.0.1",
        port=port,
        ready_timeout=30,
        ssl_context=context if mode == "tls" else None,
        tls_context=context if mode == "starttls" else None,
        require_starttls=mode == "starttls",
    )
    controller.start()
    say({"port": port})
    sys.stdin.read()
    controller.stop()


main()
