"""Deploying and destroying: exactly what was approved, from a known start, with a checkpoint before and a mark in the world."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from infra.backend import Deployment, Update
from infra.checkpoints import Applied, Checkpoint, Checkpoints, Reason
from infra.digests import config_digest, state_digest
from infra.engine.client import Session
from infra.engine.protocol import Job
from infra.engine.room import EngineRoom
from infra.errors import EngineFailure, EngineHung, InfraError, PlanMoved, ProtectedStack
from infra.health import Health, HealthReport
from infra.models import EngineEvent, Step
from infra.places import Place
from infra.ports import Clock, Listener, PermitDesk, PermitLike
from infra.previews import Binding, Previews, compare, export, file_digest, refuse_frozen, step_map, steps_of
from infra.recovery import settle
from infra.runs import ProcessMark, Run, RunLog, Runs, message_for, permit_in
from infra.watch import DriftWatch

__all__ = ["ChangeReport", "Deploys"]

_RETRIES = 2
"""A run whose engine was killed goes on by itself so often within one call."""


class ChangeReport(BaseModel):
    """What a run did."""

    model_config = ConfigDict(frozen=True)

    stack: str
    succeeded: bool
    problem: str = ""
    steps: tuple[Step, ...] = ()
    counts: dict[str, int] = {}
    checkpoint: str = ""
    outputs: dict[str, Any] = {}
    health: HealthReport = HealthReport()
    seconds: float = 0.0
    resources: int = 0
    continued: bool = False
    """It went on from where an earlier attempt was cut off."""
    log: tuple[str, ...] = ()
    timings: dict[str, float] = {}
    """Safety step → seconds."""


class Stopwatch:
    """How long each part took."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time the block."""
        begun = asyncio.get_running_loop().time()
        try:
            yield
        finally:
            spent = asyncio.get_running_loop().time() - begun
            self.parts[name] = round(self.parts.get(name, 0.0) + spent, 3)


