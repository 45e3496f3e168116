"""What is known of each origin that is visited: its robots.txt, its pace, whether it wants to be left alone.

With a store it is known to all processes and survives them; without one, to this process.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import JsonValue

from tools.declaration import Clock
from tools.web.addresses import Target
from tools.web.failures import CircuitOpen
from tools.web.pace import Circuit, Pace
from tools.web.policy import WebPolicy
from tools.web.robots import Rules, from_answer

__all__ = ["HostStore", "Manners", "Origin"]


class HostStore(Protocol):
    """The memory of all processes for what is known of hosts."""

    async def reserve(self, host: str, *, now: datetime, per_second: float, burst: float) -> float:
        """Book the next request to the host; how many seconds to wait before it may go."""
        ...

    async def get(self, host: str) -> dict[str, JsonValue] | None:
        """What was put for the host."""
        ...

    async def put(self, host: str, state: dict[str, JsonValue]) -> None:
        """Remember this for the host, in place of what was put before."""
        ...


@dataclass(slots=True)
class Origin:
    """One origin, as this process knows it."""

    name: str
    paced: bool
    pace: Pace
    circuit: Circuit
    places: asyncio.Semaphore
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: Rules | None = None
    robots: dict[str, JsonValue] = field(default_factory=dict)
    """What robots.txt answered, to be put into the store."""
    recalled: bool = False


class Manners:
    """Every origin that was visited."""

    def __init__(self, policy: WebPolicy, clock: Clock, store: HostStore | None = None) -> None:
        self._policy, self._clock, self._store = policy, clock, store
        self._origins: dict[str, Origin] = {}

    async def of(self, target: Target) -> Origin:
        """What is known of the target's origin."""
        origin = self._origins.get(target.origin)
        if origin is None:
            origin = self._origins[target.origin] = self._new(target.origin)
        if self._store is not None and origin.paced and not origin.recalled:
            async with origin.asking:
                if not origin.recalled:
                    self._recall(origin, await self._store.get(origin.name) or {})
                    origin.recalled = True
        return origin

    def _new(self, name: str) -> Origin:
        policy = self._policy
        private = name in policy.private_origins
        rate = policy.private_per_second if private else policy.per_second
        return Origin(
            name=name,
            paced=rate is not None,
            pace=Pace(rate or policy.per_second, policy.burst),
            circuit=Circuit(policy.breaker_failures, policy.breaker_seconds),
            places=asyncio.Semaphore(policy.connections_per_host),
        )

    def _recall(self, origin: Origin, state: dict[str, JsonValue]) -> None:
        now = self._clock.now()
        until, robots = state.get("until"), state.get("robots")
        if isinstance(until, str) and (left := (datetime.fromisoformat(until) - now).total_seconds()) > 0:
            origin.circuit.leave_alone(time.monotonic(), left)
        if isinstance(robots, dict) and datetime.fromisoformat(str(robots["expires"])) > now:
            self.learn_robots(
                origin,
                int(str(robots["status"])),
                str(robots["text"]),
                datetime.fromisoformat(str(robots["expires"])),
            )

    def learn_robots(self, origin: Origin, status: int, text: str, expires: datetime) -> None:
        """Take the answer to /robots.txt for the rules until it expires."""
        origin.rules = from_answer(status, text, self._policy.product, expires)
        origin.robots = {"status": status, "text": text, "expires": expires.isoformat()}
        if origin.rules.delay:
            origin.pace.slow_down(origin.rules.delay)

    async def my_turn(self, origin: Origin, url: str) -> None:
        """Wait until a request may go. Raises CircuitOpen when none may for longer than that."""
        left = origin.circuit.opens_again_in(time.monotonic())
        if left > 0:
            until = self._clock.now() + timedelta(seconds=left)
            why = "asked for a pause" if origin.circuit.asked else "failed too often just now"
            raise CircuitOpen(url, f"{origin.name} {why}", asked=origin.circuit.asked, retry_at=until)
        if origin.paced:
            await asyncio.sleep(await self._reserve(origin))

    async def _reserve(self, origin: Origin) -> float:
        if self._store is None:
            return origin.pace.reserve(time.monotonic())
        pace = origin.pace
        now = self._clock.now()
        return await self._store.reserve(origin.name, now=now, per_second=pace.per_second, burst=pace.burst)

    async def failed(self, origin: Origin) -> None:
        """The origin didn't answer, or answered that it is broken."""
        origin.circuit.failed(time.monotonic())
        if origin.circuit.opens_again_in(time.monotonic()) > 0:
            await self.save(origin)

    async def leave_alone(self, origin: Origin, seconds: float) -> None:
        """The origin asked for a pause."""
        origin.circuit.leave_alone(time.monotonic(), seconds)
        await self.save(origin)

    async def save(self, origin: Origin) -> None:
        """Let the other processes know."""
        if self._store is None or not origin.paced:
            return
        left = origin.circuit.opens_again_in(time.monotonic())
        until = (self._clock.now() + timedelta(seconds=left)).isoformat() if left > 0 else None
        await self._store.put(origin.name, {"until": until, "robots": origin.robots or None})
