"""The model planner against a real model: the wiring, whatever the model's plans are worth."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from agent.plan import check
from agent.planning.model import ChatModel, Kind, ModelPlanner, Payer, SpendingLimits, errors
from agent.planning.model.dialect import Dialect, RememberedDialects, Structure
from agent.planning.planner import Names, PlanningRequest
from agent.settings.machine import Limits, Model
from memory.database import Database
from memory.spend import Spend
from tests.agent.example_tools import TOOLS
from tools.registry import discover

NAMES = Names(stacks={"development": ["dev"], "production": []}, competitors={"RealPage": []}, channels=["#ops"])


class Clock:
    def now(self):
        return datetime.now(UTC)


def asking(text, turn="t_1"):
    return PlanningRequest(text=text, now=Clock().now(), person="ada", turn=turn, names=NAMES)


class Setting:
    def __init__(self, given, limits=None, store=None, dialect=None):
        self.heard = []
        self.budget = SpendingLimits(limits or Limits(seconds_per_turn=900), Clock(), store)
        settings = Model.model_validate(given)
        self.dialects = RememberedDialects({f"{settings.base_url} {settings.name}": dialect} if dialect else {})
        self.planner = ModelPlanner(
            ChatModel(settings, self.budget, dialects=self.dialects),
            listener=lambda _: lambda *told: self.heard.append(told),
        )


async def test_a_schema_that_is_enforced_makes_well_formed_plans(model_settings, tmp_path):
    database = await Database.open(str(tmp_path / "sophia.db"))
    spend = Spend(database)
    at = Setting(model_settings | {"input_price": 1.0, "output_price": 2.0}, store=spend)
    tools = discover()
    planning = await at.planner.plan(asking("check development for drift, then tell #ops"), tools)
    assert planning.kind in ("plan", "clarify", "refuse")
    if planning.plan:
        assert {step.tool for step in planning.plan.steps} <= set(tools)
        assert all(isinstance(problem.message, str) for problem in check(planning.plan, tools))
    pieces = [text for kind, text in at.heard if kind == "text"]
    assert len(pieces) > 10
    assert '"kind"' in "".join(pieces)
    used = await spend.total(datetime(2020, 1, 1, tzinfo=UTC), Kind.TOKENS, turn="t_1")
    assert used >= planning.tokens > 1000
    assert await spend.total(datetime(2020, 1, 1, tzinfo=UTC), Kind.MONEY) > 0
    assert [dialect.structure for dialect in at.dialects.known.values()] == [Structure.SCHEMA]
    await database.close()


@pytest.mark.parametrize("structure", [Structure.TOOL, Structure.PROMPTED])
async def test_what_a_base_model_writes_by_itself_is_read_or_named(model_settings, structure):
    at = Setting(model_settings | {"max_output_tokens": 64}, dialect=Dialect(structure=structure))
    try:
        planning = await at.planner.plan(asking("check development for drift"), TOOLS)
    except (errors.NotAnAnswer, errors.AnswerTruncated) as error:
        assert error.to_do  # noqa: PT017 - either outcome is right
    else:
        assert planning.plan or planning.question


async def test_the_checks_problems_are_repaired_at_most_once(model_settings):
    at = Setting(model_settings)
    request = asking("repair development")
    first = await at.planner.plan(request, TOOLS)
    problems = check(first.plan, {}) if first.plan else []
    if problems:
        second = await at.planner.plan(request, TOOLS, problems)
        assert second.tokens > first.tokens
        with pytest.raises(errors.NotAnAnswer):
            await at.planner.plan(request, TOOLS, problems)


async def test_a_budget_that_is_spent_sends_nothing(model_settings):
    at = Setting(model_settings, Limits(tokens_per_turn=1000))
    started = time.monotonic()
    with pytest.raises(errors.BudgetSpent):
        await at.planner.plan(asking("check development for drift"), TOOLS)
    assert time.monotonic() - started < 5
    assert at.heard == []
    assert await at.budget.left(Payer("t_1"), Kind.TOKENS) == 1000


async def test_a_budget_cuts_the_answer_and_says_so(model_settings):
    at = Setting(model_settings | {"max_output_tokens": 64})
    with pytest.raises(errors.AnswerTruncated):
        await at.planner.plan(asking("check development for drift"), TOOLS)
    assert await at.budget.left(Payer("t_1"), Kind.TOKENS) < 60_000 - 1000


async def test_time_is_bounded(model_settings):
    at = Setting(model_settings | {"timeout_seconds": 1.0, "retries": 0}, dialect=Dialect(structure=Structure.PROMPTED))
    started = time.monotonic()
    with pytest.raises(errors.ModelTimeout):
        await at.planner.plan(asking("check development for drift " + "and again " * 100), TOOLS)
    assert time.monotonic() - started < 10


async def test_a_prompt_that_does_not_fit_and_a_wrong_key_have_names(model_settings):
    many = {f"{name}_{number}": tool for number in range(40) for name, tool in TOOLS.items()}
    with pytest.raises(errors.PromptTooLong):
        await Setting(model_settings).planner.plan(asking("check development"), many)
    with pytest.raises(errors.KeyRefused):
        await Setting(model_settings | {"api_key": "wrong"}).planner.plan(asking("check development"), TOOLS)
