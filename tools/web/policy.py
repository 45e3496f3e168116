"""The limits that every fetch is held to."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["WebPolicy"]


class WebPolicy(BaseModel):
    """Who we say we are, how fast we go, how much and how long we read. Seconds and decompressed bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: str = "SophiaBot"
    """The name that robots.txt addresses us by."""
    user_agent: str = "SophiaBot/0.1 (competitor page monitor; obeys robots.txt)"
    private_origins: frozenset[str] = frozenset()
    """Origins in private address space that the configuration names exactly, such as `http://127.0.0.1:8080`."""
    private_per_second: float | None = Field(default=None, gt=0)
    """Pace towards those; None for no limit, as they are our own."""
    per_second: float = Field(default=1.0, gt=0)
    """Requests to one host a second, in the long run."""
    burst: int = Field(default=3, ge=1)
    """Requests to one host at once."""
    connections: int = Field(default=16, ge=1)
    connections_per_host: int = Field(default=6, ge=1)
    """As browsers have it."""
    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    """The longest silence."""
    total_seconds: float = 30.0
    """One hop from the first byte sent to the last byte read, whatever trickles in between."""
    body_bytes: int = 10_000_000
    robots_bytes: int = 512 * 1024
    """RFC 9309 asks for at least 500 KiB; the rest isn't read."""
    robots_hours: float = 24.0
    redirects: int = 5
    ports: frozenset[int] = frozenset({80, 443})
    attempts: int = 2
    """Tries of one request when the connection fails or the server answers 5xx or 429."""
    patience_seconds: float = 20.0
    """The longest that we wait for a Retry-After or a back-off before giving the page up for this sweep."""
    breaker_failures: int = 5
    breaker_seconds: float = 300.0
