"""Rows that are asked for in Slack, of a `sophia serve` that is killed and started again while people wait there.

They do what people and Slack do: an event comes again until it is acknowledged, and whoever sees a button presses it
until it is gone. Sophia is stopped when everything is there that should be; what would come twice has come by then.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import aiohttp

from evals.crash.carrying import Job
from evals.crash.cases import Workflow
from evals.crash.crashing import Row
from evals.crash.judging import Place, judge
from evals.crash.nursery import Child, Ended
from evals.crash.workspace import ANN, BOB, GENERAL, MYSELF, TEAM, Line, Workspace

__all__ = ["ServedRow"]

_PATIENCE_SECONDS = 300.0
"""So long a start may take until all is there; much of it is rest between two looks."""
_LOOK_SECONDS, _PRESS_SECONDS = 0.25, 3.0
_AFTERWARDS_SECONDS = 1.2
"""So long it goes on when everything is there: what would be said twice comes with a look, every second."""
_STOP_SECONDS = 40.0
_STRANGER = "U0STRANGER"


class ServedRow(Row):
    """A workflow that goes through Slack from its request to its answer."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._offices: dict[str, _Office] = {}

    async def _start(self, place: Place) -> None:
        await super()._start(place)
        job = self._job(place, None, "first", port=_free_port())
        child = await self.nursery.begin(job)
        ended = asyncio.ensure_future(child.ended())
        async with aiohttp.ClientSession() as session:
            while not ended.done() and not await Line(session, job.port).ready():  # noqa: ASYNC110 - she tells nobody
                await asyncio.sleep(_LOOK_SECONDS)
        await _stopped(child, ended)

    async def _run(self, place: Place, job: Job) -> Ended:
        assert place.workspace is not None, "it goes through Slack"
        office = self._offices.setdefault(place.workspace.name, _Office(self.workflow, place.workspace))
        job = job.model_copy(update={"port": _free_port()})
        child = await self.nursery.begin(job)
        ended = asyncio.ensure_future(child.ended())
        looks = self._looks(job.number)

        def all_there() -> bool:
            return judge(place, looks, "").verdict == "once"

        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            until = asyncio.create_task(office.attend(Line(session, job.port), all_there))
            await asyncio.wait({ended, until}, return_when=asyncio.FIRST_COMPLETED)
            until.cancel()
            with suppress(asyncio.CancelledError):
                await until
        return await _stopped(child, ended)


class _Office:
    """The people of one world, and what they have done so far."""

    def __init__(self, workflow: Workflow, workspace: Workspace) -> None:
        self._workspace = workspace
        self._body = self._asked(workflow, workflow.act.request or f"carry out {workflow.act.tool} 0")
        self._taken = False
        self._pressed_at = 0.0

    def _asked(self, workflow: Workflow, text: str) -> dict[str, Any]:
        if workflow.served == "command":
            who = {"user_id": ANN, "team_id": TEAM, "channel_id": GENERAL}
            return {"command": "/sophia", "text": text, "trigger_id": "trigger-1", **who}
        return self._workspace.written(_STRANGER if workflow.served == "stranger" else ANN, f"<@{MYSELF}> {text}")

    async def attend(self, line: Line, all_there: Callable[[], bool]) -> None:
        """Ask, unless that was taken in before, and approve; until all is there and some more, or for too long."""
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < give_up:
            if not self._taken:
                self._taken = await line.deliver(self._body)
            if self._taken and await asyncio.to_thread(all_there) and await line.ready():  # else SIGTERM is death to it
                await asyncio.sleep(_AFTERWARDS_SECONDS)
                return
            await self._press(line)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _press(self, line: Line) -> None:
        for card in self._workspace.open_cards():
            if time.monotonic() - self._pressed_at > _PRESS_SECONDS and await line.press(BOB, card):
                self._pressed_at = time.monotonic()


async def _stopped(child: Child, ended: asyncio.Future[Ended]) -> Ended:
    if not ended.done():
        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGTERM)
        await asyncio.wait({ended}, timeout=_STOP_SECONDS)
    if not ended.done():
        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
    return await ended


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
