"""Sophia, wired and open: what every surface talks to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.approval_door import ApprovalDoor
from agent.driver import Driver
from agent.errors import NotAllowed
from agent.people import People, Person, Role
from agent.people_now import Roster
from agent.plan import Plan
from agent.report import Report
from agent.requests import accept
from agent.settings import Settings
from agent.turn.events import TurnEvents
from agent.turn.ports import Ports
from memory.approvals import Approval, Approvals
from memory.audit import Audit
from memory.errors import OtherAudience
from memory.turns import Turn, Turns
from tools.declaration import Clock, Tool

__all__ = ["Sophia"]


@dataclass(frozen=True)
class Sophia:
    """The parts that surfaces use, and the few things that all of them do."""

    settings: Settings
    people_now: Roster
    tools: Mapping[str, Tool]
    turns: Turns
    approvals: Approvals
    audit: Audit
    door: ApprovalDoor
    driver: Driver
    events: TurnEvents
    ports: Ports
    clock: Clock

    @property
    def people(self) -> People:
        """Everybody, as they are configured now."""
        return self.people_now()

    async def receive(
        self, text: str, person: Person, *, thread: str, surface: str, audience: str, plan: Plan | None = None
    ) -> Turn:
        """Accept a request and store it as a turn of its thread, not yet worked on.

        A command that says exactly what it means brings its plan along. Raises RequesterMustFix for what isn't a
        request and NotAllowed when the person may not ask.
        """
        words = accept(text)
        if not person.can(Role.REQUESTER):
            raise NotAllowed(
                f"{person.name} has no requester role.",
                not_done="Nothing was done.",
                to_do='An operator adds "requester" to their roles in sophia.toml.',
            )
        try:
            return await self.turns.start(
                thread,
                words,
                person.name,
                audience,
                surface,
                self.clock.now(),
                plan=plan.model_dump(mode="json", by_alias=True) if plan else None,
            )
        except OtherAudience as error:
            raise NotAllowed(str(error), to_do="Start one of your own.") from error

    async def drive(self, turn: str) -> Turn:
        """Work on a turn as far as it goes now, and on those that it stopped."""
        found = await self.driver.drive(turn)
        await self.driver.finish_cancelled()
        return found

    async def decide(self, ref: str, person: Person, *, approve: bool, reason: str = "") -> Approval:
        """Decide an approval through its door, and wake whoever waits for it."""
        return await self.door.decide(ref, person, approve=approve, reason=reason)

    async def delegate(self, ref: str, person: Person, to: Person) -> Approval:
        """Leave the decision about an approval to another person, who has to make it themselves."""
        return await self.door.delegate(ref, person, to)

    async def report(self, turn: str) -> Report:
        """The report of a turn that has ended."""
        return await self.driver.report(turn)
