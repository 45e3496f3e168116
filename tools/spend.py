"""What Sophia itself has used: money for models, tokens, requests, pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from memory.labels import Provenance
from memory.spend import Kind, Spend
from tools.declaration import Clock, Effect, Requester, Role, Slot, tool
from tools.result import Finding, Result, Series, Weight
from tools.since import beginning
from tools.timetable.foresight import Owners


class SpendArguments(BaseModel):
    """Since when; 30 days without it."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[str | None, Slot(Role.OPTION, "since")] = None


class Spent(Result):
    """Totals since a time. Money is in US dollars."""

    money: float
    tokens: int
    requests: int
    pages: int
    since: datetime
    at: datetime
    days: Mapping[str, float] = Field(default_factory=dict)
    """What models cost on each day (`2026-01-31`) on which they did; tokens where no price is known."""

    def series(self) -> Series:
        """Dollars a day, or tokens."""
        values = [(date.fromisoformat(day), value) for day, value in self.days.items()]
        unit = "dollars" if self.money else "tokens"
        return Series.daily("What Sophia used of models", unit, values, self.since.date(), self.at.date())

    def findings(self) -> list[Finding]:
        """One sentence with the four totals."""
        return [
            Finding(
                weight=Weight.OBSERVED,
                sentence=f"Since {self.since:%Y-%m-%d %H:%M} UTC Sophia has used ${self.money:,.2f} for models, "
                f"{self.tokens:,} tokens, {self.requests:,} requests and {self.pages:,} pages.",
                facts={"money": self.money, "tokens": self.tokens, "requests": self.requests, "pages": self.pages},
                provenance=Provenance.observed("sophia", self.at, "summed from its own records of use"),
            )
        ]


@tool(effect=Effect.READ, phrases=("what did you spend {since}", "how many tokens did you use", "what do you cost us"))
async def spend(
    arguments: SpendArguments, *, spend: Spend, owners: Owners, requester: Requester, clock: Clock
) -> Spent:
    """Say what Sophia has used of money, tokens, requests and pages."""
    now = clock.now()
    since = beginning(arguments.since or "30d", now, owners.zone(requester.person))
    totals = {kind: await spend.total(since, kind) for kind in Kind}
    by_day = await spend.by_day(since, Kind.MONEY if totals[Kind.MONEY] else Kind.TOKENS)
    return Spent(
        money=float(totals[Kind.MONEY]),
        tokens=int(totals[Kind.TOKENS]),
        requests=int(totals[Kind.REQUESTS]),
        pages=int(totals[Kind.PAGES]),
        since=since,
        at=now,
        days={day: float(amount) for day, amount in by_day.items()},
    )
