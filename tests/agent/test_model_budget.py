"""Nothing is sent that the turn or the day could not pay for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from agent.errors import SophiaError
from agent.planning.model import ChatModel, Kind, ModelPlanner, Payer, SpendingLimits, errors
from agent.planning.planner import PlanningRequest
from agent.settings.machine import Limits, Model
from memory.database import Database
from memory.spend import Spend
from tests.agent.example_tools import TOOLS
from tests.agent.model_server import ModelServer, hangs_up, says, silent, status, stream

TEXT = '{"kind": "plan", "steps": [{"id": "s1", "tool": "stack_drift", "args": {"stack": "development"}}]}'
ADA = Payer("t_1", "ada")


@dataclass
class Clock:
    at: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 9, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.at


@pytest.fixture
async def server():
    async with ModelServer() as running:
        running.answers(says(TEXT))
        yield running


@pytest.fixture
async def spend(tmp_path):
    database = await Database.open(str(tmp_path / "sophia.db"))
    yield Spend(database)
    await database.close()


@dataclass
class Setting:
    server: ModelServer
    budget: SpendingLimits
    clock: Clock
    settings: dict[str, object] = field(default_factory=dict)

    async def plan(self, turn="t_1", text="check development for drift"):
        given = {"name": "m", "base_url": self.server.url, "api_key": SecretStr("sk"), "retries": 0} | self.settings
        planner = ModelPlanner(ChatModel(Model.model_validate(given), self.budget, sleep=self._sleep))
        request = PlanningRequest(text=text, now=self.clock.now(), person="ada", turn=turn)
        return await planner.plan(request, TOOLS)

    async def _sleep(self, seconds: float) -> None:
        self.clock.at += timedelta(seconds=seconds)


def setting(server, limits, store=None, **settings):
    clock = Clock()
    return Setting(server, SpendingLimits(limits, clock, store, "m"), clock, settings)


async def test_what_was_used_is_written_down(server, spend):
    server.answers(says(TEXT, usage=(1000, 200)))
    at = setting(server, Limits(), spend, input_price=2.0, output_price=10.0)
    planning = await at.plan()
    midnight = at.clock.now().replace(hour=0)
    assert planning.tokens == 1200
    assert await spend.total(midnight, Kind.TOKENS, turn="t_1") == 1200
    assert float(await spend.total(midnight, Kind.MONEY, person="ada")) == pytest.approx(0.004)
    assert await at.budget.left(ADA, Kind.TOKENS) == 60_000 - 1200
    assert 60 < await at.budget.left(ADA, Kind.SECONDS) < 180


async def test_two_steps_of_a_turn_may_ask_side_by_side(spend):
    """Both are settled, in whatever order they end."""
    budget, at = SpendingLimits(Limits(), Clock(), spend, "m"), Clock().now().replace(hour=0)
    for _ in range(20):
        await asyncio.gather(*(budget.reserve(ADA, Kind.TOKENS, 100) for _ in range(3)))
        await asyncio.gather(*(budget.record(ADA, Kind.TOKENS, 100, 7) for _ in range(3)))
    assert await spend.total(at, Kind.TOKENS, turn="t_1") == 20 * 3 * 7


@pytest.mark.parametrize(
    "limits, settings, says_why",
    [
        (Limits(tokens_per_turn=300), {}, "tokens"),
        (Limits(tokens_per_day=300), {}, "tokens"),
        (Limits(dollars_per_turn=0.001), {"input_price": 5, "output_price": 15}, r"\$"),
        (Limits(dollars_per_day=0.001), {"input_price": 5, "output_price": 15}, r"\$"),
        (Limits(tokens_per_turn=0), {}, "0 tokens"),
        (Limits(seconds_per_turn=0.5), {}, "0 seconds"),
    ],
)
async def test_what_can_not_be_paid_is_not_sent(server, spend, limits, settings, says_why):
    at = setting(server, limits, spend, **settings)
    with pytest.raises(errors.BudgetSpent, match=says_why):
        await at.plan()
    assert server.received == []
    assert await spend.total(at.clock.now() - timedelta(days=1), Kind.TOKENS) == 0
    assert await at.budget.left(Payer("t_2"), Kind.SECONDS) > 0


async def test_the_rest_of_a_budget_makes_a_shorter_answer(server):
    at = setting(server, Limits(tokens_per_turn=3000))
    await at.plan()
    granted = server.received[0].json["max_completion_tokens"]
    assert 200 <= granted < 3000


async def test_a_turn_pays_for_all_its_calls(server, spend):
    server.answers(says(TEXT, usage=(1200, 900)))
    at = setting(server, Limits(tokens_per_turn=5000), spend, max_output_tokens=1000)
    await at.plan()
    await at.plan()
    with pytest.raises(errors.BudgetSpent):
        await at.plan()
    assert (await at.plan("t_2")).kind == "plan"
    afresh = SpendingLimits(Limits(tokens_per_turn=5000), at.clock, spend)
    assert await afresh.left(ADA, Kind.TOKENS) == 5000 - 4200


async def test_a_new_day_begins_with_a_new_budget(server, spend):
    at = setting(server, Limits(tokens_per_day=4000), spend, max_output_tokens=500)
    server.answers(says(TEXT, usage=(2500, 500)))
    await at.plan("t_1")
    with pytest.raises(errors.BudgetSpent):
        await at.plan("t_2")
    at.clock.at += timedelta(days=1)
    assert (await at.plan("t_3")).kind == "plan"


@pytest.mark.parametrize("usage", [(0, 0), (10**9, 10**9), None])
async def test_a_server_can_not_lie_about_what_it_used(server, usage):
    server.answers(says(TEXT, usage=usage))
    planning = await setting(server, Limits(), max_output_tokens=500).plan()
    assert 400 < planning.tokens < 10_000


@pytest.mark.parametrize("trouble", [status(429), status(500), status(401), status(400)])
async def test_what_was_turned_down_costs_nothing(server, trouble):
    server.answers(trouble)
    at = setting(server, Limits())
    with pytest.raises(Exception, match="HTTP"):
        await at.plan()
    assert await at.budget.left(ADA, Kind.TOKENS) == 60_000


@pytest.mark.parametrize("trouble", [hangs_up(), silent(), stream([b"data: {}\n\n"], complete=False), says("no plan")])
async def test_what_may_have_been_worked_on_is_counted(server, trouble):
    server.answers(trouble)
    at = setting(server, Limits(), timeout_seconds=1.0)
    with pytest.raises(SophiaError):
        await at.plan()
    assert await at.budget.left(ADA, Kind.TOKENS) < 60_000 - 400
    assert await at.budget.left(ADA, Kind.SECONDS) < 180


async def test_waiting_is_paid_from_the_turns_seconds(server):
    server.answers(status(429, retry_after="20"))
    at = setting(server, Limits(seconds_per_turn=50), retries=10)
    with pytest.raises(errors.RateLimited):
        await at.plan()
    assert 2 <= len(server.received) <= 3
    assert (at.clock.now() - Clock().now()).total_seconds() <= 50


async def test_reservations_of_turns_at_the_same_time_count(spend):
    budget = SpendingLimits(Limits(tokens_per_day=1000), Clock(), spend)
    await budget.reserve(Payer("t_1"), Kind.TOKENS, 600)
    with pytest.raises(errors.BudgetSpent, match="400 tokens of the budget are left"):
        await budget.reserve(Payer("t_2"), Kind.TOKENS, 600)
    await budget.record(Payer("t_1"), Kind.TOKENS, 600, 100)
    await budget.reserve(Payer("t_2"), Kind.TOKENS, 600)
