"""How the parts that talk to Slack are made, when something first needs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agent.outbox import Outbox
from agent.settings import Settings
from memory.ledger import Ledger
from memory.posts import Posts
from tools.declaration import Clock
from tools.delivery import Delivery

if TYPE_CHECKING:
    from agent.turn.ports import Ports

__all__ = ["slack_ports"]


def slack_ports(
    settings: Settings, posts: Posts, ledger: Ledger, outbox: Outbox, clock: Clock, ports: Callable[[], Ports]
) -> dict[type, Callable[[], Any]]:
    """Where things are said: in Slack as far as the configuration wants it, otherwise in the outbox."""
    if not settings.slack.connected:
        return {Delivery: lambda: outbox}
    from agent.slack.alerts import AlertButtons
    from agent.slack.delivery import SlackDelivery
    from agent.slack.door import SlackDoor, slack_door
    from agent.slack.posting import Poster
    from agent.slack.workspace import Workspace
    from memory.competitors import Competitors

    def delivery() -> SlackDelivery:
        door: SlackDoor = ports().get(SlackDoor)
        return SlackDelivery(
            settings=settings,
            outbox=outbox,
            poster=Poster(door, posts, clock),
            workspace=ports().get(Workspace),
            desk=ledger,
            clock=clock,
            alerts=AlertButtons(lambda: ports().get(Competitors)),
        )

    return {
        SlackDoor: lambda: slack_door(settings),
        Workspace: lambda: Workspace(ports().get(SlackDoor), settings),
        Delivery: delivery,
    }
