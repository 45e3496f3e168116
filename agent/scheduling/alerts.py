"""The alerts of a sweep: which lines go to which channel, and what is kept of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from agent.report import revive
from agent.settings import Settings
from agent.standing import fits
from memory.competitors import Competitors
from memory.grants import Grants
from memory.labels import Envelope
from tools.competitor_sweep import CompetitorSweep
from tools.declaration import Tool
from tools.monitoring.lines import ChangeLine

__all__ = ["Alerts"]

MOST_SINGLE = 10
"""Alerts of one sweep that go out each by itself; people read no more of them."""


class Alerts:
    """Tells the changes that are to be told at once, each once."""

    def __init__(self, settings: Settings, competitors: Competitors, grants: Grants) -> None:
        self._settings = settings
        self._competitors = competitors
        self._grants = grants

    async def anything(self) -> bool:
        """Whether there is a page that a sweep looks at."""
        configured = any(competitor.pages for competitor in self._settings.competitors.values())
        return configured or bool(await self._competitors.pages(active=True))

    def of(self, envelope: Envelope, tools: Mapping[str, Tool]) -> list[ChangeLine]:
        """The changes of a sweep that are to be told at once."""
        sweep = revive("competitor_sweep", envelope, tools)
        assert isinstance(sweep, CompetitorSweep)
        return [line for line in sweep.lines if line.alert == "instant"]

    async def messages(self, lines: Sequence[ChangeLine], otherwise: str, now: datetime) -> list[tuple[str, str]]:
        """Channel and text. A line that a page's grant covers goes by itself, the others of a channel together."""
        single: list[tuple[str, str]] = []
        together: dict[str, list[str]] = {}
        for line in lines:
            channel = await self._channel(line, otherwise)
            if not channel:
                continue
            grants = await self._grants.covering("notify", channel, now)
            if len(single) < MOST_SINGLE and any(fits(grant.template, line.told) for grant in grants):
                single.append((channel, line.told))
            else:
                together.setdefault(channel, []).append(line.told)
        return single + [(channel, "\n".join(told)) for channel, told in together.items()]

    async def covered(self, said: Sequence[tuple[str, str]], now: datetime) -> bool:
        """Whether standing grants speak for all of these messages."""
        for channel, text in said:
            if not any(fits(grant.template, text) for grant in await self._grants.covering("notify", channel, now)):
                return False
        return True

    async def keep(self, lines: Sequence[ChangeLine], alert: str) -> None:
        """Keep what became of these, each with the changes of other pages that say the same."""
        ids: set[str] = set()
        for line in lines:
            change = await self._competitors.change(line.id)
            together = await self._competitors.changes(cluster=change.cluster) if change and change.cluster else []
            ids.update([line.id, *(each.id for each in together)])
        await self._competitors.mark_alert(sorted(ids), alert)

    async def _channel(self, line: ChangeLine, otherwise: str) -> str:
        page = await self._competitors.page(line.url)
        if page is not None and page.channel:
            return page.channel
        competitor = self._settings.competitors.get(line.competitor)
        configured = next((page for page in competitor.pages if page.url == line.url), None) if competitor else None
        if competitor is None:
            return otherwise
        return (competitor.channel_for(configured) if configured else competitor.channel) or otherwise
