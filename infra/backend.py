"""Reads a stack's state where it lies, without the CLI: resources, pending operations, locks and history.

Knows the layout of Pulumi's folder backend (`file://…`). It never writes; it can take away what dead runs left.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from infra.errors import InfraError
from infra.secret_shapes import MASK, shown

__all__ = ["Deployment", "FileBackend", "Lock", "StateCorrupt", "Update", "parse_deployment", "parse_update"]

_SECRET_KEY = "4dabf18193072939515e22adb298388d"  # noqa: S105 - Pulumi's published signature key, no secret
_SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - likewise
_BEING_WRITTEN_SECONDS = 2.0
"""A lock file that is younger may be on its way to be written."""
_NEWEST = 4
"""The newest version of a state file that the command line here reads (apitype.DeploymentSchemaVersionLatest)."""


class StateCorrupt(InfraError):
    """A state file that can't be read; it says which and why."""


@dataclass(frozen=True)
class Lock:
    """Who holds a stack."""

    path: str
    pid: int
    host: str
    user: str
    since: datetime | None

    @property
    def id(self) -> str:
        """The lock file's own name."""
        return Path(self.path).stem


@dataclass(frozen=True)
class Update:
    """One entry of Pulumi's history."""

    kind: str
    started: datetime
    ended: datetime | None
    message: str
    result: str
    changes: dict[str, int]
    config: dict[str, Any]
    environment: dict[str, str]
    sequence: int
    """Counts up from 1 within the stack."""

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return (self.ended - self.started).total_seconds() if self.ended else None


@dataclass(frozen=True)
class Deployment:
    """A stack's state: its resources as Pulumi keeps them, secrets encrypted."""

    resources: tuple[dict[str, Any], ...] = ()
    pending: tuple[dict[str, Any], ...] = ()
    raw: str = ""
    """The file as it is, to be kept as evidence."""

    @property
    def real(self) -> tuple[dict[str, Any], ...]:
        """Resources that are something, not the stack itself nor a provider."""
        return tuple(
            item for item in self.resources if not item["type"].startswith("pulumi:") and not item.get("delete")
        )

    @property
    def made(self) -> bool:
        """There is something to look at: a resource, or what a program without any gives out."""
        return bool(self.real or self.given_out)

    @property
    def outputs(self) -> dict[str, Any]:
        """The stack's outputs as they may be shown: also without secrets that its program didn't mark as such."""
        return {name: shown(name, value) for name, value in self.given_out.items()}

    @property
    def given_out(self) -> dict[str, Any]:
        """The stack's outputs, without what its program marked as secret."""
        for item in self.resources:
            if item["type"] == "pulumi:pulumi:Stack":
                return {name: masked(value) for name, value in (item.get("outputs") or {}).items()}
        return {}

    def pending_creates(self) -> tuple[str, ...]:
        """URNs whose creation was begun and not seen to end."""
        return tuple(item["resource"]["urn"] for item in self.pending if item.get("type") == "creating")


def masked(value: Any) -> Any:
    """The value without what Pulumi marks as secret."""
    if isinstance(value, dict):
        if value.get(_SECRET_KEY) == _SECRET_SIGNATURE:
            return MASK
        return {name: masked(part) for name, part in value.items()}
    if isinstance(value, list):
        return [masked(part) for part in value]
    return value


def parse_deployment(data: dict[str, Any], raw: str = "") -> Deployment:
    """From what `stack export` prints (`deployment`) or the backend keeps (`checkpoint.latest`)."""
    latest = data.get("deployment") or (data.get("checkpoint") or {}).get("latest") or {}
    return Deployment(tuple(latest.get("resources") or ()), tuple(latest.get("pending_operations") or ()), raw)


def _moment(value: Any) -> datetime | None:
    if isinstance(value, int) and value > 0:
        return datetime.fromtimestamp(value, UTC)
    if isinstance(value, str) and value:
        return datetime.fromisoformat(value)
    return None


def parse_update(data: dict[str, Any], sequence: int) -> Update:
    """From a history file, or an entry of `stack history --json`."""
    changes = data.get("resourceChanges") or {}
    return Update(
        kind=str(data.get("kind", "")),
        started=_moment(data.get("startTime")) or datetime.fromtimestamp(0, UTC),
        ended=_moment(data.get("endTime")),
        message=str(data.get("message", "")),
        result=str(data.get("result", "")),
        changes={str(op): int(count) for op, count in changes.items()},
        config={str(key): value for key, value in (data.get("config") or {}).items()},
        environment={str(key): str(value) for key, value in (data.get("environment") or {}).items()},
        sequence=sequence,
    )


