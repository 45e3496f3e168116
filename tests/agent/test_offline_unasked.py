"""An action that is only talked about is never planned: whoever talks of it, in whatever sentence it stands."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.names import names_of
from agent.planning.offline import OfflinePlanner
from agent.planning.planner import Names, PlanningRequest
from agent.settings import load
from tools.registry import discover

ACTIONS = (
    ("deploy production", "deploying production", "deployed production"),
    ("destroy development", "destroying development", "destroyed development"),
    ("roll back production", "rolling back production", "rolled back production"),
    ("pause everything", "pausing everything", "paused everything"),
    ("revoke grant g_12", "revoking grant g_12", "revoked grant g_12"),
    ("sweep RealPage", "sweeping RealPage", "swept RealPage"),
)
SENTENCES = (
    # inclinations and intentions, near and far
    "I like to {b}", "I love to {b}", "I'd like to {b} one day", "we want to {b} eventually", "I hope to {b}",
    "we will want to {b} next quarter", "sooner or later we have to {b}", "I'm about to {b}", "I plan to {b}",
    "we might {b}", "I will {b} myself", "Tom will {b} tonight",
    # said to others, or by them
    "Bob, please {b}", "hey Tom, could you {b}?", "dear Anna, {b}", "Tom: {b}", "let Bob {b}", "have Tom {b}",
    "could anyone {b}?", "Bob told me to {b}", "the runbook says: {b}", "I was told to {b}", "remind Tom to {b}",
    "attention Bob: {b}", "Bob - {b}", "{b} is what Bob would say", "{b}, they said. it'll be fun, they said",
    "the goal for Q1: {b}", "my boss wants me to {b}", "cancel my request to {b}", "stop trying to {b}",
    # about what Sophia can or does
    "can you {b}? just asking", "can you {b} by yourself?", "could you {b} automatically?", "so you can {b}?",
    "you can {b}, can't you?", "you {b} every Monday, right?", "would you ever {b}?", "do you {b} on your own?",
    # only to be told, taught or written
    "let me know before you {b}", "check with me before you {b}", "tell me before you {b}", "teach me to {b}",
    "write down how to {b}", "warn me if someone tries to {b}", "is there a command to {b}?",
    # unsure, joking, quoted, supposed
    "{b} or not?", "haha, {b}, as if", "{b}? no way", "{b}!? are you serious",
    "just kidding: {b}", "what does \u201c{b}\u201d mean?",
    "if we were to {b}, who would notice?", "should I {b}?", "don't {b}", "no need to {b}", "avoid {g}",
    # at a moment that nobody can look up
    "{b} at some point", "{b} one of these days", "{b} after lunch", "{b} when hell freezes over",
    "{b} as soon as legal agrees", "{b} sometime next week",
    # done, or being done
    "thanks for {g}", "{g} was a mistake", "have you {p}?", "you should have {p}", "I am {g} now",
)  # fmt: skip
SEVERAL = (
    ("dev up + outputs", ["stack_up", "stack_outputs"]),
    ("deploy dev and health check", ["stack_up", "stack_health"]),
    ("deploy development, then after the deploy check its health", ["stack_up", "stack_health"]),
    ("deploy dev and let #ops and #sales know", ["stack_up", "notify", "notify"]),
    ("tell #ops we are live, tell #sales that the demo works", ["notify", "notify"]),
    ("someone changed something by hand in prod, find out what", ["stack_drift"]),
    ("prove nobody tampered with the logs", ["audit_verify"]),
    ("check the competitors' pages now", ["competitor_sweep"]),
    ("what's running in production", ["stack_health"]),
    ("noise: c-31", ["alert_feedback"]),
    ("any drift anywhere?", ["stack_drift"] * 4),
    ("set dev log_level info", ["stack_config_set"]),
    ("s_4 resume", ["schedule_resume"]),
    ("which of our approvals did Dana give last week?", ["audit_log"]),
    ("what are the differences between the old and the new text on EliseAI's features page?", ["competitor_diff"]),
    ("cancel everything", []),
    ("limit the deploy of dev to the api", []),
)
"""Short requests, and every step of those with several."""
ASKED = (
    ("Urgent, deploy development", "stack_up"),
    ("deploy development, and after the deploy tell #ops that we are live", "stack_up"),
    ("roll production back to where it was after the migration", "stack_rollback"),
    ("pause everything until further notice", "pause_all"),
    ("can you deploy development automatically every night?", "schedule_create"),
    ("I'd like to deploy development", "stack_up"),
)


@pytest.fixture(scope="module")
def planner_names(tmp_path_factory: pytest.TempPathFactory) -> Names:
    here: Path = tmp_path_factory.mktemp("unasked")
    return names_of(load(directory=here, environ={"HOME": str(here)}))


def _planned(text: str, names: Names) -> list[str]:
    request = PlanningRequest(text=text, now=datetime(2026, 11, 23, 12, tzinfo=UTC), names=names)
    planning = asyncio.run(OfflinePlanner().plan(request, discover()))
    return [step.tool for step in planning.plan.steps] if planning.plan else []


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_is_only_talked_about_is_never_planned(sentence: str, planner_names: Names) -> None:
    catalogue = discover()
    for base, gerund, past in ACTIONS:
        text = sentence.format(b=base, g=gerund, p=past)
        assert not [tool for tool in _planned(text, planner_names) if catalogue[tool].effect.writes], text


@pytest.mark.parametrize("text, tool", ASKED)
def test_what_is_asked_for_is_planned(text: str, tool: str, planner_names: Names) -> None:
    assert tool in _planned(text, planner_names)


@pytest.mark.parametrize("text, tools", SEVERAL)
def test_short_requests_come_with_all_of_their_steps(text: str, tools: list[str], planner_names: Names) -> None:
    assert _planned(text, planner_names) == tools
