"""What was done to a stack, and why something failed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, JsonValue

from infra.diagnosis import Cause, Diagnosis
from infra.history import HistoryEntry
from infra.stacks import Stacks
from memory.approvals import Approvals
from memory.errors import NotFound
from memory.labels import LOGS
from memory.ledger import Ledger
from memory.turns import Turns
from tools.declaration import Clock, Effect, Requester, Role, Slot, tool
from tools.infrastructure.telling import counted, observed, pulumi, told
from tools.result import Finding, Result, Series, Weight
from tools.since import beginning
from tools.timetable.foresight import Owners

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["stack_diagnose", "stack_history"]

_EVERYWHERE = ("the runs, locks and states of every stack",)

_MOST = 50


class StackHistoryArguments(BaseModel):
    """Which stack, and since when."""

    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str, Slot(Role.TARGET, "stack")]
    since: Annotated[str | None, Slot(Role.OPTION, "since")] = None


class HistoryLine(BaseModel):
    """One change: what, when, by whom, why, approved by whom, how it ended."""

    at: datetime
    kind: str
    by: str
    why: str
    approved_by: list[str]
    result: str
    changes: dict[str, int]
    besides: list[str] = []
    seconds: float | None
    commit: str
    checkpoint: str
    problem: str
    effect: str

    @property
    def sentence(self) -> str:
        """For a person."""
        by = f" by {self.by}" if self.by else ""
        approved = f", approved by {', '.join(self.approved_by)}" if self.approved_by else ""
        took = f" in {self.seconds:.0f} s" if self.seconds is not None else ""
        done = [counted(self.changes, past=True)] if self.changes or not self.besides else []
        ended = f"{self.result}{took}: {'; '.join([*done, *self.besides])}"
        words = f"{self.at:%Y-%m-%d %H:%M} UTC: {self.kind}{by}{approved}, {ended}"
        words += f" ({self.problem})" if self.problem else ""
        return words + (f"; asked: “{self.why}”." if self.why else ".")


class StackHistory(Result):
    """What was done to a stack, newest first."""

    stack: str
    entries: list[HistoryLine]
    total: int
    at: datetime

    def series(self) -> Series | None:
        """Changes a day, over the days that are told of."""
        if not self.entries:
            return None
        days = [line.at.date() for line in self.entries]
        values = [(day, 1.0) for day in days]
        return Series.daily(f"What was done to {self.stack}", "changes", values, min(days), self.at.date())

    def findings(self) -> list[Finding]:
        """A sentence for each change."""
        where = pulumi(self.stack, self.at, "Pulumi's history joined with the effects ledger")
        if not self.entries:
            return [observed(f"Nothing was done to {self.stack} in that time.", where, stack=self.stack)]
        return [observed(line.sentence, where, kind=line.kind, result=line.result) for line in self.entries]

    def as_terminal(self) -> RenderableType | None:
        """A table, where there is anything in it; the sentences say the rest."""
        if not self.entries:
            return None
        from rich.table import Table

        table = Table("when (UTC)", "what", "by", "result")
        table.add_column("checkpoint", overflow="fold")
        for line in self.entries:
            table.add_row(f"{line.at:%Y-%m-%d %H:%M}", line.kind, line.by, line.result, line.checkpoint)
        return table


async def _line(entry: HistoryEntry, ledger: Ledger, approvals: Approvals, turns: Turns) -> HistoryLine:
    why, approved = "", []
    try:
        effect = await ledger.get(entry.permit) if entry.permit else None
        if effect is not None:
            why = (await turns.get(effect.turn)).request
            votes = (await approvals.get(effect.approval)).votes if effect.approval else ()
            approved = [vote.person for vote in votes if vote.approve]
    except NotFound:
        effect = None
    return HistoryLine(
        at=entry.at,
        kind=entry.kind,
        by=entry.by,
        why=why,
        approved_by=approved,
        result=entry.result,
        changes=entry.changes,
        besides=list(entry.besides),
        seconds=entry.seconds,
        commit=entry.commit,
        checkpoint=entry.checkpoint,
        problem=entry.problem or "; ".join(entry.failed_checks),
        effect=entry.permit,
    )


@tool(
    effect=Effect.READ,
    phrases=(
        "who deployed to {stack} {since}", "history of {stack}", "what changed in {stack} {since}",
        "when was {stack} last deployed", "did we roll back {stack}", "recent deployments of {stack}",
    ),
)  # fmt: skip
async def stack_history(
    arguments: StackHistoryArguments,
    *,
    stacks: Stacks,
    ledger: Ledger,
    approvals: Approvals,
    turns: Turns,
    owners: Owners,
    requester: Requester,
    clock: Clock,
) -> StackHistory:
    """Show who changed a stack when, why, approved by whom, and how it ended."""
    zone = owners.zone(requester.person)
    since = beginning(arguments.since, clock.now(), zone) if arguments.since else None
    with told():
        name = stacks.declaration(arguments.stack).name
        entries = await stacks.history(name, since)
    lines = [await _line(entry, ledger, approvals, turns) for entry in entries[:_MOST]]
    return StackHistory(stack=name, entries=lines, total=len(entries), at=clock.now())


class StackDiagnoseArguments(BaseModel):
    """Which stack; none means the one that failed last."""

    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str | None, Slot(Role.TARGET, "stack")] = None


class CauseLine(BaseModel):
    """One cause."""

    kind: str
    sentence: str
    evidence: list[str]
    todo: str
    past: bool = False

    @classmethod
    def of(cls, cause: Cause) -> CauseLine:
        """From the engine's."""
        return cls(
            kind=cause.kind,
            sentence=cause.sentence,
            evidence=[item.sentence for item in cause.evidence],
            todo=cause.todo,
            past=cause.past,
        )

    @property
    def said(self) -> str:
        """For a person."""
        then = "At that time: " if self.past else ""
        following = f" Next: {self.todo}." if self.todo else ""
        return f"{then}{self.sentence} Shown by {'; '.join(self.evidence)}.{following}"


