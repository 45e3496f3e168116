"""`sophia run orchestrate` as a pipeline runs it: each time a process of its own, on a shared database or on none."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
import pytest
import yaml

from agent.scheduling.summary import Summary, Worked
from tools.timetable.tokens import MONTHS

ROOT = Path(__file__).parents[2]
PRICES = "<html><body><main><h1>Prices</h1><p>The basic plan costs $%d a month for each unit.</p></main></body></html>"
FAR_AWAY = f"every year on {MONTHS[(datetime.now(UTC).month + 5) % 12]} 15"
"""Half a year from now: nothing becomes due while a test runs."""


class Site:
    """A competitor's page on loopback."""

    def __init__(self) -> None:
        self.page = PRICES % 10
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = self.path == "/pricing"
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(site.page.encode() if found else b"")

            def log_message(self, *arguments: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Pipeline:
    """Each run on a fresh machine: nothing of its folder is kept but the configuration."""

    def __init__(self, folder: Path, origin: str, database_url: str, when: str = FAR_AWAY) -> None:
        self.folder, self.database_url, self.runs = folder, database_url, 0
        self.summary = folder / "summary.md"
        configuration = f"""
            [people.robot]
            roles = ["requester", "approver", "operator"]
            system_users = ["{_user()}"]
            [network]
            allowed_private_origins = ["{origin}"]
            [competitors.Acme]
            channel = "#competitive-intel"
            alert = 0.0
            pages = [{{ url = "{origin}/pricing", aspect = "pricing" }}]
            [schedules]
            sweep = "{when}"
            drift = "{when}"
            digest = "{when}"
            audit = "{when}"
        """
        (folder / "sophia.toml").write_text("\n".join(line.strip() for line in configuration.splitlines()))

    def start(self, *words: str, same_machine: bool = False) -> subprocess.Popen[str]:
        self.runs += 0 if same_machine else 1
        environ = {
            "PYTHONPATH": str(ROOT),
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder),
            "SOPHIA_HOME": str(self.folder / f"machine {self.runs}"),
            "SOPHIA_DATABASE_URL": self.database_url,
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "COLUMNS": "200",
        }
        command = [sys.executable, "-m", "agent", *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, cwd=self.folder, env=environ, text=True, **pipes)

    def run(self, *words: str, same_machine: bool = False) -> subprocess.CompletedProcess[str]:
        process = self.start(*words, same_machine=same_machine)
        out, err = process.communicate(timeout=120)
        assert "Traceback" not in out + err
        return subprocess.CompletedProcess(words, process.returncode, out, err)


def _user() -> str:
    from agent.settings import system_user

    return system_user()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def alone(tmp_path: Path, site: Site) -> Pipeline:
    return Pipeline(tmp_path, site.origin, "")


@pytest.fixture
def shared(tmp_path: Path, site: Site, postgresql_url: str) -> Pipeline:
    return Pipeline(tmp_path, site.origin, postgresql_url)


def test_without_a_shared_database_it_says_so_and_does_only_what_makes_sense(alone: Pipeline) -> None:
    ran = alone.run("run", "orchestrate", "--mode", "intelligent", "--auto-scale", "--cost-optimize")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for said in (
        "nothing is remembered between runs",
        "competitor sweep was left out: no earlier capture",
        "drift check was left out: no stack is known to be deployed",
        "--auto-scale: there is no scale yet",
        "--cost-optimize: there is no cost_optimize yet",
    ):
        assert said in ran.stdout
    assert alone.summary.read_text().startswith("## Sophia: scheduled work")


def test_with_nothing_watched_there_is_nothing_to_sweep_and_nothing_failed(shared: Pipeline) -> None:
    configured = shared.folder / "sophia.toml"
    configured.write_text(
        "competitors = {}\n" + re.sub(r"\[competitors.*?(?=\[schedules)", "", configured.read_text(), flags=re.DOTALL)
    )
    ran = shared.run("run", "orchestrate", "--mode", "all")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "competitor sweep (s_sweep): done" in ran.stdout


def test_what_a_machine_remembers_is_made_use_of(alone: Pipeline, site: Site) -> None:
    assert alone.run("sweep").returncode == 0
    site.page = PRICES % 15
    ran = alone.run("run", "orchestrate", same_machine=True)
    assert "competitor sweep (s_sweep)" in ran.stdout
    assert "1 change" in ran.stdout
    assert "sweep was left out" not in ran.stdout


def test_over_the_teams_database_each_run_goes_on_from_the_last(shared: Pipeline, site: Site) -> None:
    first = shared.run("run", "orchestrate", "--json")
    document = json.loads(first.stdout)
    assert (first.returncode, document["exit_status"]) == (0, 0), first.stdout + first.stderr
    assert {each["schedule"]: each["outcome"] for each in document["worked"]} == {
        "s_audit": "done",
        "s_digest": "done",
        "s_drift": "done",
        "s_sweep": "done",
    }
    assert document["remembered"] == "Remembered in the team's database."
    assert len(document["following"]) == 4
    again = shared.run("run", "orchestrate")
    assert (again.returncode, "Nothing was due." in again.stdout) == (0, True)
    site.page = PRICES % 15
    third = shared.run("run", "orchestrate", "--mode", "all", "--json")
    worked = {each["schedule"]: each for each in json.loads(third.stdout)["worked"]}
    assert third.returncode == 3, third.stdout
    assert worked["s_sweep"]["outcome"] == "waiting"
    assert any("15" in sentence for sentence in worked["s_sweep"]["sentences"])
    (approval,) = worked["s_sweep"]["approvals"]
    assert (worked["s_digest"]["outcome"], worked["s_digest"]["approvals"]) == ("done", [])  # nobody is asked twice
    assert any("was asked whether 1 change may be told" in each for each in worked["s_digest"]["sentences"])
    assert f"`sophia approvals show {approval}`" in shared.summary.read_text()
    approved = shared.run("approvals", "approve", approval)
    assert approved.returncode == 0, approved.stdout + approved.stderr
    last = json.loads(shared.run("run", "orchestrate", "--mode", "due", "--json").stdout)
    assert {each["schedule"]: each["outcome"] for each in last["worked"]}["s_sweep"] == "done"


