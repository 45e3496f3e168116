"""How the ports of the tool families are made from the settings, each when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.budgets import WebMeter
from agent.settings import Competitor, Settings
from agent.watch_lists import FolderOfLists
from memory.ledger import Ledger
from tools.declaration import Clock
from tools.monitoring.targets import Competitor as Target
from tools.monitoring.targets import TargetPage

if TYPE_CHECKING:
    from agent.turn.ports import Ports
    from memory.competitors import Competitors
    from memory.database import Database
    from memory.embedders import Embedder
    from tools.web.browser import Browser
    from tools.web.policy import WebPolicy

__all__ = ["competitor_ports", "stack_ports"]

Makers = dict[type, Callable[[], Any]]


def stack_ports(settings: Settings, ledger: Ledger, clock: Clock) -> Makers:
    """The stacks."""
    from infra.stacks import Stacks

    def stacks() -> Stacks:
        from agent.declarations import declarations_of
        from agent.settings import own_environment
        from tools.web.objects import S3Objects
        from tools.web.probe import HttpxProbe

        environ, kept = own_environment(), settings.checkpoints
        return Stacks(
            declarations=declarations_of(settings),
            home=settings.home,
            environ=environ,
            clock=clock,
            permits=ledger,
            probe=HttpxProbe(),
            backups=S3Objects(kept.backup, environ, clock.now) if kept.backup else None,
            keep=kept.keep,
        )

    return {Stacks: stacks}


def competitor_ports(
    settings: Settings,
    database: Database,
    competitors: Competitors,
    ledger: Ledger,
    clock: Clock,
    meter: WebMeter,
    ports: Callable[[], Ports],
) -> Makers:
    """Pages, the door to them, and the index over what was read."""
    from memory.competitors import Competitors
    from memory.hosts import Hosts
    from memory.search import SearchIndex
    from tools.detection.extraction import Extractor
    from tools.monitoring.sweeping import Sweeps
    from tools.monitoring.targets import Targets
    from tools.monitoring.watch_lists import WatchLists
    from tools.web.browser import Browser
    from tools.web.door import WebDoor

    def door() -> WebDoor:
        return WebDoor(ledger, clock, _policy(settings), hosts=Hosts(database), meter=meter)

    def index() -> SearchIndex:
        where = settings.storage.chroma_url or str(settings.home / "index")
        return SearchIndex(database, where, _embedder(settings), clock)

    def sweeps() -> Sweeps:
        made = ports()
        return Sweeps(
            memory=competitors,
            index=made.get(SearchIndex),
            door=made.get(WebDoor),
            extractor=made.get(Extractor),
            browser=made.get(Browser),
            clock=clock,
        )

    return {
        Sweeps: sweeps,
        Competitors: lambda: competitors,
        WebDoor: door,
        Browser: lambda: _browser(settings),
        SearchIndex: index,
        Extractor: Extractor,
        Targets: lambda: ConfiguredTargets(settings),
        WatchLists: lambda: FolderOfLists([settings.home / "lists", Path.cwd()]),
    }


def _policy(settings: Settings) -> WebPolicy:
    from tools.web.policy import WebPolicy

    network = settings.network
    return WebPolicy(user_agent=network.user_agent, private_origins=frozenset(network.allowed_private_origins))


def _browser(settings: Settings) -> Browser:
    from agent.browsers import browser_path
    from agent.settings import own_environment
    from tools.web.browser import Browser

    return Browser(browser_path(settings, own_environment()))


def _embedder(settings: Settings) -> Embedder:
    from memory.embedders import WordLlama

    if settings.embedder.model is None:
        return WordLlama()
    from agent.planning.model.embedder import remote_embedder

    return remote_embedder(settings, settings.embedder.model)


class ConfiguredTargets:
    """The competitors of the settings, as the monitoring tools see them."""

    def __init__(self, settings: Settings) -> None:
        self._competitors = tuple(_target(competitor) for competitor in settings.competitors.values())

    def competitors(self) -> Sequence[Target]:
        """All of them, in the order of the configuration."""
        return self._competitors


def _target(competitor: Competitor) -> Target:
    pages = tuple(
        TargetPage(
            url=page.url,
            aspect=page.aspect,
            selector=page.selector,
            channel=competitor.channel_for(page),
            threshold=str(competitor.alert_for(page)),
        )
        for page in competitor.pages
    )
    return Target(
        name=competitor.name,
        aliases=competitor.aliases,
        pages=pages,
        channel=competitor.channel,
        threshold=str(competitor.alert),
    )
