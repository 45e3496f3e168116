"""Previews: what a change would do, bound to the state, configuration, program and plan that it was made from."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from infra.backend import Deployment, parse_deployment
from infra.choosing import chosen, refuse_unknown, unknown_in
from infra.declaration import StackDeclaration
from infra.digests import Source, config_digest, digest, state_digest
from infra.drift import DriftReport
from infra.engine.client import Session
from infra.engine.protocol import Job
from infra.engine.room import EngineRoom
from infra.errors import Frozen, InfraError, LockHeld, PlanMoved
from infra.models import Step
from infra.places import Place
from infra.plans import besides
from infra.ports import Clock, Listener
from infra.recovery import Holder, holders
from infra.runs import Runs
from infra.watch import DriftWatch

__all__ = [
    "Binding",
    "ChangePreview",
    "Previews",
    "compare",
    "counts_of",
    "export",
    "file_digest",
    "holds_data",
    "refuse_frozen",
    "source_of",
    "state_of",
    "step_map",
    "steps_of",
    "targets_of",
]

_DATA_WORDS = (
    "database", "bucket", "table", "volume", "disk", "rds", "dynamodb", "queue", "filesystem", "snapshot", "secret",
    "keyvault", "kms", "storageaccount", "bigquery", "redis", "elasticache", "persistentvolume",
)  # fmt: skip
_DOING = {
    "create": "create",
    "update": "update",
    "delete": "delete",
    "replace": "replace",
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "import": "import",
    "import-replacement": "replace",
    "forget": "forget",
    "forget-replaced": "replace",
}


def holds_data(declaration: StackDeclaration, kind: str) -> bool:
    """Whether a resource of that type keeps data that nothing can bring back."""
    word = kind.rpartition(":")[2].lower() + " " + kind.lower()
    return any(part.lower() in word for part in (*_DATA_WORDS, *declaration.data_types))


def refuse_frozen(declaration: StackDeclaration, clock: Clock) -> None:
    """Raises Frozen when a freeze window covers now."""
    now = clock.now()
    for window in declaration.freeze:
        if window.covers(now, declaration.zone):
            why = getattr(window, "why", "") or "a freeze window is in force"
            raise Frozen(
                f"{declaration.name} is frozen: {why}.",
                not_done="Nothing was changed.",
                to_do="Ask again when the window is over, or have an operator change it in sophia.toml.",
            )


class Binding(BaseModel):
    """What an approval of a change is bound to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stack: str
    kind: Literal["deploy", "repair", "rollback", "destroy"]
    state: str
    config: str
    program: str
    drift: str = ""
    refreshes: bool = False
    """The plan acts on what was read in the world: the engine reads it once more as it applies it (see `Look`)."""
    plan: str = ""
    plan_digest: str = ""
    steps: dict[str, str] = {}
    """URN → what is done to it."""
    checkpoint: str = ""
    """For a rollback: the checkpoint that is applied."""
    targets: tuple[str, ...] = ()
    """Only these resources are touched; empty: all."""
    part: bool = False
    """The targets are what was asked for by name, not all that there is to do."""
    exclude: tuple[str, ...] = ()
    """These resources are left alone."""
    besides: tuple[str, ...] = ()
    """What is done to outputs and protections."""

    @property
    def again(self) -> str:
        """What to say so that what would happen now is previewed and can be approved."""
        some = " and ".join(urn.split("::")[-1] for urn in self.targets if self.part)
        back = f"roll back only {some} on {self.stack} to {self.checkpoint}"
        said = {
            "deploy": f"deploy only {some} on {self.stack}" if some else f"deploy {self.stack}",
            "repair": f"repair only {some} on {self.stack}" if some else f"repair {self.stack}",
            "rollback": back if some else f"go back to {self.checkpoint} on {self.stack}",
            "destroy": f"destroy {self.stack}",
        }[self.kind]
        return f"Say “{said}”: what it would do now is previewed anew, for approval."

    @property
    def version(self) -> str:
        """One opaque text for all that must not have moved."""
        parts = [self.stack, self.kind, self.state, self.config, self.program, self.drift, self.checkpoint]
        lists = [sorted(self.steps.items()), sorted(self.targets), sorted(self.exclude), sorted(self.besides)]
        return digest([*parts, self.refreshes, *lists])


