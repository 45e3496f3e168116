"""The operations that the child carries out with the Automation API."""

from __future__ import annotations

import functools
import gzip
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pulumi import automation
from semver import VersionInfo

from infra.engine.events import Recorder
from infra.engine.sayings import SIGNATURE, plain_secrets

__all__ = ["JobError", "open_stack", "run_job", "secrets_of"]

_LOOK_SECONDS = 10.0
"""A backend that is away isn't waited for longer than this, only to know what to mask."""


class JobError(Exception):
    """A job that can't be done as it was asked."""


class _Command(automation.PulumiCommand):
    """The CLI whose place and version the parent has checked already."""

    def __init__(self, root: str, version: str) -> None:
        self.command = str(Path(root) / "bin" / "pulumi")
        self.version = VersionInfo.parse(version)


class _Workspace(automation.LocalWorkspace):
    """A workspace that asks the CLI for nothing that the parent knows or reads by itself."""

    known = False

    def select_stack(self, stack_name: str) -> None:
        """Every command names its stack, so selecting only proves that it exists."""
        if not self.known:
            super().select_stack(stack_name)

    def stack_outputs(self, stack_name: str) -> automation.OutputMap:
        """After an update nobody here needs the outputs with their secrets."""
        return {}


class _Stack(automation.Stack):
    """A stack that doesn't read its history back after each run."""

    def info(self, show_secrets: bool = True) -> automation.UpdateSummary | None:
        """A placeholder; the parent reads the history itself."""
        now = datetime.now(UTC)
        return automation.UpdateSummary("update", now, "", {}, {}, "succeeded", now)


def _lab_program(workspace: Mapping[str, Any]) -> Callable[[], None]:
    if workspace["lab_site"] not in sys.path:
        sys.path.insert(0, workspace["lab_site"])
    programs = importlib.import_module("sophia_lab.programs").PROGRAMS
    if workspace["lab_program"] not in programs:
        raise JobError(f"there is no lab program {workspace['lab_program']!r}; there are {', '.join(sorted(programs))}")
    return functools.partial(programs[workspace["lab_program"]], workspace["lab_root"])


def open_stack(workspace: Mapping[str, Any]) -> automation.Stack:
    """The stack to work on, created when it may be."""
    place = _Workspace(
        work_dir=workspace["work_dir"],
        program=_lab_program(workspace) if workspace["lab_program"] else None,
        secrets_provider=workspace["secrets_provider"] or None,
        pulumi_command=_Command(workspace["cli_root"], workspace["cli_version"]),
    )
    place.known = workspace["exists"]
    create = workspace["create"] and not workspace["exists"]
    return _Stack.create_or_select(workspace["stack"], place) if create else _Stack.select(workspace["stack"], place)


def secrets_of(stack: automation.Stack, state_file: str) -> list[str]:
    """The text of every secret in the stack's state. Only where it keeps any, the command line is asked for them."""
    if state_file and not _keeps_secrets(Path(state_file)):
        return []
    place = stack.workspace
    command = [place.pulumi_command.command, "stack", "export", "--show-secrets", "--stack", stack.name]
    try:
        answer = subprocess.run(
            [*command, "--non-interactive"],
            cwd=place.work_dir, capture_output=True, timeout=_LOOK_SECONDS, check=True,
        )  # fmt: skip
        return sorted(set(plain_secrets(json.loads(answer.stdout))))
    except (OSError, subprocess.SubprocessError, ValueError):
        return []


def _keeps_secrets(state: Path) -> bool:
    try:
        if state.exists():
            return SIGNATURE.encode() in state.read_bytes()
        return SIGNATURE.encode() in gzip.decompress(state.with_name(f"{state.name}.gz").read_bytes())
    except (OSError, EOFError):
        return False


def _listed(value: Any) -> list[str] | None:
    return list(value) if value else None


Answer = dict[str, Any] | None


