"""Looking around: what the guard must know of the world before it decides on a call."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.calls import Call
from agent.classify import Snapshot, classify, origin_of
from agent.guard import Facts, Standing
from agent.people import is_stranger
from agent.settings import Settings
from agent.standing import destinations, standing
from memory.competitors import Competitors
from memory.grants import Grant, Grants
from memory.labels import Confidentiality
from memory.switches import Switches
from memory.turns import Turn
from tools.declaration import Clock, Effect

__all__ = ["Seen", "Surroundings"]


@dataclass(frozen=True)
class Seen:
    """The facts of a call, and the grant that may speak for it."""

    facts: Facts
    grant: Grant | None
    halted_by: str = ""
    """What stops every effect, and who can lift it; empty when nothing does."""


class Surroundings:
    """Reads the configuration, the switches, the watched origins and the grants, each time anew."""

    def __init__(
        self, *, settings: Settings, switches: Switches, competitors: Competitors, grants: Grants, clock: Clock
    ) -> None:
        self._settings = settings
        self._switches = switches
        self._competitors = competitors
        self._grants = grants
        self._clock = clock

    async def look(self, call: Call, turn: Turn) -> Seen:
        """Classify the call as the world is now."""
        if call.tool.effect is Effect.READ:
            return Seen(classify(call, Snapshot()), None)
        halted_by = await self._halted_by()
        snapshot = replace(await self._snapshot(turn), halted=bool(halted_by))
        spoken, grant = await self._standing(call)
        facts = classify(call, replace(snapshot, standing=spoken))
        if is_stranger(turn.person):  # who isn't known reads, and cancels or resumes nothing either
            return Seen(replace(facts, halted=True, control=False), None, "who asks isn't known here")
        return Seen(facts, grant, halted_by)

    async def _halted_by(self) -> str:
        switches = await self._switches.state()
        if self._settings.read_only:
            return "`read_only = true` in sophia.toml, or SOPHIA_READ_ONLY, lets nothing but reads through"
        if switches.read_only:
            return "the read-only switch is on"
        return "everything is paused; “resume everything” lifts that" if switches.paused else ""

    async def _snapshot(self, turn: Turn) -> Snapshot:
        watched = {origin for page in await self._competitors.pages(active=True) if (origin := origin_of(page.url))}
        configured = {
            origin
            for competitor in self._settings.competitors.values()
            for page in competitor.pages
            if (origin := origin_of(page.url))
        }
        return Snapshot(
            attended=turn.surface != "schedule",
            origins=frozenset(watched | configured | set(self._settings.network.allowed_origins)),
            private_origins=frozenset(self._settings.network.allowed_private_origins),
            channels={name: Confidentiality(channel.clearance) for name, channel in self._settings.channels.items()},
            protected_stacks=frozenset(name for name, stack in self._settings.stacks.items() if stack.protected),
        )

    async def _standing(self, call: Call) -> tuple[Standing, Grant | None]:
        now = self._clock.now()
        found = [
            grant for name in destinations(call) for grant in await self._grants.covering(call.tool.name, name, now)
        ]
        return standing(found, call)
