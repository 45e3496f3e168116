"""robots.txt by RFC 9309: what it allows us, and what the absence or failure of it means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protego import Protego

__all__ = ["Rules", "from_answer"]


_AGENT = re.compile(r"^([ \t]*user-agent[ \t]*:[ \t]*)([^\s#]*)[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_SOMEBODY_ELSE = "somebody-else"


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

    parsed = Protego.parse(_addressed(text.lstrip("\ufeff"), product))
    delay = parsed.crawl_delay(product)
    return Rules(expires, None, "robots.txt", parsed, min(float(delay), 30.0) if delay else None)


def _addressed(text: str, product: str) -> str:
    """With each group addressed to us, to everybody, or to somebody else.

    RFC 9309 (2.2.1) has the product's whole name compared, in any case and without its version; Protego would have
    `Sophia` mean `SophiaBot` too.
    """

    def to_whom(found: re.Match[str]) -> str:
        name = found[2].partition("/")[0]
        whom = product if name.casefold() == product.casefold() else name if name == "*" else _SOMEBODY_ELSE
        return found[1] + whom

    return _AGENT.sub(to_whom, text)
