"""What the doctor sees of work that waits: messages that Slack didn't take yet, what was put aside, and budgets
that come to their end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.terminal.doctor import Check

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory.database import Database

__all__ = ["at_work"]

_AREA = "work"


async def at_work(settings: Settings) -> list[Check]:
    """A check for each kind of work that waits. A database that isn't there isn't made, an old one isn't changed."""
    from agent.composition import database_location
    from memory.database import Database
    from memory.errors import StoreError

    if settings.storage.database_url is None and not (settings.home / "sophia.db").exists():
        return []
    try:
        database = await Database.open(database_location(settings), migrate=False, patience=3.0)
    except StoreError as error:
        return [Check(area=_AREA, name="database", state="missing", detail=error.tried, to_do=error.to_do)]
    async with database:
        return await _waiting(settings, database)


async def _waiting(settings: Settings, database: Database) -> list[Check]:
    from agent.budgets import strained
    from agent.clock import SystemClock
    from agent.slack.delivery import KEPT
    from memory.arrivals import Arrivals
    from memory.audit import Audit
    from memory.spend import Spend
    from memory.turns import Turns

    arrivals = Arrivals(database, Turns(database, Audit(database, folder=settings.home / "audit")))
    checks = []
    kept = [each for each in await arrivals.pending() if each.kind == KEPT]
    if kept:
        detail = f"{len(kept)} kept since {kept[0].received_at:%Y-%m-%d %H:%M} UTC. {kept[-1].problem}".strip()
        told = "They go out by themselves while sophia serve runs and Slack takes them."
        checks.append(Check(area=_AREA, name="messages", state="missing", detail=detail, to_do=told))
    aside = await arrivals.given_up()
    if aside:
        detail = f"{len(aside)} put aside, the last: {aside[-1].problem}"
        told = "sophia worker --put-aside lists them; --retry ID has one tried again."
        checks.append(Check(area=_AREA, name="put aside", state="missing", detail=detail, to_do=told))
    for strain in await strained(settings.limits, (), Spend(database), SystemClock().now()):
        told = "Raise the limit in sophia.toml, [limits], or wait until it starts anew."
        checks.append(Check(area=_AREA, name="budget", state="missing", detail=strain.sentence(), to_do=told))
    return checks