class FileBackend:
    """A folder of states."""

    def __init__(self, root: Path, project: str, stack: str, called: str = "") -> None:
        """`called` is what people call the stack, where that isn't Pulumi's name for it."""
        self.root = root
        self._stack = stack
        self._called = called or stack
        self._project = project
        self._base = root / ".pulumi"
        self._state = self._base / "stacks" / project / f"{stack}.json"
        self._locks = self._base / "locks" / "organization" / project / stack
        self._history = self._base / "history" / project / stack

    @property
    def file(self) -> Path:
        """Where the state is, also packed with `.gz` added."""
        return self._state

    def exists(self) -> bool:
        """Whether the stack was ever initialised."""
        return self._state.exists() or self._state.with_suffix(".json.gz").exists()

    def deployment(self) -> Deployment | None:
        """The state; None when it was never made. Raises StateCorrupt for one that is damaged, lost or another's."""
        for path in (self._state, self._state.with_suffix(".json.gz")):
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                continue
            try:
                raw = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
                data = json.loads(raw)
                found = parse_deployment(data, raw)
            except (ValueError, OSError, AttributeError) as error:
                raise StateCorrupt(
                    f"The state of {self._called} can't be read: {error}.",
                    not_done="Nothing was changed.",
                    to_do=f"Bring back {path} from Pulumi's backups beside it, or from a checkpoint.",
                ) from error
            self._must_fit(data, found)
            return found
        self._must_be_new()
        return None

    def _must_be_new(self) -> None:
        """Raises StateCorrupt when the history tells of a stack whose state isn't there: all of it would be made twice.

        Pulumi removes both together.
        """
        last = next(iter(self.history(1)), None)
        if last is None:
            return
        raise StateCorrupt(
            f"The state of {self._called} is gone, although its history ends with the {last.kind} of "
            f"{last.started:%Y-%m-%d %H:%M} UTC.",
            not_done="Nothing was changed: what it made would be made a second time.",
            to_do=f"Bring back {self._state} from Pulumi's backups beside it, or from a checkpoint.",
        )

    def _must_fit(self, data: Mapping[str, Any], found: Deployment) -> None:
        """Raises StateCorrupt for a state of a newer version, or of another stack, to which nothing here applies."""
        version = data.get("version")
        if isinstance(version, int) and version > _NEWEST:
            raise StateCorrupt(
                f"The state of {self._called} has version {version}, of a newer version of Pulumi than the one here: "
                f"it knows version {_NEWEST}.",
                not_done="Nothing was changed.",
                to_do="Use the version of Sophia and Pulumi that wrote it.",
            )
        owners = {"::".join(item["urn"].removeprefix("urn:pulumi:").split("::", 2)[:2]) for item in found.resources}
        others = sorted(owners - {f"{self._stack}::{self._project}"})
        if others:
            stack, _, project = others[0].partition("::")
            raise StateCorrupt(
                f"The state of {self._called} in {self._project} belongs to another stack: it is that of {stack} in "
                f"{project}.",
                not_done="Nothing was changed.",
                to_do=f"Bring back the stack's own to {self._state}, or mend the project or backend in sophia.toml.",
            )

    def locks(self) -> list[Lock]:
        """Who holds the stack; several when a dead one was left behind."""
        found = []
        for path in sorted(self._locks.glob("*.json")) if self._locks.is_dir() else []:
            try:
                data = json.loads(path.read_text())
            except (ValueError, FileNotFoundError):
                continue
            found.append(
                Lock(
                    path=str(path),
                    pid=int(data.get("pid", 0)),
                    host=str(data.get("hostname", "")),
                    user=str(data.get("username", "")),
                    since=_moment(data.get("timestamp")),
                )
            )
        return found

    def lock_remnants(self) -> list[Path]:
        """Lock files that nobody can read, as a full disk leaves them: no run can take the lock while there is one."""
        found = []
        for path in sorted(self._locks.iterdir()) if self._locks.is_dir() else []:
            with suppress(FileNotFoundError):
                try:
                    json.loads(path.read_bytes())
                except ValueError:
                    if time.time() - path.stat().st_mtime > _BEING_WRITTEN_SECONDS:
                        found.append(path)
        return found

    def forget_remnants(self) -> None:
        """Take away lock files that nobody can read: they are nobody's."""
        for path in self.lock_remnants():
            path.unlink(missing_ok=True)

    def forget_torn_attributes(self) -> None:
        """Take away what was being written about a file (its type and digest) when the command line was killed.

        Pulumi writes the file itself at one go, and then this beside it; where it is empty, no run reads the state
        ("failed to load checkpoint: EOF"), and where it isn't there, every run does.
        """
        sides = [self._state.parent.glob(f"{self._stack}.json*.attrs"), self._base.glob("*.attrs")]
        for path in chain(*sides, self._locks.glob("*.attrs"), self._history.glob("*.attrs")):
            with suppress(FileNotFoundError):
                if path.stat().st_size == 0:
                    path.unlink()

    def _entries(self) -> list[Path]:
        if not self._history.is_dir():
            return []
        return sorted(
            path for path in self._history.iterdir() if path.name.endswith((".history.json", ".history.json.gz"))
        )

    def length(self) -> int:
        """How many entries the history has."""
        return len(self._entries())

    def history(self, limit: int = 0) -> list[Update]:
        """Newest first, at most `limit` when it isn't 0."""
        entries = self._entries()
        chosen = list(enumerate(entries, 1))[-limit:] if limit else list(enumerate(entries, 1))
        return [self._update(path, number) for number, path in reversed(chosen)]

    @staticmethod
    def _update(path: Path, number: int) -> Update:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
        return parse_update(json.loads(text), number)
