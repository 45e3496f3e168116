"""Carrying out changes: exactly what was approved, from a known start, with a checkpoint and a mark in the world."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.backend import Deployment, Update
from infra.changes import Change
from infra.checkpoints import Checkpoint, Checkpoints
from infra.digests import config_digest, state_digest
from infra.endings import Endings
from infra.engine.client import Session
from infra.engine.protocol import Job
from infra.engine.room import EngineRoom
from infra.errors import EngineFailure, EngineHung, InfraError, LockHeld, PlanMoved, ProtectedStack
from infra.models import EngineEvent, resource_name
from infra.places import Place
from infra.ports import Clock, Listener, PermitDesk, PermitLike
from infra.previews import Binding, compare, file_digest, refuse_frozen, source_of, state_of, step_map, steps_of
from infra.recovery import left_behind, settle
from infra.reports import ChangeReport, Stopwatch
from infra.runs import ProcessMark, Run, RunLog, Runs, message_for, permit_in
from infra.starting import Starts, still_so
from infra.watch import DriftWatch

__all__ = ["Deploys"]

_RETRIES = 2
"""A run whose engine was killed goes on by itself so often within one call."""


class Deploys:
    """Carries out approved previews."""

    def __init__(
        self,
        *,
        room: EngineRoom,
        runs: Runs,
        checkpoints: Checkpoints,
        watch: DriftWatch,
        endings: Endings,
        permits: PermitDesk,
        clock: Clock,
    ) -> None:
        self._room = room
        self._runs = runs
        self._checkpoints = checkpoints
        self._starts = Starts(watch)
        self._endings = endings
        self._permits = permits
        self._clock = clock

    async def up(
        self, place: Place, binding: Binding, permit: PermitLike, *, by: str, listen: Listener | None = None
    ) -> ChangeReport:
        """Apply the approved plan. Refuses, changing nothing, when anything isn't as it was approved.

        What the engine refuses half-way is a report that didn't succeed; everything else raises InfraError.
        """
        refuse_frozen(place.declaration, self._clock)
        source = await source_of(place)
        change = Change(
            place=place,
            binding=binding,
            permit=permit,
            by=by,
            tool="stack_up",
            reason="before deploy",
            words=f"deploy by {by}" if by else "deploy",
            config=place.config_text(),
            program=source.digest,
            commit=source.commit,
            arguments={"targets": list(binding.targets)},
        )
        return await self.carry_out(change, listen)

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
        change = Change(
            place=place,
            binding=binding,
            permit=permit,
            by=by,
            tool="stack_destroy",
            reason="before destroy",
            words=f"destroy by {by}" if by else "destroy",
            config="",
            program="",
            destroys=True,
            watch_health=False,
        )
        return await self.carry_out(change, listen)

    async def carry_out(self, change: Change, listen: Listener | None) -> ChangeReport:
        """Carry a change out, going on where an earlier attempt of the same permit was cut off."""
        watch = Stopwatch()
        begun = asyncio.get_running_loop().time()
        self._runs.active.add(change.permit.id)
        try:
            with watch.part("settle"):
                await settle(change.place, self._room, self._runs)
            report = await self._attempts(change, listen, watch)
        finally:
            self._runs.active.discard(change.permit.id)
        spent = asyncio.get_running_loop().time() - begun
        return report.model_copy(update={"seconds": round(spent, 3), "timings": watch.parts})

    async def _attempts(self, change: Change, listen: Listener | None, watch: Stopwatch) -> ChangeReport:
        redeemed = False
        for attempt in range(_RETRIES + 1):
            earlier = self._runs.find(change.place.name, change.permit.id)
            with watch.part("compare"):
                self._not_moved(change, earlier)
            last = attempt == _RETRIES
            try:
                return await self._attempt(change, earlier, listen, watch, redeemed=redeemed, last=last)
            except _Redeemed as interruption:
                redeemed = True
                cause = interruption.cause
                if isinstance(cause, LockHeld) and not last and left_behind(cause):
                    async with self._room.open(change.place) as child:
                        await child.run(Job("cancel"))
                elif not isinstance(cause, EngineFailure):
                    raise cause from None
                await settle(change.place, self._room, self._runs, cut_off=change.permit.id)
        raise AssertionError("unreachable")

    def _not_moved(self, change: Change, earlier: Run | None) -> None:
        place, binding = change.place, change.binding
        state = None
        if place.state and earlier is None:
            state = state_digest(place.state.deployment())
        elif place.state and earlier is not None:
            _nobody_else(place, binding, earlier)
        compare(
            binding,
            state=state,
            config=config_digest(change.config),
            program=change.program,
            drift=None,
        )
        if binding.plan and file_digest(Path(binding.plan)) != binding.plan_digest:
            raise PlanMoved(
                f"The update plan that was approved for {binding.stack} was altered or is gone.",
                not_done="Nothing was changed.",
                to_do=binding.again,
            )

    async def _attempt(
        self,
        change: Change,
        earlier: Run | None,
        listen: Listener | None,
        watch: Stopwatch,
        *,
        redeemed: bool,
        last: bool,
    ) -> ChangeReport:
        place = change.place
        continued = earlier is not None
        create, work_dir = place.may_be_made, change.work_dir
        async with self._room.open(place, create=create, work_dir=work_dir, applying=True, tell=listen) as child:
            start = await self._starts.of(change, earlier, child, watch)
            run = await self._begin(change, earlier, child, watch, start.deployment, redeemed=redeemed)
            heard = _both(self._runs.log(place.name, change.permit.id), listen)
            try:
                plan, refreshes = change.binding.plan, start.refreshes
                if continued:
                    with watch.part("go on"):
                        plan, refreshes = await self._rest(change, child, heard)
                else:
                    still_so(change)
                with watch.part("refresh and apply" if refreshes else "apply"):
                    result = await self._act(change, child, heard, plan=plan, refreshes=refreshes)
            except InfraError as error:
                return await self._failed(change, run, error, continued=continued, last=last)
        left = await self._endings.left(place, run)
        if left:
            return self._endings.failed(place, run, _stopped_short(place.name, left), continued=continued)
        return await self._succeeded(change, run, result, watch, continued=continued)

    async def _act(
        self, change: Change, child: Session, heard: Listener, *, plan: str, refreshes: bool
    ) -> dict[str, Any]:
        message = message_for(change.words, change.permit.id)
        if change.destroys:
            targets = list(change.binding.targets)
            return await child.run(Job("destroy", {"message": message, "targets": targets}), heard)
        arguments = {**change.arguments, "plan": plan, "refresh": refreshes, "message": message}
        return await child.run(Job("up", arguments), heard)

    async def _rest(self, change: Change, child: Session, heard: Listener) -> tuple[str, bool]:
        """A plan for what a cut-off left to be done, and whether the engine reads the world as it applies it."""
        deployment = await state_of(change.place, child)
        pending = bool(deployment and deployment.pending)
        if pending:
            await self._clear_pending(change, child, heard)
        if change.destroys:
            return "", False
        refreshes = not pending and await self._starts.refreshes(change.place, child, deployment)
        return await self._plan_anew(change, child, refreshes=refreshes), refreshes

    @staticmethod
    async def _clear_pending(change: Change, child: Session, heard: Listener) -> None:
        """What was being created is forgotten where it isn't known to exist; creating adopts it. The state is as the
        world is then.
        """
        words = message_for("clear what was cut off", change.permit.id)
        arguments = {"clear_pending_creates": True, "message": words}
        await child.run(Job("refresh", {**_config_only(change.arguments), **arguments}), heard)

    async def _plan_anew(self, change: Change, child: Session, *, refreshes: bool) -> str:
        """A plan for the rest, which must not go beyond what was approved."""
        binding = change.binding
        plan = str(Path(binding.plan).with_suffix(f".{change.permit.id}.json"))
        result = await child.run(Job("preview", {**change.arguments, "refresh": refreshes, "plan": plan}))
        beyond = sorted(set(step_map(steps_of(result))) - set(binding.steps))
        if beyond:
            raise PlanMoved(
                f"Going on with {change.place.name} would touch what wasn't approved: {', '.join(beyond)}.",
                not_done="The rest was not done.",
                to_do=change.binding.again,
            )
        return plan

    async def _begin(
        self,
        change: Change,
        earlier: Run | None,
        child: Session,
        watch: Stopwatch,
        deployment: Deployment | None,
        *,
        redeemed: bool,
    ) -> Run:
        """Redeem the permit, note the run, take the checkpoint: from here on the world may change."""
        place = change.place
        if not redeemed:
            await self._permits.redeem(change.permit.id, change.permit.token, tool=change.tool)
        mark, owner = ProcessMark.of(child.pid), ProcessMark.of(os.getpid())
        if earlier is not None and earlier.checkpoint:
            changes = {"phase": "applying", "engine": mark, "owner": owner}
            return self._runs.put(earlier.model_copy(update=changes))
        run = Run(
            permit=change.permit.id,
            tool=change.tool,
            stack=place.name,
            started_at=self._clock.now(),
            by=change.by,
            state=state_digest(deployment),
            config=change.binding.config,
            program=change.binding.program,
            target=change.binding.checkpoint,
            history=place.state.length() if place.state else 0,
            deletes=_to_delete(change, deployment),
            besides=change.binding.besides,
            only=() if change.destroys else change.binding.targets,
            applied_config=change.config,
            applied_program=change.program,
            applied_commit=change.commit,
            restore=change.restore,
            watch_health=change.watch_health,
            engine=mark,
            owner=owner,
        )
        self._runs.put(run)
        with watch.part("checkpoint"):
            checkpoint = await asyncio.to_thread(self._checkpoint, change, deployment, run.state)
        return self._runs.put(run.model_copy(update={"checkpoint": checkpoint.id, "phase": "applying"}))

    def _checkpoint(self, change: Change, deployment: Deployment | None, state: str) -> Checkpoint:
        return self._checkpoints.take(
            change.place,
            deployment,
            at=self._clock.now(),
            reason=change.reason,
            state=state,
            permit=change.permit.id,
            by=change.by,
        )

    async def _failed(
        self, change: Change, run: Run, error: InfraError, *, continued: bool, last: bool
    ) -> ChangeReport:
        if isinstance(error, EngineFailure) and error.kind == "killed" and not last:
            raise _Redeemed(error)
        if isinstance(error, EngineFailure | EngineHung) or (continued and isinstance(error, PlanMoved)):
            return self._endings.failed(change.place, run, error, continued=continued)
        if not continued:
            self._endings.end(run, succeeded=False, problem=error.why)
        raise _Redeemed(error)

    async def _succeeded(
        self, change: Change, run: Run, result: dict[str, Any], watch: Stopwatch, *, continued: bool
    ) -> ChangeReport:
        with watch.part("health"):
            report = await self._endings.succeeded(change.place, run)
        done = {"steps": steps_of(result), "besides": change.binding.besides, "continued": continued}
        return report.model_copy(update=done)


class _Redeemed(Exception):
    """An error after the permit was redeemed."""

    def __init__(self, cause: InfraError) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _config_only(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name == "config_file"}


def _to_delete(change: Change, deployment: Deployment | None) -> tuple[str, ...]:
    if not change.destroys or deployment is None:
        return ()
    return change.binding.targets or tuple(item["urn"] for item in deployment.real)


def _stopped_short(stack: str, left: tuple[str, ...]) -> EngineFailure:
    names = ", ".join(map(resource_name, left[:6])) + (" …" if len(left) > 6 else "")
    return EngineFailure(
        f"The engine was stopped before everything of {stack} was deleted that should be: {names} is still there.",
        kind="stopped",
        to_do="Ask for it again: what is gone isn't touched.",
    )


def _both(log: RunLog, listen: Listener | None) -> Listener:
    def heard(event: EngineEvent) -> None:
        with suppress(OSError):
            log.add(event)
        if listen:
            listen(event)

    return heard


def _nobody_else(place: Place, binding: Binding, earlier: Run) -> None:
    """Raises PlanMoved when the history has an entry since the run began that isn't this run's own."""
    assert place.state is not None
    since: list[Update] = place.state.history(max(place.state.length() - earlier.history, 0) or 1)
    fresh = [item for item in since if item.sequence > earlier.history]
    foreign = [item for item in fresh if permit_in(item.message) != earlier.permit]
    if foreign:
        raise PlanMoved(
            f"{place.name} was changed by somebody else ({foreign[0].message or foreign[0].kind}) after the cut-off.",
            not_done="It was not gone on with.",
            to_do=binding.again,
        )
