"""What comes in: kept before it is acknowledged, worked on once, and put aside with its reason when it can't be.

While Slack is away nothing is put aside: it waits, and whoever looks after work has it tried again.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from agent.errors import SophiaError
from agent.slack.alerts import ALERT
from agent.slack.asking import Asking
from agent.slack.deciding import Deciding
from agent.slack.delivery import KEPT, KeptMessage, SlackDelivery
from agent.slack.errors import SlackAway, SlackRefused
from agent.slack.posting import Poster, Wanted
from agent.slack.requests import Place, key_of, kind_of, said_in
from agent.slack.workspace import Workspace
from agent.slack_blocks import escaped, sections
from memory.arrivals import Arrival, Arrivals
from memory.errors import StoreError
from memory.leases import Leases
from tools.declaration import Clock
from tools.errors import ToolError

__all__ = ["Desk"]

_log = logging.getLogger(__name__)
MOST_ATTEMPTS = 5
_FIRST_REST_SECONDS = 0.5
_LEASE = timedelta(seconds=20)
"""So long a dead process keeps others from what it worked on."""


class _Left(NamedTuple):
    """What an attempt left undone."""

    problem: str
    waits: bool = False
    """Nothing but time helps."""
    for_good: bool = False
    """Another try is worth nothing until a person has done something."""


class Desk:
    """Accepts arrivals and works on them."""

    def __init__(
        self,
        *,
        arrivals: Arrivals,
        asking: Asking,
        deciding: Deciding,
        poster: Poster,
        workspace: Workspace,
        delivery: SlackDelivery,
        leases: Leases,
        clock: Clock,
    ) -> None:
        self._arrivals = arrivals
        self._asking = asking
        self._deciding = deciding
        self._poster = poster
        self._workspace = workspace
        self._delivery = delivery
        self._leases = leases
        self._clock = clock
        self._holder = secrets.token_hex(8)

    async def accept(self, body: Mapping[str, Any], signature: str) -> str | None:
        """Keep what came in; its key, or None when it is there already or none of Sophia's business."""
        if not await self._asking.concerns(body):
            return None
        key = key_of(body, signature)
        kept = {name: value for name, value in body.items() if name != "token"}  # a shared secret of Slack's past
        return key if await self._arrivals.accept(key, kind_of(body), kept, self._clock.now()) else None

    async def work(self, key: str) -> None:
        """Work on an arrival until it is done, has been tried often enough, or waits for Slack."""
        async with self._leases.held(f"arrival:{key}", self._holder, _LEASE, self._clock.now) as mine:
            rest = _FIRST_REST_SECONDS
            for _ in range(MOST_ATTEMPTS if mine else 0):
                if not await self._again(key):
                    return
                await asyncio.sleep(rest)
                rest *= 2

    async def _again(self, key: str) -> bool:
        """Try it once; whether another try may help."""
        arrival = await self._arrivals.get(key)
        if arrival is None or arrival.worked_at is not None:
            return False
        left = await self._tried(arrival)
        if left is None:
            await self._arrivals.worked(key, self._clock.now())
            return False
        if left.waits:
            await self._arrivals.waits(key, left.problem)
            return True
        if left.for_good or await self._arrivals.tried(key, left.problem) >= MOST_ATTEMPTS:
            _log.error("%s is put aside: %s", key, left.problem)
            await self._arrivals.worked(key, self._clock.now(), left.problem)
            if arrival.kind == KEPT:
                await self._asked_about(arrival, left.problem)
            return False
        return True

    async def _asked_about(self, arrival: Arrival, problem: str) -> None:
        """Whoever wanted it said is told that it isn't, or that it can't be seen whether it is."""
        message = KeptMessage.model_validate(arrival.payload)
        text = f"What you wanted told in {message.channel} was put aside: {problem}\n“{message.content[:500]}”"
        try:
            await self._asking.tell(f"{arrival.key}:aside", message.person, text)
        except SophiaError as error:
            _log.warning("%s could not be told: %s", message.person, error)

    async def _tried(self, arrival: Arrival) -> _Left | None:
        """What went wrong so that it is not done; None when it is."""
        body = arrival.payload if isinstance(arrival.payload, dict) else {}
        try:
            await self._dispatched(arrival, body)
        except SlackAway as error:
            return _Left(str(error), waits=True)
        except StoreError as error:
            return _Left(str(error))
        except (SophiaError, ToolError) as error:
            if arrival.kind == KEPT:
                return _Left(str(error), for_good=True)
            return await self._answered(arrival.key, body, error)
        except Exception as error:  # noqa: BLE001 - the outermost edge of this surface
            _log.exception("working on %s", arrival.key)
            return _Left(f"{type(error).__name__}: {error}")
        return None

    async def _dispatched(self, arrival: Arrival, body: Mapping[str, Any]) -> None:
        match arrival.kind:
            case "event":
                await self._asking.event(arrival.key, body)
            case "command":
                await self._asking.command(arrival.key, body)
            case "action" if str(body["actions"][0].get("action_id")).startswith(ALERT):
                await self._alert(arrival.key, body)
            case "action":
                await self._deciding.action(body)
            case "view":
                await self._deciding.sent_off(body)
            case _ if arrival.kind == KEPT:
                await self._delivery.bring(KeptMessage.model_validate(body))
            case _:
                return

    async def _alert(self, key: str, body: Mapping[str, Any]) -> None:
        try:
            await self._asking.pressed(key, body)
        except SlackAway:
            raise
        except SophiaError as error:
            await self._deciding.tell(body, error)

    async def _answered(self, key: str, body: Mapping[str, Any], error: SophiaError | ToolError) -> _Left | None:
        """Say where the person is why nothing came of it; alone to them after a command."""
        text = escaped(str(error))
        try:
            said = said_in(body)
            if said is not None:
                await self._post(f"{key}:answer", said.place, text)
            elif "command" in body:
                await self._poster.show(
                    Wanted(f"{key}:answer", key, await self._direct(body), "", sections(text), text)
                )
        except SlackAway as away:
            return _Left(str(away), waits=True)
        except SlackRefused as refused:
            _log.warning("%s could not be answered: %s", key, refused)
        return None

    async def _post(self, post: str, place: Place, text: str) -> None:
        await self._poster.show(Wanted(post, place.conversation, place.channel, place.thread, sections(text), text))

    async def _direct(self, body: Mapping[str, Any]) -> str:
        return await self._workspace.direct(str(body["user_id"]))
