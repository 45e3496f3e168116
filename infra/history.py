"""What was done to a stack, when, by whom and with what result: Pulumi's history joined with our own runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from infra.backend import Update, parse_update
from infra.engine.protocol import Job
from infra.engine.room import EngineRoom
from infra.places import Place
from infra.previews import counts_of
from infra.runs import Run, Runs, permit_in

__all__ = ["History", "HistoryEntry"]

_MOST = 500
_KINDS = {"update": "deploy", "refresh": "refresh", "destroy": "destroy", "import": "import", "rename": "rename"}
_TOOLS = {
    "stack_up": "deploy",
    "stack_rollback": "rollback",
    "stack_repair": "repair",
    "stack_destroy": "destroy",
}
"""What changes a stack. A preview that failed is kept for a diagnosis, and is no change."""


class HistoryEntry(BaseModel):
    """One change of a stack."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    kind: str
    by: str = ""
    message: str = ""
    result: str = ""
    changes: dict[str, int] = {}
    besides: tuple[str, ...] = ()
    """What was done to outputs and protections."""
    seconds: float | None = None
    permit: str = ""
    """The effect that it was, when Sophia did it."""
    commit: str = ""
    checkpoint: str = ""
    problem: str = ""
    failed_checks: tuple[str, ...] = ()
    sequence: int = 0


class History:
    """Reads histories."""

    def __init__(self, room: EngineRoom, runs: Runs) -> None:
        self._room = room
        self._runs = runs

    async def of(self, place: Place, since: datetime | None = None) -> list[HistoryEntry]:
        """Newest first. Runs that never reached Pulumi's history are in it as well."""
        runs = {run.permit: run for run in self._runs.of(place.name)}
        updates = await self.updates(place)
        entries = [self._entry(update, runs.get(permit_in(update.message))) for update in updates]
        seen = {entry.permit for entry in entries if entry.permit}
        entries += [_of_run(run) for run in runs.values() if run.permit not in seen and run.tool in _TOOLS]
        found = [entry for entry in entries if since is None or entry.at >= since]
        return sorted(found, key=lambda entry: entry.at, reverse=True)

    async def updates(self, place: Place) -> Sequence[Update]:
        """Pulumi's own entries, newest first, as many as matter to anybody."""
        if place.state:
            return place.state.history(_MOST)
        async with self._room.open(place) as child:
            answer = (await child.run(Job("cli_json", {"command": ["stack", "history", "--json"]})))["json"] or []
        return [parse_update(item, len(answer) - index) for index, item in enumerate(answer)]

    def _entry(self, update: Update, run: Run | None) -> HistoryEntry:
        found = _entry(update, run)
        done = self._runs.done(run.stack, run.permit) if run and update.result == "succeeded" else []
        return found.model_copy(update={"changes": counts_of(done)}) if done else found


def _entry(update: Update, run: Run | None) -> HistoryEntry:
    permit = permit_in(update.message)
    kind = _KINDS.get(update.kind, update.kind)
    if run and update.kind != "refresh":
        kind = _TOOLS.get(run.tool, kind)
    said = update.message.rpartition(" [sophia ")[0].rpartition(" by ")[2] if permit else ""
    author = said or update.environment.get("git.author") or update.environment.get("git.committer") or ""
    return HistoryEntry(
        at=update.ended or update.started,
        kind=kind,
        by=run.by if run else author,
        message=update.message.partition(" [sophia ")[0],
        result=update.result,
        changes={op: count for op, count in update.changes.items() if op != "same"},
        seconds=update.seconds,
        permit=permit,
        commit=run.applied_commit if run else update.environment.get("git.head", ""),
        checkpoint=run.checkpoint if run else "",
        besides=run.besides if run and update.result == "succeeded" else (),
        problem=run.problem if run else "",
        failed_checks=run.failed_checks if run else (),
        sequence=update.sequence,
    )


def _of_run(run: Run) -> HistoryEntry:
    ended = {None: "cut off", True: "succeeded", False: "failed"}[run.succeeded]
    return HistoryEntry(
        at=run.ended_at or run.started_at,
        kind=_TOOLS[run.tool],
        by=run.by,
        result=ended,
        seconds=(run.ended_at - run.started_at).total_seconds() if run.ended_at else None,
        permit=run.permit,
        commit=run.applied_commit,
        checkpoint=run.checkpoint,
        problem=run.problem,
        failed_checks=run.failed_checks,
    )
