"""Deploying and destroying stacks."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict

from infra.previews import Binding
from infra.stacks import Stacks
from tools.declaration import (
    Attempt,
    Clock,
    Effect,
    Gate,
    Permit,
    Preview,
    Progress,
    Reconciliation,
    Requester,
    Role,
    Slot,
    Undo,
    Verification,
    tool,
)
from tools.errors import Forbidden
from tools.infrastructure.cards import change_card, named
from tools.infrastructure.results import StackChanged, reconciled, verified
from tools.infrastructure.telling import heard, told

__all__ = ["stack_destroy", "stack_up"]


class StackUpArguments(BaseModel):
    """Which stack, and which of its resources alone, where not all are meant."""

    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str, Slot(Role.TARGET, "stack")]
    only: Annotated[list[str] | None, Slot(Role.OPTION, "resources")] = None


class StackDestroyArguments(BaseModel):
    """Which stack."""

    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str, Slot(Role.TARGET, "stack")]


class StackDeployed(StackChanged):
    """How a deploy ended."""

    channel: str = ""
    """Where the stack's team is told when it had to be taken back."""


class StackDestroyed(StackChanged):
    """How a destroy ended."""


async def preview_up(arguments: StackUpArguments, *, stacks: Stacks) -> Preview:
    """Refresh, plan, and bind state, configuration, program and plan."""
    with told():
        stacks.refuse_frozen(arguments.stack)
        preview = await stacks.preview(arguments.stack, only=arguments.only or ())
        channel = stacks.declaration(arguments.stack).channel
    undo = (
        "A checkpoint is taken first. If the deploy or its health checks fail, this approval also covers going back to "
        "it, at once and by itself" + (f", and telling {channel}" if channel else "") + "; data that was created stays."
    )
    some = named(arguments.only, preview)
    return change_card(preview, stacks, verb=f"deploy only {some} of" if some else "deploy", undo=undo)


async def verify_up(arguments: StackUpArguments, result: StackDeployed, *, stacks: Stacks) -> Verification:
    """Look at the state; the health checks were asked at the end of the deploy, for as long as they are watched."""
    if not result.succeeded:
        return verified(result)
    with told():
        found = await stacks.remaining(arguments.stack)
    return verified(result, f"The state of {result.stack} has {found} resources.", ok=found == result.resources)


async def reconcile_up(
    arguments: StackUpArguments, attempt: Attempt, *, stacks: Stacks, clock: Clock
) -> Reconciliation:
    """Look for the effect's mark in Pulumi's history, and at state, pending operations, lock and running engines."""
    with told():
        found = await stacks.reconcile(arguments.stack, attempt.permit_id)
        channel = stacks.declaration(arguments.stack).channel
    answer = reconciled(found, "deployed", clock.now(), StackDeployed)
    if isinstance(answer.result, StackDeployed):
        return answer.model_copy(update={"result": answer.result.model_copy(update={"channel": channel})})
    return answer


@tool(
    effect=Effect.CHANGE,
    gate=Gate.ONE,
    phrases=(
        "deploy {stack}", "ship it to {stack}", "bring up {stack}", "update {stack}", "roll out {stack}",
        "apply {stack}", "release to {stack}", "push {stack} live", "spin up {stack}", "launch {stack}",
        "deploy only {only} on {stack}",
    ),
    preview=preview_up,
    verify=verify_up,
    reconcile=reconcile_up,
    undo=Undo(
        "stack_rollback",
        {"stack": "arguments.stack", "checkpoint": "result.checkpoint"},
        automatic=True,
        tells="channel",
    ),
)  # fmt: skip
async def stack_up(
    arguments: StackUpArguments,
    *,
    stacks: Stacks,
    clock: Clock,
    permit: Permit,
    bound: Preview,
    requester: Requester,
    progress: Progress,
) -> StackDeployed:
    """Deploy a stack: exactly what was previewed and approved."""
    with told(acting=True):
        report = await stacks.up(
            arguments.stack, Binding.model_validate(bound.bound), permit, by=requester.person, listen=heard(progress)
        )
    deployed = StackDeployed.of(report, "deployed", clock.now())
    return deployed.model_copy(update={"channel": stacks.declaration(arguments.stack).channel})


async def preview_destroy(arguments: StackDestroyArguments, *, stacks: Stacks) -> Preview:
    """Everything that would be deleted, data named first."""
    with told():
        declared = stacks.declaration(arguments.stack)
        if declared.protected:
            raise Forbidden(
                f"{declared.name} is protected and can't be destroyed.",
                not_done="Nothing was changed.",
                to_do="An operator takes `protected` off its declaration in sophia.toml first.",
                acts="operator",
            )
        stacks.refuse_frozen(arguments.stack)
        preview = await stacks.preview_destroy(arguments.stack)
    undo = "Data can't be brought back. A checkpoint is kept, and a deploy makes the resources anew, empty."
    return change_card(preview, stacks, verb="DESTROY", undo=undo)


async def verify_destroy(arguments: StackDestroyArguments, result: StackDestroyed, *, stacks: Stacks) -> Verification:
    """Look whether the state has any resource left."""
    with told():
        left = await stacks.remaining(result.stack)
    return verified(result, f"The state of {result.stack} has {left} resources.", ok=left == 0)


async def reconcile_destroy(
    arguments: StackDestroyArguments, attempt: Attempt, *, stacks: Stacks, clock: Clock
) -> Reconciliation:
    """Look for the effect's mark in Pulumi's history, and at state, pending operations, lock and running engines."""
    with told():
        found = await stacks.reconcile(arguments.stack, attempt.permit_id)
    return reconciled(found, "destroyed", clock.now(), StackDestroyed)


@tool(
    effect=Effect.DESTROY,
    gate=Gate.TWO,
    phrases=(
        "destroy {stack}", "tear down {stack}", "spin down {stack}", "delete everything in {stack}",
        "take down {stack}", "remove {stack}", "decommission {stack}",
    ),
    preview=preview_destroy,
    verify=verify_destroy,
    reconcile=reconcile_destroy,
    irreversible="deleted data is gone; a deploy makes the resources anew, and the last checkpoint is kept",
)  # fmt: skip
async def stack_destroy(
    arguments: StackDestroyArguments,
    *,
    stacks: Stacks,
    clock: Clock,
    permit: Permit,
    bound: Preview,
    requester: Requester,
    progress: Progress,
) -> StackDestroyed:
    """Delete every resource of a stack."""
    with told(acting=True):
        report = await stacks.destroy(
            arguments.stack, Binding.model_validate(bound.bound), permit, by=requester.person, listen=heard(progress)
        )
    return StackDestroyed.of(report, "destroyed", clock.now())