class ChangePreview(BaseModel):
    """What would happen."""

    model_config = ConfigDict(frozen=True)

    stack: str
    steps: tuple[Step, ...] = ()
    drift: DriftReport | None = None
    binding: Binding
    source: str = ""
    uncommitted: bool = False
    data_lost: tuple[str, ...] = ()
    """Data-bearing resources that would be deleted or replaced."""
    kept: tuple[str, ...] = ()
    """Data-bearing resources that are left alone although the target state doesn't have them."""
    dependents: dict[str, tuple[str, ...]] = {}
    """Changed resource → what depends on it."""
    lock: Holder | None = None
    pending: tuple[str, ...] = ()
    """Creations that were begun and not seen to end."""
    warnings: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    """For a repair: what kinds of change it is, `Type.property`."""

    @property
    def counts(self) -> dict[str, int]:
        """Create / update / replace / delete / import → how many resources."""
        return counts_of((step.op, step.urn) for step in self.steps)

    @property
    def changes(self) -> int:
        """How many resources would change."""
        return sum(self.counts.values())

    @property
    def nothing(self) -> bool:
        """Nothing at all would change: no resource, no provider, no output, no protection."""
        return not self.binding.steps and not self.binding.besides

    @property
    def nothing_to_do(self) -> bool:
        """Nothing would change, nor be cleared of what was cut off: only what is about the whole does that."""
        whole = self.binding.kind != "repair" and not self.binding.part
        return self.nothing and not (self.pending and whole)


def steps_of(result: dict[str, Any]) -> tuple[Step, ...]:
    """The steps in an engine result."""
    return tuple(Step.model_validate(item) for item in result.get("steps", []))


