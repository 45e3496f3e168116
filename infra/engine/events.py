"""Turns the Automation API's events into plain data, and keeps what a job's result is made of."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pulumi.automation import EngineEvent

from infra.backend import masked
from infra.engine.sayings import Sayings

__all__ = ["Recorder"]

_QUIET = frozenset({"same", "refresh", "read", "read-discard", "discard-replaced"})
_HIDDEN = "__provider"


def _bare(values: dict[str, Any] | None) -> dict[str, Any]:
    return {name: masked(value) for name, value in (values or {}).items() if name != _HIDDEN}


def _named(metadata: Any) -> set[str]:
    """The top-level properties that the provider itself says differ."""
    paths = {*(metadata.diffs or []), *(metadata.detailed_diff or {})}
    return {path.split(".")[0].split("[")[0] for path in paths}


def _text(op: Any) -> str:
    return str(getattr(op, "value", op))


def _op(metadata: Any) -> str:
    """The engine's operation; where it deletes what its program said to retain, `forget` instead of `delete`: its own
    name for that is the same, and the thing stays in the world.
    """
    op = _text(metadata.op)
    return op.replace("delete", "forget", 1) if metadata.old and metadata.old.retain_on_delete else op


def _mark(metadata: Any) -> dict[str, Any] | None:
    """What happens to what the state has of a resource besides its properties, which the engine calls unchanged."""
    old, new = metadata.old, metadata.new
    if not (old and new and old.urn):
        return None
    mark: dict[str, Any] = {"was": old.urn} if old.urn != metadata.urn else {}
    if bool(old.protect) != bool(new.protect):
        mark["protect"] = bool(new.protect)
    if bool(old.retain_on_delete) != bool(new.retain_on_delete):
        mark["retain_on_delete"] = bool(new.retain_on_delete)
    return {"urn": metadata.urn, **mark} if mark else None


def _managed(metadata: Any) -> bool:
    """Whether a provider keeps it. A component is nothing in the world, which no reading finds."""
    state = metadata.old or metadata.new
    return bool(getattr(state, "custom", True))


def _component(metadata: Any) -> str:
    """The URN of the component that a resource is part of; empty when that is the stack itself."""
    state = metadata.new or metadata.old
    parent = str(getattr(state, "parent", None) or "")
    return "" if parent.split("::")[-2:-1] in ([], ["pulumi:pulumi:Stack"]) else parent


class Recorder:
    """Listens to one run. `emit` gets each event as it comes; steps, readings and diagnostics are kept."""

    def __init__(self, emit: Callable[[dict[str, Any]], None], learn: Callable[[], None] = lambda: None) -> None:
        """`learn` makes the secrets known that what is said may hold (see `Sayings`)."""
        self._emit = emit
        self._sayings = Sayings(emit, learn)
        self._begun: dict[str, float] = {}
        self._components: dict[str, str] = {}
        """URN → operation of those whose end isn't told yet."""
        self._refreshing: set[str] = set()
        self.steps: list[dict[str, Any]] = []
        self.marks: dict[str, dict[str, Any]] = {}
        self.readings: list[dict[str, Any]] = []
        self.failed: list[str] = []
        self.changes: dict[str, int] = {}

    def __call__(self, event: EngineEvent) -> None:
        """Take one event. Must not raise: the Automation API would make a warning of it."""
        self._sayings.pass_on()
        if event.resource_pre_event:
            self._started(event.resource_pre_event.metadata, told=not event.resource_pre_event.planning)
        elif event.res_outputs_event:
            self._finished(event.res_outputs_event.metadata, told=not event.res_outputs_event.planning)
        elif event.res_op_failed_event:
            self._failed(event.res_op_failed_event.metadata)
        elif event.diagnostic_event:
            self._said(event.diagnostic_event)
        elif event.summary_event:
            self.changes = {_text(op): count for op, count in event.summary_event.resource_changes.items()}

    def _started(self, metadata: Any, *, told: bool) -> None:
        op = _op(metadata)
        self._begun[metadata.urn] = time.monotonic()
        if op == "refresh":
            self._refreshing.add(metadata.urn)
            return
        if mark := _mark(metadata):
            self.marks[metadata.urn] = mark
        if op in _QUIET:
            return
        self.steps.append(
            {
                "op": op,
                "urn": metadata.urn,
                "type": metadata.type,
                "keys": sorted(self._paths(metadata)),
                "replaces": list(metadata.keys or []),
            }
        )
        if told and not metadata.type.startswith("pulumi:"):
            self._emit({"kind": "started", "urn": metadata.urn, "op": op, "parent": _component(metadata)})
            if not _managed(metadata):
                self._components[metadata.urn] = op

    @staticmethod
    def _paths(metadata: Any) -> set[str]:
        declared = _named(metadata)
        if declared or not (metadata.old and metadata.new):
            return declared
        old, new = _bare(metadata.old.inputs), _bare(metadata.new.inputs)
        return {name for name in {*old, *new} if old.get(name) != new.get(name)}

    def _finished(self, metadata: Any, *, told: bool) -> None:
        if metadata.urn in self._refreshing:
            self._refreshing.discard(metadata.urn)
            self._read(metadata)
            return
        op = _op(metadata)
        self._components.pop(metadata.urn, None)
        if told and op not in _QUIET and not metadata.type.startswith("pulumi:"):
            self._emit({"kind": "finished", "urn": metadata.urn, "op": op, "seconds": self._seconds(metadata.urn)})

    def _read(self, metadata: Any) -> None:
        if metadata.type.startswith("pulumi:") or not _managed(metadata):
            return
        gone = _text(metadata.op) == "delete" or metadata.new is None or not metadata.new.id
        old = _bare(metadata.old.outputs) if metadata.old else {}
        new = None if gone else _bare(metadata.new.outputs)
        relevant = gone or _text(metadata.op) == "update"
        if old == new and not relevant:
            return
        self.readings.append(
            {
                "urn": metadata.urn,
                "type": metadata.type,
                "inputs": _bare(metadata.old.inputs) if metadata.old else {},
                "old": old,
                "new": new,
                "relevant": relevant,
                "keys": sorted(_named(metadata)),
            }
        )

    def _failed(self, metadata: Any) -> None:
        self.failed.append(metadata.urn)
        self._components.pop(metadata.urn, None)
        self._emit(
            {
                "kind": "failed",
                "urn": metadata.urn,
                "op": _op(metadata),
                "seconds": self._seconds(metadata.urn),
            }
        )

    def _said(self, event: Any) -> None:
        if event.ephemeral or event.severity == "debug":
            return
        self._sayings.add(event.severity, event.message, event.urn or "")

    def _seconds(self, urn: str) -> float | None:
        begun = self._begun.get(urn)
        return None if begun is None else round(time.monotonic() - begun, 3)

    def result(self) -> dict[str, Any]:
        """Everything kept, as plain data; the run has ended.

        A component is made at once, and its end is told only where its program registers outputs for it.
        """
        for urn, op in self._components.items():
            self._emit({"kind": "finished", "urn": urn, "op": op, "seconds": self._seconds(urn)})
        self._components.clear()
        self._sayings.end()
        return {
            "steps": self.steps,
            "marks": list(self.marks.values()),
            "readings": self.readings,
            "failed": self.failed,
            "diagnostics": self._sayings.kept,
            "changes": self.changes,
        }