def test_pipelines_that_run_at_once_do_the_work_once(shared: Pipeline) -> None:
    assert shared.run("run", "orchestrate", "--mode", "due").returncode == 0
    processes = [shared.start("run", "orchestrate") for _ in range(3)]
    outputs = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    with psycopg.connect(shared.database_url) as connection:
        rows = connection.execute("SELECT schedule, outcome FROM schedule_runs ORDER BY schedule").fetchall()
    once = [("s_audit", "done"), ("s_digest", "done"), ("s_drift", "done"), ("s_sweep", "done")]
    assert rows == once, outputs


def test_a_log_that_was_changed_fails_the_job(shared: Pipeline) -> None:
    assert shared.run("run", "orchestrate").returncode == 0
    with psycopg.connect(shared.database_url, autocommit=True) as connection:
        connection.execute("UPDATE audit_entries SET actor = 'nobody' WHERE index = 1")
    ran = shared.run("run", "orchestrate", "--mode", "all")
    assert ran.returncode == 1
    assert "tampered" in ran.stdout


def test_an_unknown_mode_is_wrong_usage(alone: Pipeline) -> None:
    ran = alone.run("run", "orchestrate", "--mode", "wild")
    assert ran.returncode == 2
    assert "intelligent" in ran.stderr


@pytest.fixture(scope="module")
def workflow(tmp_path_factory: pytest.TempPathFactory) -> str:
    pipeline = Pipeline(tmp_path_factory.mktemp("workflow"), "http://127.0.0.1:1", "", "every 2 hours")
    with (pipeline.folder / "sophia.toml").open("a") as file:
        file.write('\n[stacks.live]\nenvironment = "production"\nprogram = "lab:production"\n')
        file.write('passphrase_env = "LIVE_PASSPHRASE"\n')
    printed = pipeline.run("run", "orchestrate", "--mode", "due", "--cost-optimize", "--print-workflow")
    assert printed.returncode == 0, printed.stderr
    return printed.stdout


def test_the_workflow_is_as_frequent_as_the_configuration_and_hands_over_what_it_needs(workflow: str) -> None:
    document = yaml.safe_load(workflow)
    assert document[True] == {
        "schedule": [{"cron": "7 */2 * * *"}],
        "workflow_dispatch": None,
    }  # YAML 1.1 reads `on` so
    assert document["permissions"] == {"contents": "read"}
    assert document["concurrency"]["cancel-in-progress"] is False
    *before, last = document["jobs"]["orchestrate"]["steps"]
    assert [step.get("uses") or step["run"] for step in before] == [
        "actions/checkout@v5",
        "actions/setup-python@v6",
        "actions/cache@v4",
        "make setup",
    ]
    assert last["env"]["SOPHIA_DATABASE_URL"] == "${{ secrets.SOPHIA_DATABASE_URL }}"
    assert last["env"]["LIVE_PASSPHRASE"] == "${{ secrets.LIVE_PASSPHRASE }}"
    assert "run orchestrate --mode due --cost-optimize ||" in last["run"]


@pytest.mark.parametrize("status, job", [(0, 0), (1, 1), (3, 0), (4, 4)])
def test_waiting_for_an_approval_fails_no_job_and_everything_else_does(
    workflow: str, tmp_path: Path, status: int, job: int
) -> None:
    script = yaml.safe_load(workflow)["jobs"]["orchestrate"]["steps"][-1]["run"]
    sophia = tmp_path / ".venv" / "bin" / "sophia"
    sophia.parent.mkdir(parents=True)
    sophia.write_text(f"#!/bin/sh\nexit {status}\n")
    sophia.chmod(0o755)
    ran = subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == job
    assert ("::notice" in ran.stdout) == (status == 3)


def test_what_pages_say_makes_no_markdown_of_its_own() -> None:
    evil = (
        "up [click](https://evil.example) ![x](https://evil.example/x) | @ann <img src=x> `a` www.evil.example\n# Title"
    )
    worked = Worked(schedule="s_1", name=evil, outcome="done", sentences=[evil])
    text = Summary(mode="due", remembered="here", worked=[worked]).as_markdown()
    row = text.splitlines()[-1]
    assert row.count(" | ") == 2
    for harm in ("](", "https://", "<img", " @ann", "www.", " `a`"):
        assert harm not in row
    assert "\n# Title" not in text


@pytest.mark.parametrize(
    "outcomes, status",
    [
        ([], 0),
        (["done", "joined", "missed", "elsewhere"], 0),
        (["done", "waiting"], 3),
        (["unanswered"], 3),
        (["waiting", "question"], 5),
        (["question", "refused"], 4),
        (["refused", "failed", "waiting"], 1),
    ],
)
def test_the_exit_status_says_what_counts_most(outcomes: list[str], status: int) -> None:
    worked = [Worked(schedule="s", name="s", outcome=outcome) for outcome in outcomes]
    assert Summary(mode="due", remembered="", worked=worked).exit_status == status