def counts_of(done: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Operations and URNs → how many resources are created, updated …; the stack itself and providers don't count."""
    found: dict[str, set[str]] = {}
    for op, urn in done:
        if not urn.split("::")[-2].split("$")[-1].startswith("pulumi:"):
            found.setdefault(_DOING.get(op, op), set()).add(urn)
    replaced = found.pop("replace", set())
    counts = {doing: len(urns - replaced) for doing, urns in found.items()} | {"replace": len(replaced)}
    return {doing: count for doing, count in sorted(counts.items()) if count}


def step_map(steps: Sequence[Step]) -> dict[str, str]:
    """URN → what is done to it; a replacement's parts are one."""
    return {step.urn: _DOING.get(step.op, step.op) for step in steps if step.type != "pulumi:pulumi:Stack"}


def dependents_of(deployment: Deployment | None, urns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What depends, directly or not, on each of some resources."""
    users: dict[str, set[str]] = {}
    for item in deployment.resources if deployment else ():
        for need in (*(item.get("dependencies") or ()), *filter(None, [item.get("parent")])):
            if not need.split("::")[-2].endswith("pulumi:pulumi:Stack"):
                users.setdefault(need, set()).add(item["urn"])
    found: dict[str, tuple[str, ...]] = {}
    for urn in urns:
        reached: set[str] = set()
        todo = list(users.get(urn, ()))
        while todo:
            user = todo.pop()
            if user not in reached:
                reached.add(user)
                todo += users.get(user, ())
        if reached:
            found[urn] = tuple(sorted(reached))
    return found


class Previews:
    """Makes previews, and compares the world with one before it is carried out."""

    def __init__(self, root: Path, room: EngineRoom, watch: DriftWatch, runs: Runs, clock: Clock) -> None:
        self._plans = root / "plans"
        self._room = room
        self._watch = watch
        self._runs = runs
        self._clock = clock

    async def deploy(self, place: Place, listen: Listener | None = None, only: Sequence[str] = ()) -> ChangePreview:
        """What a deploy of the program and configuration on disk would do, to `only` some resources where they are
        named. What fails is kept for a diagnosis. Raises InfraError for a name that no resource has.
        """
        try:
            return await self._deploy(place, listen, only)
        except LockHeld:
            raise
        except InfraError as error:
            lines = getattr(error, "log", ()) or (str(error),)
            self._runs.note_failure(place.name, "stack_preview", error.why, lines, self._clock.now())
            raise

    async def _deploy(self, place: Place, listen: Listener | None, only: Sequence[str]) -> ChangePreview:
        source = await source_of(place)
        plan = self.new_plan(place.name)
        async with self._room.open(place, create=place.may_be_made, tell=listen) as child:
            deployment = await state_of(place, child)
            targets = await targets_of(place, child, deployment, only)
            seen = await self._watch.look(place, child, deployment)
            arguments = {"refresh": seen.refreshes, "plan": str(plan), "targets": list(targets)}
            result = await child.run(Job("preview", arguments), listen)
            steps = steps_of(result)
        binding = Binding(
            stack=place.name,
            kind="deploy",
            state=state_digest(deployment),
            config=config_digest(place.config_text()),
            program=source.digest,
            drift=seen.digest,
            refreshes=seen.refreshes,
            plan=str(plan),
            plan_digest=file_digest(plan),
            steps=step_map(steps),
            targets=targets,
            part=bool(targets),
            besides=besides(plan, result),
        )
        return self.show(place, steps, seen.drift, binding, source, deployment)

    def show(
        self,
        place: Place,
        steps: tuple[Step, ...],
        drift: DriftReport | None,
        binding: Binding,
        source: Source,
        deployment: Deployment | None,
    ) -> ChangePreview:
        """A preview with what depends on what changes, what data is lost, and who holds the stack."""
        left = {step.urn for step in steps if step.op == "forget-replaced"}
        lost = [
            step.name
            for step in steps
            if _DOING.get(step.op) in ("delete", "replace")
            and step.urn not in left
            and holds_data(place.declaration, step.type)
        ]
        held = holders(place)
        return ChangePreview(
            stack=place.name,
            steps=steps,
            drift=drift,
            binding=binding,
            source=source.sentence,
            uncommitted=source.uncommitted,
            data_lost=tuple(dict.fromkeys(lost)),
            dependents=dependents_of(deployment, list(binding.steps)),
            lock=held[0] if held else None,
            pending=deployment.pending_creates() if deployment else (),
        )

    def new_plan(self, stack: str) -> Path:
        """Where a new update plan goes."""
        self._plans.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._plans / f"{stack}-{self._clock.now():%Y%m%dT%H%M%S}-{secrets.token_hex(4)}.json"

    async def destroy(self, place: Place, listen: Listener | None = None) -> ChangePreview:
        """What destroying it would delete."""
        async with self._room.open(place, tell=listen) as child:
            deployment = (place.state.deployment() if place.state else None) or await export(child)
            result = await child.run(Job("preview_destroy"), listen)
        steps = steps_of(result)
        source = Source("")
        binding = Binding(
            stack=place.name,
            kind="destroy",
            state=state_digest(deployment),
            config="",
            program="",
            steps=step_map(steps),
        )
        return self.show(place, steps, None, binding, source, deployment)


async def source_of(place: Place) -> Source:
    """The program on disk, read beside the event loop."""
    return await asyncio.to_thread(place.source)


async def targets_of(
    place: Place, child: Session, deployment: Deployment | None, only: Sequence[str], config_file: str = ""
) -> tuple[str, ...]:
    """The resources that are meant; those that aren't there yet are known from a preview of everything. None: all.
    Raises InfraError, with the nearest, for a name that no resource has.
    """
    if not only:
        return ()
    urns = [item["urn"] for item in (deployment.real if deployment else ())]
    if unknown_in(only, urns):
        urns += [step.urn for step in steps_of(await child.run(Job("preview", {"config_file": config_file})))]
    refuse_unknown(place.name, only, urns)
    return chosen(only, urns)


async def state_of(place: Place, child: Session) -> Deployment | None:
    """The state, from its folder or through the command line; None where it was never made."""
    return place.state.deployment() if place.state else await export(child)


async def export(child: Session) -> Deployment:
    """The state as the CLI exports it, secrets encrypted."""
    result = await child.run(Job("cli_json", {"command": ["stack", "export"]}))
    return parse_deployment(result["json"] or {}, json.dumps(result["json"]))


def file_digest(path: Path) -> str:
    """SHA-256 of a file; empty when there is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def compare(binding: Binding, *, state: str | None, config: str | None, program: str | None, drift: str | None) -> None:
    """Raises PlanMoved with a sentence for the first part that isn't as it was approved; what is None or wasn't
    bound isn't compared.
    """
    moved = [
        sentence
        for now, then, sentence in (
            (state, binding.state, "it was changed from elsewhere"),
            (config, binding.config, "its configuration was changed"),
            (program, binding.program, "its program was changed"),
            (drift, binding.drift, "the real resources were changed behind Pulumi's back"),
        )
        if now is not None and then and now != then
    ]
    if moved:
        raise PlanMoved(
            f"{binding.stack} isn't as it was when this was previewed: {' and '.join(moved)} in between.",
            not_done="Nothing was changed; the approval doesn't cover what it would do now.",
            to_do=binding.again,
        )
