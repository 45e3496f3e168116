"""Drift: what differs between the world and the state, told apart from what providers change at every read.

A difference is drift when the engine itself would act on it and it isn't routine. Routine is what is equal in meaning,
what equals the declared value, what only changed its order, and what was seen to change by itself: read twice within
one check with two answers, or another answer at nearly every check. That is learned per resource and property and
kept; nothing goes by the names of types.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from infra.digests import digest
from infra.meaning import canonical, filled_in, moved_on, same_but_for_order, same_quantity, same_word
from infra.models import Reading, on_one_line, resource_name
from infra.runs import write_whole
from infra.secret_shapes import MASK

__all__ = ["Difference", "DriftReport", "Knowledge", "Verdict", "classify", "differences", "unseen"]

Verdict = Literal["drift", "routine", "undeclared", "undecided"]
_ABSENT = "(absent)"
_KEEP = 12
_AT_REST = "as in the state"


class Difference(BaseModel):
    """One property of one resource that isn't as the state has it."""

    model_config = ConfigDict(frozen=True)

    urn: str
    path: str
    """Dotted; empty when the whole resource is gone."""
    declared: Any = None
    """What the program declares; None when it declares nothing there."""
    expected: Any = None
    """What the state has."""
    found: Any = None
    verdict: Verdict = "undecided"
    because: str = ""
    since: datetime | None = None
    """When it was first seen so."""

    @property
    def name(self) -> str:
        """What people call the resource."""
        return resource_name(self.urn)

    @property
    def sentence(self) -> str:
        """For a person."""
        if not self.path:
            return f"{self.name} is gone."
        if self.expected == self.found == MASK:
            return on_one_line(f"{self.name}: {self.path}, which is secret, isn't as it should be.")
        return on_one_line(f"{self.name}: {self.path} should be {_shown(self.expected)} and is {_shown(self.found)}.")


class DriftReport(BaseModel):
    """One check of one stack."""

    model_config = ConfigDict(frozen=True)

    stack: str
    at: datetime
    drift: tuple[Difference, ...] = ()
    routine: tuple[Difference, ...] = ()
    undeclared: tuple[Difference, ...] = ()
    resources: int = 0
    reads: int = 1
    acts: bool = False
    """The engine would change something because of what was read: it has to read it itself when it applies a plan."""
    repeated: int = 0
    """In how many earlier checks of the last seven days one of these was found, with a repair in between."""

    @property
    def drifted(self) -> bool:
        """Whether anything has to be repaired."""
        return bool(self.drift)

    @property
    def urns(self) -> tuple[str, ...]:
        """The resources that drifted."""
        return tuple(dict.fromkeys(item.urn for item in self.drift))

    @property
    def digest(self) -> str:
        """Of what drifted, to compare with another check."""
        return digest(sorted([item.urn, item.path, item.found] for item in self.drift))


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "…"


