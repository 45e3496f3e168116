"""The HTTP surface: signed requests from Slack, and whether Sophia is alive and ready."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from agent.slack.requests import sound
from agent.slack.signatures import signed
from tools.declaration import Clock

__all__ = ["EVENTS_PATH", "slack_routes"]

_log = logging.getLogger(__name__)
EVENTS_PATH: Final = "/slack/events"
"""One address for events, commands, buttons and dialogs."""


def slack_routes(app: AsyncApp, secret: str, clock: Clock, closed: Callable[[], str]) -> list[web.RouteDef]:
    """The route that Slack calls. `closed` says why nothing is taken any more; empty while all is well.

    When the database can't keep it, bolt answers 500, and Slack sends it again.
    """

    async def events(request: web.Request) -> web.StreamResponse:
        headers = request.headers
        body = await request.read()
        timestamp, signature = headers.get("X-Slack-Request-Timestamp"), headers.get("X-Slack-Signature")
        if not signed(timestamp, signature, body, secret, clock.now()):
            return web.Response(status=401, text="The request isn't signed by Slack, or is too old.")
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return web.Response(status=400, text="The request isn't UTF-8.")
        why = closed()
        if why:
            return web.Response(status=503, text=why, headers={"Retry-After": "5"})
        try:
            asked = AsyncBoltRequest(body=text, headers=dict(headers))
        except (ValueError, TypeError, AttributeError, RecursionError):
            return web.Response(status=400, text="The request isn't one of Slack's payloads.")
        if not sound(asked.body):  # sent again, it would look the same
            _log.error("a signed request is left alone: it hasn't the shape of Slack's payloads")
            return web.Response(status=200)
        return await to_aiohttp_response(await app.async_dispatch(asked))

    return [web.post(EVENTS_PATH, events)]
