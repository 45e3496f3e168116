"""Repairing drift: what was deployed last, applied again to the resources that drifted and to no others."""

from __future__ import annotations

from collections.abc import Sequence

from infra.applied import Applied
from infra.backend import Deployment
from infra.changes import Change, Scratch
from infra.checkpoints import Checkpoints
from infra.choosing import chosen, refuse_unknown
from infra.deploys import Deploys
from infra.digests import config_digest, state_digest
from infra.drift import Difference, DriftReport
from infra.engine.protocol import Job
from infra.engine.room import EngineRoom
from infra.errors import InfraError
from infra.models import Step, resource_name, type_of
from infra.places import Place
from infra.ports import Clock, Listener, PermitLike
from infra.previews import (
    Binding,
    ChangePreview,
    Previews,
    file_digest,
    holds_data,
    source_of,
    state_of,
    step_map,
    steps_of,
)
from infra.reports import ChangeReport
from infra.watch import DriftWatch

__all__ = ["Repairs", "grantable"]

_TRIES = 3
"""What was set back so often within a week and drifted again isn't set back any more without a person."""
_GENTLE = frozenset({"create", "update"})
"""Operations of a repair that take nothing away."""


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

    async def preview(self, place: Place, listen: Listener | None = None, only: Sequence[str] = ()) -> ChangePreview:
        """What drifted, and what setting it back would do; of `only` some resources, where they are named."""
        applied, source = await self._applied(place), await source_of(place)
        plan = self._previews.new_plan(place.name)
        async with self._room.open(place, tell=listen) as child:
            deployment = await state_of(place, child)
            drift = await self._watch.check(place, child)
        targets = _meant(place.name, drift, deployment, only)
        origin = applied.of(targets) or applied.origin
        work_dir, warning = self._scratch.work_dir(place, origin.program, source.digest)
        config_file = self._scratch.config_file(place, origin.config, "applied", work_dir)
        steps: tuple[Step, ...] = ()
        if targets:
            async with self._room.open(place, work_dir=work_dir, tell=listen) as child:
                arguments = {"refresh": True, "plan": str(plan), "config_file": config_file, "targets": targets}
                steps = steps_of(await child.run(Job("preview", arguments), listen))
        binding = Binding(
            stack=place.name,
            kind="repair",
            state=state_digest(deployment),
            config=config_digest(origin.config),
            program=origin.program,
            drift=drift.digest,
            refreshes=True,
            plan=str(plan) if targets else "",
            plan_digest=file_digest(plan) if targets else "",
            steps=step_map(steps),
            targets=targets,
            part=bool(only),
        )
        shown = self._previews.show(place, steps, drift, binding, source, deployment)
        warnings = [text for text in (warning, _pattern(drift), _mixed(applied, targets)) if text]
        return shown.model_copy(
            update={
                "source": "what was deployed last",
                "warnings": tuple(warnings),
                "kinds": _kinds(place, steps, drift, targets),
            }
        )

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
        """Set back what was approved. Raises InfraError when that is nothing: without targets all would be deployed."""
        if not binding.targets:
            raise InfraError(
                f"Nothing of what was to be set back on {place.name} had drifted.", not_done="Nothing was changed."
            )
        applied, source = await self._applied(place), await source_of(place)
        origin = applied.of(binding.targets) or applied.origin
        work_dir, _ = self._scratch.work_dir(place, origin.program, source.digest)
        change = Change(
            place=place,
            binding=binding,
            permit=permit,
            by=by,
            tool="stack_repair",
            reason="before repair",
            words=f"repair drift by {by}" if by else "repair drift",
            config=origin.config,
            program=origin.program,
            commit=origin.commit,
            arguments={
                "targets": list(binding.targets),
                "config_file": self._scratch.config_file(place, origin.config, "applied", work_dir),
            },
            work_dir=work_dir,
        )
        report = await self._deploys.carry_out(change, listen)
        if report.succeeded:
            self._watch.set_back(place.name)
        return report


def grantable(place: Place, deployment: Deployment) -> tuple[str, ...]:
    """Every kind of repair that a grant may name for the stack as it is deployed."""
    found = set()
    for item in deployment.real:
        short = item["type"].rpartition(":")[2]
        properties = {*(item.get("inputs") or {}), *(item.get("outputs") or {})}
        found |= {f"{short}.{name}" for name in properties if not name.startswith("__")}
        if not holds_data(place.declaration, item["type"]):
            found.add(f"{short}.gone")
    return tuple(sorted(found))


def _meant(stack: str, drift: DriftReport, deployment: Deployment | None, only: Sequence[str]) -> tuple[str, ...]:
    """The resources that are set back: those that drifted, of those that are meant. Raises InfraError for a name that
    no resource has.
    """
    if not only:
        return drift.urns
    refuse_unknown(stack, only, [item["urn"] for item in (deployment.real if deployment else ())])
    return chosen(only, drift.urns)


def _mixed(applied: Applied, targets: Sequence[str]) -> str:
    """What is said when what drifted wasn't all made from the same; empty when it was."""
    if applied.of(targets):
        return ""
    names = ", ".join(resource_name(urn) for urn in targets if urn in applied.alone)
    return f"{names} had been changed alone, and goes back to what the rest was made from; repair it by itself instead"


def _pattern(drift: DriftReport) -> str:
    """What is said of drift that comes back; empty when it hasn't yet."""
    if not drift.repeated:
        return ""
    times = f"{drift.repeated} time{'s' if drift.repeated > 1 else ''}"
    stop = "; setting it back doesn't help, find out what does that first" if drift.repeated >= _TRIES else ""
    return f"the same drifted {times} before within a week, a pattern: something keeps changing it{stop}"


def _kinds(place: Place, steps: Sequence[Step], drift: DriftReport, targets: Sequence[str]) -> tuple[str, ...]:
    """The kinds of change that a repair is, as a grant may name them: `Service.version`, `Bucket.tags`, `Service.gone`.

    Those without a dot no grant can name: what replaces or deletes, what would be made anew without its data, and what
    was set back often enough to know that it doesn't hold.
    """
    found = {_kind(place, item) for item in drift.drift if item.urn in targets}
    found |= {f"{step.op} of {step.name}" for step in steps if step.op not in _GENTLE}
    if drift.repeated >= _TRIES:
        found.add(f"the same came back {drift.repeated} times within a week")
    return tuple(sorted(found))


def _kind(place: Place, item: Difference) -> str:
    kind = type_of(item.urn)
    if not item.path and holds_data(place.declaration, kind):
        return f"{item.name} is gone with its data"
    return f"{kind.rpartition(':')[2]}.{item.path.partition('.')[0] or 'gone'}"
