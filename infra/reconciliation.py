"""After a crash: did it happen? Answered by Pulumi's history, state and lock, and by who still runs."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from infra.backend import Update
from infra.digests import state_digest
from infra.endings import Endings
from infra.engine.room import EngineRoom
from infra.history import History
from infra.places import Place
from infra.recovery import settle
from infra.reports import ChangeReport
from infra.runs import Run, Runs, permit_in

__all__ = ["Reckoning", "Reconciler"]


class Reckoning(BaseModel):
    """What the world says of an attempt."""

    model_config = ConfigDict(frozen=True)

    outcome: Literal["happened", "not_happened", "partial", "unknown"]
    report: ChangeReport | None = None
    evidence: str


class Reconciler:
    """Looks at the world on behalf of a permit."""

    def __init__(self, room: EngineRoom, runs: Runs, endings: Endings, history: History) -> None:
        self._room = room
        self._runs = runs
        self._endings = endings
        self._history = history

    async def look(self, place: Place, permit: str) -> Reckoning:
        """Whether the permit's change was made. Ends what our own dead Sophia left running first.

        Raises LockHeld when somebody else is at work on the stack.
        """
        entry = await self._entry(place, permit)
        if entry is None or entry.result != "succeeded":
            await settle(place, self._room, self._runs)
            entry = await self._entry(place, permit)
        run = self._runs.find(place.name, permit)
        if entry is not None and entry.result == "succeeded" and not await self._stopped_short(place, run, entry):
            return await self._happened(place, run, entry)
        if run is None:
            return Reckoning(
                outcome="not_happened",
                evidence=f"No run was begun for it, and nothing in the history of {place.name} carries its mark.",
            )
        if run.phase == "ended" and run.succeeded is False:
            return await self._refused(place, run)
        return await self._cut_off(place, run)

    async def _entry(self, place: Place, permit: str) -> Update | None:
        return next((item for item in await self._changes(place) if permit_in(item.message) == permit), None)

    async def _changes(self, place: Place) -> list[Update]:
        return [item for item in await self._history.updates(place) if item.kind in ("update", "destroy")]

    async def _stopped_short(self, place: Place, run: Run | None, entry: Update) -> bool:
        """Whether the run left what it was to delete, although its entry says that it succeeded."""
        if run is None or any(item.sequence > entry.sequence for item in await self._changes(place)):
            return False  # what is there now may have been deployed since
        return bool(await self._endings.left(place, run))

    async def _happened(self, place: Place, run: Run | None, entry: Update) -> Reckoning:
        report = await self._endings.conclude(place, run, entry)
        return Reckoning(
            outcome="happened",
            report=report,
            evidence=f"Entry {entry.sequence} in the history of {place.name} carries its mark and succeeded.",
        )

    async def _refused(self, place: Place, run: Run) -> Reckoning:
        report = await self._endings.concluded_badly(place, run)
        return Reckoning(outcome="happened", report=report, evidence=f"The engine ended it with: {run.problem}")

    async def _cut_off(self, place: Place, run: Run) -> Reckoning:
        deployment = await self._endings.deployment(place)
        if run.state == state_digest(deployment) and not (deployment and deployment.pending):
            return Reckoning(
                outcome="not_happened",
                evidence=f"The state of {place.name} is as it was before, and no operation is pending.",
            )
        creating = deployment.pending_creates() if deployment else ()
        if creating and not place.declaration.lab:
            return Reckoning(
                outcome="unknown",
                evidence="These were being created when it was cut off; only their provider knows whether they exist: "
                f"{', '.join(creating)}. Look them up there, import or delete them, and deploy {place.name} again.",
            )
        return Reckoning(
            outcome="partial",
            evidence=f"{place.name} was changed in part; running it again goes on from there and repeats nothing.",
        )
