"""Bolt: what Slack sends, over HTTP or a socket, is kept and acknowledged at once, and worked on afterwards.

All of it runs where it is called, which may be another loop than Sophia's own: only work is started at home.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from agent.slack.desk import Desk
from agent.slack.door import SlackDoor
from agent.slack.home import Home
from agent.slack.requests import kind_of
from agent.slack.work import Liveness
from agent.slack.workspace import Workspace

__all__ = ["COMMAND", "EVENTS", "bolt_app"]

COMMAND: Final = "/sophia"
EVENTS: Final = (
    "app_mention",
    "message",
    "assistant_thread_started",
    "assistant_thread_context_changed",
    "member_joined_channel",
    "channel_shared",
    "channel_unshared",
)
_OWN: Final = re.compile(r"sophia_.*")
"""The names of buttons and dialogs that Sophia makes."""
_log = logging.getLogger("slack_bolt")


def bolt_app(*, door: SlackDoor, workspace: Workspace, desk: Desk, liveness: Liveness, signing_secret: str) -> AsyncApp:
    """The app. Verification over HTTP has happened before; bolt verifies again."""
    home = Home()
    app = AsyncApp(
        logger=_log,
        client=door.nameless(),
        signing_secret=signing_secret or "unused",
        authorize=_authorising(workspace, home, door.client.token),
        request_verification_enabled=bool(signing_secret),
        ignoring_self_events_enabled=True,
    )
    worked = _working(liveness, home)
    app.use(_keeping(desk))
    for event in EVENTS:
        app.event(event)(worked)
    app.command(COMMAND)(worked)
    app.action(_OWN)(worked)
    app.view(_OWN)(worked)
    return app


def _authorising(workspace: Workspace, home: Home, token: str | None) -> Callable[[], Awaitable[AuthorizeResult]]:
    """Who Sophia is to bolt, which leaves out what she says herself."""

    async def authorize() -> AuthorizeResult:
        myself = workspace.known_myself
        if myself is None:
            myself = await home.do(workspace.myself())
        return AuthorizeResult(
            enterprise_id=None,
            team_id=myself.team,
            bot_user_id=myself.user,
            bot_id=myself.bot,
            bot_token=token,
        )

    return authorize


def _keeping(desk: Desk) -> Callable[..., Awaitable[BoltResponse]]:
    """What comes before everything else: it is kept."""

    async def kept(req: AsyncBoltRequest, next: Callable[[], Awaitable[BoltResponse]]) -> BoltResponse:  # noqa: A002
        """Keep it before anything is acknowledged; what comes again, or is nobody's, is acknowledged and nothing more.

        Slack sends what isn't acknowledged again, and in the end nothing any more.
        """
        if not _ours(req.body):
            return BoltResponse(status=200, body="")
        signature = (req.headers.get("x-slack-signature") or [""])[0]
        key = await desk.accept(req.body, signature)
        if key is None:
            return BoltResponse(status=200, body="")
        req.context["arrival"] = key
        return await next()

    return kept


def _working(liveness: Liveness, home: Home) -> Callable[..., Awaitable[None]]:
    """What is done with everything that was kept."""

    async def worked(ack: Any, context: Any) -> None:
        """Acknowledge, then start the work."""
        await ack()
        await home.do(liveness.arrive(context["arrival"]))

    return worked


def _ours(body: Mapping[str, Any]) -> bool:
    """Whether there is anything here that works on it: a link that was pressed, or another app's shortcut, isn't."""
    match kind_of(body):
        case "event":
            return str(body["event"].get("type")) in EVENTS
        case "command":
            return str(body["command"]) == COMMAND
        case "action":
            return any(_OWN.fullmatch(str(each.get("action_id"))) for each in body.get("actions", [])[:1])
        case "view":
            return _OWN.fullmatch(str(body.get("view", {}).get("callback_id"))) is not None
    return False
