"""Taking a dead lock off a stack."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, JsonValue

from infra.stacks import Stacks
from tools.declaration import (
    Attempt,
    Clock,
    Effect,
    Gate,
    Outcome,
    Permit,
    Preview,
    Reconciliation,
    Role,
    Slot,
    Verification,
    tool,
)
from tools.infrastructure.telling import pulumi, told
from tools.result import Finding, Result, Weight

__all__ = ["stack_unlock"]


class StackUnlockArguments(BaseModel):
    """Which stack."""

    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str, Slot(Role.TARGET, "stack")]


class StackUnlocked(Result):
    """Whose lock was taken off."""

    stack: str
    holders: list[str]
    locks: list[str]
    at: datetime

    def findings(self) -> list[Finding]:
        """Whose lock it was."""
        words = f"{self.stack} is unlocked; the lock was held by {'; '.join(self.holders)}."
        facts: dict[str, JsonValue] = {"stack": self.stack, "locks": len(self.locks)}
        where = pulumi(self.stack, self.at, "the lock files of its backend")
        return [Finding(weight=Weight.DONE, sentence=words, facts=facts, provenance=where)]


async def preview_unlock(arguments: StackUnlockArguments, *, stacks: Stacks) -> Preview:
    """Who holds the lock, and whether that process is alive."""
    with told():
        declared = stacks.declaration(arguments.stack)
        held = stacks.held(declared.name)
    if not held:
        return Preview(summary=f"{declared.name} isn't locked", nothing_to_do=True)
    far = [holder for holder in held if holder.alive is None]
    return Preview(
        summary=f"unlock {declared.name}",
        details=[f"held by {holder.sentence}" for holder in held],
        risk="the holder is on another machine: if it still runs, two runs will change the stack at once"
        if far
        else "none: the holder is dead. What it had begun may be half done; the next deploy goes on from there",
        undo="A lock that was taken off can't be put back.",
        protected=declared.protected,
        state_version=",".join(sorted(holder.lock.id for holder in held)),
        bound={"locks": [holder.lock.id for holder in held], "holders": [holder.sentence for holder in held]},
    )


async def verify_unlock(arguments: StackUnlockArguments, result: StackUnlocked, *, stacks: Stacks) -> Verification:
    """Look whether those locks are gone."""
    still = stacks.still_held(arguments.stack, result.locks)
    return Verification(ok=not still, evidence=[f"The lock files are {'still there' if still else 'gone'}."])


async def reconcile_unlock(
    arguments: StackUnlockArguments, attempt: Attempt, *, stacks: Stacks, clock: Clock
) -> Reconciliation:
    """Look whether those locks are gone."""
    result = _unlocked(stacks.declaration(arguments.stack).name, attempt.bound, clock.now())
    if stacks.still_held(arguments.stack, result.locks):
        return Reconciliation(outcome=Outcome.NOT_HAPPENED, evidence="The lock files are still there.")
    return Reconciliation(outcome=Outcome.HAPPENED, result=result, evidence="The lock files are gone.")


def _unlocked(stack: str, bound: dict[str, JsonValue], at: datetime) -> StackUnlocked:
    return StackUnlocked.model_validate(
        {"stack": stack, "holders": bound.get("holders", []), "locks": bound.get("locks", []), "at": at}
    )


@tool(
    effect=Effect.CHANGE,
    gate=Gate.ONE,
    phrases=(
        "unlock {stack}",
        "the stack {stack} is locked",
        "remove the lock on {stack}",
        "cancel the stuck update on {stack}",
    ),
    preview=preview_unlock,
    verify=verify_unlock,
    reconcile=reconcile_unlock,
    irreversible="a lock that was taken off can't be put back",
)
async def stack_unlock(
    arguments: StackUnlockArguments, *, stacks: Stacks, clock: Clock, permit: Permit, bound: Preview
) -> StackUnlocked:
    """Take a dead run's lock off a stack."""
    result = _unlocked(stacks.declaration(arguments.stack).name, bound.bound, clock.now())
    with told(acting=True):
        await stacks.unlock(arguments.stack, result.locks, permit)
    return result
