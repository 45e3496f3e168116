"""Repairing drift: what was deployed last, applied again to the resources that drifted and to no others."""

from __future__ import annotations

from infra.changes import Change, Scratch
from infra.checkpoints import Applied, Checkpoints
from infra.deploys import Deploys
from infra.digests import config_digest, state_digest
from infra.engine.protocol import Job
from infra.engine.room import EngineRoom
from infra.models import Step
from infra.places import Place
from infra.ports import Clock, Listener, PermitLike
from infra.previews import Binding, ChangePreview, Previews, export, file_digest, source_of, step_map, steps_of
from infra.reports import ChangeReport
from infra.watch import DriftWatch

__all__ = ["Repairs"]

_OFTEN = 3
"""So many times within a week is said to be a pattern."""


class Repairs:
    """Previews of a repair, and doing it."""

    def __init__(
        self,
        *,
        room: EngineRoom,
        checkpoints: Checkpoints,
        scratch: Scratch,
        previews: Previews,
        watch: DriftWatch,
        deploys: Deploys,
        clock: Clock,
    ) -> None:
        self._room = room
        self._checkpoints = checkpoints
        self._scratch = scratch
        self._previews = previews
        self._watch = watch
        self._deploys = deploys
        self._clock = clock

    async def preview(self, place: Place, listen: Listener | None = None) -> ChangePreview:
        """What drifted, and what setting it back would do."""
        applied = await self._applied(place)
        source = await source_of(place)
        work_dir, warning = self._scratch.work_dir(place, applied.program, source.digest)
        config_file = self._scratch.config_file(place, applied.config, "applied", work_dir)
        plan = self._previews.new_plan(place.name)
        async with self._room.open(place, work_dir=work_dir) as child:
            deployment = place.state.deployment() if place.state else await export(child)
            drift = await self._watch.check(place, child)
            steps: tuple[Step, ...] = ()
            if drift.urns:
                arguments = {"refresh": True, "plan": str(plan), "config_file": config_file, "targets": drift.urns}
                steps = steps_of(await child.run(Job("preview", arguments), listen))
        binding = Binding(
            stack=place.name,
            kind="repair",
            state=state_digest(deployment),
            config=config_digest(applied.config),
            program=applied.program,
            drift=drift.digest,
            plan=str(plan) if drift.urns else "",
            plan_digest=file_digest(plan) if drift.urns else "",
            steps=step_map(steps),
            targets=drift.urns,
        )
        shown = self._previews.show(place, steps, drift, binding, source, deployment)
        often = f"the same was repaired {drift.repeated} times within a week: something keeps changing it"
        warnings = [text for text, holds in ((warning, warning), (often, drift.repeated >= _OFTEN)) if holds]
        return shown.model_copy(update={"source": "what was deployed last", "warnings": tuple(warnings)})

    async def _applied(self, place: Place) -> Applied:
        """What was deployed last; what is on disk where somebody else deployed it."""
        known = self._checkpoints.applied(place)
        if known:
            return known
        source = await source_of(place)
        return Applied(
            history=0, config=place.config_text(), program=source.digest, commit=source.commit, at=self._clock.now()
        )

    async def apply(
        self, place: Place, binding: Binding, permit: PermitLike, *, by: str, listen: Listener | None = None
    ) -> ChangeReport:
        """Set back what was approved."""
        applied = await self._applied(place)
        source = await source_of(place)
        work_dir, _ = self._scratch.work_dir(place, applied.program, source.digest)
        change = Change(
            place=place,
            binding=binding,
            permit=permit,
            by=by,
            tool="stack_repair",
            reason="before repair",
            words=f"repair drift by {by}" if by else "repair drift",
            config=applied.config,
            program=applied.program,
            commit=applied.commit,
            arguments={
                "targets": list(binding.targets),
                "config_file": self._scratch.config_file(place, applied.config, "applied", work_dir),
            },
            work_dir=work_dir,
        )
        return await self._deploys.carry_out(change, listen)
