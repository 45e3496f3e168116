"""Why something failed: causes that the evidence shows, ranked, each with the lines it rests on; never a guess."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from infra.backend import StateCorrupt
from infra.errors import InfraError, ProjectBroken
from infra.health import Health, HealthReport
from infra.logs import log_lines
from infra.patterns import PATTERNS
from infra.places import Place
from infra.recovery import holders
from infra.runs import Run, Runs

__all__ = ["Cause", "Diagnosis", "Diagnostician", "Evidence"]

_OF_PROVIDER = "pulumi/dynamic/"
"""In a traceback: it comes from the process that runs dynamic providers."""
_DONE = {
    "stack_up": "It was deployed again",
    "stack_rollback": "It was rolled back",
    "stack_repair": "It was repaired",
    "stack_destroy": "It was destroyed",
}
"""What later runs are called."""
_CODE_IS_WRONG = re.compile(
    r"(?:Name|UnboundLocal|Type|Attribute|Key|Index|ZeroDivision|Recursion|Assertion|NotImplemented)Error\b"
)
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Warning|Failure|Failed|Fault)\b|[\w.]+: ")


class Evidence(BaseModel):
    """A line that was read, and where."""

    model_config = ConfigDict(frozen=True)

    source: str
    line: int
    text: str

    @property
    def sentence(self) -> str:
        """With its place."""
        return f"{self.source}:{self.line} “{self.text}”" if self.line else f"{self.source} “{self.text}”"


class Cause(BaseModel):
    """One cause with what shows it."""

    model_config = ConfigDict(frozen=True)

    kind: str
    sentence: str
    evidence: tuple[Evidence, ...]
    todo: str
    weight: int = 0
    past: bool = False
    """It was so when that failed, and has been set right since."""


class Diagnosis(BaseModel):
    """What is known about the last failure of a stack."""

    model_config = ConfigDict(frozen=True)

    stack: str
    failed: str = ""
    """What failed, when; empty when nothing did."""
    since: str = ""
    """What was done to the stack since then, and went well."""
    unlocked: bool = False
    """Nobody holds its lock."""
    at: datetime | None = None
    causes: tuple[Cause, ...] = ()
    looked_at: tuple[str, ...] = ()
    collect: tuple[str, ...] = ()
    """What to get when the evidence shows no cause."""


class Diagnostician:
    """Reads everything that is kept about a stack and looks for known failures in it."""

    def __init__(self, runs: Runs, health: Health) -> None:
        self._runs = runs
        self._health = health

    def last_failure(self, stacks: Sequence[str]) -> str | None:
        """The stack whose last failure is the newest."""
        newest = [(run.started_at, stack) for stack in stacks for run in self._failures(stack)[:1]]
        return max(newest)[1] if newest else None

    def _failures(self, stack: str) -> list[Run]:
        return [
            run for run in self._runs.of(stack) if run.succeeded is False or run.failed_checks or run.phase != "ended"
        ]

    async def of(self, place: Place) -> Diagnosis:
        """The causes of the stack's last failure, and of what is wrong with it now."""
        evidence, looked = self._now(place)
        try:
            place.config()
        except ProjectBroken as error:
            evidence.append(Evidence(source="project", line=0, text=str(error)))
        failures = self._failures(place.name)
        run = failures[0] if failures else None
        since = self._since(run)
        then: list[Evidence] = []
        if run is not None:
            then += self._of_run(run)
            logs = await log_lines(place, run.started_at)
            then += [Evidence(source=source, line=line, text=text) for source, line, text in logs]
            looked += [f"{len(logs)} lines of its logs"] if place.declaration.logs else []
            looked.append(f"the run of {run.started_at:%Y-%m-%d %H:%M} UTC with its {self._lines(run)} log lines")
        report = await self._health_now(place)
        evidence += [Evidence(source="health check", line=0, text=failure) for failure in report.failures]
        looked.append(f"{len(report.checks)} health checks")
        causes = _causes(evidence if since else [*evidence, *then], place.name)
        causes += [_past(cause, place.name) for cause in (_causes(then, place.name) if since else [])]
        unexplained = (run is not None or bool(report.failed)) and not causes
        return Diagnosis(
            stack=place.name,
            failed=_failed(run),
            since=since,
            unlocked=place.state is not None and not any(item.source == "lock" for item in evidence),
            at=run.started_at if run else None,
            causes=tuple(causes),
            looked_at=tuple(looked),
            collect=self._collect(place) if unexplained else (),
        )

    def _since(self, run: Run | None) -> str:
        """The newest run after a failure that went well, in words; empty when there is none."""
        later = self._runs.of(run.stack) if run else []
        well = next((one for one in later if one.succeeded and not one.failed_checks), None)
        if run is None or well is None or well.started_at <= run.started_at:
            return ""
        return f"{_DONE.get(well.tool, 'It was changed')} at {well.started_at:%Y-%m-%d %H:%M} UTC, and that went well"

    @staticmethod
    def of_broken(stack: str, error: InfraError) -> Diagnosis:
        """Of a stack whose project can't even be opened: what is wrong with its files."""
        evidence = [Evidence(source="project", line=0, text=str(error))]
        causes = tuple(_causes(evidence, stack))
        return Diagnosis(
            stack=stack,
            failed=error.tried,
            causes=causes,
            looked_at=("the project's files",),
            collect=() if causes else (error.to_do or "the project's files as they are",),
        )

    def _lines(self, run: Run) -> int:
        return len(self._runs.log(run.stack, run.permit).events())

    def _of_run(self, run: Run) -> list[Evidence]:
        log = self._runs.log(run.stack, run.permit)
        name = f"runs/{run.stack}/{log.path.name}"
        found = [
            Evidence(source=name, line=number, text=line)
            for number, event in log.events()
            if event.kind == "said" and event.severity in ("error", "warning", "info#err", "")
            for line in _telling(event.message)
        ]
        found += [Evidence(source="health check", line=0, text=check) for check in run.failed_checks]
        if run.problem:
            found.append(Evidence(source=f"runs/{run.stack}/{run.permit}.json", line=1, text=run.problem))
        return found

    @staticmethod
    def _now(place: Place) -> tuple[list[Evidence], list[str]]:
        """What the state and the locks themselves show."""
        found: list[Evidence] = []
        looked: list[str] = []
        if place.state is None:
            return found, looked
        found += [
            Evidence(source="lock", line=0, text=f"currently locked by {holder.sentence}") for holder in holders(place)
        ]
        found += [
            Evidence(source="lock", line=0, text=f"{path} can't be read: it is what is left of a lock")
            for path in place.state.lock_remnants()
        ]
        looked.append("locks")
        try:
            deployment = place.state.deployment()
        except StateCorrupt as error:
            return [*found, Evidence(source="state", line=0, text=str(error))], [*looked, "state"]
        looked.append("state and pending operations")
        for item in deployment.pending if deployment else ():
            text = f"{item.get('type')} {item['resource']['urn']} was begun and not seen to end"
            found.append(Evidence(source="state", line=0, text=text))
        return found, looked

    async def _health_now(self, place: Place) -> HealthReport:
        try:
            deployment = place.state.deployment() if place.state else None
        except StateCorrupt:
            return HealthReport()
        return await self._health.once(place, deployment) if deployment and deployment.real else HealthReport()

    @staticmethod
    def _collect(place: Place) -> tuple[str, ...]:
        return (
            f"`preview {place.name}`: does the engine say more now?",
            f"`check {place.name} for drift`: is the world as it was deployed?",
            "the log of the service or provider that is named above, from the same minute"
            + ("" if place.declaration.logs else f" (`logs` of [stacks.{place.name}] in sophia.toml has it read here)"),
        )


