"""What comes in: kept before it is acknowledged, worked on once, and put aside with its reason when it can't be."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from agent.errors import SophiaError
from agent.slack.alerts import ALERT
from agent.slack.asking import Asking
from agent.slack.deciding import Deciding
from agent.slack.errors import SlackAway, SlackRefused
from agent.slack.posting import Poster, Wanted
from agent.slack.requests import Place, key_of, kind_of, said_in
from agent.slack.workspace import Workspace
from agent.slack_blocks import escaped, sections
from memory.arrivals import Arrival, Arrivals
from memory.errors import StoreError
from tools.declaration import Clock
from tools.errors import ToolError

__all__ = ["Desk"]

_log = logging.getLogger(__name__)
MOST_ATTEMPTS = 5
_FIRST_REST_SECONDS = 0.5


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
        clock: Clock,
    ) -> None:
        self._arrivals = arrivals
        self._asking = asking
        self._deciding = deciding
        self._poster = poster
        self._workspace = workspace
        self._clock = clock

    async def accept(self, body: Mapping[str, Any], signature: str) -> str | None:
        """Keep what came in; its key, or None when it is there already or none of Sophia's business."""
        if not await self._asking.concerns(body):
            return None
        key = key_of(body, signature)
        kept = {name: value for name, value in body.items() if name != "token"}  # a shared secret of Slack's past
        return key if await self._arrivals.accept(key, kind_of(body), kept, self._clock.now()) else None

    async def work(self, key: str) -> None:
        """Work on an arrival until it is done or has been tried often enough."""
        rest = _FIRST_REST_SECONDS
        while True:
            arrival = await self._arrivals.get(key)
            if arrival is None or arrival.worked_at is not None:
                return
            problem = await self._tried(arrival)
            if not problem:
                await self._arrivals.worked(key, self._clock.now())
                return
            if await self._arrivals.tried(key, problem) >= MOST_ATTEMPTS:
                _log.error("%s is put aside: %s", key, problem)
                await self._arrivals.worked(key, self._clock.now(), problem)
                return
            await asyncio.sleep(rest)
            rest *= 2

    async def _tried(self, arrival: Arrival) -> str:
        """What went wrong so that it is worth another try; empty when it is done."""
        body = arrival.payload if isinstance(arrival.payload, dict) else {}
        try:
            await self._dispatched(arrival, body)
        except (SlackAway, StoreError) as error:
            return str(error)
        except (SophiaError, ToolError) as error:
            return await self._answered(arrival.key, body, error)
        except Exception as error:  # noqa: BLE001 - the outermost edge of this surface
            _log.exception("working on %s", arrival.key)
            return f"{type(error).__name__}: {error}"
        return ""

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
                await self._deciding.denied(body)
            case _:
                return

    async def _alert(self, key: str, body: Mapping[str, Any]) -> None:
        try:
            await self._asking.pressed(key, body)
        except SlackAway:
            raise
        except SophiaError as error:
            await self._deciding.tell(body, error)

    async def _answered(self, key: str, body: Mapping[str, Any], error: SophiaError | ToolError) -> str:
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
            return str(away)
        except SlackRefused as refused:
            _log.warning("%s could not be answered: %s", key, refused)
        return ""

    async def _post(self, post: str, place: Place, text: str) -> None:
        await self._poster.show(Wanted(post, place.conversation, place.channel, place.thread, sections(text), text))

    async def _direct(self, body: Mapping[str, Any]) -> str:
        return await self._workspace.direct(str(body["user_id"]))
