"""The command line as a person and a script see it: words, one JSON document, exit statuses, no traceback."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools.registry import discover

ROOT = Path(__file__).parents[2]


class Terminal:
    """Runs `sophia` in a folder of its own, each command in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {
            "PYTHONPATH": str(ROOT),
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "SOPHIA_HOME": str(folder / "home"),
            "COLUMNS": "200",
        }

    def run(self, *words: str | bytes, typed: str | None = None) -> subprocess.CompletedProcess[str]:
        finished = subprocess.run(
            [sys.executable, "-m", "agent", *words],
            cwd=self.folder,
            env=self.environ,
            input=typed,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
            check=False,
        )
        assert "Traceback" not in finished.stdout + finished.stderr
        return finished

    def json(self, *words: str) -> Any:
        finished = self.run(*words, "--json")
        document = json.loads(finished.stdout)
        if isinstance(document, dict) and "exit_status" in document:
            assert document["exit_status"] == finished.returncode
        return document


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_a_read_is_answered_and_says_who_planned_it(terminal: Terminal) -> None:
    asked = terminal.run("ask", "which stacks are there?")
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert "planned by offline" in asked.stdout
    assert "sophia-ai-modernized" in asked.stdout


def test_all_that_can_be_asked_for_is_shown_stacks_first(terminal: Terminal) -> None:
    said = terminal.run("ask", "what can you do").stdout
    assert "more: --json" not in said
    lines = [line for line in said.splitlines() if line.startswith("· “")]
    assert len(lines) == len(discover())
    assert said.index("deploy {stack}") < said.index("sweep of all competitors") < said.index("what is scheduled")


def test_json_is_one_document_and_everything_for_people_goes_to_stderr(terminal: Terminal) -> None:
    asked = terminal.run("ask", "list stacks", "--json")
    report = json.loads(asked.stdout)
    assert report["status"] == "done"
    assert report["planner"] == "offline"
    assert report["steps"][0]["tool"] == "stack_list"
    assert report["steps"][0]["findings"][0]["provenance"]["source"]
    assert "stack_list" in asked.stderr


def test_plan_only_prints_the_contracts_document_and_stores_nothing(terminal: Terminal) -> None:
    planned = terminal.run("ask", "deploy development", "--plan-only", "--json")
    assert planned.returncode == 0
    document = json.loads(planned.stdout)
    assert set(document) == {"kind", "effect", "steps", "question"}
    assert document["kind"] == "plan"
    assert document["effect"] == "change"
    assert set(document["steps"][0]) == {"id", "tool", "args", "needs", "when", "why"}
    assert not (terminal.folder / "home" / "sophia.db").exists()


@pytest.mark.parametrize(
    "text, status, kind",
    [("deploy", 5, "clarify"), ("don't deploy production", 5, "clarify"), ("write me a poem about rent", 4, "refuse")],
)
def test_questions_and_refusals_have_their_exit_status(terminal: Terminal, text: str, status: int, kind: str) -> None:
    planned = terminal.run("ask", text, "--plan-only", "--json")
    assert (planned.returncode, json.loads(planned.stdout)["kind"]) == (status, kind)
    asked = terminal.run("ask", text)
    assert asked.returncode == status


@pytest.mark.parametrize("text", ["destroy production", "every minute destroy development"])
def test_what_the_rules_forbid_is_refused(terminal: Terminal, text: str) -> None:
    asked = terminal.run("ask", text)
    assert asked.returncode == 4
    assert "destroyed" in asked.stdout
    assert "sophia approvals approve" not in asked.stdout


def test_an_unknown_stack_is_asked_about_with_the_names_that_there_are(terminal: Terminal) -> None:
    asked = terminal.run("ask", "preview developmant2")
    assert asked.returncode == 5
    assert "development" in asked.stdout


@pytest.mark.parametrize(
    "text",
    ["", "   ", "x" * 100_000, b"\x01\x02\xff\xfe", "\u202edeploy\u202c \u0000".replace("\0", "")],
    ids=["empty", "blank", "100 kB", "binary", "bidi"],
)
def test_what_is_no_request_gets_a_sentence(terminal: Terminal, text: str | bytes) -> None:
    asked = terminal.run("ask", text)
    assert asked.returncode in (2, 4, 5)
    assert len(asked.stdout + asked.stderr) < 3000


@pytest.mark.parametrize("text", ["despliega", "天気はどうですか", "löschen", "обнови всё"])
def test_other_languages_never_have_an_effect_by_guess(terminal: Terminal, text: str) -> None:
    assert terminal.json("ask", text, "--plan-only")["kind"] in ("clarify", "refuse")


def test_an_effect_waits_and_is_approved_from_another_terminal_once(terminal: Terminal) -> None:
    terminal.environ["SOPHIA_DEMO"] = "1"
    waiting = terminal.json("ask", "start watching https://example.com/pricing for pricing changes of RealPage")
    assert waiting["status"] == "waiting"
    (approval,) = waiting["approvals"]
    listed = terminal.json("approvals", "list")
    assert [found["id"] for found in listed] == [approval["id"]]
    shown = terminal.run("approvals", "show", approval["id"])
    assert "https://example.com/pricing" in shown.stdout
    approved = terminal.run("approvals", "approve", approval["id"])
    assert approved.returncode == 0, approved.stdout + approved.stderr
    again = terminal.run("approvals", "approve", approval["id"])
    assert again.returncode == 3
    assert "was approved already by" in again.stderr
    assert terminal.run("audit", "verify").returncode == 0