def _leaves(old: Any, new: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted({*old, *new}):
            yield from _leaves(old.get(name, _ABSENT), new.get(name, _ABSENT), f"{path}.{name}" if path else name)
    elif old != new:
        yield path, old, new


def differences(readings: Sequence[Reading]) -> list[tuple[Reading, str, Any, Any]]:
    """Every property that differs, with its reading, path, old and new value."""
    found: list[tuple[Reading, str, Any, Any]] = []
    for reading in readings:
        if reading.new is None:
            found.append((reading, "", None, None))
        else:
            found += [(reading, *leaf) for leaf in _leaves(reading.old, reading.new, "")]
    return found


def unseen(reading: Reading, known: Knowledge) -> Iterator[Difference]:
    """The secret that differs unseen, because the engine shows none: one that it names; or whatever is secret, where it
    would act although nothing differs but what it was seen to leave alone.
    """
    if not reading.relevant or reading.new is None:
        return
    declared = list(_masked_in(reading.inputs, ""))
    named = [path for path in declared if path.partition(".")[0] in reading.keys]
    alone = all(known.idle(reading.urn, path) for path, _, _ in _leaves(reading.old, reading.new, ""))
    if meant := named or (declared if alone else []):
        path = " or ".join(meant)
        yield Difference(
            urn=reading.urn,
            path=path,
            declared=MASK,
            expected=MASK,
            found=MASK,
            verdict="drift",
            because="the engine would set it back; how it differs it doesn't show",
            since=known.since(reading.urn, path, MASK),
        )


def _masked_in(value: Any, path: str) -> Iterator[str]:
    if value == MASK:
        yield path
    elif isinstance(value, dict):
        for name in sorted(value):
            yield from _masked_in(value[name], f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(True for part in value for _ in _masked_in(part, path)):
        yield path


def _declared(reading: Reading, path: str) -> Any:
    value: Any = reading.inputs
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return value


def _empty(value: Any) -> bool:
    return value in (_ABSENT, None, "", [], {})


class Knowledge:
    """What earlier checks saw, per resource and property, kept in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._seen: dict[str, dict[str, Any]] = json.loads(path.read_text())
        except (FileNotFoundError, ValueError):
            self._seen = {}

    def _entry(self, urn: str, path: str) -> dict[str, Any]:
        fresh = {"values": [], "restless": 0, "steady": False}
        return self._seen.setdefault(f"{urn}#{path}", fresh)

    def note(self, urn: str, path: str, value: Any, at: datetime) -> None:
        """Remember one observation; the same value again only counts."""
        entry = self._entry(urn, path)
        key = digest(value)
        if entry["values"] and entry["values"][-1][0] == key:
            entry["values"][-1][2] += 1
        else:
            entry["values"] = [*entry["values"], [key, at.isoformat(), 1]][-_KEEP:]

    def note_rest(self, differing: set[tuple[str, str]], at: datetime) -> None:
        """Everything that differed at an earlier check and isn't named here is as the state has it again."""
        keys = {f"{urn}#{path}" for urn, path in differing}
        for name, entry in self._seen.items():
            if entry["values"] and name not in keys and entry["values"][-1][0] != _AT_REST:
                entry["values"] = [*entry["values"], [_AT_REST, at.isoformat(), 1]][-_KEEP:]

    def note_restless(self, urn: str, path: str) -> None:
        """It answered differently within one check."""
        entry = self._entry(urn, path)
        entry["restless"] += 1
        entry["steady"] = False

    def note_steady(self, urn: str, path: str) -> None:
        """It answered the same, also a second later."""
        self._entry(urn, path)["steady"] = True

    def note_idle(self, urn: str, path: str) -> None:
        """It differed, and no update would have followed from it."""
        self._entry(urn, path)["idle"] = True

    def idle(self, urn: str, path: str) -> bool:
        """Whether it was seen to differ without an update following from it."""
        return bool(self._entry(urn, path).get("idle"))

    def restless(self, urn: str, path: str) -> int:
        """In how many checks it answered differently within the check."""
        return int(self._entry(urn, path)["restless"])

    def steady(self, urn: str, path: str) -> bool:
        """Whether it was found to keep its answer within a check."""
        return bool(self._entry(urn, path)["steady"])

    def wanders(self, urn: str, path: str) -> bool:
        """Whether it had another value at nearly every one of at least four checks."""
        values = self._entry(urn, path)["values"]
        checks = sum(count for _, _, count in values)
        return len(values) >= 4 and len({key for key, _, _ in values}) >= 0.75 * checks

    def stays(self, urn: str, path: str, value: Any) -> bool:
        """Whether an earlier check has seen this very value last."""
        values = self._entry(urn, path)["values"]
        return bool(values) and values[-1][0] == digest(value)

    def since(self, urn: str, path: str, value: Any) -> datetime | None:
        """When this value was first seen, if it is the latest."""
        values = self._entry(urn, path)["values"]
        if values and values[-1][0] == digest(value):
            return datetime.fromisoformat(values[-1][1])
        return None

    def save(self) -> None:
        """Keep it."""
        write_whole(self._path, json.dumps(self._seen, separators=(",", ":")))


def classify(reading: Reading, path: str, old: Any, new: Any, known: Knowledge) -> Difference:
    """What a difference is, as far as it can be said now; `undecided` asks for another look."""
    declared = _declared(reading, path) if path else None
    fresh = Difference(
        urn=reading.urn,
        path=path,
        declared=declared,
        expected=old,
        found=new,
        since=known.since(reading.urn, path, new) if path else None,
    )
    verdict, because = _judge(reading, path, old, new, declared, known)
    return fresh.model_copy(update={"verdict": verdict, "because": because})


def _within_declared(reading: Reading, path: str) -> bool:
    """Whether it is a member of something that the program declares, such as a tag among declared tags."""
    return "." in path and path.partition(".")[0] in reading.inputs


def _explained(reading: Reading, path: str) -> bool:
    """Whether an update may follow from another property instead: a declared one, or a state that flipped."""
    return not reading.relevant or any(
        other != path
        and (_declared(reading, other) is not None or isinstance(new, bool) or _within_declared(reading, other))
        for other, _, new in _leaves(reading.old, reading.new, "")
    )


def _judge(reading: Reading, path: str, old: Any, new: Any, declared: Any, known: Knowledge) -> tuple[Verdict, str]:
    if not path:
        return "drift", "it doesn't exist any more"
    same = _same_in_meaning(old, new, declared)
    if same:
        return "routine", same
    if declared is None and not _within_declared(reading, path) and _explained(reading, path):
        if _empty(old):
            return "routine", "the provider filled in what the program leaves open"
        if reading.relevant and not isinstance(new, bool) and not known.stays(reading.urn, path, new):
            return "undeclared", "an update would follow from something else; it counts when it stays so"
    return _by_what_was_seen(reading, path, declared, known)


def _same_in_meaning(old: Any, new: Any, declared: Any) -> str:
    """Why a difference is none, or nothing."""
    then = [value for value in (old, declared) if value is not None]
    if declared is not None and canonical(declared) == canonical(new):
        return "it is as the program declares it"
    if canonical(old) == canonical(new) or (_empty(old) and _empty(new)):
        return "written differently, the same in meaning"
    if any(same_but_for_order(value, new) for value in then):
        return "only the order changed"
    if any(same_word(value, new) or same_quantity(value, new) for value in then):
        return "written differently, the same in meaning"
    if declared is not None and filled_in(declared, new):
        return "as declared, with what the provider filled in"
    if declared is None and moved_on(old, new):
        return "a moment that the provider moved on"
    return ""


def _by_what_was_seen(reading: Reading, path: str, declared: Any, known: Knowledge) -> tuple[Verdict, str]:
    restless, wanders = known.restless(reading.urn, path), known.wanders(reading.urn, path)
    if not reading.relevant:
        return ("routine" if restless or wanders else "undeclared"), "no update would follow from it"
    if restless >= (2 if declared is not None else 1):
        return "routine", "it answers differently at every read"
    if declared is None and wanders:
        return "routine", "it had another value at nearly every check"
    if known.steady(reading.urn, path):
        return "drift", "it differs from what is declared" if declared is not None else "it differs and stays so"
    return "undecided", ""
