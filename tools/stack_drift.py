"""Drift: what was changed behind Pulumi's back, and setting it back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from infra.drift import Difference, DriftReport
from infra.previews import Binding
from infra.stacks import Stacks
from memory.labels import LOGS
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
    Verification,
    tool,
)
from tools.infrastructure.cards import change_card, named
from tools.infrastructure.results import StackChanged, reconciled, verified
from tools.infrastructure.telling import heard, observed, pulumi, told
from tools.result import Finding, Result, Weight

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["stack_drift", "stack_repair"]


class StackDriftArguments(BaseModel):
    """Which stack."""

    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str, Slot(Role.TARGET, "stack")]


class DriftLine(BaseModel):
    """One difference."""

    resource: str
    property: str
    expected: JsonValue
    found: JsonValue
    since: datetime | None
    because: str
    sentence: str

    @classmethod
    def of(cls, difference: Difference) -> DriftLine:
        """From the engine's."""
        return cls(
            resource=difference.name,
            property=difference.path,
            expected=difference.expected,
            found=difference.found,
            since=difference.since,
            because=difference.because,
            sentence=difference.sentence,
        )


class StackDrift(Result):
    """Whether a stack has drifted."""

    stack: str
    drifted: bool
    clean: bool
    drift: list[DriftLine]
    routine: list[DriftLine]
    undeclared: list[DriftLine]
    resources: int
    repeated: int
    at: datetime

    @classmethod
    def of(cls, report: DriftReport) -> StackDrift:
        """From the engine's report."""
        return cls(
            stack=report.stack,
            drifted=report.drifted,
            clean=not report.drifted,
            drift=[DriftLine.of(item) for item in report.drift],
            routine=[DriftLine.of(item) for item in report.routine],
            undeclared=[DriftLine.of(item) for item in report.undeclared],
            resources=report.resources,
            repeated=report.repeated,
            at=report.at,
        )

    def made_here(self) -> frozenset[str]:
        """Whether and how much; what was found in the cloud may be anybody's, and so may a sentence that quotes it."""
        counted = frozenset({"stack", "drifted", "clean", "resources", "repeated", "at"})
        return counted if self.drift or self.routine or self.undeclared else counted | {"summary"}

    def findings(self) -> list[Finding]:
        """Each true difference; then how many were routine."""
        where = pulumi(self.stack, self.at, "every resource was read again (refresh, previewed only)")
        facts: dict[str, JsonValue] = {"stack": self.stack, "drifted": self.drifted, "properties": len(self.drift)}
        if not self.drifted:
            all_are = f"all {self.resources} resources are as they were"
            every = "its one resource is as it was" if self.resources == 1 else all_are
            words = f"{self.stack} has no drift: {every} deployed."
            found = [observed(words, where, **facts)]
        else:
            words = f"{self.stack} has drifted in {len(self.drift)} place{'s' if len(self.drift) > 1 else ''}."
            found = [Finding(weight=Weight.WARNING, sentence=words, facts=facts, provenance=where)]
            found += [Finding(weight=Weight.WARNING, sentence=_when(line), provenance=where) for line in self.drift]
        if self.repeated:
            times = f"{self.repeated} time{'s' if self.repeated > 1 else ''}"
            words = f"The same has drifted {times} before within a week, a pattern: something keeps changing it."
            found.append(Finding(weight=Weight.WARNING, sentence=words, provenance=where))
        quiet = len(self.routine) + len(self.undeclared)
        if quiet:
            names = ", ".join(
                sorted({f"{line.resource}.{line.property}" for line in (*self.routine, *self.undeclared)})
            )
            words = f"{quiet} routine difference{'s' if quiet > 1 else ''} left aside ({names})."
            found.append(observed(words, where, routine=quiet))
        return found

    def as_terminal(self) -> RenderableType | None:
        """A table of everything that differs, drift first."""
        from rich.table import Table

        if not (self.drift or self.routine or self.undeclared):
            return None
        table = Table("resource", "property", "expected", "found", "what it is")
        for kind, lines in (("drift", self.drift), ("routine", self.routine), ("not declared", self.undeclared)):
            for line in lines:
                because = f"{kind}: {line.because}"
                table.add_row(line.resource, line.property, _cut(line.expected), _cut(line.found), because)
        return table


