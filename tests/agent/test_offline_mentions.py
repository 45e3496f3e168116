"""Actions only mentioned: hedged, hypothetical, past, reported, conditional, forbidden. None plans an effect."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.names import names_of
from agent.planning.offline import OfflinePlanner
from agent.planning.planner import PlanningRequest, WatchedPage
from agent.settings import load
from tools.registry import discover

ACTIONS = (
    ("deploy production", "deployed production", "deploying production"),
    ("destroy development", "destroyed development", "destroying development"),
    ("roll back production", "rolled back production", "rolling back production"),
    ("set replicas to 4 on dev", "set replicas to 4 on dev", "setting replicas to 4 on dev"),
    ("revoke grant g-4", "revoked grant g-4", "revoking grant g-4"),
    ("pause everything", "paused everything", "pausing everything"),
    ("post 'hello' in #ops", "posted 'hello' in #ops", "posting 'hello' in #ops"),
    ("mark alert 412 as noise", "marked alert 412 as noise", "marking alert 412 as noise"),
    (
        "snooze https://www.eliseai.com/blog until friday",
        "snoozed https://www.eliseai.com/blog until friday",
        "snoozing https://www.eliseai.com/blog until friday",
    ),
)
"""An action as it is ordered, as it was done, and as a noun."""
FRAMES = (
    "someone asked me to {b}",
    "somebody told me to {b}",
    "my boss wants me to {b}",
    "my boss wants to {b}",
    "should we {b}?",
    "should I {b}",
    "what if we {b}?",
    "what would happen if we {b}?",
    "we might {b}",
    "we may {b} tomorrow",
    "maybe we should {b}",
    "perhaps {b}?",
    "never {b}",
    "never ever {b}",
    "please never {b}",
    "do not {b}",
    "don't you dare {b}",
    "please don't {b}",
    "you must not {b}",
    "we {p} yesterday",
    "they {p}",
    "did we {b}?",
    "did you {b}?",
    "have you {p}?",
    "who {p}?",
    "was it you who {p}?",
    "is it safe to {b}?",
    "would it be wise to {b}?",
    "how do I {b}?",
    "how can one {b}?",
    "why would anyone {b}?",
    "what does it mean to {b}?",
    "I was about to {b}",
    "I'm thinking of {g}",
    "I am afraid to {b}",
    "it's a bad idea to {b}",
    "{g} would be a mistake",
    "{g} is dangerous",
    "avoid {g}",
    "stop {g}",
    "refrain from {g}",
    "without {g}, tell me the spend",
    "the email says to {b}",
    "the page says: {b}",
    "Bob said we should {b}",
    "Bob: {b}",
    'she said "{b}"',
    "he wrote '{b}' in the ticket",
    "imagine we {b}",
    "suppose we {b}",
    "hypothetically, {b}",
    "in theory we could {b}",
    "if I were you I would {b}",
    "if I wanted to {b}, what would I do?",
    "I wonder whether to {b}",
    "I wonder who {p}",
    "nobody should {b}",
    "no one may {b}",
    "under no circumstances {b}",
    "we decided not to {b}",
    "we decided against {g}",
    "there's no need to {b}",
    "you needn't {b}",
    "I'd rather not {b}",
    "rather than {b}, show me the spend",
    "instead of {g}, show me the spend",
    "let's not {b}",
    "it was wrong to {b}",
    "I regret that we {p}",
    "I forgot to {b}",
    "I tried to {b} and it failed",
    "remind me why we {p}",
    "when did we last {b}?",
    "are you able to {b}?",
    "are you allowed to {b}?",
    "can anyone {b}?",
    "who can {b}?",
    "who is allowed to {b}?",
    "what are the risks if we {b}?",
    "before we {b}, what should I know?",
    "the plan is to {b} next week",
    "they plan to {b}",
    "they are going to {b}",
    "I hear they want to {b}",
    "the customer demands that we {b}",
    "the ticket asks us to {b}",
    "the previous command was to {b}",
    'explain what "{b}" does',
    "what does '{b}' do?",
    "{b}? no way",
    "{b}... just kidding",
    "{b}, said nobody ever",
    "I don't think we should {b}",
    "I doubt that we should {b}",
    "I'm not sure whether to {b}",
    "would you {b} if you were me?",
    "can you imagine we {b}?",
    "what's the best time to {b}?",
    "is there any reason to {b}?",
    "do we need to {b}?",
    "it is forbidden to {b}",
    "no {g} today",
    "please hold off on {g}",
    "wait before you {b}",
    "don't {b} yet",
    "not ready to {b}",
    "I hope nobody will {b}",
    "pretend to {b}",
    "as an example: {b}",
    "for example, {b}",
    "a command such as {b} is dangerous",
    "unless I say so, don't {b}",
    "next time, {b}",
    "last time you {p}",
    "you {p} without asking",
    "I never said to {b}",
    "I didn't ask you to {b}",
    "nobody asked you to {b}",
    "he should have {p}",
    "we ought to have {p}",
    "you could have {p}",
    "it looks like somebody {p}",
    "I dreamt that we {p}",
    "the docs recommend to {b}",
    "the runbook says {b}",
    "according to the runbook we {b}",
    "our policy is to {b} only on Mondays",
    "we usually {b} on Mondays",
    "we always {b} first",
    "the intern wants to {b}",
    "marketing would like to {b}",
    "can we talk about {g}?",
    "what about {g}?",
    "thoughts on {g}?",
    "cost of {g}?",
    "is {g} reversible?",
    'it says "{b}" here, what is that?',
    "if someone says {b}, refuse",
    "whatever happens, don't {b}",
    "they'd love to {b}",
    "we used to {b} every night",
    "I almost {p}",
    "we were asked to {b}",
    "you were told to {b}",
    "am I supposed to {b}?",
    "am I able to {b}",
    "it might help to {b}",
    "one option is to {b}",
    "option A: {b}",
    "option A: {b}; option B: do nothing",
    "either {b} or leave it",
    "we could {b} or wait",
    "todo: {b}",
    "note to self: {b}",
    "reminder: never {b}",
    "quote: {b}",
    "in my dream I had to {b}",
    "it's too late to {b}",
    "it's too early to {b}",
    "we can't {b}",
    "we won't {b}",
    "we are not going to {b}",
    "I'd like to know how to {b}",
    "teach me to {b}",
    "I learned how to {b}",
    "the last person to {b} got fired",
    "anyone who tries to {b} will be fired",
    "do you think we should {b}?",
    "do you want to {b}?",
    "do you remember to {b}?",
    "were we right to {b}?",
    "could it be that you {p}?",
    "if only we could {b}",
    "wouldn't it be great to {b}?",
    "why don't we {b}?",
    "why not {b}?",
    "how about {g}?",
    "I'd {b} if I could",
    "we would {b} if we had time",
    "after we {b}, what happens?",
    "once we {b}, will it be fine?",
    "when we {b}, what breaks?",
    "until we {b}, nothing works",
    "since we {p}, nothing works",
    "because we {p}, nothing works",
    "assuming we {b}, what changes?",
    "given that they {p}, what now?",
)


@pytest.mark.parametrize("order,done,doing", ACTIONS)
async def test_an_action_that_is_only_mentioned_is_never_planned(
    order: str, done: str, doing: str, tmp_path: Path
) -> None:
    tools, planner = discover(), OfflinePlanner()
    names = names_of(load(directory=tmp_path, environ={"HOME": str(tmp_path)}))
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    effects: list[str] = []
    for frame in FRAMES:
        text = frame.format(b=order, p=done, g=doing)
        planning = await planner.plan(PlanningRequest(text=text, now=now, names=names), tools)
        steps = planning.plan.steps if planning.plan else []
        effects += [f"{text} -> {step.tool}" for step in steps if tools[step.tool].effect.writes]
    assert effects == []


@pytest.mark.parametrize(
    "text, url",
    [
        ("stop watching RealPage's careers page", "https://www.realpage.com/careers"),
        ("snooze the EliseAI pricing page for a week", "https://eliseai.com/plans"),
        ("unwatch realpage's news", "https://www.realpage.com/news"),
        ("snooze RealPage's press page until Monday", "https://www.realpage.com/news"),
    ],
)
async def test_a_watched_page_is_named_by_whose_it_is_and_what_it_is_about(text: str, url: str, tmp_path: Path) -> None:
    settings = load(directory=tmp_path, environ={"HOME": str(tmp_path)})
    added = {"https://eliseai.com/plans": WatchedPage(competitor="EliseAI", aspect="pricing")}
    request = PlanningRequest(text=text, now=datetime(2026, 11, 23, 12, tzinfo=UTC), names=names_of(settings, added))
    planning = await OfflinePlanner().plan(request, discover())
    assert planning.plan is not None, planning.question
    assert [step.args["url"] for step in planning.plan.steps] == [url]
    for unclear in ("stop watching RealPage", "stop watching RealPage's blog"):
        asked = await OfflinePlanner().plan(request.model_copy(update={"text": unclear}), discover())
        assert asked.plan is None
        assert asked.question is not None
        assert "https://www.realpage.com/releases" in asked.question


@pytest.mark.parametrize(
    "text, args",
    [
        ("let drift in tags on dev be repaired without asking", {"stack": "development", "kinds": ["tags"]}),
        ("grant repairs of Service.version on development", {"stack": "development", "kinds": ["Service.version"]}),
        ("let deleted resources on dev be repaired automatically", {"stack": "development", "kinds": ["gone"]}),
        ("don't let drift in tags on dev be repaired without asking", None),
        ("let drift on dev be repaired without asking", None),
        ("who let you repair drift in tags on dev without asking?", None),
        ("let drift in tags on dev be repaired without asking and destroy production", None),
        ("deploy dev without asking", None),
    ],
)
async def test_leave_to_repair_unasked_is_planned_only_when_it_is_asked_for_whole(
    text: str, args: dict[str, object] | None, tmp_path: Path
) -> None:
    names = names_of(load(directory=tmp_path, environ={"HOME": str(tmp_path)}))
    request = PlanningRequest(text=text, now=datetime(2026, 11, 23, 12, tzinfo=UTC), names=names)
    planning, tools = await OfflinePlanner().plan(request, discover()), discover()
    steps = planning.plan.steps if planning.plan else []
    writing = [(step.tool, step.args) for step in steps if tools[step.tool].effect.writes]
    assert writing == ([("grant_repair", args)] if args else [])


@pytest.mark.parametrize(
    "text, name",
    [
        ("deploy dev and staging", "staging"),
        ("preview dev and shop-2", "shop-2"),
        ("compare RealPage and Zillow pricing", "Zillow"),
        ("what changed at EliseAI or Yardi?", "Yardi"),
    ],
)
async def test_a_name_that_nobody_knows_is_never_dropped_beside_one_that_is_known(
    text: str, name: str, tmp_path: Path
) -> None:
    names = names_of(load(directory=tmp_path, environ={"HOME": str(tmp_path)}))
    request = PlanningRequest(text=text, now=datetime(2026, 11, 23, 12, tzinfo=UTC), names=names)
    planning = await OfflinePlanner().plan(request, discover())
    assert planning.plan is None
    assert planning.question is not None
    assert f"“{name}”" in planning.question


async def test_each_page_is_watched_for_what_is_said_of_it(tmp_path: Path) -> None:
    names = names_of(load(directory=tmp_path, environ={"HOME": str(tmp_path)}))
    text = (
        "watch https://realpage.com/a for pricing, https://realpage.com/b for job postings and https://realpage.com/c"
    )
    request = PlanningRequest(text=f"{text} for features", now=datetime(2026, 11, 23, 12, tzinfo=UTC), names=names)
    planning = await OfflinePlanner().plan(request, discover())
    assert planning.plan is not None
    aspects = {str(step.args["url"])[-1]: step.args["aspect"] for step in planning.plan.steps}
    assert aspects == {"a": "pricing", "b": "job_postings", "c": "features"}


@pytest.mark.parametrize(
    "text, tool",
    [("snooze https://realpage.com/x until now", "competitor_snooze"), ("give me the digest", "competitor_changes")],
)
async def test_what_an_answer_says_to_say_is_understood(text: str, tool: str, tmp_path: Path) -> None:
    names = names_of(load(directory=tmp_path, environ={"HOME": str(tmp_path)}))
    request = PlanningRequest(text=text, now=datetime(2026, 11, 23, 12, tzinfo=UTC), names=names)
    planning = await OfflinePlanner().plan(request, discover())
    assert planning.plan is not None
    assert [step.tool for step in planning.plan.steps] == [tool]


@pytest.mark.parametrize(
    "text, tool, verdict",
    [
        ("tell me such things as c_cd93jxpf63jt", "alert_feedback", "useful"),
        ("alert c_cd93jxpf63jt was not interesting", "alert_feedback", "noise"),
        ("take back the feedback on c_cd93jxpf63jt", "alert_feedback", "retract"),
        ("what was said of the alerts?", "competitor_targets", None),
        ("list the feedback", "competitor_targets", None),
    ],
)
async def test_what_is_said_of_alerts_is_given_listed_and_taken_back(
    text: str, tool: str, verdict: str | None, tmp_path: Path
) -> None:
    names = names_of(load(directory=tmp_path, environ={"HOME": str(tmp_path)}))
    request = PlanningRequest(text=text, now=datetime(2026, 11, 23, 12, tzinfo=UTC), names=names)
    planning = await OfflinePlanner().plan(request, discover())
    assert planning.plan is not None, planning.question
    assert [(step.tool, step.args.get("verdict")) for step in planning.plan.steps] == [(tool, verdict)]


GUESSES = (
    "from agent.planning.offline.spelling import guess\n"
    "print([(word, guess(word)) for word in 'waer depoly chnge pric stak drif cheks mont lat wek sed rol'.split()])"
)


def test_a_misspelled_word_is_read_the_same_in_every_run() -> None:
    seen = {
        subprocess.run(
            [sys.executable, "-c", GUESSES], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(seen) == 1
