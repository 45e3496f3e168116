"""What a real server once answered, word for word, is still read as it was then."""

from __future__ import annotations

import pytest
import vcr

from agent.plan import check
from agent.planning.model import errors
from agent.planning.planner import Planning
from tests.agent.example_tools import TOOLS
from tests.agent.recorded import EXCHANGES, FOLDER, recorder

SETTINGS = {"name": "gemma-3-270m", "base_url": "http://127.0.0.1:1/v1", "api_key": "sk-any"}
LIMITS = {"timeout_seconds": 120.0, "max_output_tokens": 300}


async def replayed(name):
    with recorder(FOLDER).use_cassette(name, record_mode=vcr.mode.NONE) as cassette:
        outcome = await EXCHANGES[name].carry_out(SETTINGS | LIMITS)
    assert cassette.all_played
    return outcome


@pytest.mark.parametrize("name", [name for name in EXCHANGES if name.startswith("by_schema")])
async def test_a_schema_is_kept_to(name):
    planning = await replayed(name)
    assert isinstance(planning, Planning)
    assert planning.tokens > 500
    if planning.plan:
        assert {step.tool for step in planning.plan.steps} <= set(TOOLS)
        check(planning.plan, TOOLS)


@pytest.mark.parametrize(
    "name, named",
    [
        ("truncated", errors.AnswerTruncated),
        ("too_long", errors.PromptTooLong),
        ("refused_key", errors.KeyRefused),
        ("missing_key", errors.MissingKey),
    ],
)
async def test_a_real_servers_errors_get_their_names(name, named):
    assert await replayed(name) is named


@pytest.mark.parametrize("name", ["by_tool", "prompted"])
async def test_a_base_model_left_to_itself_makes_no_plan(name):
    assert await replayed(name) in (errors.NotAnAnswer, errors.AnswerTruncated)


def test_no_recording_holds_a_key_or_is_large():
    kept = list(FOLDER.glob("*.yaml"))
    assert {path.stem for path in kept} == set(EXCHANGES)
    for path in kept:
        text = path.read_text()
        assert "authorization" not in text.lower()
        assert "sk-" not in text
        assert len(text) < 150_000
