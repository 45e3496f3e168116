"""How runs end: what was applied is noted, health is watched, and a report is made, also of what nobody heard end."""

from __future__ import annotations

import asyncio

from infra.applied import Applied
from infra.backend import Deployment, Update
from infra.checkpoints import Checkpoints
from infra.digests import state_digest
from infra.engine.room import EngineRoom
from infra.errors import InfraError
from infra.health import Health, HealthReport
from infra.places import Place
from infra.ports import Clock
from infra.previews import counts_of, export, source_of, steps_of
from infra.reports import ChangeReport
from infra.runs import Run, Runs, permit_in, write_whole

__all__ = ["Endings"]


class Endings:
    """Makes the reports of runs."""

    def __init__(self, *, room: EngineRoom, runs: Runs, checkpoints: Checkpoints, health: Health, clock: Clock) -> None:
        self._room = room
        self._runs = runs
        self._checkpoints = checkpoints
        self._health = health
        self._clock = clock

    async def conclude(self, place: Place, run: Run | None, entry: Update) -> ChangeReport:
        """The report of a run that ended well and of which nobody heard."""
        run = run or await self._rebuilt(place, entry)
        report = await self.succeeded(place, run)
        return report.model_copy(update={"seconds": entry.seconds or 0.0, "continued": True})

    @staticmethod
    async def _rebuilt(place: Place, entry: Update) -> Run:
        """Our note of the run when it was lost: as the history and the disk tell it."""
        source = await source_of(place)
        return Run(
            permit=permit_in(entry.message),
            tool="",
            stack=place.name,
            started_at=entry.started,
            applied_config=place.config_text(),
            applied_program=source.digest,
            applied_commit=source.commit,
            watch_health=entry.kind != "destroy",
        )

    async def concluded_badly(self, place: Place, run: Run) -> ChangeReport:
        """The report of a run that the engine refused and of which nobody heard."""
        deployment = await self.deployment(place)
        return ChangeReport(
            stack=place.name,
            succeeded=False,
            counts=counts_of(self._runs.done(run.stack, run.permit)),
            problem=run.problem,
            checkpoint=run.checkpoint,
            outputs=deployment.outputs if deployment else {},
            resources=len(deployment.real) if deployment else 0,
            continued=True,
        )

    async def succeeded(self, place: Place, run: Run) -> ChangeReport:
        """Note what is applied now, watch its health where that is asked, and end the run."""
        deployment = await self.deployment(place)
        if run.restore and place.declaration.lab and place.config_text() != run.applied_config:
            write_whole(place.config_path, run.applied_config)
        applied = Applied(
            history=place.state.length() if place.state else 0,
            config=run.applied_config,
            program=run.applied_program,
            commit=run.applied_commit,
            permit=run.permit,
            at=self._clock.now(),
        )
        before = self._checkpoints.applied(place) if run.only else None
        now = before.after(applied, run.only) if before else applied
        await asyncio.to_thread(self._checkpoints.note_applied, place, now, applied.program)
        health = await self._health.watch(place, deployment) if run.watch_health else HealthReport()
        self.end(run.model_copy(update={"failed_checks": health.failures}), succeeded=True, problem="")
        return ChangeReport(
            stack=place.name,
            succeeded=True,
            counts=counts_of(self._runs.done(run.stack, run.permit)),
            checkpoint=run.checkpoint,
            outputs=deployment.outputs if deployment and not run.deletes else {},
            health=health,
            resources=len(deployment.real) if deployment else 0,
        )

    async def left(self, place: Place, run: Run) -> tuple[str, ...]:
        """The URNs of what the run was to delete and is still there.

        An engine that is asked to stop between two deletions calls what it has done so far a success.
        """
        if not run.deletes:
            return ()
        deployment = await self.deployment(place)
        return tuple(item["urn"] for item in (deployment.real if deployment else ()) if item["urn"] in run.deletes)

    async def deployment(self, place: Place) -> Deployment | None:
        """The state, from its folder or through the CLI."""
        if place.state:
            return place.state.deployment()
        async with self._room.open(place) as child:
            return await export(child)

    def _untouched(self, run: Run, place: Place, deployment: Deployment | None) -> bool:
        """Whether a run that failed began nothing: no operation is in its log, and the state is what it was before."""
        begun = any(event.kind in ("started", "failed") for _, event in self._runs.log(run.stack, run.permit).events())
        return place.state is not None and not begun and state_digest(deployment) == run.state

    def failed(self, place: Place, run: Run, error: InfraError, *, continued: bool) -> ChangeReport:
        """The report of what the engine refused; the run has ended."""
        self.end(run, succeeded=False, problem=error.why)
        self._runs.log(place.name, run.permit).say(getattr(error, "log", ()))
        deployment = place.state.deployment() if place.state else None
        return ChangeReport(
            stack=place.name,
            succeeded=False,
            problem=error.why,
            steps=steps_of(getattr(error, "result", {})),
            counts=counts_of(self._runs.done(run.stack, run.permit)),
            checkpoint=run.checkpoint,
            outputs=deployment.outputs if deployment else {},
            resources=len(deployment.real) if deployment else 0,
            continued=continued,
            untouched=self._untouched(run, place, deployment),
            log=tuple(getattr(error, "log", ()))[:50],
        )

    def end(self, run: Run, *, succeeded: bool, problem: str) -> None:
        """Note that the run is over."""
        changes = {"phase": "ended", "succeeded": succeeded, "problem": problem, "ended_at": self._clock.now()}
        self._runs.put(run.model_copy(update=changes))
