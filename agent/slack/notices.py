"""What people are told without having asked, mostly as direct messages.

Waiting approvals come to those who may give them, are reminded of once, and taken back when they are decided; what a
schedule waits for stands in its channel too. Operators hear of budgets that come to their end.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from agent.budgets import Payer, strained
from agent.errors import SophiaError
from agent.people import Person, Role
from agent.scheduling.runs import SURFACE as SCHEDULED
from agent.slack.cards import approval_card
from agent.slack.errors import SlackAway, SlackRefused
from agent.slack.knowing import Knowing, slack_user
from agent.slack.posting import Poster, Wanted
from agent.slack.requests import Place
from agent.slack.workspace import Workspace
from agent.slack_blocks import escaped, moment, sections
from agent.sophia import Sophia
from agent.turn.events import TurnEvent
from memory.approvals import Approval, ApprovalStatus
from memory.arrivals import Arrivals
from memory.errors import StoreError
from memory.leases import Leases
from memory.schedules import Schedules
from memory.spend import Spend

__all__ = ["Notices"]

_log = logging.getLogger(__name__)
LOOK_SECONDS = 4.0
"""How often it is looked whether another process asked or decided, and whom to remind."""
LOOKS_AT_BUDGETS = 8
"""Every so many looks, what is used is summed."""
LEASE = timedelta(seconds=60)
REMEMBERED = timedelta(days=7)
REMIND_AFTER = 0.25
"""Part of an approval's time after which whoever hasn't decided is reminded, once."""
LATEST_REMINDER = timedelta(hours=4)
"""After it was asked, however long its time is."""


class Notices:
    """Brings approvals to approvers. Where the request was made in Slack, its card stands there as well."""

    def __init__(self, *, sophia: Sophia, poster: Poster, knowing: Knowing, workspace: Workspace) -> None:
        self._sophia = sophia
        self._poster = poster
        self._knowing = knowing
        self._workspace = workspace
        self._leases: Leases = sophia.ports.get(Leases)
        self._open: set[str] | None = None
        self._told: set[str] = set()
        self._untold: set[str] = set()
        """Approvals that couldn't be shown in their schedule's channel."""
        self._brought: dict[str, tuple[Approval, bool, tuple[Person, ...]]] = {}
        """Waiting approvals as they were when they were last brought: what hasn't changed isn't looked after again."""
        self._looks = 0
        self._news = asyncio.Event()

    def noticed(self, event: TurnEvent) -> None:
        """A listener of this process's events: what concerns approvals is brought at once."""
        if event.kind in ("approval", "ended"):
            self.poke()

    def poke(self) -> None:
        """Something about an approval has changed."""
        self._news.set()

    async def serve(self, stop: asyncio.Event) -> None:
        """Look for approvals until `stop` is set."""
        unlisten = self._sophia.events.listen(self.noticed)
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._news.clear()
                try:
                    await self.look()
                    if self._looks % LOOKS_AT_BUDGETS == 0:
                        await self.look_at_budgets()
                        await self.look_at_the_people()
                    self._looks += 1
                except (SophiaError, StoreError) as error:
                    _log.warning("approvals are brought to approvers later: %s", error)
                news = asyncio.create_task(self._news.wait())
                await asyncio.wait({news, stopping}, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
        finally:
            stopping.cancel()
            unlisten()

    async def look(self) -> None:
        """Bring what waits, remind, and show what was decided since."""
        now = self._sophia.clock.now()
        await self._sophia.approvals.expire(now)
        if self._open is None:  # what was decided while nobody served
            self._open = set(await self._poster.posts.subjects("a_", now - REMEMBERED))
        waiting = {found.id: found for found in await self._sophia.approvals.waiting()}
        for ref in set(waiting) | self._open:
            approval = waiting.get(ref) or await self._sophia.approvals.get(ref)
            as_it_is = self._as_it_is(approval, now)
            if self._brought.get(ref) == as_it_is:
                continue
            lease = await self._leases.acquire(f"notices:{ref}", "notices", LEASE, now)
            if lease is None:
                continue
            try:
                await self._bring(approval, now)
            finally:
                await self._leases.release(lease)
            if approval.status is ApprovalStatus.WAITING:
                self._open.add(ref)
                self._brought[ref] = as_it_is
            else:
                self._open.discard(ref)
                self._brought.pop(ref, None)

    def _as_it_is(self, approval: Approval, now: datetime) -> tuple[Approval, bool, tuple[Person, ...]]:
        """All that the messages about an approval depend on."""
        return approval, now >= remind_at(approval), tuple(self._approvers(approval))

    async def look_at_budgets(self) -> None:
        """Tell every operator, once for each limit and its day or month, that most of it is used, and that all is."""
        sophia = self._sophia
        schedules: Schedules = sophia.ports.get(Schedules)
        spend: Spend = sophia.ports.get(Spend)
        people = self._knowing.people()
        payers = [Payer(person=person.name) for person in people.all()]
        payers += [Payer(schedule=each.id) for each in await schedules.list()]
        found = await strained(sophia.settings.limits, payers, spend, sophia.clock.now())
        new = [strain for strain in found if strain.name not in self._told]
        if not new:
            return
        for strain in new:
            await self._tell_operators(f"budget:{strain.name}", escaped(strain.sentence()))
        self._told.update(strain.name for strain in new)

    async def look_at_the_people(self) -> None:
        """Tell every operator, once for each, of a configuration that was changed and isn't what counts."""
        problem = self._sophia.people_now.problem()
        if problem and problem not in self._told:
            digest = hashlib.sha256(problem.encode()).hexdigest()[:16]
            await self._tell_operators(f"people:{digest}:{self._sophia.clock.now():%Y%m%d}", escaped(problem))
            self._told.add(problem)

    async def _tell_operators(self, note: str, text: str) -> None:
        team = (await self._workspace.myself()).team
        for user in [slack_user(person, team) for person in self._knowing.people().with_role(Role.OPERATOR)]:
            if user:
                direct = await self._workspace.direct(user)
                name = f"{note}:{direct}"
                if await self._poster.posts.get(name) is None:  # what it says may grow, and is told once
                    await self._poster.show(Wanted(name, note.partition(":")[0], direct, "", sections(text), text))

    async def _bring(self, approval: Approval, now: datetime) -> None:
        team = (await self._workspace.myself()).team
        channel = await self._asked_in(approval)
        for person in self._approvers(approval):
            user = slack_user(person, team)
            if user:
                try:
                    await self._to(approval, person, user, team, channel, now)
                except SlackRefused as error:  # the others can be told all the same
                    _log.error("%s can't be brought to %s: %s", approval.id, person.name, error)
        if approval.id not in self._untold:
            await self._in_its_channel(approval, team)

    async def _in_its_channel(self, approval: Approval, team: str) -> None:
        """Where a schedule tells its results, it is seen what it waits for; those who may decide can do it there."""
        turn = await self._sophia.turns.get(approval.turn)
        kind, _, name = turn.audience.partition(":")
        channel = self._sophia.settings.channels.get(name)
        if turn.surface != SCHEDULED or kind != "channel" or channel is None or "slack" not in channel.delivery:
            return
        try:
            where = await self._workspace.id_of(name)
            await self._knowing.only_us(where)
            blocks = approval_card(approval, self._knowing.mentions(team))
            await self._poster.show(
                Wanted(f"{approval.id}:{where}", approval.id, where, "", blocks, f"Approval {approval.id}")
            )
        except SlackAway:
            raise
        except SophiaError as error:
            _log.warning("%s is shown to approvers alone, and not in %s: %s", approval.id, name, error)
            self._untold.add(approval.id)

    async def _asked_in(self, approval: Approval) -> str:
        """The channel in which it was asked for; empty where that wasn't one that others see."""
        arrivals: Arrivals = self._sophia.ports.get(Arrivals)
        arrival = await arrivals.of_turn(approval.turn)
        place = Place.model_validate(arrival.place) if arrival is not None and arrival.place else None
        return "" if place is None or place.direct else place.channel

    def _approvers(self, approval: Approval) -> Iterator[Person]:
        """Everybody who may decide; whoever asked sees the card where they asked, unless it was left to them."""
        chosen = {each.to for each in approval.delegations}
        for person in self._knowing.people().with_role(Role(approval.role)):
            if person.name != approval.requested_by or person.voter in chosen:
                yield person

    async def _to(self, approval: Approval, person: Person, user: str, team: str, channel: str, now: datetime) -> None:
        direct = await self._workspace.direct(user)
        mentions = self._knowing.mentions(team)
        blocks = approval_card(approval, mentions, person.acting_as, channel)
        card = Wanted(f"{approval.id}:{direct}", approval.id, direct, "", blocks, f"Approval {approval.id}")
        post = await self._poster.show(card)
        done = {vote.person for vote in approval.votes} | {each.person for each in approval.delegations}
        if approval.status is not ApprovalStatus.WAITING or person.voter in done:
            return
        until = moment(approval.expires_at)
        left = {each.person: mentions.get(each.person) or escaped(each.person) for each in approval.delegations}
        to_them = {each.person for each in approval.delegations if each.to == person.voter}
        said = {f"left:{by}": f"{left[by]} leaves this to you, until {until}." for by in sorted(to_them)}
        if now >= remind_at(approval):
            said["reminder"] = f"This still waits for you, until {until}."
        for name, text in said.items():
            note = f"{approval.id}:{direct}:{name}"
            await self._poster.show(Wanted(note, approval.id, direct, post.ts, sections(text), text))


def remind_at(approval: Approval) -> datetime:
    """When approvers are reminded."""
    share = (approval.expires_at - approval.created_at) * REMIND_AFTER
    return approval.created_at + min(share, LATEST_REMINDER)
