"""The doctor says what is configured, embedded and missing, and what to do; quickly and without a secret."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from agent.settings import Settings, SettingsError, load
from agent.terminal.doctor import Check, Report, examine


def checks(settings: Settings | SettingsError, *, online: bool = False, path: str | None = None) -> dict[str, Check]:
    environ = dict(os.environ) if path is None else {"PATH": path, "HOME": path, "XDG_CACHE_HOME": path}
    return {check.name: check for check in examine(settings, online=online, environ=environ).checks}


def configured(folder: Path, text: str = "", **environ: str) -> Settings:
    (folder / "sophia.toml").write_text(text)
    return load(directory=folder, environ=environ)


def shown(report: Report) -> str:
    written = io.StringIO()
    Console(width=160, file=written).print(report.as_terminal())
    return written.getvalue()


def test_a_fresh_machine_is_well(tmp_path: Path) -> None:
    report = examine(load(directory=tmp_path, environ={"SOPHIA_HOME": "data"}))
    assert report.ok
    found = {check.name: check for check in report.checks}
    assert found["sophia.toml"].state == "embedded"
    assert "sophia init" in found["sophia.toml"].to_do
    assert found["planner"].detail == "offline, no model"
    assert found["database"].state == "embedded"
    assert found["search"].state == "embedded"
    assert found["Slack"].state == "off"
    assert found["you"].state == "ok"
    assert found["to destroy and rotate"].state == "missing"
    assert not (tmp_path / "data").exists()


def test_json_and_table_say_the_same(tmp_path: Path) -> None:
    report = examine(configured(tmp_path))
    document = json.loads(json.dumps(report.model_dump(mode="json")))
    assert document["ok"] is True
    assert document["summary"] == report.summary
    text = shown(report)
    for check in document["checks"]:
        assert check["name"] in text


def test_no_secret_is_shown(tmp_path: Path) -> None:
    settings = configured(
        tmp_path,
        "",
        SOPHIA_MODEL="gpt",
        SOPHIA_API_KEY="canary-key",
        SOPHIA_DATABASE_URL="postgresql://sophia:canary-password@db.example.com:5433/sophia",
        SOPHIA_SLACK_BOT_TOKEN="canary-bot",
        SOPHIA_SLACK_APP_TOKEN="canary-app",
    )
    report = examine(settings)
    assert "canary" not in shown(report)
    assert "canary" not in report.model_dump_json()
    found = {check.name: check for check in report.checks}
    assert found["database"].detail == "PostgreSQL at db.example.com:5433/sophia"
    assert "key present" in found["planner"].detail
    assert found["Slack"].detail == "tokens present, Socket Mode"
    assert found["budget"].state == "missing"


def test_a_model_without_a_key_has_to_be_mended(tmp_path: Path) -> None:
    found = checks(configured(tmp_path, '[model]\nname = "gpt"'))
    assert found["planner"].state == "problem"
    assert "OPENAI_API_KEY" in found["planner"].to_do
    local = checks(configured(tmp_path, '[model]\nname = "m"\nbase_url = "http://127.0.0.1:1/v1"'))
    assert local["planner"].state == "ok"


def test_half_of_slack_has_to_be_mended(tmp_path: Path) -> None:
    found = checks(configured(tmp_path, "", SLACK_BOT_TOKEN="x"))["Slack"]
    assert found.state == "problem"
    assert "SOPHIA_SLACK_APP_TOKEN" in found.to_do
    assert "SOPHIA_SLACK_BOT_TOKEN" in checks(configured(tmp_path, "", SLACK_APP_TOKEN="x"))["Slack"].to_do


def test_stacks_that_cannot_be_reached_are_said(tmp_path: Path) -> None:
    project = tmp_path / "good"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: good\nruntime: python\n")
    text = """
        [stacks.good]
        program = "good"
        [stacks.gone]
        program = "nowhere"
        [stacks.locked]
        program = "good"
        passphrase_env = "LOCKED"
    """
    found = checks(configured(tmp_path, text))
    assert found["good"].state == "ok"
    assert "no Pulumi.yaml" in found["gone"].detail
    assert found["locked"].to_do == "Export LOCKED."
    assert checks(configured(tmp_path, text, LOCKED="x"))["locked"].state == "ok"


def test_missing_programs_are_said(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    found = checks(configured(tmp_path), path=str(empty))
    assert found["git"].state == "missing"
    assert found["browser"].state == "off"
    report = examine(configured(tmp_path), environ={"PATH": str(empty), "XDG_CACHE_HOME": str(empty)})
    pulumi = next(check for check in report.checks if check.area == "infrastructure" and check.name == "pulumi")
    assert pulumi.state == "missing"
    assert "infra.cli" in pulumi.to_do


def test_a_browser_that_is_named_and_not_there_has_to_be_mended(tmp_path: Path) -> None:
    assert checks(configured(tmp_path, '[network]\nbrowser = "/nowhere/chromium"'))["browser"].state == "problem"


def test_a_data_folder_that_others_can_read_is_said(tmp_path: Path) -> None:
    settings = configured(tmp_path)
    settings.prepare_home().chmod(0o755)
    assert checks(settings)["data folder"].to_do.startswith("chmod 700")


def test_a_data_folder_that_cannot_be_written_has_to_be_mended(tmp_path: Path) -> None:
    settings = configured(tmp_path, "", SOPHIA_HOME="/proc/sophia")
    report = examine(settings)
    found = {check.name: check for check in report.checks}
    assert found["data folder"].state == "problem"
    assert not report.ok


def test_a_database_that_is_none_has_to_be_mended(tmp_path: Path) -> None:
    settings = configured(tmp_path)
    (settings.prepare_home() / "sophia.db").write_text("This is no database at all.")
    assert checks(settings)["database"].state == "problem"


def test_somebody_unknown_is_told_how_to_be_known(tmp_path: Path) -> None:
    found = checks(configured(tmp_path, '[people.somebody]\nsystem_users = ["nobody-here"]\nroles = ["requester"]'))
    assert found["you"].state == "missing"
    assert found["to deploy"].state == "missing"


def test_it_says_who_may_approve(tmp_path: Path) -> None:
    people = "".join(f'[people.{name}]\nroles = ["approver"]\nsystem_users = ["{name}"]\n' for name in ("ada", "eve"))
    found = checks(configured(tmp_path, people))
    assert found["to deploy"].detail == found["to destroy and rotate"].detail == "ada, eve may approve"


def test_a_configuration_that_does_not_load_is_reported_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "sophia.toml").write_text('nonsense = 1\n[model]\napi_key = "canary"')
    with pytest.raises(SettingsError) as caught:
        load(directory=tmp_path, environ={})
    report = examine(caught.value)
    assert not report.ok
    assert {"line 1", "line 3"} <= {check.name for check in report.checks if check.state == "problem"}
    assert "canary" not in shown(report)


def test_servers_are_asked_only_online(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = f"http://127.0.0.1:{server.getsockname()[1]}"
        with socket.create_server(("127.0.0.1", 0)) as other:
            gone = f"http://127.0.0.1:{other.getsockname()[1]}"
        settings = configured(
            tmp_path, f'[competitors]\n[storage]\nchroma_url = "{here}"\n[embedder]\nbase_url = "{gone}"'
        )
        assert not [check for check in examine(settings).checks if check.area == "network"]
        found = {check.name: check for check in examine(settings, online=True).checks if check.area == "network"}
    assert found["chroma"].state == "ok"
    assert found["embedder"].state == "missing"


def test_it_is_quick_and_loads_nothing_heavy(tmp_path: Path) -> None:
    program = """
import json, sys, time
begun = time.process_time()
from pathlib import Path
from agent.settings import load
from agent.terminal.doctor import examine
examine(load(directory=Path(sys.argv[1]), environ={}))
heavy = {"sqlalchemy", "chromadb", "pulumi", "langgraph", "langchain_core", "openai", "httpx", "numpy", "trafilatura"}
print(json.dumps([time.process_time() - begun, sorted(heavy & set(sys.modules))]))
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    seconds, heavy = json.loads(done.stdout)
    assert heavy == []
    assert seconds < 1
