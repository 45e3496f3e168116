"""Showing turns in Slack: whenever something changed, the messages are brought to what they should be.

Nothing here is told what to post. What is stored says what should be there, so that whatever is missed (a crash, Slack
being away, a turn that another process drives) is seen at the next look.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
from datetime import timedelta

from agent.slack.drawing import ChartNotDrawn, drawn
from agent.slack.errors import SlackAway, SlackRefused
from agent.slack.files import Files
from agent.slack.knowing import Knowing
from agent.slack.posting import Poster, Wanted
from agent.slack.requests import Place
from agent.slack.views import MOST_MESSAGES, Seen, charted, wanted
from agent.slack.workspace import Workspace
from agent.slack_blocks import escaped, in_messages, sections
from agent.sophia import Sophia
from agent.turn.events import TurnEvent
from memory.arrivals import Arrival, Arrivals
from memory.errors import StoreError
from memory.leases import Leases
from tools.result import Series

__all__ = ["Presenter"]

_log = logging.getLogger(__name__)
LOOK_SECONDS = {"alone": 4.0, "shared": 1.0}
"""How often it is looked whether another process changed something."""
PLAN_SECONDS = 0.5
"""For how long the first words wait for the plan, to say what was understood."""
WORKING = "is working on it…"
"""What is said in an Assistant pane while a turn is worked on; Slack puts the name before it."""
BETWEEN_SECONDS = 0.7
"""Between two updates of one turn's messages."""
LEASE = timedelta(seconds=90)
LONGEST_REST_SECONDS = 60.0