def _telling(message: str) -> list[str]:
    """The lines of what the engine said. Where a dynamic provider reports what its service answered, the place in the
    provider's code at which it does so explains nothing and is left out; where its code is wrong, it stays.
    """
    lines = message.splitlines()
    if _OF_PROVIDER in message and not any(_CODE_IS_WRONG.match(line) for line in lines):
        return [line for line in lines if not line.lstrip().startswith('File "')]
    return lines


def _past(cause: Cause, stack: str) -> Cause:
    """A cause of what has been set right since: what it says to do to the stack isn't needed any more."""
    return cause.model_copy(update={"past": True, "todo": "" if stack in cause.todo else cause.todo})


def _failed(run: Run | None) -> str:
    if run is None:
        return ""
    what = run.tool.removeprefix("stack_")
    if run.succeeded is None:
        return f"{what} was cut off"
    return f"{what} succeeded, and its health checks failed" if run.succeeded else f"{what} failed: {run.problem}"


def _causes(evidence: Sequence[Evidence], stack: str) -> list[Cause]:
    """Every known failure that a line shows, nearest to a root first; one cause a kind and sentence."""
    found: dict[tuple[str, str], Cause] = {}
    for pattern in PATTERNS:
        for item in evidence:
            groups = pattern.groups(item.text, item.source)
            if groups is None:
                continue
            sentence = pattern.filled(groups)
            shown = [item]
            if pattern.kind == "program error" and (raised := _raised(evidence, item)):
                sentence, shown = f"{sentence.rstrip('.')}: {raised.text.rstrip('.')}.", [item, raised]
            known = found.get((pattern.kind, sentence))
            lines = (*(known.evidence if known else ()), *shown)
            found[pattern.kind, sentence] = Cause(
                kind=pattern.kind,
                sentence=sentence,
                evidence=lines[:3],
                todo=pattern.todo.format(stack=stack),
                weight=pattern.weight,
            )
    if any(item.text.endswith("was begun and not seen to end") for item in evidence):
        lines = tuple(item for item in evidence if item.text.endswith("was begun and not seen to end"))
        sentence = "An earlier run was cut off in the middle."
        found["cut off", ""] = Cause(
            kind="cut off", sentence=sentence, evidence=lines[:3], todo=f"deploy {stack}", weight=88
        )
    return sorted(_nearest(list(found.values())), key=lambda cause: -cause.weight)


def _raised(evidence: Sequence[Evidence], place: Evidence) -> Evidence | None:
    """The line that says what was raised at a place of a traceback: the next one that isn't indented."""
    after = [item for item in evidence if item.source == place.source]
    for item in after[after.index(place) + 1 :]:
        if item.text.strip() and not item.text.startswith((" ", "\t")):
            return item if _EXCEPTION.match(item.text) else None
    return None


def _nearest(causes: list[Cause]) -> list[Cause]:
    """Of several places in a program, the deepest of the program itself is the cause; what explains it stays."""
    places = [cause for cause in causes if cause.kind == "program error"]
    own = [cause for cause in places if "site-packages" not in cause.sentence and "/lib/python" not in cause.sentence]
    kept = (own or [_of_a_library(cause) for cause in places])[-1:]
    causes = [*(cause for cause in causes if cause.kind != "program error"), *kept]
    explained = {"self-test failed", "service down"} & {cause.kind for cause in causes}
    return [cause for cause in causes if not (explained and cause.kind == "unhealthy")]


def _of_a_library(cause: Cause) -> Cause:
    """No line of the program's own is in the traceback: where it goes wrong isn't where the mistake is."""
    sentence = cause.sentence.replace("The program fails", "A library that the program uses fails")
    return cause.model_copy(update={"sentence": sentence, "todo": cause.todo.replace("there, ", "where it calls it, ")})
