"""A server that answers as Prefect's API does, with what a test gives it, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Any, Self

Answers = Mapping[str, Any | Callable[[Any], Any]]  # path below /api -> body, or what makes it of the question's


class PrefectAnswers:
    """Use as a context manager. A path that has no answer is a 404."""

    def __init__(self, answers: Answers) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.busy = 0  # so many answers are 503 from now on
        self.authorizations: set[str | None] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(None)

            def do_POST(self) -> None:
                self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def _answer(self, question: Any) -> None:
                path = self.path.removeprefix("/api")
                outer.asked.append((path, question))
                outer.authorizations.add(self.headers["Authorization"])
                found = answers.get(path)
                content = json.dumps(found(question) if callable(found) else found).encode()
                is_busy, outer.busy = outer.busy > 0, outer.busy - 1
                self.send_response(503 if is_busy else 200 if path in answers else 404)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/api"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
