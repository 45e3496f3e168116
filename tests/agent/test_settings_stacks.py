"""Freeze windows, health checks, and how a configured stack is declared to the engine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.declarations import declarations_of
from agent.settings import FreezeWindow, HealthCheck, Stack, load
from infra.lab.declarations import lab_declarations

NEW_YORK = "America/New_York"


def at(text: str, zone: str = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    "start, end, now, covered",
    [
        ("Fri 16:00", "Mon 08:00", "2026-11-20T15:59", False),
        ("Fri 16:00", "Mon 08:00", "2026-11-20T16:00", True),
        ("Friday 16:00", "mon 08:00", "2026-11-22T12:00", True),
        ("Fri 16:00", "Mon 08:00", "2026-11-23T07:59", True),
        ("Fri 16:00", "Mon 08:00", "2026-11-23T08:00", False),
        ("Tue 00:00", "Wed 00:00", "2026-11-24T12:00", True),
        ("Tue 00:00", "Wed 00:00", "2026-11-25T00:00", False),
        ("22:00", "06:00", "2026-11-24T23:00", True),
        ("22:00", "06:00", "2026-11-24T05:59", True),
        ("22:00", "06:00", "2026-11-24T12:00", False),
        ("09:00", "17:00", "2026-11-24T09:00", True),
        ("2026-12-20", "2027-01-02", "2027-01-02T23:59", True),
        ("2026-12-20", "2027-01-02", "2027-01-03T00:00", False),
        ("2026-12-20", "2027-01-02", "2026-12-19T23:59", False),
        ("2026-12-20T18:00", "2026-12-20T19:00", "2026-12-20T18:30", True),
        ("2026-12-20T18:00", "2026-12-20T19:00", "2026-12-20T19:00", False),
        # over the change of the clocks, at the wall's time
        ("Sun 01:00", "Sun 04:00", "2026-11-01T03:30", True),
        ("Sun 01:00", "Sun 03:00", "2026-11-01T03:30", False),
    ],
)
def test_a_freeze_window_covers(start: str, end: str, now: str, covered: bool) -> None:
    assert FreezeWindow(start=start, end=end).covers(at(now), NEW_YORK) is covered


def test_a_window_is_read_in_its_own_zone() -> None:
    window = FreezeWindow(start="22:00", end="23:00", zone="Europe/Berlin")
    assert window.covers(at("2026-11-24T22:30", "Europe/Berlin"), NEW_YORK)
    assert not window.covers(at("2026-11-24T22:30", NEW_YORK), NEW_YORK)


@pytest.mark.parametrize(
    "start, end",
    [("Fri 16:00", "08:00"), ("2026-12-20", "Mon 08:00"), ("2026-12-20", "2026-12-19"), ("25:00", "26:00"), ("x", "y")],
)
def test_a_window_that_makes_no_sense_is_refused(start: str, end: str) -> None:
    with pytest.raises(ValueError, match=r"must be a moment|of the same kind|after the start"):
        FreezeWindow(start=start, end=end)


def test_a_stack_says_which_window_it_is_in() -> None:
    stack = Stack(
        name="a", program="lab:a", freeze=(FreezeWindow(start="Fri 16:00", end="Mon 08:00", why="nobody is there"),)
    )
    window = stack.frozen(at("2026-11-21T12:00"), NEW_YORK)
    assert str(window) == "Fri 16:00 – Mon 08:00: nobody is there"
    assert stack.frozen(at("2026-11-24T12:00"), NEW_YORK) is None


def test_dates_of_toml_need_no_quotes(tmp_path: Path) -> None:
    (tmp_path / "sophia.toml").write_text(
        '[stacks.a]\nprogram = "lab:a"\nfreeze = [{ start = 2026-12-20, end = 2026-12-21T10:00:00 }]'
    )
    (window,) = load(directory=tmp_path, environ={}).stacks["a"].freeze
    assert window.covers(at("2026-12-21T09:59"), NEW_YORK)
    assert not window.covers(at("2026-12-21T10:01"), NEW_YORK)


def test_a_health_check_is_of_one_kind() -> None:
    assert HealthCheck(http="http://127.0.0.1/x").kind == "http"
    assert HealthCheck(output="url").kind == "http"
    assert HealthCheck(tcp="127.0.0.1:5432").kind == "tcp"
    assert HealthCheck(command=("true",)).kind == "command"
    assert HealthCheck(resource="a:b:C", where="status", equals="up").kind == "resource"
    with pytest.raises(ValueError, match="exactly one"):
        HealthCheck()
    with pytest.raises(ValueError, match="belong together"):
        HealthCheck(resource="a:b:C", where="status")


def test_the_built_in_stacks_are_those_of_the_lab(tmp_path: Path) -> None:
    ours = {each.name: each for each in declarations_of(load(directory=tmp_path, environ={}))}
    labs = {each.name: each for each in lab_declarations()}
    assert list(ours) == list(labs)
    for name, declared in labs.items():
        same = {"environment", "program", "protected", "health", "watch_seconds", "backend", "pulumi_stack"}
        assert ours[name].model_dump(include=same) == declared.model_dump(include=same)


def test_everything_that_is_configured_reaches_the_engine(tmp_path: Path) -> None:
    (tmp_path / "sophia.toml").write_text(
        """
        [people.ada]
        [stacks.mine]
        environment = "staging"
        program = "project"
        pulumi_stack = "org/project/dev"
        backend = "s3://bucket/path"
        protected = true
        owners = ["ada"]
        channel = "#exec"
        aliases = ["m"]
        passphrase_env = "MINE"
        secrets_provider = "awskms://alias/x"
        logs = [["journalctl", "--since={since}"]]
        data_types = ["acme:Volume"]
        time_limit_seconds = 60
        preview_credentials = { command = ["esc", "open", "acme/reader"] }
        apply_credentials = { variables = { AWS_PROFILE = "WRITER_PROFILE" } }
        watch_seconds = 5
        freeze = [{ start = "22:00", end = "06:00" }]
        health = [
          { http = "http://127.0.0.1/x", status = 204 },
          { output = "url", fields = { version = "version" } },
          { tcp = "127.0.0.1:1" },
          { command = ["true", "x"] },
          { resource = "a:b:C", where = "status", equals = "up" },
        ]
        """
    )
    (declared,) = declarations_of(load(directory=tmp_path, environ={}))
    assert declared.directory == tmp_path / "project"
    assert declared.freeze[0].covers(at("2026-11-24T23:00"), declared.zone)
    assert [check.kind for check in declared.health] == ["http", "http", "tcp", "command", "resource"]
    assert declared.model_dump(exclude={"freeze", "health", "program"}) == {
        "name": "mine",
        "environment": "staging",
        "pulumi_stack": "org/project/dev",
        "backend": "s3://bucket/path",
        "protected": True,
        "owners": ("ada",),
        "channel": "#exec",
        "aliases": ("m",),
        "watch_seconds": 5.0,
        "zone": NEW_YORK,
        "passphrase_env": "MINE",
        "secrets_provider": "awskms://alias/x",
        "logs": (("journalctl", "--since={since}"),),
        "data_types": ("acme:Volume",),
        "time_limit_seconds": 60.0,
        "preview_credentials": {"variables": {}, "command": ("esc", "open", "acme/reader")},
        "apply_credentials": {"variables": {"AWS_PROFILE": "WRITER_PROFILE"}, "command": ()},
    }
