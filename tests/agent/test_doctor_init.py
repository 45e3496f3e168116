"""`sophia init` writes a file that loads, says what is built in, and overwrites nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from agent.errors import OperatorMustAct, RequesterMustFix
from agent.settings import load
from agent.settings.defaults import starting_file
from agent.settings.schema import keys
from agent.settings.whole import NAMED, Settings
from agent.terminal.init import initialise


def test_what_is_written_loads_and_says_what_is_built_in(tmp_path: Path) -> None:
    before = load(directory=tmp_path, environ={})
    written = initialise(tmp_path)
    assert written.path == tmp_path / "sophia.toml"
    after = load(directory=tmp_path, environ={})
    assert after.source == written.path
    where_from = {"source", "home", "built_in"}
    assert after.model_dump(exclude=where_from) == before.model_dump(exclude=where_from)
    assert not after.built_in
    assert not after.notices


def test_the_file_says_the_defaults(tmp_path: Path) -> None:
    """A key that is left out of the file means what the file says of it."""
    written = load(directory=tmp_path, environ={})
    for section in ("budget", "limits", "model", "embedder", "storage", "checkpoints", "network", "slack"):
        assert getattr(written, section) == type(getattr(written, section))()


def test_the_comments_are_right_too(tmp_path: Path) -> None:
    """With every commented section put into force, it still loads."""
    lines = starting_file("ada").partition("# --- The machine")[2].splitlines()[2:]
    text = "\n".join(line.removeprefix("# ") for line in lines)
    sections = tomllib.loads(text)
    assert set(sections) == {"model", "embedder", "storage", "checkpoints", "network", "slack"}
    (tmp_path / "sophia.toml").write_text(text)
    assert load(directory=tmp_path, environ={}).model.name == "gpt-5-mini"


def test_every_setting_is_mentioned() -> None:
    text = starting_file("ada")
    quiet = {  # for the few who look them up
        ("model", "retries"), ("model", "max_output_tokens"), ("embedder", "base_url"),
        ("network", "user_agent"), ("network", "allowed_origins"), ("network", "browser"),
    }  # fmt: skip
    for section in Settings.model_fields:
        for key in keys((section,)) if section not in NAMED else ():
            assert key in text or (section, key) in quiet, (section, key)


def test_a_strange_user_name_is_written_so_that_it_can_be_read() -> None:
    parsed = tomllib.loads(starting_file('dom\\us"er name'))
    assert parsed["people"]['dom\\us"er name']["system_users"] == ['dom\\us"er name']


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "sophia.toml"
    target.write_text("# mine")
    with pytest.raises(RequesterMustFix, match="--force"):
        initialise(tmp_path)
    with pytest.raises(RequesterMustFix):
        initialise(target)
    assert target.read_text() == "# mine"
    assert [path.name for path in tmp_path.iterdir()] == ["sophia.toml"]


def test_with_force_the_old_one_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "sophia.toml"
    for number in (1, 2):
        target.write_text(f"# mine {number}")
        written = initialise(target, force=True)
        assert written.kept is not None
        assert written.kept.read_text() == f"# mine {number}"
        assert str(written.kept) in str(written)
    assert initialise(tmp_path / "other.toml", force=True).kept is None
    assert {path.name for path in tmp_path.iterdir()} == {
        "sophia.toml", "sophia.toml.1.old", "sophia.toml.2.old", "other.toml"
    }  # fmt: skip


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OperatorMustAct, match="can't be written"):
        initialise(tmp_path / "nowhere" / "sophia.toml")
