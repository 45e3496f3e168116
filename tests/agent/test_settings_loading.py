"""What the settings amount to: built in, from a file, from the environment, and what the program adds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from agent.settings import SettingsError, load, system_user
from memory.labels import Confidentiality


def written(folder: Path, text: str) -> Path:
    (folder / "sophia.toml").write_text(text)
    return folder


def test_without_anything_the_pay_ready_focus_is_built_in(tmp_path: Path) -> None:
    settings = load(directory=tmp_path, environ={})
    assert settings.source is None
    assert list(settings.competitors) == ["EliseAI", "Hunter Warfield", "RealPage"]
    assert "https://www.realpage.com/releases" in [page.url for page in settings.competitors["RealPage"].pages]
    assert settings.market.list == "NMHC Top 50"
    assert (settings.budget.monthly, settings.budget.alert_at) == (5000, 0.8)
    assert settings.regulations == ("PCI DSS", "GLBA", "FDCPA")
    assert {"#competitive-intel", "#ops", "#exec"} <= set(settings.channels)
    assert settings.channels["#ops"].clearance is Confidentiality.INTERNAL
    assert {name: (stack.lab, stack.protected) for name, stack in settings.stacks.items()} == {
        "development": ("development", False),
        "production": ("production", True),
        "sophia-production": ("sophia-production", True),
        "sophia-ai-modernized": ("sophia-ai-modernized", False),
    }
    (person,) = settings.people.values()
    assert person.system_users == (system_user(),)
    assert {role.value for role in person.roles} == {"requester", "approver", "operator"}
    assert not settings.model.configured
    assert not settings.notices


def test_the_file_is_found_beside_and_above(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    written(tmp_path, "[budget]\nmonthly = 1")
    assert load(directory=inner, environ={}).source == tmp_path / "sophia.toml"
    written(tmp_path / "a", "[budget]\nmonthly = 2")
    settings = load(directory=inner, environ={})
    assert settings.budget.monthly == 2
    assert settings.home == tmp_path / "a" / ".sophia"


def test_the_environment_names_file_and_data_folder(tmp_path: Path) -> None:
    elsewhere = written(tmp_path, "[budget]\nmonthly = 3")
    beside = tmp_path / "work"
    beside.mkdir()
    environ = {"SOPHIA_CONFIG": str(elsewhere / "sophia.toml"), "SOPHIA_HOME": "data"}
    settings = load(directory=beside, environ=environ)
    assert settings.budget.monthly == 3
    assert settings.home == beside / "data"
    assert load(directory=beside, environ={"SOPHIA_CONFIG": str(elsewhere)}).source == elsewhere / "sophia.toml"


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file") as caught:
        load(directory=tmp_path, environ={"SOPHIA_CONFIG": "nowhere.toml"})
    assert "SOPHIA_CONFIG" in str(caught.value)


def test_without_a_file_the_data_folder_is_the_users_own(tmp_path: Path) -> None:
    assert load(directory=tmp_path, environ={}).home.name == "sophia"


def test_a_section_of_the_file_replaces_the_built_in_one(tmp_path: Path) -> None:
    settings = load(directory=written(tmp_path, '[stacks.mine]\nprogram = "lab:development"'), environ={})
    assert list(settings.stacks) == ["mine"]
    assert "RealPage" in settings.competitors
    assert "stacks" not in settings.built_in
    assert "competitors" in settings.built_in
    assert not load(directory=written(tmp_path, "[competitors]"), environ={}).competitors


def test_the_environment_counts_more_than_the_file(tmp_path: Path) -> None:
    written(tmp_path, '[model]\nname = "from-file"\ntimeout_seconds = 7\n[budget]\nmonthly = 1')
    environ = {
        "SOPHIA_MODEL": "from-environment",
        "OPENAI_API_KEY": "usual-key",
        "OPENAI_BASE_URL": "http://127.0.0.1:1/v1",
        "SOPHIA_BUDGET__MONTHLY": "4000",
        "SOPHIA_READ_ONLY": "1",
        "SOPHIA_REGULATIONS": "GLBA, FDCPA",
        "SOPHIA_NETWORK__ALLOWED_PRIVATE_ORIGINS": '["http://127.0.0.1:80", "http://[::1]:8080/"]',
        "SOPHIA_STACKS__PRODUCTION__PROTECTED": "false",
        "SOPHIA_STACKS__PRODUCTION__ALIASES": "prod,live",
    }
    settings = load(directory=tmp_path, environ=environ)
    assert settings.model.name == "from-environment"
    assert settings.model.timeout_seconds == 7
    assert settings.model.api_key is not None
    assert settings.model.api_key.get_secret_value() == "usual-key"
    assert settings.model.base_url == "http://127.0.0.1:1/v1"
    assert settings.budget.monthly == 4000
    assert settings.read_only
    assert settings.regulations == ("GLBA", "FDCPA")
    assert settings.network.allowed_private_origins == ("http://127.0.0.1", "http://[::1]:8080")
    assert not settings.stacks["production"].protected
    assert settings.stacks["production"].aliases == ("prod", "live")


def test_sophias_own_variables_count_more_than_the_usual_ones(tmp_path: Path) -> None:
    environ = {
        "SOPHIA_API_KEY": "own",
        "OPENAI_API_KEY": "usual",
        "SOPHIA_BASE_URL": "http://a/",
        "OPENAI_BASE_URL": "http://b/",
    }
    model = load(directory=tmp_path, environ=environ).model
    assert model.api_key is not None
    assert model.api_key.get_secret_value() == "own"
    assert model.base_url == "http://a/"
    assert not model.configured


def test_an_embedder_without_a_server_uses_the_models(tmp_path: Path) -> None:
    written(tmp_path, '[model]\nbase_url = "http://a/"\n[embedder]\nmodel = "e"')
    embedder = load(directory=tmp_path, environ={"SOPHIA_API_KEY": "k"}).embedder
    assert embedder.base_url == "http://a/"
    assert embedder.api_key is not None
    written(tmp_path, '[model]\nbase_url = "http://a/"\n[embedder]\nmodel = "e"\nbase_url = "http://b/"')
    embedder = load(directory=tmp_path, environ={"SOPHIA_API_KEY": "k"}).embedder
    assert embedder.base_url == "http://b/"
    assert embedder.api_key is None  # a key never goes to a server that it isn't for


def test_an_empty_variable_is_no_setting(tmp_path: Path) -> None:
    environ = {"SOPHIA_MODEL": "", "SOPHIA_CONFIG": " ", "SOPHIA_HOME": "", "SOPHIA_READ_ONLY": ""}
    settings = load(directory=tmp_path, environ=environ)
    assert settings.model.name is None
    assert not settings.read_only


def test_the_program_counts_most(tmp_path: Path) -> None:
    overrides = {
        "home": tmp_path / "elsewhere",
        "demo": True,
        "limits": {"replans": 1},
        "competitors": {"One": {"pages": [{"url": "https://one.example/", "aspect": "pricing"}]}},
    }
    settings = load(directory=tmp_path, environ={"SOPHIA_DEMO": "0"}, overrides=overrides)
    assert settings.demo
    assert settings.home == tmp_path / "elsewhere"
    assert list(settings.competitors) == ["One"]
    assert settings.limits.replans == 1
    assert settings.limits.tokens_per_turn == 60_000


def test_settings_never_change(tmp_path: Path) -> None:
    settings = load(directory=tmp_path, environ={})
    with pytest.raises(ValidationError):
        settings.read_only = True  # type: ignore[misc]
    with pytest.raises(ValidationError):
        settings.budget.monthly = 1.0  # type: ignore[misc]


def test_relative_programs_lie_beside_the_file(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    written(tmp_path, '[stacks.mine]\nprogram = "infrastructure/mine"')
    assert load(directory=inner, environ={}).stacks["mine"].directory == tmp_path / "infrastructure" / "mine"


def test_a_passphrase_comes_from_the_variable_that_the_stack_names(tmp_path: Path) -> None:
    written(tmp_path, '[stacks.a]\nprogram = "lab:a"\npassphrase_env = "A_PASSPHRASE"\n[stacks.b]\nprogram = "lab:b"')
    settings = load(directory=tmp_path, environ={"A_PASSPHRASE": "correct horse"})
    passphrase = settings.passphrase("a")
    assert passphrase is not None
    assert passphrase.get_secret_value() == "correct horse"
    assert settings.passphrase("b") is None
    assert load(directory=tmp_path, environ={}).passphrase("a") is None


def test_no_secret_is_shown(tmp_path: Path) -> None:
    environ = {
        "SOPHIA_API_KEY": "canary-1",
        "SOPHIA_DATABASE_URL": "postgresql://a:canary-2@b/c",
        "SOPHIA_SLACK_BOT_TOKEN": "canary-3",
    }
    settings = load(directory=tmp_path, environ=environ)
    assert "canary" not in f"{settings!r} {settings} {settings.model_dump_json()}"


def test_thresholds_and_channels_of_a_page_are_its_own_or_the_competitors(tmp_path: Path) -> None:
    written(
        tmp_path,
        """
        [competitors.X]
        alert = 0.4
        channel = "#ops"
        pages = [
          { url = "https://x.example/a", aspect = "pricing" },
          { url = "https://x.example/b", aspect = "features", alert = 0, channel = "#exec" },
        ]
        """,
    )
    competitor = load(directory=tmp_path, environ={}).competitors["X"]
    first, second = competitor.pages
    assert (competitor.alert_for(first), competitor.channel_for(first)) == (0.4, "#ops")
    assert (competitor.alert_for(second), competitor.channel_for(second)) == (0.0, "#exec")


def test_the_data_folder_is_nobody_elses(tmp_path: Path) -> None:
    settings = load(directory=tmp_path, environ={"SOPHIA_HOME": "a/b"})
    assert settings.prepare_home().stat().st_mode & 0o077 == 0
    assert settings.prepare_home() == tmp_path / "a" / "b"


def test_a_data_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = load(directory=tmp_path, environ={"SOPHIA_HOME": "file/home"})
    with pytest.raises(Exception, match="SOPHIA_HOME"):
        settings.prepare_home()


def test_a_file_of_somebody_else_counts_only_when_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "[budget]\nmonthly = 1") / "sophia.toml"
    if os.geteuid() == 0:
        os.chown(path, 4242, 4242)  # what root owns counts for everybody
    owner = path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(SettingsError, match=f"belongs to user number {owner}"):
        load(directory=tmp_path, environ={})
    assert load(directory=tmp_path, environ={"SOPHIA_CONFIG": str(path)}).budget.monthly == 1


def test_a_file_that_anybody_may_change_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path, "[budget]\nmonthly = 1") / "sophia.toml"
    path.chmod(0o666)
    assert any("Anybody on this machine" in notice for notice in load(directory=tmp_path, environ={}).notices)


def test_windows_line_ends_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    (tmp_path / "sophia.toml").write_bytes(b"\xef\xbb\xbf[budget]\r\nmonthly = 9\r\n")
    assert load(directory=tmp_path, environ={}).budget.monthly == 9


def test_loading_is_quick_and_loads_nothing_heavy(tmp_path: Path) -> None:
    program = """
import json, sys, time
from pathlib import Path
from agent.settings import load
load(directory=Path(sys.argv[1]), environ={})
begun = time.process_time()
load(directory=Path(sys.argv[1]), environ={})
seconds = time.process_time() - begun
heavy = {"pydantic_settings", "sqlalchemy", "chromadb", "pulumi", "langgraph", "openai", "httpx", "rich", "numpy"}
print(json.dumps([seconds, sorted(heavy & set(sys.modules))]))
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    seconds, heavy = json.loads(done.stdout)
    assert seconds < 0.03
    assert heavy == []
