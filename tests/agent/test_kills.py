"""kill -9 of Sophia around the effect of real tools, then going on: nothing lost, nothing twice.

What happened is observed by a path that the tool itself doesn't use. Here each tool that changes a record is killed at
one moment, the next tool at the next; the suite `crash` kills each of them at every moment that it has.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from tests.agent import killed as killed_module
from tools.registry import discover

MOMENTS = ["minted", "redeemed", "made"]
ROOT = Path(__file__).parents[2]


def carry(folder: Path, tool: str, arguments: dict[str, Any], moment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, Path(__file__).with_name("killed.py"), folder, tool, json.dumps(arguments), moment],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
    )


def killed_and_gone_on(folder: Path, tool: str, arguments: dict[str, Any], moment: str) -> dict[str, Any]:
    killed = carry(folder, tool, arguments, moment)
    assert killed.returncode == -9, killed.stderr
    went_on = carry(folder, tool, arguments, "none")
    assert went_on.returncode == 0, went_on.stderr
    report: dict[str, Any] = json.loads(went_on.stdout)
    return report


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "home" / "sophia.db") as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_message_is_said_once(tmp_path: Path, moment: str) -> None:
    report = killed_and_gone_on(tmp_path, "notify", {"channel": "#ops", "content": "lunch"}, moment)
    assert report["status"] == "done"
    said = (tmp_path / "home" / "outbox" / "ops.jsonl").read_text().splitlines()
    assert [json.loads(line)["content"] for line in said] == ["lunch"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_torn_line_of_the_outbox_is_no_message(tmp_path: Path, moment: str) -> None:
    killed = carry(tmp_path, "notify", {"channel": "#ops", "content": "lunch"}, moment)
    assert killed.returncode == -9
    outbox = tmp_path / "home" / "outbox" / "ops.jsonl"
    if outbox.exists():
        outbox.write_bytes(outbox.read_bytes()[:-20])
    report = json.loads(carry(tmp_path, "notify", {"channel": "#ops", "content": "lunch"}, "none").stdout)
    assert report["status"] == "done"
    whole = []
    for line in outbox.read_text().splitlines():
        try:
            whole.append(json.loads(line)["content"])
        except ValueError:
            continue
    assert whole == ["lunch"]


PAGE = "https://www.realpage.com/pricing"
WATCH = (
    "competitor_watch",
    {"url": PAGE, "aspect": "pricing", "competitor": "RealPage", "channel": "#competitive-intel"},
)
SCHEDULE = ("schedule_create", {"request": "check development for drift", "when": "every day at 7"})


@dataclass(frozen=True)
class Case:
    """A call, what is done before it, and what the database says of its effect afterwards."""

    tool: str
    arguments: dict[str, Any]
    query: str
    expected: list[tuple[Any, ...]]
    before: tuple[tuple[str, dict[str, Any]], ...] = ()


MINE = "built_in = 0"
CASES = [
    Case("pause_all", {}, "SELECT \"on\" FROM switches WHERE name = 'paused'", [(1,)]),
    Case("resume_all", {}, "SELECT \"on\" FROM switches WHERE name = 'paused'", [(0,)], (("pause_all", {}),)),
    Case(*WATCH, f"SELECT active FROM pages WHERE url = '{PAGE}'", [(1,)]),
    Case(
        "competitor_unwatch",
        {"url": PAGE},
        f"SELECT active FROM pages WHERE url = '{PAGE}'",
        [(0,)],
        (WATCH,),
    ),
    Case(
        "competitor_snooze",
        {"url": PAGE, "until": "2099-01-01"},
        f"SELECT snoozed_until LIKE '2099-01-01%' FROM pages WHERE url = '{PAGE}'",
        [(1,)],
        (WATCH,),
    ),
    Case(*SCHEDULE, f"SELECT count(*) FROM schedules WHERE {MINE}", [(1,)]),
    Case(
        "schedule_pause",
        {"schedule": "$schedule"},
        f"SELECT status FROM schedules WHERE {MINE}",
        [("paused",)],
        (SCHEDULE,),
    ),
    Case(
        "schedule_resume",
        {"schedule": "$schedule"},
        f"SELECT status FROM schedules WHERE {MINE}",
        [("active",)],
        (SCHEDULE, ("schedule_pause", {"schedule": "$schedule"})),
    ),
    Case(
        "schedule_retime",
        {"schedule": "$schedule", "when": "every 4 hours"},
        f"SELECT words FROM schedules WHERE {MINE}",
        [("every 4 hours",)],
        (SCHEDULE,),
    ),
    Case(
        "schedule_delete",
        {"schedule": "$schedule"},
        f"SELECT status FROM schedules WHERE {MINE}",
        [("deleted",)],
        (SCHEDULE,),
    ),
]


GRANT = "SELECT id FROM grants ORDER BY created_at LIMIT 1"
CASES.append(Case("grant_revoke", {"grant": "$grant"}, "SELECT revoked_by FROM grants", [("ann",)], (WATCH,)))


CASES.append(Case("competitor_discover", {"domain": "example.com"}, "SELECT count(*) FROM pages", [(0,)]))
CASES.append(Case("competitor_dry_run", {"url": PAGE}, "SELECT count(*) FROM pages", [(0,)]))
CHANGE = """INSERT INTO changes SELECT 'c_1', id, 'RealPage', 'pricing', NULL, 'v', NULL, '2026-01-01T00:00:00.000000Z',
    1.0, 1.0, 'Growth $399 to $449', '[]', '{}', NULL, 'sent', '' FROM pages LIMIT 1"""


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_alert_is_judged_once(tmp_path: Path, moment: str) -> None:
    asyncio.run(killed_module.prepare(tmp_path, [WATCH]))
    with sqlite3.connect(tmp_path / "home" / "sophia.db") as connection:
        connection.execute(CHANGE)
    report = killed_and_gone_on(tmp_path, "alert_feedback", {"alert": "c_1", "verdict": "not interesting"}, moment)
    assert report["status"] == "done", report
    assert rows(tmp_path, "SELECT change, person FROM feedback WHERE NOT retracted") == [("c_1", "ann")]


@pytest.mark.parametrize(
    "case, moment", list(zip(CASES, cycle(MOMENTS), strict=False)), ids=lambda part: getattr(part, "tool", part)
)
def test_a_record_is_changed_once(tmp_path: Path, case: Case, moment: str) -> None:
    def filled(arguments: dict[str, Any]) -> dict[str, Any]:
        found = dict(arguments)
        for name, query in (("schedule", f"SELECT id FROM schedules WHERE {MINE}"), ("grant", GRANT)):
            if found.get(name) == f"${name}":
                ((found[name],),) = rows(tmp_path, query)
        return found

    for tool, arguments in case.before:
        asyncio.run(killed_module.prepare(tmp_path, [(tool, filled(arguments))]))
    report = killed_and_gone_on(tmp_path, case.tool, filled(case.arguments), moment)
    assert report["status"] == "done", report
    assert rows(tmp_path, case.query) == case.expected
    made = f"SELECT status, count(*) FROM effects WHERE tool = '{case.tool}' AND step = 's1' GROUP BY 1"
    assert ("done", 1 + sum(tool == case.tool for tool, _ in case.before)) in rows(tmp_path, made)


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_waits_is_stopped_once(tmp_path: Path, moment: str) -> None:
    waiting = asyncio.run(killed_module.leave_waiting(tmp_path, *WATCH))
    report = killed_and_gone_on(tmp_path, "work_cancel", {"thread": waiting}, moment)
    assert report["status"] == "done"
    assert rows(tmp_path, f"SELECT status, cancel_by FROM turns WHERE id = '{waiting}'") == [("cancelled", "ann")]
    assert rows(tmp_path, f"SELECT count(*) FROM pages WHERE url = '{PAGE}' AND active") == [(0,)]


def test_every_tool_that_writes_is_killed_somewhere() -> None:
    """The tools of stacks are killed in tests/tools/stacks, the sweep and what goes out in tests/tools."""
    here = {case.tool for case in CASES} | {"notify", "work_cancel", "alert_feedback"}
    elsewhere = "".join(
        path.read_text() for path in (ROOT / "tests" / "tools").rglob("test_*.py") if "kill" in path.read_text()
    )
    writers = {name for name, tool in discover().items() if tool.effect.writes}
    assert {name for name in writers - here if name not in elsewhere} == set()


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_log_accounts_for_the_effect_once(tmp_path: Path, moment: str) -> None:
    killed_and_gone_on(tmp_path, "notify", {"channel": "#ops", "content": "lunch"}, moment)
    kinds = [kind for (kind,) in rows(tmp_path, "SELECT kind FROM audit_entries ORDER BY 1")]
    assert kinds.count("effect.intended") == 1
    assert kinds.count("effect.done") == 1
