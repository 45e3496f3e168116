"""`sophia init` and `sophia doctor`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agent.terminal.console import PlainConsole

if TYPE_CHECKING:
    from agent.settings import Settings, SettingsError

__all__ = ["examine_all", "write"]


async def write(path: Path, force: bool) -> int:
    """Write a commented sophia.toml; never over one that is there, unless forced."""
    from agent.terminal.init import initialise

    written = initialise(path, force)
    PlainConsole().print(str(written))
    return 0


async def examine_all(slack: bool, as_json: bool) -> int:
    """Look at everything that Sophia needs; 1 when something that it can't do without is missing."""
    from agent.settings import SettingsError, load
    from agent.terminal.doctor import examine

    try:
        found: Settings | SettingsError = load()
    except SettingsError as error:
        found = error
    report = examine(found, online=slack)
    if not isinstance(found, SettingsError):
        from agent.terminal.waiting import at_work

        report = report.model_copy(update={"checks": (*report.checks, *await at_work(found))})
    if slack and not isinstance(found, SettingsError) and found.slack.connected:
        from agent.slack.examination import examine_slack

        report = report.model_copy(update={"checks": (*report.checks, *await examine_slack(found))})
    if as_json:
        sys.stdout.write(json.dumps(report.model_dump(mode="json")) + "\n")
    else:
        PlainConsole().print(report.as_terminal())
    return 0 if report.ok else 1
