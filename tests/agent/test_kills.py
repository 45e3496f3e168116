"""kill -9 of Sophia around the effect of real tools, then going on: nothing lost, nothing twice.

What happened is observed by a path that the tool itself doesn't use.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

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


@pytest.mark.parametrize("moment", MOMENTS)
def test_everything_is_paused(tmp_path: Path, moment: str) -> None:
    report = killed_and_gone_on(tmp_path, "pause_all", {}, moment)
    assert report["status"] == "done"
    assert rows(tmp_path, "SELECT count(*) FROM effects WHERE status = 'done'") == [(1,)]
    assert rows(tmp_path, "SELECT \"on\" FROM switches WHERE name = 'paused'") == [(1,)]


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_log_accounts_for_the_effect_once(tmp_path: Path, moment: str) -> None:
    killed_and_gone_on(tmp_path, "notify", {"channel": "#ops", "content": "lunch"}, moment)
    kinds = [kind for (kind,) in rows(tmp_path, "SELECT kind FROM audit_entries ORDER BY 1")]
    assert kinds.count("effect.intended") == 1
    assert kinds.count("effect.done") == 1
