"""The parts of the Slack surface, put together around a Sophia that is open."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from slack_sdk.errors import SlackApiError

from agent.settings import Settings
from agent.slack.alerts import AlertButtons
from agent.slack.asking import Asking
from agent.slack.deciding import Deciding
from agent.slack.delivery import SlackDelivery
from agent.slack.desk import Desk
from agent.slack.door import SlackDoor, new_client
from agent.slack.files import Files
from agent.slack.incoming import bolt_app
from agent.slack.knowing import Knowing
from agent.slack.lists import SharedLists
from agent.slack.notices import Notices
from agent.slack.posting import Poster
from agent.slack.presenting import Presenter
from agent.slack.work import Liveness
from agent.slack.workspace import Workspace
from agent.sophia import Sophia
from memory.arrivals import Arrivals
from memory.competitors import Competitors
from memory.leases import Leases
from memory.posts import Posts

if TYPE_CHECKING:
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
    from slack_bolt.app.async_app import AsyncApp

__all__ = ["SlackSurface", "slack_surface"]

_log = logging.getLogger(__name__)
AGAIN_SECONDS = 5.0


@dataclass(frozen=True)
class SlackSurface:
    """Slack, connected."""

    settings: Settings
    door: SlackDoor
    workspace: Workspace
    desk: Desk
    presenter: Presenter
    notices: Notices
    poster: Poster
    app: AsyncApp

    def socket(self) -> AsyncSocketModeHandler:
        """A connection that Sophia opens herself, by a client of its own: a client belongs to the loop that uses it."""
        from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

        token = self.settings.slack.app_token
        assert token is not None, "Socket Mode has an app token"
        return AsyncSocketModeHandler(self.app, token.get_secret_value(), web_client=new_client(self.settings))

    async def serve(self, stop: asyncio.Event) -> None:
        """Show what changes until `stop` is set."""
        await asyncio.gather(self.presenter.serve(stop), self.notices.serve(stop))

    async def listen(self) -> None:
        """Open the socket, again and again while Slack is away; its client keeps it open, until this is cancelled."""
        handler = self.socket()
        try:
            while True:
                try:
                    await handler.connect_async()  # type: ignore[no-untyped-call]
                    await asyncio.get_running_loop().create_future()
                except (aiohttp.ClientError, OSError, SlackApiError) as error:
                    _log.error("no socket to Slack; tried again in %.0f s: %s", AGAIN_SECONDS, error)
                    await asyncio.sleep(AGAIN_SECONDS)
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]


def slack_surface(sophia: Sophia, liveness: Liveness) -> SlackSurface:
    """Wire the surface."""
    settings, ports = sophia.settings, sophia.ports
    door: SlackDoor = ports.get(SlackDoor)
    workspace: Workspace = ports.get(Workspace)
    posts: Posts = ports.get(Posts)
    poster = Poster(door, posts, sophia.clock)
    knowing = Knowing(settings, sophia.people_now, workspace)
    presenter = Presenter(
        sophia=sophia,
        arrivals=ports.get(Arrivals),
        leases=ports.get(Leases),
        poster=poster,
        files=Files(door, posts, sophia.clock),
        knowing=knowing,
        workspace=workspace,
    )
    notices = Notices(sophia=sophia, poster=poster, knowing=knowing, workspace=workspace)

    def decided(turn: str) -> None:
        presenter.poke(turn)
        notices.poke()

    deciding = Deciding(sophia=sophia, posts=posts, knowing=knowing, door=door, liveness=liveness, decided=decided)
    asking = Asking(
        sophia=sophia,
        arrivals=ports.get(Arrivals),
        knowing=knowing,
        workspace=workspace,
        poster=poster,
        liveness=liveness,
        begun=presenter.poke,
        deciding=deciding,
        alerts=AlertButtons(lambda: ports.get(Competitors)),
        lists=SharedLists(settings),
    )
    desk = _desk(sophia, asking, deciding, poster, workspace)
    secret = settings.slack.signing_secret if settings.slack.mode == "http" else None
    app = bolt_app(
        door=door,
        workspace=workspace,
        desk=desk,
        liveness=liveness,
        signing_secret=secret.get_secret_value() if secret else "",
    )
    return SlackSurface(settings, door, workspace, desk, presenter, notices, poster, app)


def _desk(sophia: Sophia, asking: Asking, deciding: Deciding, poster: Poster, workspace: Workspace) -> Desk:
    return Desk(
        arrivals=sophia.ports.get(Arrivals),
        asking=asking,
        deciding=deciding,
        poster=poster,
        workspace=workspace,
        delivery=sophia.ports.get(SlackDelivery),
        leases=sophia.ports.get(Leases),
        clock=sophia.clock,
    )
