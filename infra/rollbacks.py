"""Going back: the program and configuration of a checkpoint, applied again.

Resources that hold data are never deleted by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from infra.backend import Deployment
from infra.changes import Change, Scratch, target_of
from infra.checkpoints import Checkpoint, Checkpoints
from infra.choosing import chosen, refuse_unknown
from infra.deploys import Deploys
from infra.digests import config_digest, state_digest
from infra.engine.client import Session
from infra.engine.protocol import Job
from infra.engine.room import EngineRoom
from infra.errors import InfraError, ProtectedStack
from infra.models import Step, resource_name
from infra.places import Place
from infra.plans import besides
from infra.ports import Listener, PermitLike
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
    targets_of,
)
from infra.reports import ChangeReport
from infra.runs import Runs
from infra.watch import DriftWatch

__all__ = ["Rollbacks"]

_TAKEN_AWAY = frozenset({"delete", "replace", "create-replacement", "delete-replaced"})


class Rollbacks:
    """Previews of going back to a checkpoint, and doing it."""

    def __init__(
        self,
        *,
        room: EngineRoom,
        checkpoints: Checkpoints,
        scratch: Scratch,
        previews: Previews,
        watch: DriftWatch,
        deploys: Deploys,
        runs: Runs,
    ) -> None:
        self._room = room
        self._checkpoints = checkpoints
        self._scratch = scratch
        self._previews = previews
        self._watch = watch
        self._deploys = deploys
        self._runs = runs

    async def preview(
        self, place: Place, checkpoint: Checkpoint, listen: Listener | None = None, only: Sequence[str] = ()
    ) -> ChangePreview:
        """What going back would do, to `only` some resources where they are named."""
        self._checkpoints.verify(checkpoint)
        if checkpoint.empty:
            return await self._preview_empty(place, checkpoint, only)
        source = await source_of(place)
        config = self._checkpoints.read(checkpoint, "config.yaml")
        work_dir, warning = self._scratch.work_dir(place, checkpoint.program, source.digest)
        config_file = self._scratch.config_file(place, config, checkpoint.id, work_dir)
        plan = self._previews.new_plan(place.name)
        async with self._room.open(place, work_dir=work_dir, tell=listen) as child:
            deployment = await state_of(place, child)
            targets = await targets_of(place, child, deployment, only, config_file)
            seen = await self._watch.look(place, child, deployment)
            refreshed = {"plan": str(plan), "config_file": config_file, "refresh": seen.refreshes}
            base = {**refreshed, "targets": list(targets)}
            result = await child.run(Job("preview", base), listen)
            kept = self._kept(place, steps_of(result))
            if kept:
                targets = tuple(urn for urn in targets if urn not in kept)
                sparing = {"targets": list(targets)} if only else {"exclude": list(kept)}
                nothing = only and not targets
                result = {} if nothing else await child.run(Job("preview", {**base, **sparing}), listen)
        steps = steps_of(result)
        binding = Binding(
            stack=place.name,
            kind="rollback",
            state=state_digest(deployment),
            config=config_digest(config),
            program=checkpoint.program,
            drift=seen.digest,
            refreshes=seen.refreshes,
            plan=str(plan),
            plan_digest=file_digest(plan),
            steps=step_map(steps),
            checkpoint=checkpoint.id,
            targets=targets,
            part=bool(only),
            exclude=kept,
            besides=besides(plan, result) if steps or not only else (),
        )
        shown = self._previews.show(place, steps, seen.drift, binding, source, deployment)
        return _of_checkpoint(shown, checkpoint, binding, warning)

    @staticmethod
    def _kept(place: Place, steps: tuple[Step, ...]) -> tuple[str, ...]:
        taken = [step.urn for step in steps if step.op in _TAKEN_AWAY and holds_data(place.declaration, step.type)]
        return tuple(dict.fromkeys(taken))

    async def _preview_empty(self, place: Place, checkpoint: Checkpoint, only: Sequence[str]) -> ChangePreview:
        """Before the first deploy there was nothing: what holds no data is deleted again. Of a protected stack, only
        a deploy that failed is so taken back.
        """
        if place.declaration.protected and self._went_well(place.name, checkpoint):
            raise ProtectedStack(
                f"{place.name} is protected, and at {target_of(checkpoint)} there was nothing of it: going back there "
                "would delete everything that holds no data.",
                not_done="Nothing was changed.",
                to_do=f"Name a later moment or checkpoint; `history of {place.name}` shows them.",
            )
        async with self._room.open(place) as child:
            deployment = await self._state(place, child)
        targets, kept = _without_data(place, deployment)
        if only:
            urns = [item["urn"] for item in deployment.real]
            refuse_unknown(place.name, only, urns)
            meant = chosen(only, urns)
            targets = tuple(urn for urn in targets if urn in meant)
            kept = tuple(urn for urn in kept if urn in meant)
        steps = tuple(
            Step(op="forget" if item.get("retainOnDelete") else "delete", urn=item["urn"], type=item["type"])
            for item in deployment.real
            if item["urn"] in targets
        )
        binding = Binding(
            stack=place.name,
            kind="rollback",
            state=state_digest(deployment),
            config="",
            program="",
            steps=step_map(steps),
            checkpoint=checkpoint.id,
            targets=targets,
            part=bool(only),
            exclude=kept,
        )
        shown = self._previews.show(place, steps, None, binding, await source_of(place), deployment)
        warning = "there was nothing at that time: everything that holds no data is deleted"
        update = {"source": f"checkpoint {target_of(checkpoint)}", "kept": tuple(map(resource_name, kept))}
        return shown.model_copy(update={**update, "warnings": () if only else (warning,)})

    def _went_well(self, stack: str, checkpoint: Checkpoint) -> bool:
        """Whether something was deployed well since a checkpoint."""
        since = [run for run in self._runs.of(stack) if run.tool == "stack_up" and run.started_at >= checkpoint.at]
        since += [run for run in self._runs.of(stack) if run.permit == checkpoint.permit]
        return any(run.succeeded and not run.failed_checks for run in since)

    @staticmethod
    async def _state(place: Place, child: Session) -> Deployment:
        return await state_of(place, child) or Deployment()

    async def apply(
        self, place: Place, binding: Binding, permit: PermitLike, *, by: str, listen: Listener | None = None
    ) -> ChangeReport:
        """Go back as it was approved."""
        checkpoint = self._checkpoints.find(place.name, binding.checkpoint)
        self._checkpoints.verify(checkpoint)
        source = await source_of(place)
        empty = checkpoint.empty
        if (empty or binding.part) and not binding.targets:
            raise InfraError(
                f"All that would go back on {place.name} holds data or is needed by what does.",
                not_done="Nothing was changed: a rollback never deletes data.",
                to_do=f"If it is to go, take it out of the program and say “deploy {place.name}”.",
            )
        config = "" if empty else self._checkpoints.read(checkpoint, "config.yaml")
        work_dir, _ = (None, "") if empty else self._scratch.work_dir(place, checkpoint.program, source.digest)
        words = f"roll back to {checkpoint.label}" + (f" by {by}" if by else "")
        some = {"targets": list(binding.targets)} if binding.targets else {"exclude": list(binding.exclude)}
        arguments: dict[str, Any] = dict(some)
        if not empty:
            arguments["config_file"] = self._scratch.config_file(place, config, checkpoint.id, work_dir)
        change = Change(
            place=place,
            binding=binding,
            permit=permit,
            by=by,
            tool="stack_rollback",
            reason="before rollback",
            words=words,
            config=config,
            program="" if empty else checkpoint.program,
            commit=checkpoint.commit,
            arguments=arguments,
            work_dir=work_dir,
            restore=not empty and not binding.targets,
            destroys=empty,
            watch_health=not empty,
        )
        return await self._deploys.carry_out(change, listen)


def _of_checkpoint(shown: ChangePreview, checkpoint: Checkpoint, binding: Binding, warning: str) -> ChangePreview:
    """The preview of a deploy as that of a rollback: where it goes back to, and what stays or is to be known."""
    warnings = (warning, *_warnings(binding.stack, checkpoint, binding.targets))
    return shown.model_copy(
        update={
            "source": f"checkpoint {target_of(checkpoint)}",
            "uncommitted": False,
            "kept": tuple(map(resource_name, binding.exclude)),
            "warnings": tuple(text for text in warnings if text),
        }
    )


def _warnings(stack: str, checkpoint: Checkpoint, targets: Sequence[str]) -> Iterator[str]:
    """What going back to a part of what was, or to where a part had been on its own, means for the rest."""
    if targets:
        names = ", ".join(map(resource_name, targets))
        yield f"only {names} goes back; the next deploy of all of {stack} brings it forward again"
    elif checkpoint.alone:
        names = ", ".join(map(resource_name, checkpoint.alone))
        yield f"at that time {names} had been deployed alone; it goes back to what the rest was made from"


def _without_data(place: Place, deployment: Deployment) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The resources that may be deleted, and those that are kept: what holds data and what that needs."""
    needs = {item["urn"]: set(item.get("dependencies") or ()) for item in deployment.real}
    kept = {item["urn"] for item in deployment.real if holds_data(place.declaration, item["type"])}
    todo = list(kept)
    while todo:
        for need in needs.get(todo.pop(), ()):
            if need in needs and need not in kept:
                kept.add(need)
                todo.append(need)
    return tuple(urn for urn in needs if urn not in kept), tuple(sorted(kept))