def _preview(stack: automation.Stack, arguments: Mapping[str, Any], recorder: Recorder) -> Answer:
    result = stack.preview(
        plan=arguments.get("plan"),
        refresh=arguments.get("refresh"),
        target=_listed(arguments.get("targets")),
        exclude=_listed(arguments.get("exclude")),
        config_file=arguments.get("config_file") or None,
        color="never",
        on_event=recorder,
    )
    recorder.changes = {str(getattr(op, "value", op)): count for op, count in result.change_summary.items()}
    return None


def _up(stack: automation.Stack, arguments: Mapping[str, Any], recorder: Recorder) -> Answer:
    stack.up(
        plan=arguments.get("plan"),
        refresh=arguments.get("refresh"),
        target=_listed(arguments.get("targets")),
        exclude=_listed(arguments.get("exclude")),
        config_file=arguments.get("config_file") or None,
        message=arguments.get("message"),
        color="never",
        show_secrets=False,
        on_event=recorder,
    )
    return None


def _refresh(stack: automation.Stack, arguments: Mapping[str, Any], recorder: Recorder) -> Answer:
    stack.refresh(
        message=arguments.get("message"),
        clear_pending_creates=arguments.get("clear_pending_creates"),
        config_file=arguments.get("config_file") or None,
        color="never",
        show_secrets=False,
        on_event=recorder,
    )
    return None


def _preview_refresh(stack: automation.Stack, arguments: Mapping[str, Any], recorder: Recorder) -> Answer:
    stack.preview_refresh(
        config_file=arguments.get("config_file") or None, color="never", show_secrets=False, on_event=recorder
    )
    return None


def _destroy(stack: automation.Stack, arguments: Mapping[str, Any], recorder: Recorder) -> Answer:
    stack.destroy(
        target=_listed(arguments.get("targets")),
        message=arguments.get("message"),
        config_file=arguments.get("config_file") or None,
        color="never",
        show_secrets=False,
        on_event=recorder,
    )
    return None


def _preview_destroy(stack: automation.Stack, arguments: Mapping[str, Any], recorder: Recorder) -> Answer:
    stack.preview_destroy(color="never", show_secrets=False, on_event=recorder)
    return None


def _cancel(stack: automation.Stack, _arguments: Mapping[str, Any], _recorder: Recorder) -> Answer:
    stack.cancel()
    return None


def _config_set(stack: automation.Stack, arguments: Mapping[str, Any], _recorder: Recorder) -> Answer:
    value = automation.ConfigValue(arguments["value"], secret=bool(arguments.get("secret")))
    stack.set_config(arguments["key"], value)
    return None


def _config_remove(stack: automation.Stack, arguments: Mapping[str, Any], _recorder: Recorder) -> Answer:
    stack.remove_config(arguments["key"])
    return None


def _cli_json(stack: automation.Stack, arguments: Mapping[str, Any], _recorder: Recorder) -> Answer:
    """Commands whose output is JSON and shows no secrets: `stack export`, `stack history --json`, `stack ls --json`."""
    place = stack.workspace
    extra = [] if arguments.get("every_stack") else ["--stack", stack.name]
    answer = place.pulumi_command.run([*arguments["command"], *extra], place.work_dir, {})
    return {"json": json.loads(answer.stdout or "null")}


_JOBS: Mapping[str, Callable[[automation.Stack, Mapping[str, Any], Recorder], Answer]] = {
    "preview": _preview,
    "up": _up,
    "refresh": _refresh,
    "preview_refresh": _preview_refresh,
    "destroy": _destroy,
    "preview_destroy": _preview_destroy,
    "cancel": _cancel,
    "config_set": _config_set,
    "config_remove": _config_remove,
    "cli_json": _cli_json,
}


def run_job(stack: automation.Stack, op: str, arguments: Mapping[str, Any], recorder: Recorder) -> Answer:
    """Carry out one operation; the recorder keeps what happened, also when it fails.

    Raises what the Automation API raises, and JobError for an unknown operation.
    """
    if op not in _JOBS:
        raise JobError(f"the engine knows no operation {op!r}")
    return _JOBS[op](stack, arguments, recorder)
