"""Keeping a stack as it is, and going back to what was kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from infra.checkpoints import Checkpoint
from infra.models import resource_name
from infra.previews import Binding
from infra.stacks import Stacks
from tools.declaration import (
    Attempt,
    Clock,
    Effect,
    Gate,
    Outcome,
    Permit,
    Preview,
    Progress,
    Reconciliation,
    Requester,
    Role,
    Slot,
    Verification,
    tool,
)
from tools.infrastructure.cards import change_card, named
from tools.infrastructure.results import StackChanged, reconciled, verified
from tools.infrastructure.telling import heard, pulumi, told
from tools.result import Finding, Result, Weight

__all__ = ["stack_checkpoint", "stack_rollback"]


class StackCheckpointArguments(BaseModel):
    """Which stack, and what the checkpoint is called."""

    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str, Slot(Role.TARGET, "stack")]
    name: Annotated[str, Slot(Role.OPTION, "name")] = Field(default="", max_length=80)


class StackCheckpointed(Result):
    """What was kept."""

    stack: str
    checkpoint: str
    name: str
    resources: int
    healthy: bool | None
    parts: dict[str, str]
    at: datetime

    @classmethod
    def of(cls, kept: Checkpoint) -> StackCheckpointed:
        """From the store's record."""
        return cls(
            stack=kept.stack,
            checkpoint=kept.id,
            name=kept.name,
            resources=kept.resources,
            healthy=kept.healthy,
            parts=kept.parts,
            at=kept.at,
        )

    def findings(self) -> list[Finding]:
        """What was kept, under which name, and how to come back to it."""
        called = f"{self.name} ({self.checkpoint})" if self.name else self.checkpoint
        words = (
            f"{self.stack} is kept as {called}: {self.resources} resources, configuration and outputs, read back whole."
        )
        where = pulumi(self.stack, self.at, "its state, written to the checkpoint store and read back")
        facts = {"stack": self.stack, "checkpoint": self.checkpoint, "resources": self.resources}
        return [Finding.model_validate({"weight": Weight.DONE, "sentence": words, "facts": facts, "provenance": where})]


async def preview_checkpoint(arguments: StackCheckpointArguments, *, stacks: Stacks) -> Preview:
    """What would be kept."""
    with told():
        name = stacks.declaration(arguments.stack).name
        found = await stacks.deployed(stacks.place(name))
    called = f" as {arguments.name}" if arguments.name else ""
    return Preview(
        summary=f"keep {name}{called}: {len(found.real)} resources with their configuration",
        risk="none: the stack isn't touched",
        undo="A checkpoint changes nothing, so there is nothing to undo.",
    )


async def verify_checkpoint(
    arguments: StackCheckpointArguments, result: StackCheckpointed, *, stacks: Stacks
) -> Verification:
    """Read every part back and compare its digest."""
    with told():
        kept = stacks.checkpoint(arguments.stack, result.checkpoint)
        stacks.verify_checkpoint(kept)
    return Verification(
        ok=True, evidence=[f"{part} reads back with digest {digest[:12]}." for part, digest in kept.parts.items()]
    )


async def reconcile_checkpoint(
    arguments: StackCheckpointArguments, attempt: Attempt, *, stacks: Stacks
) -> Reconciliation:
    """Look in the store for a whole checkpoint that carries the effect's id."""
    with told():
        kept = stacks.checkpoint_of(arguments.stack, attempt.permit_id)
    if kept is None:
        return Reconciliation(outcome=Outcome.NOT_HAPPENED, evidence="No checkpoint in the store carries its mark.")
    return Reconciliation(
        outcome=Outcome.HAPPENED, result=StackCheckpointed.of(kept), evidence=f"Checkpoint {kept.id} carries its mark."
    )


@tool(
    effect=Effect.CHANGE,
    phrases=(
        "checkpoint {stack}", "take a checkpoint of {stack}", "save the state of {stack} as {name}",
        "snapshot {stack}", "back up {stack}",
    ),
    preview=preview_checkpoint,
    verify=verify_checkpoint,
    reconcile=reconcile_checkpoint,
    irreversible="it only adds a copy, and the stack isn't touched",
)  # fmt: skip
async def stack_checkpoint(
    arguments: StackCheckpointArguments, *, stacks: Stacks, permit: Permit, requester: Requester
) -> StackCheckpointed:
    """Keep a stack as it is now, to come back to."""
    with told(acting=True):
        kept = await stacks.take_checkpoint(arguments.stack, arguments.name, permit, by=requester.person)
    return StackCheckpointed.of(kept)


class StackRollbackArguments(BaseModel):
    """Which stack, to which checkpoint (none means before the last deploy), and which of its resources alone, where not
    all are meant.
    """

    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str, Slot(Role.TARGET, "stack")]
    checkpoint: Annotated[str, Slot(Role.OPTION, "checkpoint")] = ""
    only: Annotated[list[str] | None, Slot(Role.OPTION, "resources")] = None