class StackDiagnosed(Result):
    """Why something failed, as far as the evidence shows."""

    stack: str
    failed: str
    since: str = ""
    unlocked: bool = False
    causes: list[CauseLine]
    looked_at: list[str]
    collect: list[str]
    at: datetime

    @classmethod
    def of(cls, found: Diagnosis, at: datetime) -> StackDiagnosed:
        """From the engine's."""
        return cls(
            stack=found.stack,
            failed=found.failed,
            since=found.since,
            unlocked=found.unlocked,
            causes=[CauseLine.of(cause) for cause in found.causes],
            looked_at=list(found.looked_at),
            collect=list(found.collect),
            at=at,
        )

    def findings(self) -> list[Finding]:
        """Each cause with its evidence and the next command; without one, what to collect."""
        where = pulumi(self.stack or "*", self.at, "looked at " + ", ".join(self.looked_at))
        found = []
        if self.failed:
            found.append(
                observed(f"The last thing that went wrong on {self.stack}: {self.failed}.".replace("..", "."), where)
            )
        for cause in self.causes:
            facts: dict[str, JsonValue] = {"kind": cause.kind}
            weight = Weight.OBSERVED if cause.past else Weight.WARNING
            found.append(Finding(weight=weight, sentence=cause.said, facts=facts, provenance=where))
        if self.since:
            found.append(observed(f"{self.since}.", where))
        if self.collect:
            words = f"The evidence shows no cause. Collect: {'; '.join(self.collect)}."
            found.append(Finding(weight=Weight.WARNING, sentence=words, provenance=where))
        if not found:
            words = f"Nothing has failed on {self.stack}, and nothing is wrong with it now."
            found.append(
                observed(
                    words if self.stack else "No run of any stack has failed, and no stack is locked or was cut off.",
                    where,
                )
            )
        if self.unlocked:
            found.append(observed(f"Nobody holds the lock of {self.stack}.", where))
        return found


@tool(
    effect=Effect.READ,
    phrases=(
        "why did the last deployment fail", "what went wrong on {stack}", "diagnose {stack}",
        "it says the stack is locked",
        "why is {stack} broken", "explain the error on {stack}",
    ),
    label=LOGS,
)  # fmt: skip
async def stack_diagnose(arguments: StackDiagnoseArguments, *, stacks: Stacks, clock: Clock) -> StackDiagnosed:
    """Explain why something failed, with the lines that show it."""
    with told():
        name = arguments.stack or stacks.last_failure()
        found = await stacks.diagnose(name) if name else Diagnosis(stack="", looked_at=_EVERYWHERE)
    return StackDiagnosed.of(found, clock.now())
