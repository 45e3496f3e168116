"""The result of a change to a stack: deploy, rollback, repair and destroy end in the same words."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import Field, JsonValue

from infra.reconciliation import Reckoning
from infra.reports import ChangeReport
from tools.declaration import Outcome, Reconciliation, Verification
from tools.errors import ToolError
from tools.infrastructure.telling import counted, pulumi
from tools.result import Finding, Result, Weight

__all__ = ["StackChanged", "reconciled", "verified"]

_STEPS = {
    "settle": "who else holds it",
    "compare": "is it as approved",
    "refresh": "reading the world again",
    "checkpoint": "the checkpoint",
    "go on": "what was cut off",
    "apply": "applying",
    "refresh and apply": "applying, with the world read once more: the engine sets back only what it reads itself",
    "health": "the health checks",
}
"""What each timed part of a change is called, in their order."""


class StackChanged(Result):
    """What was done to a stack, and how it is now."""

    stack: str
    doing: str
    """`deployed`, `rolled back`, `repaired`, `destroyed`."""
    succeeded: bool
    healthy: bool
    problem: str = ""
    changed: int = 0
    counts: dict[str, int] = Field(default={})
    besides: list[str] = Field(default=[])
    """What was done to outputs and protections."""
    checkpoint: str = ""
    url: str = ""
    api_url: str = ""
    outputs: dict[str, JsonValue] = Field(default={})
    resources: int = 0
    seconds: float = 0.0
    continued: bool = False
    checks: list[str] = Field(default=[])
    failed_checks: list[str] = Field(default=[])
    log: list[str] = Field(default=[])
    timings: dict[str, float] = Field(default={})
    at: datetime

    @classmethod
    def of(cls, report: ChangeReport, doing: str, at: datetime) -> Self:
        """From the engine's report. Raises ToolError when it failed before anything was begun."""
        if report.untouched:
            raise ToolError(
                f"{report.stack} was not {doing}: {report.problem}",
                not_done="Nothing was changed.",
                to_do=f"Ask `diagnose {report.stack}`.",
                acts="operator",
            )
        outputs = report.outputs
        return cls(
            stack=report.stack,
            doing=doing,
            succeeded=report.succeeded,
            healthy=report.succeeded and report.health.healthy,
            problem=report.problem,
            changed=sum(report.counts.values()),
            counts=report.counts,
            besides=list(report.besides),
            checkpoint=report.checkpoint,
            url=str(outputs.get("url", "")),
            api_url=str(outputs.get("api_url") or outputs.get("apiUrl") or ""),
            outputs=outputs,
            resources=report.resources,
            seconds=report.seconds,
            continued=report.continued,
            checks=[check.sentence for check in report.health.checks],
            failed_checks=list(report.health.failures),
            log=list(report.log),
            timings=report.timings,
            at=at,
        )

    def _amount(self) -> str:
        counts = counted(self.counts, past=True)
        return counts if self.counts or not self.besides else f"no resource changed; done: {'; '.join(self.besides)}"

    def findings(self) -> list[Finding]:
        """What wasn't done first, then what was, how it was verified, how long it took."""
        where = pulumi(self.stack, self.at, "pulumi's own report of the run, its state, and the health checks")
        facts: dict[str, JsonValue] = {"stack": self.stack, "changed": self.changed, "seconds": round(self.seconds, 1)}
        if not self.succeeded:
            sentence = f"{self.stack} was not {self.doing}: {self.problem}"
            return [Finding(weight=Weight.NOT_DONE, sentence=sentence, facts=facts, provenance=where)]
        went_on = ", going on from where an earlier attempt was cut off" if self.continued else ""
        done = (
            f"{self.stack} was {self.doing} in {self.seconds:.1f} s{went_on}: {self._amount()}, "
            f"{self.resources} resource{'' if self.resources == 1 else 's'} now."
        )
        found = [Finding(weight=Weight.DONE, sentence=done, facts=facts, provenance=where)]
        if self.failed_checks:
            words = f"{self.stack} is not healthy: {'; '.join(self.failed_checks)}."
            found.insert(0, Finding(weight=Weight.WARNING, sentence=words, facts={"healthy": False}, provenance=where))
        elif self.checks:
            words = f"All {len(self.checks)} health checks are ok."
            found.append(Finding(weight=Weight.OBSERVED, sentence=words, facts={"healthy": True}, provenance=where))
        if self.url:
            words = f"It answers at {self.url}."
            found.append(Finding(weight=Weight.OBSERVED, sentence=words, facts={"url": self.url}, provenance=where))
        if self.timings:
            spent = ", ".join(f"{_STEPS[name]} {self.timings[name]:.1f} s" for name in _STEPS if name in self.timings)
            found.append(Finding(weight=Weight.OBSERVED, sentence=f"Of the time: {spent}.", provenance=where))
        return found


def verified(result: StackChanged, *evidence: str, ok: bool = True) -> Verification:
    """The verification of a change: it succeeded, it is healthy, and whatever else was looked at."""
    if not result.succeeded:
        return Verification(ok=False, evidence=[f"{result.stack} was not {result.doing}: {result.problem}"])
    said = list(evidence)
    said += [f"Health check {line}" for line in (result.failed_checks or result.checks)]
    return Verification(ok=ok and result.healthy, evidence=said)


def reconciled(found: Reckoning, doing: str, at: datetime, kind: type[StackChanged]) -> Reconciliation:
    """What the world says of an attempt, for the executor."""
    result = kind.of(found.report, doing, at) if found.report else None
    return Reconciliation(outcome=Outcome(found.outcome), result=result, evidence=found.evidence)
