"""What is there after a crash and a new start, counted by ways that the tools don't go, and what that comes to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import JsonValue

from evals.crash.cases import Look
from evals.crash.records import rows
from evals.crash.workspace import Workspace
from infra.lab.inventory import Lab

__all__ = ["SAFE", "Judged", "Place", "Verdict", "judge", "messages", "seen", "services"]

Verdict = Literal["once", "asked", "told", "lost", "doubled", "unreconciled"]
"""`told`: it didn't happen, the ledger knows that, and whoever asked was told why."""
SAFE = frozenset({"once", "asked", "told"})

_OPEN = {
    "turns that have not ended": "SELECT id, status FROM turns WHERE status IN ('queued', 'running', 'waiting')"
    " AND request NOT LIKE '%$left'",
    "effects of which nobody knows": "SELECT id, tool, status FROM effects WHERE status IN ('intended', 'started')",
    "runs that have not ended": "SELECT id, schedule FROM schedule_runs WHERE ended_at IS NULL",
    "approvals used without an effect": "SELECT a.id FROM approvals a WHERE a.status = 'used'"
    " AND NOT EXISTS (SELECT 1 FROM effects e WHERE e.approval = a.id)",
    "effects with more than one result": "SELECT r.turn, r.step FROM results r JOIN effects e"
    " ON e.turn = r.turn AND e.step = r.step GROUP BY r.turn, r.step HAVING count(*) > 1",
}
_WAITING = "SELECT id FROM turns WHERE status = 'waiting'"
_UNKNOWN = "SELECT id FROM effects WHERE status = 'unknown'"
_FAILED = (
    "SELECT t.id FROM turns t WHERE t.status = 'failed' AND t.thread LIKE '{thread}' AND NOT EXISTS"
    " (SELECT 1 FROM effects e WHERE e.turn = t.id AND e.undo_of IS NULL AND e.status NOT IN ('failed', 'undone'))"
)


@dataclass(frozen=True)
class Place:
    """A world, as the one who looks finds it."""

    folder: Path
    url: str | None = None
    workspace: Workspace | None = None
    """Its Slack, where it has one."""

    @property
    def home(self) -> Path:
        """Sophia's data folder there."""
        return self.folder / "home"

    def query(self, sql: str) -> list[list[JsonValue]]:
        """What a query finds in its database."""
        return rows(self.folder, self.url, sql)


@dataclass(frozen=True)
class Judged:
    """What one crash came to, and why that is said."""

    verdict: Verdict
    why: tuple[str, ...] = ()


def seen(place: Place, looks: Sequence[Look]) -> list[list[JsonValue]]:
    """What is there, look by look."""
    return [_seen(place, look) for look in looks]


def judge(
    place: Place,
    looks: Sequence[Look],
    report: str,
    *,
    asks: bool = False,
    before: Sequence[Sequence[JsonValue]] = (),
    refuses: bool = False,
    thread: str = "%",
) -> Judged:
    """Compare what is there with what should be there once.

    `asks`: what waits for a person is well where it is. `before`: what was there. `refuses`: the world may refuse what
    is asked for in `thread`; then all that was there is to be there still, and whoever asked is to be told.
    """
    missing, extra, gone = _compared(looks, seen(place, looks), before or [()] * len(looks))
    if extra:
        return Judged("doubled", tuple(f"too much: {each}" for each in extra))
    if place.query(_UNKNOWN):
        return Judged("asked")
    left = tuple(_left_open(place))
    refused = refuses and not gone and report and place.query(_FAILED.format(thread=thread))
    if missing and refused and not left:
        return Judged("told", (report,))
    if missing:
        return Judged("lost", (*(f"not there: {each}" for each in missing), report))
    if asks and place.query(_WAITING):
        return Judged("asked")
    return Judged("unreconciled", left) if left else Judged("once")


def _compared(
    looks: Sequence[Look], there: Sequence[Sequence[JsonValue]], before: Sequence[Sequence[JsonValue]]
) -> tuple[list[str], list[str], list[str]]:
    """What is missing, what is there that is neither expected nor was there, and what was there and isn't any more."""
    missing: list[str] = []
    extra: list[str] = []
    gone: list[str] = []
    for look, now, was in zip(looks, there, before, strict=True):
        less, more = _difference(now, look.expect)
        missing += less
        extra += _difference(was, more)[0]
        gone += _difference(now, was)[0]
    return missing, extra, gone


def _left_open(place: Place) -> Iterator[str]:
    for what, query in _OPEN.items():
        found = place.query(query)
        if found:
            yield f"{what}: {found}"


def _seen(place: Place, look: Look) -> list[JsonValue]:
    if look.sql is not None:
        return [list(row) for row in place.query(look.sql)]
    if look.outbox is not None:
        return list(messages(place.home / "outbox" / f"{look.outbox.lstrip('#')}.jsonl"))
    if look.slack is not None:
        assert place.workspace is not None, "a workflow that looks there has one"
        return list(place.workspace.said(look.slack))
    if look.file is not None:
        return [sum(look.holds.encode() in path.read_bytes() for path in place.home.glob(look.file))]
    return list(services(place, look.lab or ""))


def services(place: Place, stack: str) -> Iterator[str]:
    """Each running service by its process; one with two processes is there twice."""
    inventory = Lab(place.home).inventory().of(stack)
    yield from (f"{service.name} {service.version}" for service in inventory.services)
    yield from (f"twice: {name}" for name in inventory.doubled)


def messages(file: Path) -> Iterator[str]:
    """The messages in a channel's file. A line that was torn is none."""
    if not file.exists():
        return
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            yield str(json.loads(line)["content"])
        except (ValueError, KeyError):
            continue


def _difference(seen: Sequence[JsonValue], expected: Sequence[JsonValue]) -> tuple[list[str], list[str]]:
    """What is expected and isn't there, and what is there beyond that."""
    there = Counter(_text(value) for value in seen)
    missing: list[str] = []
    for value in map(_text, expected):
        match = next((each for each in sorted(there) if there[each] and _fits(each, value)), None)
        if match is None:
            missing.append(value)
        else:
            there[match] -= 1
    return missing, list((+there).elements())


def _fits(seen: str, expected: str) -> bool:
    return seen == expected or (expected.endswith("*") and seen.startswith(expected[:-1]))


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
