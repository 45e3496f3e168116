"""What the project promises its users, sentence by sentence: each is read as the promise means it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from agent.planning.offline import OfflinePlanner
from agent.planning.planner import Call, ConversationContext, Names, PastTurn, Planning, PlanningRequest, WatchedPage
from tools.registry import discover

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PAGE = "https://www.realpage.com/pricing"
NAMES = Names(
    stacks={"development": ["dev"], "production": ["prod"], "sophia-production": [], "sophia-ai-modernized": []},
    competitors={"EliseAI": ["Elise"], "Hunter Warfield": ["HW"], "RealPage": []},
    channels=["#ops", "#exec", "#competitive-intel"],
    pages={
        PAGE: WatchedPage(competitor="RealPage", aspect="product_updates"),
        "https://www.realpage.com/news": WatchedPage(competitor="RealPage", aspect="client_wins"),
        "https://eliseai.com/pricing": WatchedPage(competitor="EliseAI", aspect="pricing"),
    },
)
REALPAGE, BOTH = ["RealPage"], ["EliseAI", "RealPage"]
INTEL = "#competitive-intel"
PROMISED: list[tuple[str, list[tuple[str, dict[str, object]]]]] = [
    (
        "what changed on RealPage's releases page?",
        [("competitor_changes", {"competitors": REALPAGE, "aspect": "product_updates"})],
    ),
    ("preview development", [("stack_preview", {"stack": "development"})]),
    (
        "deploy development and then check for drift",
        [("stack_up", {"stack": "development"}), ("stack_drift", {"stack": "development"})],
    ),
    ("what can you do", [("help", {})]),
    ("what are you doing?", [("work_status", {})]),
    ("start watching RealPage", [("competitor_discover", {"domain": "realpage.com"})]),
    ("what does RealPage's releases page say now?", [("competitor_recall", {"competitors": REALPAGE})]),
    ("run a sweep of all competitors", [("competitor_sweep", {})]),
    ("check realpage.com/releases only", [("competitor_sweep", {"url": "https://realpage.com/releases"})]),
    (
        "what has EliseAI changed on pricing since last week?",
        [("competitor_changes", {"competitors": ["EliseAI"], "aspect": "pricing", "since": "7d"})],
    ),
    (
        "compare EliseAI and RealPage pricing moves this quarter",
        [("competitor_changes", {"competitors": BOTH, "aspect": "pricing", "since": "58d"})],
    ),
    (
        "who is RealPage hiring and what does that say?",
        [
            ("competitor_changes", {"competitors": REALPAGE, "aspect": "job_postings"}),
            ("competitor_recall", {"competitors": REALPAGE}),
        ],
    ),
    ("show me the diff of RealPage's pricing page", [("competitor_diff", {"competitor": "RealPage"})]),
    (
        f"start watching {PAGE} for pricing changes and tell #competitive-intel",
        [("competitor_watch", {"url": PAGE, "aspect": "pricing", "channel": INTEL})],
    ),
    (f"stop monitoring {PAGE}", [("competitor_unwatch", {"url": PAGE})]),
    ("which pages are we watching?", [("competitor_targets", {})]),
    ("what would happen if we deployed production?", [("stack_preview", {"stack": "production"})]),
    ("ship it to development", [("stack_up", {"stack": "development"})]),
    (
        "set instance_count to 4 on development",
        [("stack_config_set", {"stack": "development", "key": "instance_count", "value": "4"})],
    ),
    (
        "checkpoint production, deploy it, and roll back if the health check fails",
        [
            ("stack_checkpoint", {"stack": "production"}),
            ("stack_up", {"stack": "production"}),
            ("stack_health", {"stack": "production"}),
            ("stack_rollback", {"stack": "production"}),
        ],
    ),
    ("has anyone changed production behind pulumi's back?", [("stack_drift", {"stack": "production"})]),
    (
        "check development for drift and fix it",
        [("stack_drift", {"stack": "development"}), ("stack_repair", {"stack": "development"})],
    ),
    ("undo the last deploy on development", [("stack_rollback", {"stack": "development"})]),
    (
        "roll production back to how it was before lunch",
        [("stack_rollback", {"stack": "production", "checkpoint": "before lunch"})],
    ),
    (
        "who deployed to production this week and what changed",
        [("stack_history", {"stack": "production", "since": "5d"})],
    ),
    ("why did the last deployment fail?", [("stack_diagnose", {})]),
    ("it says the stack is locked", [("stack_diagnose", {})]),
    ("tear down development", [("stack_destroy", {"stack": "development"})]),
    ("what's the api url in development?", [("stack_outputs", {"stack": "development", "key": "api_url"})]),
    (
        "every morning at 7 eastern sweep the competitors and post in #competitive-intel",
        [("schedule_create", {"when": "every morning at 7 eastern", "channel": INTEL})],
    ),
    ("what is scheduled?", [("schedule_list", {})]),
    ("pause the nightly drift check", [("schedule_pause", {"schedule": "nightly drift check"})]),
    ("every 4 hours on weekdays sweep the competitors", [("schedule_create", {"when": "every 4 hours on weekdays"})]),
    (
        "on the first Monday of the month check production for drift",
        [("schedule_create", {"when": "on the first monday of the month"})],
    ),
    ("spend", [("spend", {})]),
    ("put dev back how it was yesterday at noon", [("stack_rollback", {"checkpoint": "yesterday at noon"})]),
    ("restore production to yesterday at 5pm", [("stack_rollback", {"checkpoint": "yesterday at 5pm"})]),
    ("roll dev back to how it was on monday morning", [("stack_rollback", {"checkpoint": "monday morning"})]),
    ("take production back to 3pm yesterday", [("stack_rollback", {"checkpoint": "3pm yesterday"})]),
    ("go back to the version from last friday on dev", [("stack_rollback", {"checkpoint": "last friday"})]),
    ("yesterday at 5 sweep the competitors", [("schedule_create", {"when": "yesterday at 5"})]),
    (
        "every day at 7 Europe/Berlin check production for drift",
        [("schedule_create", {"request": "check production for drift", "when": "every day at 7 Europe/Berlin"})],
    ),
    (
        "sweep the competitors on cron */15 8-18 * * mon,tue",
        [("schedule_create", {"request": "sweep the competitors", "when": "cron */15 8-18 * * mon,tue"})],
    ),
    ("roll back dev to 10.12", [("stack_rollback", {"checkpoint": "10.12"})]),
    ("roll back production at 5pm", [("schedule_create", {"request": "roll back production", "when": "at 5pm"})]),
    (
        "check production for drift at midnight and repair it if there is any",
        [("schedule_create", {"request": "check production for drift and repair it if there is any"})],
    ),
    (
        "deploy dev tonight unless there is drift",
        [("schedule_create", {"request": "deploy dev unless there is drift", "when": "tonight"})],
    ),
    ("is it safe to destroy development?", [("stack_preview", {"stack": "development", "action": "destroy"})]),
    ("what would a rollback of production change?", [("stack_preview", {"stack": "production", "action": "rollback"})]),
    ("would a deploy of production destroy anything?", [("stack_preview", {"stack": "production"})]),
    ("did we roll back production?", [("stack_history", {"stack": "production"})]),
    ("how do I deploy production?", [("help", {"about": "stack_up"})]),
    ("how do I approve a deploy?", [("help", {})]),
]


def planned(text: str, context: ConversationContext | None = None) -> Planning:
    request = PlanningRequest(text=text, now=NOW, names=NAMES, context=context or ConversationContext())
    return asyncio.run(OfflinePlanner().plan(request, discover()))


@pytest.mark.parametrize("text,steps", PROMISED, ids=[text for text, _ in PROMISED])
def test_what_is_promised_is_planned(text: str, steps: list[tuple[str, dict[str, object]]]) -> None:
    planning = planned(text)
    assert planning.plan is not None, planning.question
    found = planning.plan.steps
    assert [step.tool for step in found] == [tool for tool, _ in steps]
    for step, (_, args) in zip(found, steps, strict=True):
        assert {name: step.args.get(name) for name in args} == args


def test_the_rollback_of_a_deploy_depends_on_its_health() -> None:
    planning = planned("checkpoint production, deploy it, and roll back if the health check fails")
    assert planning.plan is not None
    assert [step.when for step in planning.plan.steps] == [None, None, None, "s3.healthy = false"]


@pytest.mark.parametrize(
    "text",
    [
        "don't deploy", "don't deploy production", "snooze that page for a week", "stop that", "clean up dev",
        "drop the database on dev", "delete the ledger from production", "nuke the dev bucket",
    ],
)  # fmt: skip
def test_what_is_forbidden_or_points_nowhere_is_asked_about(text: str) -> None:
    assert planned(text).kind == "clarify"


def test_follow_ups_lean_on_the_turn_before() -> None:
    before = PastTurn(q="preview dev", steps=[Call(tool="stack_preview", args={"stack": "development"})])
    context = ConversationContext(turns=[before])
    for text, tool, args in (
        ("and production?", "stack_preview", {"stack": "production"}),
        ("stop that", "work_cancel", {"thread": "this"}),
    ):
        planning = planned(text, context)
        assert planning.plan is not None, planning.question
        assert [(step.tool, step.args) for step in planning.plan.steps] == [(tool, args)]


def test_a_page_that_was_talked_about_is_snoozed() -> None:
    before = PastTurn(q="sweep it", steps=[Call(tool="competitor_sweep", args={"url": PAGE})])
    planning = planned("snooze that page for a week", ConversationContext(turns=[before]))
    assert planning.plan is not None, planning.question
    assert planning.plan.steps[0].tool == "competitor_snooze"
    assert planning.plan.steps[0].args == {"url": PAGE, "until": "2026-12-05"}
