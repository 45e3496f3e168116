"""A few tools to plan with. They do nothing; planning never calls them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from tools.declaration import Effect, Gate, Permit, Preview, Reconciliation, Role, Slot, Verification, tool
from tools.registry import Registry
from tools.result import Finding, Result


class StackArguments(BaseModel):
    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str, Slot(Role.TARGET, "stack")]


class ChangesArguments(BaseModel):
    model_config = ConfigDict(extra="forbid")

    competitors: Annotated[list[str] | None, Slot(Role.TARGET, "competitors")] = None
    aspect: Annotated[Literal["pricing", "releases"] | None, Slot(Role.OPTION, "aspect")] = None
    since: Annotated[str | None, Slot(Role.OPTION, "since")] = None


class NotifyArguments(BaseModel):
    model_config = ConfigDict(extra="forbid")

    channel: Annotated[str, Slot(Role.DESTINATION, "channel")]
    content: Annotated[str, Slot(Role.PAYLOAD, "content")]


class Plain(Result):
    def findings(self) -> list[Finding]:
        return []


class Drift(Plain):
    drifted: bool = False
    clean: bool = True
    resources: tuple[str, ...] = ()


class Deployed(Plain):
    healthy: bool = True
    changed: int = 0
    url: str = ""


async def preview(arguments: BaseModel) -> Preview:
    """What would happen."""
    return Preview(summary="")


async def verify(arguments: BaseModel, result: Result) -> Verification:
    """Whether it happened."""
    return Verification(ok=True, evidence=[])


async def reconcile(arguments: BaseModel) -> Reconciliation:
    """Whether it happened."""
    raise NotImplementedError


@tool(effect=Effect.READ, phrases=("check {stack} for drift",))
async def stack_drift(arguments: StackArguments) -> Drift:
    """Compare a stack with what is really there."""
    return Drift()


@tool(effect=Effect.READ, phrases=("what changed",))
async def competitor_changes(arguments: ChangesArguments) -> Plain:
    """Tell what changed on competitors' pages."""
    return Plain()


@tool(
    effect=Effect.CHANGE,
    gate=Gate.ONE,
    phrases=("deploy {stack}",),
    preview=preview,
    verify=verify,
    reconcile=reconcile,
    irreversible="an example",
)
async def stack_up(arguments: StackArguments, *, permit: Permit) -> Deployed:
    """Deploy a stack."""
    return Deployed()


@tool(
    effect=Effect.DESTROY,
    gate=Gate.TWO,
    phrases=("destroy {stack}",),
    preview=preview,
    verify=verify,
    reconcile=reconcile,
    irreversible="an example",
)
async def stack_destroy(arguments: StackArguments, *, permit: Permit) -> Plain:
    """Destroy everything in a stack."""
    return Plain()


@tool(
    effect=Effect.EGRESS,
    phrases=("tell {channel} {content}",),
    preview=preview,
    verify=verify,
    reconcile=reconcile,
    irreversible="what was said was said",
)
async def notify(arguments: NotifyArguments, *, permit: Permit) -> Plain:
    """Say something in a channel."""
    return Plain()


TOOLS = Registry([stack_drift, competitor_changes, stack_up, stack_destroy, notify])