def test_a_denial_is_the_end_of_it(terminal: Terminal) -> None:
    waiting = terminal.json("ask", "start watching https://example.com/pricing for pricing changes of RealPage")
    denied = terminal.run("approvals", "deny", waiting["approvals"][0]["id"], "--reason", "too early")
    assert denied.returncode == 4
    assert "too early" in denied.stdout
    late = terminal.run("approvals", "approve", waiting["approvals"][0]["id"])
    assert late.returncode == 3


def test_an_approval_that_is_none_is_wrong_usage(terminal: Terminal) -> None:
    assert terminal.run("approvals", "approve", "a_nothing").returncode == 2


def test_nobody_acts_for_somebody_by_saying_so(terminal: Terminal) -> None:
    asked = terminal.run("ask", "list stacks", "--as", "the-boss")
    assert asked.returncode == 4
    assert "the-boss" in asked.stderr


def test_yes_in_a_chat_approves_nothing(terminal: Terminal) -> None:
    typed = "start watching https://example.com/pricing for pricing changes of RealPage\nyes\nyes, approve it\n"
    talked = terminal.run("chat", typed=typed)
    assert talked.returncode == 0
    (approval,) = terminal.json("approvals", "list")
    assert approval["votes"] == []


def test_a_conversation_leans_on_what_was_said(terminal: Terminal) -> None:
    talked = terminal.run("chat", "--thread", "c_talk", typed="what is the config of development?\nand production?\n")
    assert talked.returncode == 0
    assert "stack=“production”" in talked.stdout
    assert terminal.json("ask", "and sophia-production?", "--plan-only", "--thread", "c_talk")["steps"][0]["args"] == {
        "stack": "sophia-production"
    }


def test_a_configuration_of_nonsense_is_said_all_at_once_with_lines(terminal: Terminal) -> None:
    (terminal.folder / "sophia.toml").write_text(
        '[budget]\nmonthly = "lots"\n[modle]\nname = "x"\n[model]\napi_key = "sk-0123456789abcdefghijklmnop"\n'
    )
    asked = terminal.run("ask", "list stacks")
    assert asked.returncode == 1
    for expected in ("2", "3", "6", "modle", "SOPHIA_API_KEY"):
        assert expected in asked.stderr
    assert "sk-0123456789abcdefghijklmnop" not in asked.stderr
    (terminal.folder / "sophia.toml").write_text("not toml at all [[[")
    assert "line 1" in terminal.run("ask", "list stacks").stderr


def test_a_database_from_a_newer_version_is_left_alone(terminal: Terminal) -> None:
    assert terminal.run("ask", "list stacks").returncode == 0
    file = terminal.folder / "home" / "sophia.db"
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE sophia_revision SET version_num = '9999_from_the_future'")
    asked = terminal.run("ask", "list stacks")
    assert asked.returncode == 1
    assert "newer" in asked.stderr


def test_a_file_that_is_no_database_is_left_alone(terminal: Terminal) -> None:
    (terminal.folder / "home").mkdir()
    file = terminal.folder / "home" / "sophia.db"
    file.write_bytes(b"my diary" * 1000)
    asked = terminal.run("ask", "list stacks")
    assert asked.returncode == 1
    assert file.read_bytes() == b"my diary" * 1000


def test_the_version_is_said(terminal: Terminal) -> None:
    assert terminal.run("--version").stdout.startswith("sophia 0.")


def test_the_catalogue_says_how_every_effect_is_handled(terminal: Terminal) -> None:
    for tool in terminal.json("tools"):
        assert tool["summary"]
        assert tool["phrases"]
        if tool["effect"] != "read":
            assert all(tool[part] for part in ("preview", "verify", "reconcile", "undo")), tool["name"]


def test_what_is_not_there_yet_is_said_so(terminal: Terminal) -> None:
    asked = terminal.run("ask", "forecast our cloud cost for next month")
    assert asked.returncode == 4
    assert "isn't" in asked.stdout or "not" in asked.stdout


def test_the_catalogue_names_every_argument(terminal: Terminal) -> None:
    shown = " ".join(terminal.run("tools").stdout.split())
    assert "[since: option]" in shown


@pytest.mark.parametrize(
    "command,status",
    [
        ("tools >&-", 0),
        ("tools --json > /dev/full", 1),
        ("--help > /dev/full", 1),
        ("tools | head -1", 0),
        ("tools", 0),
    ],
)
def test_an_outlet_that_is_closed_or_full_or_knows_few_letters_gets_no_trace(
    terminal: Terminal, command: str, status: int
) -> None:
    program = f"{sys.executable} -m agent {command}"
    environ = terminal.environ | {"PYTHONIOENCODING": "ascii"}
    shell = ["/bin/sh", "-c", program]
    ended = subprocess.run(shell, cwd=terminal.folder, env=environ, capture_output=True, timeout=120, check=False)
    said = ended.stdout + ended.stderr
    assert ended.returncode == status, said
    assert b"Traceback" not in said
    assert b"Exception ignored" not in said
    assert b"bug" not in said
