"""What may be used: of a request, a day, a month; by everybody, a person, a schedule; counted for all processes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.budgets import Payer, WebMeter, bounds, paying
from agent.planning.model import Kind as Kinds
from agent.planning.model import Payer as ModelPayer
from agent.planning.model import SpendingLimits, errors
from agent.settings.machine import Limits, Shares
from agent.turn.events import TurnEvent
from memory.audit import Audit
from memory.database import Database
from memory.spend import Kind, LimitReached, Spend
from memory.turns import Turns
from tools.web.purse import BLOCK, OverBudget, Purse

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OPEN = dict.fromkeys(("tokens_per_day", "dollars_per_day", "dollars_per_month", "pages_per_day"))


class Clock:
    at = NOW

    def now(self) -> datetime:
        return self.at


@pytest.fixture
async def database(tmp_path: Path, migrated_url: str):
    opened = await Database.open(migrated_url)
    yield opened
    await opened.close()


@pytest.fixture
def migrated_url(tmp_path: Path) -> str:
    return str(tmp_path / "sophia.db")


async def use(spend: Spend, limits: Limits, payer: Payer, amount: float, at: datetime = NOW):
    return await spend.set_aside(
        Kind.PAGES, amount, payer.turn, payer.person, bounds(limits, payer, Kind.PAGES, at), at
    )


@pytest.mark.parametrize(
    "limits, said",
    [
        ({"pages_per_turn": 10}, "for this request"),
        ({"pages_per_day": 10}, "today"),
        ({"pages_per_month": 10}, "this month"),
        ({"person": Shares(pages_per_day=10)}, "for ann today"),
        ({"person": Shares(pages_per_month=10)}, "for ann this month"),
    ],
)
async def test_every_limit_holds_to_the_last_page(database: Database, limits: dict, said: str) -> None:
    spend, limit = Spend(database), Limits(**OPEN | limits)
    ann = Payer("t_1", "ann")
    aside = await use(spend, limit, ann, 7)
    assert await spend.settle(aside, 7, NOW) == []
    with pytest.raises(LimitReached, match=f"3 of 10 are left {said}"):
        await use(spend, limit, ann, 4)
    aside = await use(spend, limit, ann, 3)
    (nearly,) = await spend.settle(aside, 1, NOW)  # what wasn't used is there again
    assert (nearly.bound.what, nearly.used, nearly.held) == (said, 8, 0)
    await use(spend, limit, ann, 2)
    with pytest.raises(LimitReached):
        await use(spend, limit, ann, 1)
    if said not in ("today", "this month"):
        await use(spend, limit, Payer("t_2", "bob"), 10)
    elif said == "today":
        await use(spend, limit, ann, 10, NOW + timedelta(days=1))
    else:
        await use(spend, limit, ann, 10, NOW + timedelta(days=10))


async def test_a_schedule_has_a_budget_of_its_own(database: Database, tmp_path: Path) -> None:
    turns, spend = Turns(database, Audit(database, folder=tmp_path / "audit")), Spend(database)
    limit = Limits(**OPEN | {"schedule": Shares(pages_per_month=10)})
    for number, schedule in enumerate(("s_one", "s_one", "s_two")):
        turn = await turns.start(f"{schedule}.{number}", "sweep", "ann", "person:ann", "schedule", NOW)
        payer = Payer(turn.id, "ann", schedule)
        if number == 1:
            with pytest.raises(LimitReached, match="for the schedule s_one this month"):
                await use(spend, limit, payer, 6)
        else:
            await use(spend, limit, payer, 6)


async def test_two_processes_never_use_more_than_there_is(migrated: str) -> None:
    """Two connections of their own, as two workers have; each asks as often as it can."""
    limit = Limits(**OPEN | {"pages_per_day": 30})
    granted = 0
    opened = [await Database.open(migrated) for _ in range(2)]

    async def worker(spend: Spend, name: str) -> int:
        got = 0
        for number in range(20):
            try:
                got += int((await use(spend, limit, Payer(f"{name}{number}", name), 1)).amount)
            except LimitReached:
                break
        return got

    granted = sum(await asyncio.gather(*(worker(Spend(each), f"w{n}") for n, each in enumerate(opened))))
    for each in opened:
        await each.close()
    assert granted == 30


async def test_pages_are_paid_before_they_are_asked_for_and_the_end_is_said(database: Database) -> None:
    told: list[TurnEvent] = []
    spend = Spend(database)
    meter = WebMeter(Limits(**OPEN | {"pages_per_day": 3 * BLOCK}), spend, Clock(), told.append)
    paying.set(Payer("t_1", "ann"))
    purse = Purse(meter)
    for _ in range(3):
        await purse.pay("pages", "https://example.com/")
    await purse.close()
    assert await spend.total(NOW.replace(hour=0), Kind.PAGES, person="ann") == 3
    for _ in range(3 * BLOCK - 3):
        await purse.pay("pages", "https://example.com/")
    with pytest.raises(OverBudget, match=f"all {3 * BLOCK} pages today are used"):
        await purse.pay("pages", "https://example.com/")
    assert ["80 %" in event.text for event in told] == [True]


async def test_a_model_is_paid_from_the_persons_share_too(database: Database) -> None:
    said: list[str] = []
    limits = Limits(person=Shares(tokens_per_day=1000))
    budget = SpendingLimits(limits, Clock(), Spend(database), tell=lambda _, sentence: said.append(sentence))
    ann, bob = ModelPayer("t_1", "ann"), ModelPayer("t_2", "bob")
    await budget.reserve(ann, Kinds.TOKENS, 900)
    assert said == []  # it is set aside, and not used
    with pytest.raises(errors.BudgetSpent, match="100 tokens of the budget are left for ann today"):
        await budget.reserve(ann, Kinds.TOKENS, 200)
    await budget.reserve(bob, Kinds.TOKENS, 900)
    await budget.record(ann, Kinds.TOKENS, 900, 0)
    assert await budget.left(ann, Kinds.TOKENS) == 1000
    await budget.reserve(ann, Kinds.TOKENS, 850)
    await budget.reserve(ann, Kinds.TOKENS, 100)
    await budget.record(ann, Kinds.TOKENS, 100, 90)
    assert said == []
    await budget.reserve(ann, Kinds.TOKENS, 50)
    await budget.record(ann, Kinds.TOKENS, 50, 20)
    assert said == []
    await budget.reserve(ann, Kinds.TOKENS, 30)
    await budget.reserve(ann, Kinds.TOKENS, 10)
    await budget.record(ann, Kinds.TOKENS, 10, 5)
    await budget.record(ann, Kinds.TOKENS, 30, 25)
    await budget.reserve(bob, Kinds.TOKENS, 50)
    await budget.record(ann, Kinds.TOKENS, 850, 820)
    (sentence,) = said
    assert sentence.startswith("More than 80 % of the 1,000 tokens for ann today are used (960); at 100 %")
