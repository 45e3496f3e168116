"""A data folder and its database with something of everything in it, to be backed up and brought back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from memory.approvals import Approvals
from memory.audit import Audit
from memory.competitors import Capture, Competitors, Observation, Page, Version
from memory.database import Database
from memory.effects import PermitRow
from memory.embedders import WordLlama
from memory.labels import INTERNAL, Envelope, Provenance
from memory.leases import Wakes
from memory.ledger import Ledger
from memory.search import Entry, SearchIndex
from memory.spend import Kind, Spend
from memory.turns import Status, Turns


class FixedClock:
    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


@dataclass
class House:
    """A data folder and its database, with something of everything in it."""

    location: str
    home: Path
    result: str = ""
    done: str = ""
    waiting: str = ""
    in_flight: str = ""
    approval: str = ""
    permit: PermitRow | None = None


async def furnish(house: House, now: datetime) -> House:
    (house.home / "infra" / "checkpoints").mkdir(parents=True)
    (house.home / "infra" / "checkpoints" / "dev.json").write_text('{"state": 1}')
    for name in ("positions.db", "index/chroma.sqlite3", "infra/lab/dev/buckets/x", "a.lock"):
        (house.home / name).parent.mkdir(parents=True, exist_ok=True)
        (house.home / name).write_text("not kept")
    async with await Database.open(house.location) as database:
        audit = Audit(database, house.home / "audit")
        turns, approvals = Turns(database), Approvals(database, audit)
        ledger = Ledger(database, audit, FixedClock(now))
        done = await turns.start("th", "ü \0 ☂", "ann", "ann", "terminal", now, context={"a": [1.5, None, True]})
        permit = await ledger.mint(done.id, "s1", "stack_up", {"stack": "dev"}, "d", "", None, now=now)
        await ledger.redeem(permit.id, permit.token, tool="stack_up")
        envelope = Envelope(value=1, label=INTERNAL, provenance=Provenance.observed("x", now, "y"))
        house.result = await ledger.finish(permit.id, envelope, now)
        await turns.update(done.id, now, status=Status.DONE)
        waiting = await turns.start("th", "waits", "ann", "ann", "terminal", now, status=Status.WAITING)
        asked = await approvals.create(
            waiting.id, "s1", "stack_up", {}, "d", None, 1, "ann", "approver", None, now + timedelta(1), now
        )
        in_flight = await turns.start("th", "in flight", "ann", "ann", "terminal", now, status=Status.RUNNING)
        house.permit = await ledger.mint(in_flight.id, "s1", "stack_up", {"stack": "dev"}, "d", "", None, now=now)
        house.done, house.waiting, house.in_flight, house.approval = done.id, waiting.id, in_flight.id, asked.id
        competitors = Competitors(database)
        await competitors.put_page(Page(url="https://a.example/", competitor="A", aspect="pricing", added_at=now))
        version = Version(digest="v", url="https://a.example/", text="Byte \0 for byte ☂", html=bytes(range(256)))
        capture = Capture(url="https://a.example/", at=now, state="ok", version="v")
        await competitors.record([Observation(capture=capture, version=version, learned=b"\0\xff")])
        await Spend(database).record(Kind.MONEY, 0.25, done.id, "ann", now)
        index = SearchIndex(database, house.home / "index", WordLlama(), FixedClock(now))
        await index.add([Entry(id=f"p{n}", text=f"Passage number {n} about rent", at=now) for n in range(3)])
        await index.search("rent")
        await index.aclose()
        await Wakes(database).signal("turn")
        await audit.settle()
    return house
