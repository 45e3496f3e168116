"""The watched page: one that says what it is told to say, served on loopback."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

__all__ = ["Site"]

_FILLER = "".join(
    f"<p>Sentence number {word} says something that stays as it is on every visit.</p>" for word in "abcdefgh"
)


class Site:
    """A server with one page under every path but robots.txt."""

    beginning = "<h2>Growth plan</h2><p>$399</p>"

    def __init__(self) -> None:
        self.says = self.beginning
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = site.page().encode()
                found = not self.path.endswith(("robots.txt", ".xml", ".ico"))
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
                """Nothing is said."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def origin(self) -> str:
        """Scheme, address and port."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def page(self) -> str:
        """The whole page."""
        return (
            "<html><head><title>Pricing</title></head><body><nav><a href=/>Home</a></nav><main><h1>Pricing</h1>"
            f"{self.says}{_FILLER}</main><footer>© 2026 Rival Inc.</footer></body></html>"
        )

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
