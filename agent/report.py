"""The report of a turn: what wasn't done first, then what was, then what was seen, each tied to its step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import AwareDatetime, BaseModel, JsonValue

from agent.plan import Plan
from agent.untrusted_text import visible
from memory.labels import Confidentiality, Envelope
from tools.declaration import Tool
from tools.result import Finding, Result, Weight

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Report", "ReportedStep", "assemble", "revive", "revived"]

Status = Literal["done", "failed", "refused", "question", "cancelled", "waiting"]
EXIT_STATUS: Mapping[str, int] = {
    "done": 0,
    "failed": 1,
    "waiting": 3,
    "refused": 4,
    "question": 5,
    "cancelled": 1,
}
_TELLING = 12
"""Letters from which on a part of a list isn't found in other words by chance."""
_ORDER = [Weight.NOT_DONE, Weight.WARNING, Weight.DONE, Weight.OBSERVED]


class ReportedStep(BaseModel):
    """One step as it ended."""

    id: str
    tool: str
    status: str
    why: str = ""
    problem: dict[str, str] | None = None
    findings: list[Finding] = []
    result: JsonValue = None
    untrusted: bool = False
    """Something in the result was written by others."""


class Report(BaseModel):
    """What a turn came to."""

    turn: str
    thread: str
    request: str
    status: Status
    planner: str
    question: str = ""
    steps: list[ReportedStep] = []
    verified: list[str] = []
    """How each thing that was done was checked afterwards, and what that showed."""
    undo: list[str] = []
    """What can be taken back, and how to ask for it."""
    started_at: AwareDatetime
    seconds: float
    worded_by: str = ""
    """The model whose wording of the findings passed the check; empty when the sentences are the findings' own."""

    @property
    def exit_status(self) -> int:
        """As the command-line contract numbers them."""
        return EXIT_STATUS[self.status]

    def not_done(self) -> list[str]:
        """What wasn't done and why, with what to do: said first."""
        sentences = []
        for step in self.steps:
            if step.problem and "nothing_to_do" not in step.problem:
                parts = (step.problem.get(key, "") for key in ("tried", "not_done", "to_do"))
                sentences.append(" ".join(part.rstrip(".") + "." for part in parts if part))
        return sentences

    def nothing_to_do(self) -> list[str]:
        """Steps that had nothing to change: the world was as it should be already."""
        return [
            step.problem["nothing_to_do"] for step in self.steps if step.problem and "nothing_to_do" in step.problem
        ]

    def findings(self) -> list[Finding]:
        """Everything that may be said, most important first; what is said as not done isn't said again."""
        said = "\n".join(self.not_done())
        found = [
            finding
            for step in self.steps
            for finding in step.findings
            if finding.weight not in (Weight.NOT_DONE, Weight.WARNING) or not _says(said, finding.sentence)
        ]
        return sorted(found, key=lambda finding: _ORDER.index(finding.weight))

    def as_json(self) -> dict[str, Any]:
        """One JSON document."""
        return self.model_dump(mode="json") | {"exit_status": self.exit_status, "not_done": self.not_done()}

    def as_text(self) -> str:
        """Plain sentences, for a notification or a log."""
        lines = [self.question] if self.question else []
        lines += self.not_done() + self.nothing_to_do() + [finding.sentence for finding in self.findings()]
        return "\n".join(visible(line) for line in lines)

    def as_terminal(self, renderables: Sequence[RenderableType] = ()) -> RenderableType:
        """For a terminal: sentences, the tools' own tables, citations, and how it was made."""
        from agent.terminal.rendering import report_as_terminal

        return report_as_terminal(self, renderables)

    def as_slack_blocks(self) -> list[dict[str, JsonValue]]:
        """Block Kit blocks: the same sentences, escaped, with citations as context; as many as it takes."""
        from agent.slack_blocks import report_blocks

        return report_blocks(self)


def _says(said: str, sentence: str) -> bool:
    """Whether all that a sentence tells has been said: itself, or each part of what it lists after its colon."""
    listed = sentence.partition(": ")[2].rstrip(".").split("; ")
    return sentence.rstrip(".") in said or all(len(part) >= _TELLING and part in said for part in listed)


def assemble(
    plan: Plan,
    statuses: Mapping[str, str],
    problems: Mapping[str, dict[str, str]],
    results: Mapping[str, Envelope],
    tools: Mapping[str, Tool],
) -> list[ReportedStep]:
    """The steps of a report, each with the findings of its stored result; what took a step back, or told people of
    it, follows the step.
    """
    steps = []
    for step in plan.steps:
        steps.append(
            ReportedStep(
                id=step.id,
                tool=step.tool,
                status=statuses.get(step.id, "skipped"),
                why=step.why,
                problem=problems.get(step.id),
                **_of_result(step.tool, results.get(step.id), tools),
            )
        )
        undo = tools[step.tool].undo if step.tool in tools else None
        sequels = {"undo": undo.tool, "told": "notify"} if undo is not None else {}
        for suffix, tool in sequels.items():
            done = results.get(f"{step.id}-{suffix}")
            if done is not None:
                shown = _of_result(tool, done, tools)
                steps.append(ReportedStep(id=f"{step.id}-{suffix}", tool=tool, status="succeeded", **shown))
    return steps


def _of_result(tool: str, envelope: Envelope | None, tools: Mapping[str, Tool]) -> dict[str, Any]:
    if envelope is None:
        return {}
    if envelope.label.confidentiality is Confidentiality.SECRET:
        return {"untrusted": not envelope.label.trusted}
    result = revive(tool, envelope, tools)
    return {"findings": result.findings(), "result": envelope.value, "untrusted": not envelope.label.trusted}


def revive(tool: str, envelope: Envelope, tools: Mapping[str, Tool]) -> Result:
    """A stored result as the object that it was."""
    assert isinstance(envelope.value, dict), "a result is an object"
    return revived(tool, envelope.value, tools)


def revived(tool: str, value: Mapping[str, JsonValue], tools: Mapping[str, Tool]) -> Result:
    """A result's stored value as the object that it was."""
    model = tools[tool].result
    return model.model_validate({key: part for key, part in value.items() if key in model.model_fields})


def status_of(answer: str, plan: Plan | None, statuses: Mapping[str, str], cancelled: bool) -> Status:
    """What a turn came to, from what its steps came to."""
    if answer == "clarify":
        return "question"
    if answer == "failed":
        return "failed"
    if answer == "refuse" or plan is None:
        return "refused"
    ends = {statuses.get(step.id, "skipped") for step in plan.steps}
    if cancelled:
        return "cancelled"
    if "failed" in ends and not _handled(plan, statuses):
        return "failed"
    return "refused" if "refused" in ends else "failed" if "undone" in ends else "done"


def _handled(plan: Plan, statuses: Mapping[str, str]) -> bool:
    """Every failure was one that the plan provides for, and what it provides succeeded."""
    failed = [step.id for step in plan.steps if statuses.get(step.id) == "failed"]
    return all(
        any(
            other.when and f"{step} failed" in other.when and statuses.get(other.id) == "succeeded"
            for other in plan.steps
        )
        for step in failed
    )
