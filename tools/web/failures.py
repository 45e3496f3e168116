"""Why a fetch brought nothing: refused by us, refused by the site, or failed on the way."""

from __future__ import annotations

from datetime import datetime

__all__ = ["CircuitOpen", "FetchError", "FetchFailed", "FetchRefused", "NotAllowed", "RobotsDisallow", "Unpermitted"]


class FetchError(Exception):
    """Base of all reasons. `retry_at` is when it makes sense to try again, where that is known."""

    def __init__(self, url: str, reason: str, *, retry_at: datetime | None = None) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason
        self.retry_at = retry_at


class Unpermitted(FetchError):
    """No permit was redeemed for it, or the session has ended. A bug in the caller."""


class FetchRefused(FetchError):
    """Our own rules forbid it: scheme, credentials, port, address, redirect."""


class NotAllowed(FetchRefused):
    """Its origin isn't among those that this session may fetch from. `target` is where it would have gone."""

    def __init__(self, url: str, target: str, reason: str) -> None:
        super().__init__(url, reason)
        self.target = target


class RobotsDisallow(FetchError):
    """The site's robots.txt forbids it, or can't be read for a server error, which counts as forbidding it."""


class CircuitOpen(FetchError):
    """The host failed too often just now, or asked for a pause; nothing is sent to it until `retry_at`."""

    def __init__(self, url: str, reason: str, *, asked: bool, retry_at: datetime) -> None:
        super().__init__(url, reason, retry_at=retry_at)
        self.asked = asked


class FetchFailed(FetchError):
    """It was tried and failed: name, connection, certificate, time, protocol. `kind` says which."""

    def __init__(self, url: str, reason: str, *, kind: str) -> None:
        super().__init__(url, reason)
        self.kind = kind
