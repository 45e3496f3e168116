"""How the parts that talk to Slack are made, when something first needs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agent.outbox import Outbox
from agent.settings import Settings
from memory.arrivals import Arrivals
from memory.ledger import Ledger
from memory.posts import Posts
from memory.switches import Switches
from tools.declaration import Clock
from tools.delivery import Delivery

if TYPE_CHECKING:
    from agent.turn.ports import Ports

__all__ = ["slack_ports"]


def slack_ports(
    settings: Settings,
    posts: Posts,
    arrivals: Arrivals,
    switches: Switches,
    ledger: Ledger,
    outbox: Outbox,
    clock: Clock,
    ports: Callable[[], Ports],
) -> dict[type, Callable[[], Any]]:
    """Where things are said: in Slack as far as the configuration wants it, otherwise in the outbox."""
    if not settings.slack.connected and not any("slack" in each.delivery for each in settings.channels.values()):
        return {Delivery: lambda: outbox}
    from agent.slack.alerts import AlertButtons
    from agent.slack.delivery import Connected, SlackDelivery
    from agent.slack.door import SlackDoor, slack_door
    from agent.slack.errors import SlackAway
    from agent.slack.posting import Poster
    from agent.slack.workspace import Workspace
    from memory.competitors import Competitors

    def connected() -> Connected:
        if not settings.slack.connected:
            raise SlackAway("Slack isn't connected.", to_do="Set Slack's tokens (sophia doctor), then: sophia serve.")
        return Connected(Poster(ports().get(SlackDoor), posts, clock), ports().get(Workspace))

    def delivery() -> SlackDelivery:
        return SlackDelivery(
            settings=settings,
            outbox=outbox,
            slack=connected,
            arrivals=arrivals,
            switches=switches,
            desk=ledger,
            clock=clock,
            alerts=AlertButtons(lambda: ports().get(Competitors)),
        )

    return {
        SlackDoor: lambda: slack_door(settings),
        Workspace: lambda: Workspace(ports().get(SlackDoor), settings),
        SlackDelivery: delivery,
        Delivery: lambda: ports().get(SlackDelivery),
    }
