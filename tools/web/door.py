"""The door itself: a session opened by a permit fetches from allowed origins, politely, safely and within limits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tools.declaration import Clock, Permit
from tools.permits import PermitDesk
from tools.web.addresses import kin
from tools.web.failures import Unpermitted
from tools.web.policy import WebPolicy
from tools.web.purse import Meter, Purse, pocket

if TYPE_CHECKING:
    from tools.web.fetching import Fetcher
    from tools.web.manners import HostStore
    from tools.web.transport import Resolver

__all__ = ["Conditions", "Fetched", "Hop", "WebDoor", "WebSession"]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What we hold already, so that the server may answer 304."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect that was followed."""

    url: str
    status: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status. `body` is decompressed and, when `truncated`, only its beginning."""

    url: str
    final_url: str
    status: int
    at: datetime
    millis: int
    body: bytes = b""
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    truncated: bool = False
    hops: tuple[Hop, ...] = ()
    retry_at: datetime | None = None
    headers: dict[str, str] = field(default_factory=dict)


class WebSession:
    """Leave to fetch from some origins, for as long as the session is open."""

    def __init__(self, fetcher: Fetcher, origins: frozenset[str], purse: Purse) -> None:
        self._fetcher = fetcher
        self._origins = origins
        self._purse = purse
        self._open = True

    async def fetch(self, url: str, conditions: Conditions | None = None, *, body_bytes: int | None = None) -> Fetched:
        """GET the URL, following redirects within the allowed origins. Raises the errors of tools.web.failures."""
        if not self._open:
            raise Unpermitted(url, "the session in which it might have been fetched has ended")
        await self._purse.pay("pages", url)
        outer = pocket.set(self._purse)
        try:
            return await self._fetcher.fetch(url, self._origins, conditions or Conditions(), body_bytes)
        finally:
            pocket.reset(outer)

    def end(self) -> None:
        """Nothing is fetched any more."""
        self._open = False


class WebDoor:
    """One client for the whole program. Nothing heavy is loaded before the first session."""

    def __init__(
        self,
        desk: PermitDesk,
        clock: Clock,
        policy: WebPolicy | None = None,
        resolver: Resolver | None = None,
        hosts: HostStore | None = None,
        meter: Meter | None = None,
    ) -> None:
        """Without a `meter` nothing is counted."""
        self._meter = meter
        self._desk, self._clock, self._resolver, self._hosts = desk, clock, resolver, hosts
        self.policy = policy or WebPolicy()
        self._fetcher: Fetcher | None = None

    @asynccontextmanager
    async def session(self, permit: Permit, *, tool: str, origins: Iterable[str]) -> AsyncIterator[WebSession]:
        """Redeem the permit and open a session that may fetch from these origins.

        An origin includes itself over https, and with and without `www.`. Raises PermissionError.
        """
        await self._desk.redeem(permit.id, permit.token, tool=tool)
        purse = Purse(self._meter)
        allowed = frozenset(spelling for origin in origins for spelling in kin(origin))
        session = WebSession(self._fetching(), allowed, purse)
        try:
            yield session
        finally:
            session.end()
            await purse.close()

    def _fetching(self) -> Fetcher:
        if self._fetcher is None:
            from tools.web.fetching import Fetcher
            from tools.web.transport import PinnedTransport

            transport = PinnedTransport(self.policy, self._resolver)
            self._fetcher = Fetcher(transport, self.policy, self._clock, self._hosts)
        return self._fetcher

    async def aclose(self) -> None:
        """Close every connection."""
        if self._fetcher is not None:
            await self._fetcher.aclose()
            self._fetcher = None
