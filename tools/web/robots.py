"""robots.txt by RFC 9309: what it allows us, and what the absence or failure of it means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protego import Protego

__all__ = ["Rules", "from_answer"]


@dataclass(frozen=True, slots=True)
class Rules:
    """One origin's rules until they expire. `whole` is a decision for every path; otherwise `parsed` decides."""

    expires: datetime
    whole: bool | None
    reason: str
    parsed: Protego | None = None
    delay: float | None = None
    """Seconds between requests, if the site names them and they are reasonable."""

    def allows(self, url: str, product: str) -> bool:
        """Whether we may fetch the URL."""
        if self.whole is not None or self.parsed is None:
            return bool(self.whole)
        return bool(self.parsed.can_fetch(url, product))


def from_answer(status: int, text: str, product: str, expires: datetime) -> Rules:
    """The rules that an answer to /robots.txt means: 4xx allows everything, 5xx nothing."""
    if 400 <= status < 500:
        return Rules(expires, True, f"robots.txt answers {status}: nothing is forbidden")
    if status >= 500 or status < 200:
        return Rules(
            expires, False, f"robots.txt answers {status}: until it can be read everything counts as forbidden"
        )
    from protego import Protego

    parsed = Protego.parse(text)
    delay = parsed.crawl_delay(product)
    return Rules(expires, None, "robots.txt", parsed, min(float(delay), 30.0) if delay else None)
