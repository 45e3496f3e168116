"""A web server on loopback for pages that pretend to be somewhere else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Answer", "PageServer", "serving"]


@dataclass(frozen=True)
class Answer:
    """What the server says to one GET."""

    body: bytes
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


NOTHING_HERE = Answer(b"There is no such page.", status=404, content_type="text/plain; charset=utf-8")


@dataclass
class PageServer:
    """A running server."""

    origin: str
    """`http://127.0.0.1:PORT`, the only place where it listens."""
    served: int = 0
    """Pages that were handed out so far, robots.txt not counted."""

    def url(self, path: str) -> str:
        """The address of a page."""
        return self.origin + path


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nothing to talk about."""


@contextmanager
def serving(answer: Callable[[str], Answer | None]) -> Iterator[PageServer]:
    """Serve, on a free port, what `answer` says to a path; None is a 404. The threads end with the block."""
    counting = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            found = answer(path) or NOTHING_HERE
            if found is not NOTHING_HERE:
                with counting:
                    running.served += 1
            same = found.headers.get("ETag") is not None and self.headers.get("If-None-Match") == found.headers["ETag"]
            self.send_response(304 if same else found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            if not same:
                self.send_header("Content-Type", found.content_type)
            self.send_header("Content-Length", "0" if same else str(len(found.body)))
            self.end_headers()
            if not same:
                self.wfile.write(found.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Sophia says what she reads; the server needn't."""

    server = _Server(("127.0.0.1", 0), Handler)
    running = PageServer(origin=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