class Deploys:
    """Carries out approved previews."""

    def __init__(
        self,
        *,
        room: EngineRoom,
        runs: Runs,
        checkpoints: Checkpoints,
        previews: Previews,
        watch: DriftWatch,
        health: Health,
        permits: PermitDesk,
        clock: Clock,
        scratch: Path,
    ) -> None:
        self._room = room
        self._runs = runs
        self._checkpoints = checkpoints
        self._previews = previews
        self._watch = watch
        self._health = health
        self._permits = permits
        self._clock = clock
        self._scratch = scratch

    async def up(
        self, place: Place, binding: Binding, permit: PermitLike, *, by: str, listen: Listener | None = None
    ) -> ChangeReport:
        """Apply the approved plan. Refuses, changing nothing, when anything isn't as it was approved.

        What the engine refuses half-way is a report that didn't succeed; everything else raises InfraError.
        """
        refuse_frozen(place.declaration, self._clock)
        change = _Change(place, binding, permit, by, "stack_up", "before deploy", f"deploy by {by}" if by else "deploy")
        return await self._carry_out(change, self._apply, listen)

    async def destroy(
        self, place: Place, binding: Binding, permit: PermitLike, *, by: str, listen: Listener | None = None
    ) -> ChangeReport:
        """Delete everything that the approved preview named."""
        if place.declaration.protected:
            raise ProtectedStack(
                f"{place.name} is protected and can't be destroyed.",
                not_done="Nothing was changed.",
                to_do="An operator takes `protected` off its declaration in sophia.toml first.",
            )
        refuse_frozen(place.declaration, self._clock)
        words = f"destroy by {by}" if by else "destroy"
        change = _Change(place, binding, permit, by, "stack_destroy", "before destroy", words)
        return await self._carry_out(change, self._delete, listen)

    async def _carry_out(self, change: _Change, act: _Act, listen: Listener | None) -> ChangeReport:
        watch = Stopwatch()
        begun = asyncio.get_running_loop().time()
        self._runs.active.add(change.permit.id)
        try:
            with watch.part("settle"):
                await settle(change.place, self._room, self._runs)
            report = await self._attempts(change, act, listen, watch)
        finally:
            self._runs.active.discard(change.permit.id)
        spent = asyncio.get_running_loop().time() - begun
        return report.model_copy(update={"seconds": round(spent, 3), "timings": watch.parts})

    async def _attempts(
        self, change: _Change, act: _Act, listen: Listener | None, watch: Stopwatch
    ) -> ChangeReport:
        redeemed = False
        for attempt in range(_RETRIES + 1):
            earlier = self._runs.find(change.place.name, change.permit.id)
            with watch.part("compare"):
                self._not_moved(change, earlier)
            try:
                return await act(change, earlier, listen, watch, redeemed)
            except _Redeemed as interruption:
                redeemed = True
                cause = interruption.cause
                if attempt == _RETRIES or not isinstance(cause, EngineFailure) or cause.kind != "killed":
                    raise cause from None
                await settle(change.place, self._room, self._runs)
        raise AssertionError("unreachable")

    def _not_moved(self, change: _Change, earlier: Run | None) -> None:
        place, binding = change.place, change.binding
        state = None
        if place.state and earlier is None:
            state = state_digest(place.state.deployment())
        elif place.state and earlier is not None:
            _nobody_else(place, earlier)
        relevant = binding.kind != "destroy"
        compare(
            binding,
            state=state,
            config=config_digest(place.config_text()) if relevant else None,
            program=place.source().digest if relevant else None,
            drift=None,
        )
        if binding.plan and file_digest(Path(binding.plan)) != binding.plan_digest:
            raise PlanMoved(
                f"The update plan that was approved for {binding.stack} was altered or is gone.",
                not_done="Nothing was changed.",
                to_do=f"Preview {binding.stack} again and have that approved.",
            )

    async def _apply(
        self, change: _Change, earlier: Run | None, listen: Listener | None, watch: Stopwatch, redeemed: bool
    ) -> ChangeReport:
        place, binding = change.place, change.binding
        async with self._room.open(place, create=place.state is not None) as child:
            if earlier is None:
                await self._world_not_moved(change, child, watch)
            run = await self._begin(change, earlier, child, watch, redeemed)
            try:
                plan = binding.plan
                if earlier is not None:
                    with watch.part("go on"):
                        plan = await self._go_on(change, child, listen)
                with watch.part("apply"):
                    arguments = {"plan": plan, "refresh": True, "message": message_for(change.words, change.permit.id)}
                    result = await child.run(Job("up", arguments), self._heard(change, listen))
            except InfraError as error:
                return await self._failed(change, run, error, continued=earlier is not None)
        return await self._succeeded(change, run, result, watch, continued=earlier is not None)

    async def _world_not_moved(self, change: _Change, child: Session, watch: Stopwatch) -> None:
        place, binding = change.place, change.binding
        if place.state is None:
            compare(binding, state=state_digest(await export(child)), config=None, program=None, drift=None)
        if place.state and not (place.state.deployment() or Deployment()).real:
            return
        with watch.part("refresh"):
            report = await self._watch.check(place, child)
        compare(binding, state=None, config=None, program=None, drift=report.digest)

    async def _begin(
        self, change: _Change, earlier: Run | None, child: Session, watch: Stopwatch, redeemed: bool
    ) -> Run:
        """Redeem the permit, note the run, take the checkpoint: from here on the world may change."""
        place = change.place
        if not redeemed:
            await self._permits.redeem(change.permit.id, change.permit.token, tool=change.tool)
        mark, owner = ProcessMark.of(child.pid), ProcessMark.of(os.getpid())
        if earlier is not None and earlier.checkpoint:
            changes = {"phase": "applying", "engine": mark, "owner": owner}
            return self._runs.put(earlier.model_copy(update=changes))
        deployment = place.state.deployment() if place.state else await export(child)
        run = Run(
            permit=change.permit.id,
            tool=change.tool,
            stack=place.name,
            started_at=self._clock.now(),
            by=change.by,
            state=state_digest(deployment),
            config=change.binding.config,
            program=change.binding.program,
            history=place.state.length() if place.state else 0,
            engine=mark,
            owner=owner,
        )
        self._runs.put(run)
        with watch.part("checkpoint"):
            checkpoint = await asyncio.to_thread(self._checkpoint, change, deployment, run.state)
        return self._runs.put(run.model_copy(update={"checkpoint": checkpoint.id, "phase": "applying"}))

    def _checkpoint(self, change: _Change, deployment: Deployment | None, state: str) -> Checkpoint:
        return self._checkpoints.take(
            change.place,
            deployment,
            at=self._clock.now(),
            reason=change.reason,
            state=state,
            permit=change.permit.id,
            by=change.by,
        )

    async def _go_on(self, change: _Change, child: Session, listen: Listener | None) -> str:
        """After a cut-off: forget pending creations, plan anew, and go no further than what was approved."""
        place, binding = change.place, change.binding
        deployment = place.state.deployment() if place.state else await export(child)
        if deployment and deployment.pending:
            words = message_for("clear what was cut off", change.permit.id)
            await child.run(Job("refresh", {"clear_pending_creates": True, "message": words}), self._heard(change, listen))
        plan = str(Path(binding.plan).with_suffix(f".{change.permit.id}.json"))
        result = await child.run(Job("preview", {"refresh": True, "plan": plan}), listen)
        beyond = sorted(set(step_map(steps_of(result))) - set(binding.steps))
        if beyond:
            raise PlanMoved(
                f"Going on with {place.name} would touch what wasn't approved: {', '.join(beyond)}.",
                not_done="The rest of the deploy was not done.",
                to_do=f"Preview {place.name} again and have that approved.",
            )
        return plan

    async def _delete(
        self, change: _Change, earlier: Run | None, listen: Listener | None, watch: Stopwatch, redeemed: bool
    ) -> ChangeReport:
        place = change.place
        async with self._room.open(place) as child:
            run = await self._begin(change, earlier, child, watch, redeemed)
            try:
                if earlier is not None and place.state and (place.state.deployment() or Deployment()).pending:
                    words = message_for("clear what was cut off", change.permit.id)
                    await child.run(Job("refresh", {"clear_pending_creates": True, "message": words}))
                with watch.part("apply"):
                    arguments = {"message": message_for(change.words, change.permit.id)}
                    result = await child.run(Job("destroy", arguments), self._heard(change, listen))
            except InfraError as error:
                return await self._failed(change, run, error, continued=earlier is not None)
        return await self._succeeded(change, run, result, watch, continued=earlier is not None)

    def _heard(self, change: _Change, listen: Listener | None) -> Listener:
        log = self._runs.log(change.place.name, change.permit.id)
        return _both(log, listen)

    async def _failed(self, change: _Change, run: Run, error: InfraError, *, continued: bool) -> ChangeReport:
        if isinstance(error, EngineFailure) and error.kind == "killed":
            raise _Redeemed(error)
        if not isinstance(error, (EngineFailure, EngineHung, PlanMoved)):
            self._end(run, succeeded=False, problem=error.tried)
            raise _Redeemed(error)
        self._end(run, succeeded=False, problem=error.tried)
        deployment = change.place.state.deployment() if change.place.state else None
        result = getattr(error, "result", {})
        return ChangeReport(
            stack=change.place.name,
            succeeded=False,
            problem=error.tried,
            steps=steps_of(result),
            checkpoint=run.checkpoint,
            outputs=deployment.outputs if deployment else {},
            resources=len(deployment.real) if deployment else 0,
            continued=continued,
            log=tuple(getattr(error, "log", ()))[:50],
        )

    async def _succeeded(
        self, change: _Change, run: Run, result: dict[str, Any], watch: Stopwatch, *, continued: bool
    ) -> ChangeReport:
        place = change.place
        deployment = await self.deployment(place)
        source = place.source()
        applied = Applied(
            history=place.state.length() if place.state else 0,
            config=place.config_text(),
            program=source.digest,
            commit=source.commit,
            permit=change.permit.id,
            at=self._clock.now(),
        )
        self._checkpoints.note_applied(place, applied)
        health = HealthReport()
        if change.binding.kind != "destroy":
            with watch.part("health"):
                health = await self._health.watch(place, deployment)
        self._end(run, succeeded=True, problem="")
        return ChangeReport(
            stack=place.name,
            succeeded=True,
            steps=steps_of(result),
            counts={op: count for op, count in result.get("changes", {}).items() if op != "same"},
            checkpoint=run.checkpoint,
            outputs=deployment.outputs if deployment else {},
            health=health,
            resources=len(deployment.real) if deployment else 0,
            continued=continued,
        )

    async def deployment(self, place: Place) -> Deployment | None:
        """The state, from its folder or through the CLI."""
        if place.state:
            return place.state.deployment()
        async with self._room.open(place) as child:
            return await export(child)

    def _end(self, run: Run, *, succeeded: bool, problem: str) -> None:
        changes = {"phase": "ended", "succeeded": succeeded, "problem": problem, "ended_at": self._clock.now()}
        self._runs.put(run.model_copy(update=changes))


