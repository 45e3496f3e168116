"""Manners towards a host: how fast, when to wait, when to leave it alone."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

__all__ = ["Circuit", "Pace", "back_off", "retry_after"]


@dataclass(slots=True)
class Pace:
    """A token bucket in its leaky form (GCRA): one number, the time at which the bucket is full again."""

    per_second: float
    burst: int
    _full_at: float = field(default=0.0)

    def reserve(self, now: float) -> float:
        """Take a token and say in how many seconds it may be used."""
        interval = 1.0 / self.per_second
        self._full_at = max(self._full_at, now) + interval
        return max(0.0, self._full_at - now - self.burst * interval)

    def slow_down(self, seconds_between: float) -> None:
        """Go no faster than this from now on."""
        self.per_second = min(self.per_second, 1.0 / seconds_between)
        self.burst = 1


@dataclass(slots=True)
class Circuit:
    """Opens after several failures in a row; half open after a while, when one request tries again."""

    failures_allowed: int
    seconds_open: float
    _failures: int = 0
    _open_until: float = 0.0
    asked: bool = False
    """Whether it is open because the host asked for a pause."""

    def opens_again_in(self, now: float) -> float:
        """Seconds during which nothing may be sent; 0 when it may."""
        return max(0.0, self._open_until - now)

    def succeeded(self) -> None:
        """The host answered like a healthy one."""
        self._failures = 0

    def failed(self, now: float) -> None:
        """The host didn't answer, or answered with 5xx."""
        self._failures += 1
        if self._failures >= self.failures_allowed:
            self._open_until = now + self.seconds_open
            self.asked = False

    def leave_alone(self, now: float, seconds: float) -> None:
        """The host asked for a pause."""
        self._open_until = max(self._open_until, now + seconds)
        self.asked = True


def retry_after(header: str, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header in either form; None when it says nothing that can be read."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), timedelta(days=7).total_seconds()))
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(0.0, (at - now).total_seconds()), timedelta(days=7).total_seconds())


def back_off(attempt: int, *, base: float = 0.5, most: float = 10.0) -> float:
    """Seconds before the next attempt: exponential with full jitter."""
    return random.uniform(0.0, min(most, base * 2**attempt))  # noqa: S311 - jitter, not a secret
