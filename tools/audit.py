"""The audit log: reading it and proving that nobody changed it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, JsonValue

from memory.audit import Audit
from memory.labels import Provenance
from tools.declaration import Clock, Effect, Requester, Role, Slot, tool
from tools.result import Finding, Result, Weight
from tools.since import beginning
from tools.timetable.foresight import Owners

MOST_ENTRIES = 200


class AuditLogArguments(BaseModel):
    """Since when, and about which stack."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[str | None, Slot(Role.OPTION, "since")] = None
    stack: Annotated[str | None, Slot(Role.TARGET, "stack")] = None


class AuditLine(BaseModel):
    """One entry."""

    index: int
    at: datetime
    kind: str
    actor: str
    payload: dict[str, JsonValue]


class AuditLog(Result):
    """Entries, newest first."""

    entries: list[AuditLine]
    size: int
    root: str
    at: datetime

    def findings(self) -> list[Finding]:
        """How many there are, and the newest in words."""
        provenance = Provenance.observed("sophia", self.at, f"audit log of {self.size} entries, root {self.root[:16]}")
        shown = [
            Finding(
                weight=Weight.OBSERVED,
                sentence=f"#{line.index} {line.at:%Y-%m-%d %H:%M:%S} UTC {line.kind} by {line.actor}: "
                f"{_about(line.payload)}",
                facts={"index": line.index, "kind": line.kind},
                provenance=provenance,
            )
            for line in self.entries[:20]
        ]
        head = Finding(
            weight=Weight.OBSERVED,
            sentence=f"{len(self.entries)} entries of {self.size} are meant"
            + (", the newest 20 of them shown." if len(self.entries) > 20 else "."),
            facts={"entries": len(self.entries), "size": self.size},
            provenance=provenance,
        )
        return [head, *shown]


def _about(payload: dict[str, JsonValue]) -> str:
    return ", ".join(f"{key} {value}" for key, value in payload.items() if isinstance(value, str | int | bool))[:160]


@tool(
    effect=Effect.READ,
    phrases=("show the audit log", "who approved what", "what was done {since}", "who did what to {stack}"),
)
async def audit_log(
    arguments: AuditLogArguments, *, audit: Audit, owners: Owners, requester: Requester, clock: Clock
) -> AuditLog:
    """Show who asked, approved and did what."""
    zone = owners.zone(requester.person)
    since = beginning(arguments.since, clock.now(), zone) if arguments.since else None
    entries = await audit.entries(since=since, stack=arguments.stack)
    head = await audit.head()
    return AuditLog(
        entries=[
            AuditLine(index=e.index, at=e.at, kind=e.kind, actor=e.actor, payload=e.payload)
            for e in reversed(entries[-MOST_ENTRIES:])
        ],
        size=head.size,
        root=head.root,
        at=clock.now(),
    )


class AuditVerifyArguments(BaseModel):
    """Nothing: the whole log."""

    model_config = ConfigDict(extra="forbid")


class AuditVerified(Result):
    """Whether the log is whole."""

    ok: bool
    size: int
    root: str
    checkpoints: int
    problems: list[str]
    at: datetime

    def findings(self) -> list[Finding]:
        """That it is whole, or what is wrong with it."""
        provenance = Provenance.observed("sophia", self.at, "every hash of the log was computed again")
        if self.ok:
            sentence = (
                f"The audit log is whole: {self.size} entries, {self.checkpoints} signed "
                f"head{'s' * (self.checkpoints != 1)}, root {self.root[:16]}."
            )
            return [
                Finding(
                    weight=Weight.OBSERVED,
                    sentence=sentence,
                    facts={"size": self.size, "root": self.root},
                    provenance=provenance,
                )
            ]
        return [
            Finding(
                weight=Weight.WARNING, sentence=f"The audit log was tampered with: {problem}", provenance=provenance
            )
            for problem in self.problems
        ]


@tool(effect=Effect.READ, phrases=("verify the audit log", "is the audit log intact", "was the log tampered with"))
async def audit_verify(arguments: AuditVerifyArguments, *, audit: Audit, clock: Clock) -> AuditVerified:
    """Check that nothing in the audit log was edited, dropped, reordered or cut off."""
    found = await audit.verify()
    return AuditVerified(
        ok=found.ok,
        size=found.size,
        root=found.root,
        checkpoints=found.heads,
        problems=[problem.message for problem in found.problems],
        at=clock.now(),
    )