def _when(line: DriftLine) -> str:
    return line.sentence + (f" First seen {line.since:%Y-%m-%d %H:%M} UTC." if line.since else "")


def _cut(value: JsonValue) -> str:
    return text if len(text := str(value)) <= 40 else text[:39] + "…"


@tool(
    effect=Effect.READ,
    phrases=(
        "check {stack} for drift", "has {stack} drifted", "has anyone changed {stack} behind pulumi's back",
        "is {stack} as it was deployed", "compare {stack} with reality", "any manual changes in {stack}",
    ),
    label=LOGS,
)  # fmt: skip
async def stack_drift(arguments: StackDriftArguments, *, stacks: Stacks) -> StackDrift:
    """Look whether the real resources are as they were deployed, routine differences left aside."""
    with told():
        return StackDrift.of(await stacks.drift(arguments.stack))


class StackRepairArguments(BaseModel):
    """Which stack, and which of its resources alone, where not all that drifted are meant."""

    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str, Slot(Role.TARGET, "stack")]
    only: Annotated[list[str] | None, Slot(Role.OPTION, "resources")] = None


class StackRepaired(StackChanged):
    """How a repair ended."""

    repaired: int = 0
    only: list[str] = Field(default=[])
    """The URNs that were set back."""


def _repaired(changed: StackRepaired, binding: Binding) -> StackRepaired:
    repaired = len(binding.targets) if changed.succeeded else 0
    return changed.model_copy(update={"repaired": repaired, "only": list(binding.targets)})


async def preview_repair(arguments: StackRepairArguments, *, stacks: Stacks) -> Preview:
    """What drifted, and what setting exactly that back would do."""
    with told():
        preview = await stacks.preview_repair(arguments.stack, only=arguments.only or ())
    some = named(arguments.only, preview)
    undo = "What was changed by hand is lost; a checkpoint of the state is taken first."
    return change_card(preview, stacks, verb=f"set back what drifted{some and f' of only {some}'} on", undo=undo)


async def verify_repair(arguments: StackRepairArguments, result: StackRepaired, *, stacks: Stacks) -> Verification:
    """Check for drift again, and ask every health check."""
    if not result.succeeded:
        return verified(result)
    with told():
        again = await stacks.drift(arguments.stack)
    left = [item for item in again.drift if not result.only or item.urn in result.only]
    words = "It has drifted again: " + left[0].sentence if left else "A second drift check found none of it."
    return verified(result, words, ok=not left)


async def reconcile_repair(
    arguments: StackRepairArguments, attempt: Attempt, *, stacks: Stacks, clock: Clock
) -> Reconciliation:
    """Look for the effect's mark in Pulumi's history, and at state, pending operations, lock and running engines."""
    with told():
        found = await stacks.reconcile(arguments.stack, attempt.permit_id)
    answer = reconciled(found, "repaired", clock.now(), StackRepaired)
    if isinstance(answer.result, StackRepaired):
        finished = _repaired(answer.result, Binding.model_validate(attempt.bound))
        return answer.model_copy(update={"result": finished})
    return answer


@tool(
    effect=Effect.CHANGE,
    gate=Gate.ONE,
    phrases=(
        "repair {stack}", "fix the drift on {stack}", "set {stack} back", "heal {stack}",
        "undo the manual changes in {stack}", "reconcile {stack}",
    ),
    preview=preview_repair,
    verify=verify_repair,
    reconcile=reconcile_repair,
    irreversible="what was changed by hand isn't kept anywhere but in the report of the drift",
)  # fmt: skip
async def stack_repair(
    arguments: StackRepairArguments,
    *,
    stacks: Stacks,
    clock: Clock,
    permit: Permit,
    bound: Preview,
    requester: Requester,
    progress: Progress,
) -> StackRepaired:
    """Set what drifted back to what was deployed last, and touch nothing else."""
    binding = Binding.model_validate(bound.bound)  # fmt: skip
    with told(acting=True):
        report = await stacks.repair(arguments.stack, binding, permit, by=requester.person, listen=heard(progress))
    return _repaired(StackRepaired.of(report, "repaired", clock.now()), binding)
