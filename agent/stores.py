"""The stores of one database, each made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.settings import Settings
from memory.approvals import Approvals
from memory.arrivals import Arrivals
from memory.audit import Audit
from memory.database import Database
from memory.driving import Drives
from memory.grants import Grants
from memory.leases import Leases, Wakes
from memory.ledger import Ledger
from memory.posts import Posts
from memory.results import Results
from memory.spend import Spend
from memory.switches import Switches
from memory.turns import Turns
from tools.declaration import Clock

if TYPE_CHECKING:
    from memory.competitors import Competitors
    from memory.schedules import Schedules

__all__ = ["Stores"]


@dataclass(frozen=True)
class Stores:
    """Everything that is remembered, over one database."""

    database: Database
    audit: Audit
    turns: Turns
    results: Results
    approvals: Approvals
    grants: Grants
    switches: Switches
    spend: Spend
    ledger: Ledger
    drives: Drives
    leases: Leases
    wakes: Wakes
    competitors: Competitors
    schedules: Schedules
    arrivals: Arrivals
    posts: Posts

    @classmethod
    def over(cls, database: Database, settings: Settings, clock: Clock) -> Stores:
        """Make them. What few requests need is loaded here, late."""
        from memory.competitors import Competitors
        from memory.schedules import Schedules

        audit = Audit(database, folder=settings.home / "audit")
        turns = Turns(database, audit)
        return cls(
            database=database,
            audit=audit,
            turns=turns,
            results=Results(database),
            approvals=Approvals(database, audit),
            grants=Grants(database, audit),
            switches=Switches(database, audit),
            spend=Spend(database),
            ledger=Ledger(database, audit, clock),
            drives=Drives(database),
            leases=Leases(database),
            wakes=Wakes(database),
            competitors=Competitors(database),
            schedules=Schedules(database, audit),
            arrivals=Arrivals(database, turns),
            posts=Posts(database),
        )