class _Change:
    """One approved change on its way."""

    def __init__(
        self, place: Place, binding: Binding, permit: PermitLike, by: str, tool: str, reason: Reason, words: str
    ) -> None:
        self.place, self.binding, self.permit = place, binding, permit
        self.by, self.tool, self.reason, self.words = by, tool, reason, words


_Act = Callable[[_Change, "Run | None", "Listener | None", Stopwatch, bool], Awaitable[ChangeReport]]


class _Redeemed(Exception):
    """An error after the permit was redeemed."""

    def __init__(self, cause: InfraError) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _both(log: RunLog, listen: Listener | None) -> Listener:
    def heard(event: EngineEvent) -> None:
        log.add(event)
        if listen:
            listen(event)

    return heard


def _nobody_else(place: Place, earlier: Run) -> None:
    """Raises PlanMoved when the history has an entry since the run began that isn't this run's own."""
    assert place.state is not None  # noqa: S101 - asked by the caller
    since: list[Update] = place.state.history(max(place.state.length() - earlier.history, 0) or 1)
    fresh = [item for item in since if item.sequence > earlier.history]
    foreign = [item for item in fresh if permit_in(item.message) != earlier.permit]
    if foreign:
        raise PlanMoved(
            f"{place.name} was changed by somebody else ({foreign[0].message or foreign[0].kind}) after this deploy was cut off.",
            not_done="It was not gone on with.",
            to_do=f"Preview {place.name} again and have that approved.",
        )
