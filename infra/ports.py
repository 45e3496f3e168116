"""What infrastructure needs from above: time, permits, and HTTP for health checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from infra.models import EngineEvent

__all__ = ["Clock", "HttpProbe", "Listener", "ObjectStore", "PermitDesk", "PermitLike", "ProbeAnswer"]

Listener = Callable[[EngineEvent], None]
"""Hears what the engine does, as it does it."""


class Clock(Protocol):
    """Time, handed in."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...


class PermitLike(Protocol):
    """The capability to make one effect."""

    @property
    def id(self) -> str:
        """The effect's id; written into the update's message."""
        ...

    @property
    def token(self) -> str:
        """What is redeemed before acting."""
        ...


class PermitDesk(Protocol):
    """Where a permit is redeemed, once."""

    async def redeem(self, permit_id: str, token: str, *, tool: str) -> None:
        """Raises PermissionError when this token of this permit wasn't minted for the tool or was redeemed before."""
        ...


@dataclass(frozen=True)
class ProbeAnswer:
    """What a GET found."""

    status: int | None
    """None when there was no answer."""
    body: str
    millis: int
    problem: str = ""


class ObjectStore(Protocol):
    """A store of backups elsewhere. Every method blocks, and raises InfraError when the store refuses."""

    def put(self, name: str, content: bytes) -> None:
        """Write one object."""
        ...

    def get(self, name: str) -> bytes | None:
        """One object's content; None when there is none of that name."""
        ...

    def delete(self, name: str) -> None:
        """Remove one object, if it is there."""
        ...

    def names(self, prefix: str) -> list[str]:
        """The names of all objects that begin so."""
        ...


class HttpProbe(Protocol):
    """GETs for health checks: no redirects followed, no credentials sent, bodies cut at 64 kB."""

    async def get(self, url: str, *, timeout: float) -> ProbeAnswer:  # noqa: ASYNC109 - it is the other side's limit
        """Never raises for what the other side does."""
        ...

    async def aclose(self) -> None:
        """Close what is open."""
        ...