class Presenter:
    """Shows turns that were asked for in Slack."""

    def __init__(
        self,
        *,
        sophia: Sophia,
        arrivals: Arrivals,
        leases: Leases,
        poster: Poster,
        files: Files,
        knowing: Knowing,
        workspace: Workspace,
    ) -> None:
        self._sophia = sophia
        self._arrivals = arrivals
        self._leases = leases
        self._poster = poster
        self._files = files
        self._knowing = knowing
        self._workspace = workspace
        self._holder = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._working: dict[str, asyncio.Task[None]] = {}
        self._changed: dict[str, asyncio.Event] = {}
        self._planned: dict[str, asyncio.Event] = {}
        self._says: dict[str, str] = {}

    def poke(self, turn: str) -> None:
        """Something about the turn may have changed."""
        self._changed.setdefault(turn, asyncio.Event()).set()
        if turn not in self._working:
            self._working[turn] = asyncio.create_task(self._keep_up(turn))

    def noticed(self, event: TurnEvent) -> None:
        """A listener of this process's events. What isn't a turn of Slack's is found out when it is looked at."""
        if event.kind in ("plan", "ended") and event.turn in self._planned:
            self._planned[event.turn].set()
        if event.kind in ("plan", "step", "approval", "ended") and event.turn:
            self.poke(event.turn)

    async def serve(self, stop: asyncio.Event) -> None:
        """Show what changes until `stop` is set."""
        way = "shared" if self._sophia.settings.storage.database_url else "alone"
        unlisten = self._sophia.events.listen(self.noticed)
        try:
            while not stop.is_set():
                with contextlib.suppress(StoreError):
                    for turn in await self._arrivals.to_present():
                        self.poke(turn)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_SECONDS[way])
        finally:
            unlisten()
            for task in self._working.values():
                task.cancel()
            await asyncio.gather(*self._working.values(), return_exceptions=True)

    async def _keep_up(self, turn: str) -> None:
        """Show the turn, and again while it changes; it rests after each look, whatever came of it."""
        rest = BETWEEN_SECONDS
        try:
            while self._changed[turn].is_set():
                self._changed[turn].clear()
                if await self._shown(turn):
                    rest = BETWEEN_SECONDS
                else:
                    self._changed[turn].set()
                    rest = min(rest * 2, LONGEST_REST_SECONDS)
                await asyncio.sleep(rest)
        finally:
            self._working.pop(turn, None)
            self._changed.pop(turn, None)

    async def _shown(self, turn: str) -> bool:
        """Whether it was shown as it is now, or isn't Slack's; if not, it is to be tried again."""
        lease = None
        try:
            arrival = await self._arrivals.of_turn(turn)
            if arrival is None:
                return True
            if arrival.presented_at is None:
                await self._plan_of(turn)
            lease = await self._leases.acquire(f"present:{turn}", self._holder, LEASE, self._sophia.clock.now())
            if lease is not None:
                await self._present(turn, arrival)
        except (SlackAway, StoreError) as error:
            _log.warning("%s is shown later: %s", turn, error)
            return False
        except Exception:  # noqa: BLE001 - the outermost edge of this surface
            _log.exception("showing %s", turn)
            return False
        finally:
            if lease is not None:
                with contextlib.suppress(StoreError):
                    await self._leases.release(lease)
        return True

    async def _plan_of(self, turn: str) -> None:
        """Wait a moment for the plan."""
        planned = self._planned.setdefault(turn, asyncio.Event())
        found = await self._sophia.turns.get(turn)
        if found.plan is None and not found.status.ended:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(planned.wait(), PLAN_SECONDS)
        self._planned.pop(turn, None)

    async def _present(self, ref: str, arrival: Arrival) -> None:
        turn = await self._sophia.turns.get(ref)
        place = Place.model_validate(arrival.place)
        seen = Seen(
            turn=turn,
            events=await self._sophia.turns.events(ref),
            approvals=await self._sophia.approvals.of_turn(ref),
            mentions=self._knowing.mentions(place.team),
        )
        person = self._knowing.people().get(turn.person)
        try:
            for message in wanted(seen, place, self._sophia.tools, person.acting_as if person else ""):
                await self._poster.show(message)
            await self._attach(seen, place)
            if place.direct:
                await self._said(seen, place)
        except SlackRefused as error:
            await self._elsewhere(seen, place, error)
        await self._arrivals.presented(arrival.key, turn.updated_at, self._sophia.clock.now(), ended=turn.status.ended)

    async def _said(self, seen: Seen, place: Place) -> None:
        """Keep what the pane says of Sophia as it is: at work, or nothing once she waits or has ended."""
        ref = seen.turn.id
        status = WORKING if seen.at_work else ""
        if status != self._says.get(ref, ""):
            await self._workspace.says(place.channel, place.thread, status)
        if status:
            self._says[ref] = status
        else:
            self._says.pop(ref, None)

    async def _attach(self, seen: Seen, place: Place) -> None:
        """A report that is longer than a few messages, whole, as a file; and numbers over time as a picture."""
        report, turn = seen.report, seen.turn.id
        if report is None:
            return
        if len(in_messages(report.as_slack_blocks())) > MOST_MESSAGES:
            await self._files.attach(f"{turn}:file", turn, place, report.as_text().encode())
        for step, series in charted(report, self._sophia.tools):
            effect = f"{turn}:chart:{step}"
            if not await self._files.attached(effect):
                await self._draw(effect, turn, place, series)

    async def _draw(self, effect: str, turn: str, place: Place, series: Series) -> None:
        try:
            picture = await drawn(series)
        except ChartNotDrawn as error:
            _log.error("%s has no picture: %s", turn, error)
            return
        words = f"{series.title}, {series.unit} a day"
        await self._files.attach(effect, turn, place, picture, kind="png", words=words)

    async def _elsewhere(self, seen: Seen, place: Place, error: SlackRefused) -> None:
        """Where nothing can be posted any more, the person who asked is told alone. Raises when that fails too."""
        _log.error("%s can't be shown in %s: %s", seen.turn.id, place.channel, error)
        text = f"I can't answer there any more. {error}"
        if seen.report is not None:
            text = f"{text}\n{seen.report.as_text()}"
        direct = await self._workspace.direct(place.user)
        blocks = sections(escaped(text))[:50]
        await self._poster.show(Wanted(f"{seen.turn.id}:elsewhere", seen.turn.id, direct, "", blocks, escaped(text)))