class StackRolledBack(StackChanged):
    """How a rollback ended."""

    to: str = ""
    only: list[str] = Field(default=[])
    """The URNs that alone went back; none: all did."""
    kept: list[str] = Field(default=[])

    def findings(self) -> list[Finding]:
        """Which checkpoint the stack is at now, and what was left alone."""
        found = super().findings()
        where = pulumi(self.stack, self.at, "the checkpoint's manifest and the stack's state")
        if self.succeeded and self.to:
            went = f"{', '.join(map(resource_name, self.only))} alone" if self.only else "It"
            words = f"{went} is as it was at checkpoint {self.to}."
            found.append(
                Finding(weight=Weight.OBSERVED, sentence=words, facts={"checkpoint": self.to}, provenance=where)
            )
        if self.succeeded and self.checkpoint:
            words = f"What it was before that is kept: “go back to {self.checkpoint} on {self.stack}” undoes this."
            found.append(
                Finding(
                    weight=Weight.OBSERVED, sentence=words, facts={"undo_checkpoint": self.checkpoint}, provenance=where
                )
            )
        if self.kept:
            words = f"Kept, because they hold data or are needed by what does: {', '.join(self.kept)}."
            found.append(Finding(weight=Weight.WARNING, sentence=words, provenance=where))
        return found


async def preview_rollback(arguments: StackRollbackArguments, *, stacks: Stacks) -> Preview:
    """What applying the checkpoint's program and configuration would change."""
    with told():
        preview = await stacks.preview_rollback(arguments.stack, arguments.checkpoint, only=arguments.only or ())
    label = preview.source.removeprefix("checkpoint ")
    some = named(arguments.only, preview)
    undo = (
        "A checkpoint is taken first; rolling back to that one undoes it. Resources that hold data are never deleted."
    )
    return change_card(preview, stacks, verb=f"go back{some and f' with only {some}'} to {label} on", undo=undo)


async def verify_rollback(
    arguments: StackRollbackArguments, result: StackRolledBack, *, stacks: Stacks
) -> Verification:
    """Compare what the state declares with the checkpoint, and ask every health check."""
    if not result.succeeded:
        return verified(result)
    with told():
        checkpoint = stacks.checkpoint(arguments.stack, result.to)
        same = await stacks.as_declared(arguments.stack, checkpoint, result.only)
    of = f" of {', '.join(map(resource_name, result.only))}" if result.only else ""
    exactly = "exactly what" if same else "not exactly what"
    words = f"The state declares{of} {exactly} checkpoint {checkpoint.label} declared"
    return verified(
        result, words + (f"; kept: {', '.join(result.kept)}." if result.kept else "."), ok=same or bool(result.kept)
    )


def _finished(changed: StackRolledBack, bound: Binding) -> StackRolledBack:
    kept = [resource_name(urn) for urn in bound.exclude]
    return changed.model_copy(
        update={"to": bound.checkpoint, "kept": kept, "only": list(bound.targets) if bound.part else []}
    )


async def reconcile_rollback(
    arguments: StackRollbackArguments, attempt: Attempt, *, stacks: Stacks, clock: Clock
) -> Reconciliation:
    """Look for the effect's mark in Pulumi's history, and at state, pending operations, lock and running engines."""
    with told():
        found = await stacks.reconcile(arguments.stack, attempt.permit_id)
    answer = reconciled(found, "rolled back", clock.now(), StackRolledBack)
    if isinstance(answer.result, StackRolledBack):
        finished = _finished(answer.result, Binding.model_validate(attempt.bound))
        return answer.model_copy(update={"result": finished})
    return answer


@tool(
    effect=Effect.CHANGE,
    gate=Gate.ONE,
    phrases=(
        "roll back {stack}", "undo the last deploy on {stack}", "go back to {checkpoint} on {stack}", "revert {stack}",
        "restore {stack} to {checkpoint}", "put {stack} back to how it was", "roll back only {only} on {stack}",
    ),
    preview=preview_rollback,
    verify=verify_rollback,
    reconcile=reconcile_rollback,
    irreversible="a rollback isn't taken back by itself; the checkpoint that it takes first can be gone back to",
)  # fmt: skip
async def stack_rollback(
    arguments: StackRollbackArguments,
    *,
    stacks: Stacks,
    clock: Clock,
    permit: Permit,
    bound: Preview,
    requester: Requester,
    progress: Progress,
) -> StackRolledBack:
    """Go back to a checkpoint by applying its program and configuration again."""
    binding = Binding.model_validate(bound.bound)
    with told(acting=True):
        report = await stacks.rollback(arguments.stack, binding, permit, by=requester.person, listen=heard(progress))
    return _finished(StackRolledBack.of(report, "rolled back", clock.now()), binding)
