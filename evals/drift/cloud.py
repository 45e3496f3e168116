"""A cloud of a few resources as a refresh reads them: properties that somebody changed, and those that never rest.

Every behaviour is what some provider does: clocks and counters in read-only properties, entity tags, lists without an
order, documents that come back in another layout, numbers as text, defaults that appear once something was read.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from infra.engine.protocol import Job
from infra.ports import Listener

__all__ = ["Cloud", "Edit", "Property", "Resource"]

Behaviour = Literal[
    "steady", "clock", "counter", "etag", "gauge", "daily", "order", "layout", "text", "empty", "case", "default",
    "inner_default", "token", "status", "quantity",
]  # fmt: skip


class Property(BaseModel):
    """One property: what the program declares (None: nothing), what the state has, and how it answers a read."""

    model_config = ConfigDict(extra="forbid")

    name: str
    behaviour: Behaviour = "steady"
    declared: JsonValue = None
    state: JsonValue = None
    """When it isn't what is declared; absent where both are None."""

    @property
    def kept(self) -> JsonValue:
        """What the state has."""
        return self.declared if self.state is None else self.state


class Resource(BaseModel):
    """One resource. A textual provider compares inputs letter by letter, and would update for a mere reordering."""

    model_config = ConfigDict(extra="forbid")

    name: str
    type: str
    properties: list[Property]
    textual: bool = False


class Edit(BaseModel):
    """Something that a person or a fault changed behind Pulumi's back, from a check on."""

    model_config = ConfigDict(extra="forbid")

    resource: str
    path: str = ""
    """Dotted; empty: the whole resource is deleted."""
    value: JsonValue = None
    """None: the property is taken away."""
    check: int
    until: int | None = None
    """The check at which it is back as it was."""
    at_leaf: str | None = None
    """Where the difference shows when it isn't `path` itself."""

    def holds(self, check: int) -> bool:
        """Whether it is in force at that check."""
        return self.check <= check and (self.until is None or check < self.until)


class _Turn:
    """One reading: which check, which reading within it, when, and a source of randomness of its own."""

    def __init__(self, check: int, read: int, now: datetime, chance: random.Random) -> None:
        self.check, self.read, self.now, self.chance = check, read, now, chance

    @property
    def tick(self) -> int:
        """Counts readings over all checks."""
        return self.check * 10 + self.read


def _shuffled(value: Any, chance: random.Random) -> Any:
    return chance.sample(value, len(value))


def _as_text(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, bool | int | float) else value


_QUANTITIES = {"1024Mi": "1Gi", "500m": "0.5", "3600s": "1h0m0s"}
"""As declared, and as Kubernetes and Go write the same."""

_ANSWERS: Mapping[str, Callable[[Property, _Turn, Any], Any]] = {
    "steady": lambda _p, _t, value: value,
    "clock": lambda _p, turn, _v: turn.now.timestamp() + turn.tick,
    "counter": lambda _p, turn, _v: 1000 + turn.tick * 7,
    "etag": lambda _p, turn, _v: f"{turn.chance.getrandbits(64):016x}",
    "gauge": lambda _p, turn, _v: turn.chance.randrange(10_000),
    "daily": lambda _p, turn, _v: f"{turn.now:%Y-%m-%d}T00:00:00Z",
    "order": lambda _p, turn, value: _shuffled(value, turn.chance),
    "layout": lambda _p, _t, value: json.dumps(json.loads(value), indent=2, sort_keys=True),
    "text": lambda _p, _t, value: _as_text(value),
    "empty": lambda _p, turn, value: value or turn.chance.choice(["", [], {}]),
    "token": lambda _p, turn, _v: f"{turn.check * 7919 % 65537:04x}-{turn.check}",
    "status": lambda _p, turn, value: "UPDATING" if turn.check % 3 == 1 else value,
    "quantity": lambda _p, _t, value: _QUANTITIES[value],
    "case": lambda _p, _t, value: value.lower(),
    "default": lambda _p, _t, value: "provider-default" if value is None else value,
    "inner_default": lambda _p, _t, value: [{"protocol": "tcp", **item} for item in value],
}


class Cloud:
    """Answers `preview_refresh` as the engine does."""

    def __init__(self, resources: list[Resource], edits: list[Edit], seed: int) -> None:
        self._resources = resources
        self._edits = edits
        self._chance = random.Random(seed)
        self._check = self._read = 0
        self._now = datetime.min.replace(tzinfo=UTC)

    def begin(self, check: int, now: datetime) -> None:
        """The next readings belong to that check."""
        self._check, self._read, self._now = check, 0, now

    async def run(self, job: Job, listen: Listener | None = None) -> dict[str, Any]:
        """One reading of everything."""
        assert job.op == "preview_refresh"
        turn = _Turn(self._check, self._read, self._now, self._chance)
        self._read += 1
        found = [self._reading(resource, turn) for resource in self._resources]
        return {"readings": [reading for reading in found if reading["old"] != reading["new"]]}

    def _reading(self, resource: Resource, turn: _Turn) -> dict[str, Any]:
        edits = [item for item in self._edits if item.resource == resource.name and item.holds(turn.check)]
        inputs = {item.name: item.declared for item in resource.properties if item.declared is not None}
        old = {item.name: item.kept for item in resource.properties if item.kept is not None}
        reading = {"urn": urn_of(resource), "type": resource.type, "inputs": inputs, "old": old}
        if any(not item.path for item in edits):
            return {**reading, "new": None, "relevant": True}
        true = {item.name: deepcopy(item.kept) for item in resource.properties}
        for edit in edits:
            _put(true, edit.path.split("."), edit.value)
        new = {}
        for item in resource.properties:
            value = true.get(item.name)
            answered = _ANSWERS[item.behaviour](item, turn, value) if item.name in true else None
            if answered is not None:
                new[item.name] = answered
        new |= {name: value for name, value in true.items() if name not in new and value is not None}
        textual = resource.textual and any(new.get(name) != value for name, value in inputs.items())
        return {**reading, "new": new, "relevant": bool(edits) or textual}


def urn_of(resource: Resource) -> str:
    """As Pulumi names it."""
    return f"urn:pulumi:suite::suite::{resource.type}::{resource.name}"


def _put(values: dict[str, Any], path: list[str], value: Any) -> None:
    *parents, last = path
    for part in parents:
        values = values.setdefault(part, {})
    if value is None:
        values.pop(last, None)
    else:
        values[last] = value
