"""Our own note of each run of the engine that may change something, written before it begins.

It says where to look in the world after a crash; it never decides by itself whether something happened.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import psutil
from pydantic import BaseModel, ConfigDict

from infra.models import EngineEvent

__all__ = ["ProcessMark", "Run", "RunLog", "Runs", "message_for", "permit_in", "write_whole"]

Phase = Literal["begun", "applying", "ended"]


def write_whole(path: Path, text: str) -> None:
    """Replace a file in one step, privately and durably."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


def message_for(words: str, permit_id: str) -> str:
    """The update's message in Pulumi's history; the mark by which the effect is found again."""
    return f"{words} [sophia {permit_id}]"


def permit_in(message: str) -> str:
    """The permit's id in an update's message; empty when it isn't one of ours."""
    head, found, tail = message.rpartition("[sophia ")
    return tail.partition("]")[0] if found and head is not None else ""


class ProcessMark(BaseModel):
    """A process that can be recognised again: pids are reused, a pid with its start time isn't."""

    model_config = ConfigDict(frozen=True)

    pid: int
    started: float
    host: str

    @classmethod
    def of(cls, pid: int) -> ProcessMark | None:
        """The mark of a running process; None when it is gone."""
        try:
            return cls(pid=pid, started=psutil.Process(pid).create_time(), host=socket.gethostname())
        except psutil.NoSuchProcess:
            return None

    def alive(self) -> bool:
        """Whether that very process runs on this host."""
        if self.host != socket.gethostname():
            return False
        try:
            process = psutil.Process(self.pid)
            return abs(process.create_time() - self.started) < 0.05 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


class Run(BaseModel):
    """One run: what it was to do, what the stack was when it began, and which process carried it out."""

    model_config = ConfigDict(frozen=True)

    permit: str
    tool: str
    stack: str
    started_at: datetime
    by: str = ""
    phase: Phase = "begun"
    state: str = ""
    config: str = ""
    program: str = ""
    target: str = ""
    """For a rollback: the checkpoint that it applies."""
    history: int = 0
    checkpoint: str = ""
    deletes: tuple[str, ...] = ()
    """For what destroys: the URNs that are to be gone when it is done."""
    besides: tuple[str, ...] = ()
    """What it does to outputs and protections."""
    only: tuple[str, ...] = ()
    """The URNs that it changes alone, where it isn't about the whole stack."""
    applied_config: str = ""
    """The text of the configuration that it applies; secrets are encrypted in it."""
    applied_program: str = ""
    applied_commit: str = ""
    restore: bool = False
    """The configuration on disk becomes the applied one when it succeeds."""
    watch_health: bool = True
    engine: ProcessMark | None = None
    owner: ProcessMark | None = None
    succeeded: bool | None = None
    problem: str = ""
    failed_checks: tuple[str, ...] = ()
    """Health checks that failed after it had succeeded."""
    ended_at: datetime | None = None


class RunLog:
    """The engine's events of one run, a JSON line each, so that a diagnosis can cite them by line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, event: EngineEvent) -> None:
        """Append one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(event.model_dump_json(exclude_defaults=True) + "\n")

    def say(self, lines: Sequence[str]) -> None:
        """Append what the engine wrote, unless it is there already."""
        known = {line for _, event in self.events() for line in event.message.splitlines()}
        for line in lines:
            if line.strip() and line not in known:
                self.add(EngineEvent(kind="said", severity="error", message=line))

    def events(self) -> list[tuple[int, EngineEvent]]:
        """Line number and event; a last line that a crash cut short is left out."""
        found = []
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        for number, line in enumerate(lines, 1):
            try:
                found.append((number, EngineEvent.model_validate_json(line)))
            except ValueError:
                continue
        return found


class Runs:
    """The notes of all runs."""

    def __init__(self, root: Path) -> None:
        self._root = root / "runs"
        self.active: set[str] = set()
        """Permits whose runs this very process is carrying out now."""

    def _path(self, stack: str, permit: str) -> Path:
        return self._root / stack / f"{permit}.json"

    def put(self, run: Run) -> Run:
        """Write or replace the note."""
        write_whole(self._path(run.stack, run.permit), run.model_dump_json())
        return run

    def find(self, stack: str, permit: str) -> Run | None:
        """The note of that permit's run."""
        try:
            return Run.model_validate_json(self._path(stack, permit).read_text())
        except (FileNotFoundError, ValueError):
            return None

    def log(self, stack: str, permit: str) -> RunLog:
        """Where that run's events are."""
        return RunLog(self._root / stack / f"{permit}.jsonl")

    def done(self, stack: str, permit: str) -> list[tuple[str, str]]:
        """Operation and URN of everything that a run finished, in all its attempts, by the engine's own events."""
        events = self.log(stack, permit).events()
        return [(event.op, event.urn) for _, event in events if event.kind == "finished"]

    def note_failure(self, stack: str, tool: str, problem: str, lines: Sequence[str], at: datetime) -> None:
        """Keep what the engine said when something that changes nothing failed, for a diagnosis."""
        permit = f"p_{at:%Y%m%dT%H%M%S%f}"
        self.log(stack, permit).say(lines)
        run = Run(permit=permit, tool=tool, stack=stack, started_at=at, phase="ended", succeeded=False, problem=problem)
        self.put(run.model_copy(update={"ended_at": at}))

    def of(self, stack: str) -> list[Run]:
        """All runs of a stack, newest first."""
        folder = self._root / stack
        found = []
        for path in folder.glob("[!.]*.json") if folder.is_dir() else []:
            try:
                found.append(Run.model_validate(json.loads(path.read_text())))
            except ValueError:
                continue
        return sorted(found, key=lambda run: run.started_at, reverse=True)

    def unfinished(self, stack: str) -> list[Run]:
        """Those that never ended."""
        return [run for run in self.of(stack) if run.phase != "ended"]
