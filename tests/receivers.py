"""Targets of notifications on 127.0.0.1: a webhook and a mail server that keep what they get, and can play dead."""

from __future__ import annotations

import email
import email.policy
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """What came in so far, as (subject, text)."""

    url: str  # for Apprise
    got: list[tuple[str, str]] = field(default_factory=list)
    is_dead: bool = False  # answers with an error
    tries: int = 0

    def texts(self) -> str:
        return "\n".join(text for _, text in self.got)


@contextmanager
def webhook() -> Iterator[Receiver]:
    """Takes json://."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            receiver.tries += 1
            if not receiver.is_dead:
                receiver.got.append((body["title"], body["message"]))
            self.send_response(500 if receiver.is_dead else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(url=f"json://127.0.0.1:{server.server_address[1]}/hooks/tops3cret")
        with _served(server):
            yield receiver


@contextmanager
def mail_server() -> Iterator[Receiver]:
    """Takes mailto://, without a login."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 mail.example")
            for line in self.rfile:
                verb = line[:4].upper().strip()
                if verb == b"DATA":
                    self.say("354 go on")
                    self.keep(b"".join(iter(self.rfile.readline, b".\r\n")))
                if verb == b"QUIT":
                    self.say("221 bye")
                    return
                self.say("250 mail.example" if not receiver.is_dead else "550 no")

        def say(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")

        def keep(self, raw: bytes) -> None:
            mail = email.message_from_bytes(raw, policy=email.policy.default)
            part = mail.get_body(("plain", "html"))
            receiver.got.append((str(mail["Subject"]), part.get_content() if part else ""))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        place = f"127.0.0.1:{server.server_address[1]}"
        receiver = Receiver(url=f"mailto://{place}?from=storywatch@wire.example&to=desk@wire.example&format=text")
        with _served(server):
            yield receiver


@contextmanager
def _served(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
