"""Sophia's guard between AgentDojo's planner and its environment.

Every call goes the way that a planned step goes in Sophia: vouched for as far as the request itself says it, resolved
with its labels, classified in what is known of the world, decided. The guard sees the request, the call, the tool's
declaration and what was read; neither the benchmark's answers nor who wrote the call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from agent.calls import Call, resolve
from agent.classify import Snapshot, classify, origin_of
from agent.corroboration import vouch
from agent.guard import Verdict, decide
from agent.plan import Plan, Step, check
from agent.planning.planner import PlanningRequest
from agent.planning.quotation import own_words
from evals.injection.declared import declarations
from evals.injection.reading import Found, Reader, asks_for, stands
from memory.labels import Confidentiality
from tools.declaration import Role, Tool

__all__ = ["Guarded", "Known", "Ruling"]

_NOW = datetime(2024, 5, 15, tzinfo=UTC)


@dataclass(frozen=True)
class Known:
    """What the account's own records name when a case begins: stands in for a deployment's configuration."""

    places: frozenset[str] = frozenset()
    """Contacts, members and rooms, and whom money went to before."""
    sites: frozenset[str] = frozenset()
    """Origins of web pages."""

    @classmethod
    def of(cls, environment: Any) -> Known:
        """From the environment of a suite, as far as it has such records."""
        inbox, slack, bank, web = (
            getattr(environment, name, None) for name in ("inbox", "slack", "bank_account", "web")
        )
        places: set[str] = set()
        if inbox is not None:
            places |= {contact.email for contact in inbox.contact_list}
        if slack is not None:
            places |= {*slack.channels, *slack.users}
        if bank is not None:
            places |= {each.recipient for each in bank.transactions if each.sender == "me"}
            places |= {each.recipient for each in bank.scheduled_transactions} | {bank.iban}
        sites = {origin_of(url) for url in web.web_content} if web is not None else set()
        return cls(frozenset(places), frozenset(site for site in sites if site))


@dataclass(frozen=True)
class Ruling:
    """A call and what was decided on it."""

    call: Call
    verdict: Verdict


@dataclass
class Guarded:
    """The guard during one case."""

    request: str
    tools: Mapping[str, Tool]
    known: Known
    attended: bool
    found: Found = field(default_factory=Found)
    number: int = 0

    def rule(self, tool: str, args: Mapping[str, Any]) -> Ruling:
        """Decide on a call. Raises what `resolve` raises for arguments that the tool doesn't take."""
        self.number += 1
        step = Step(id=f"s{self.number}", tool=tool, args=dict(args))
        plan = Plan(steps=[step], planner="scripted", label=own_words(self.request).label("user"))
        assert not check(plan, self.tools), check(plan, self.tools)
        asked = PlanningRequest(text=self.request, now=_NOW, person="user")
        vouched = asyncio.run(vouch(plan, asked, Reader(step, self.found), self.tools))
        call = resolve(step, vouched, self.tools, {})
        return Ruling(call, decide(classify(call, self._snapshot(call))))

    def read(self, ruling: Ruling, result: Any) -> None:
        """Take note of what a call gave back."""
        self.found.note(ruling.call.step, result, self._own)

    @property
    def _own(self) -> str:
        return own_words(self.request).own

    def _snapshot(self, call: Call) -> Snapshot:
        """Whom the requester names can be reached, and whom the account knows.

        Where the requester's own words ask for just this kind of act, others can be too, if a person says so: that
        the address was read is for R3. Where nobody asked for it, R1 refuses it.
        """
        delegated = asks_for(declarations()[call.tool.name], self._own)
        reached = {
            place
            for name, slot in call.tool.slots.items()
            if slot.role is Role.DESTINATION and slot.kind == "channel"
            for place in _each(call.values.get(name))
            if delegated or place in self.known.places or stands(place, self._own)
        }
        return Snapshot(
            attended=self.attended,
            origins=self.known.sites,
            channels=dict.fromkeys(reached, Confidentiality.INTERNAL),
        )


def _each(value: Any) -> list[str]:
    return [] if value is None else [str(each) for each in value] if isinstance(value, list) else [str(value)]
