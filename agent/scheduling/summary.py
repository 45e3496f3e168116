"""What a pipeline's run of the scheduled work came to: for a person at a terminal, as Markdown, as JSON."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from agent.report import Report
from agent.scheduling.runs import Ran
from agent.untrusted_text import visible

__all__ = ["Summary", "Worked"]

_MOST_SENTENCES = 12
_MARKS = {
    "done": "✓",
    "failed": "✗",
    "refused": "⊘",
    "question": "?",
    "waiting": "…",
    "unanswered": "…",
    "paused": "‖",
}
_EXIT = (("failed", 1), ("refused", 4), ("question", 5), ("waiting", 3), ("unanswered", 3))
"""Exit status by outcome, the one that counts most first."""
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#~|!@])")


class Worked(BaseModel):
    """One schedule that was looked after."""

    schedule: str
    name: str
    outcome: str
    turn: str = ""
    sentences: list[str] = []
    approvals: list[str] = []

    @classmethod
    def of(cls, ran: Ran) -> Worked:
        """From a run."""
        sentences = _sentences(ran.report) if ran.report else []
        return cls(
            schedule=ran.schedule.id,
            name=ran.schedule.name or ran.schedule.request,
            outcome="failed" if ran.outcome == "done" and _damaged(ran.report) else str(ran.outcome),
            turn=ran.turn,
            sentences=sentences or ([ran.note] if ran.note else []),
            approvals=list(ran.approvals),
        )


def _damaged(report: Report | None) -> bool:
    """Whether something that was checked isn't as it must be, such as an audit log that was changed."""
    results = [step.result for step in report.steps if isinstance(step.result, dict)] if report else []
    return any(result.get("ok") is False for result in results)


def _sentences(report: Report) -> list[str]:
    said = [report.question] if report.question else []
    said += report.not_done() + [finding.sentence for finding in report.findings()]
    if len(said) > _MOST_SENTENCES:
        said = [*said[:_MOST_SENTENCES], f"… and {len(said) - _MOST_SENTENCES} more, in {report.turn}."]
    return said


class Summary(BaseModel):
    """All of a run."""

    mode: str
    remembered: str
    """Where what happened is remembered, or that it isn't."""
    worked: list[Worked] = []
    left_out: dict[str, str] = {}
    """What wasn't done, and why."""
    not_there: list[str] = []
    """What was asked for and doesn't exist yet, with what is near it."""
    following: list[str] = []

    @property
    def exit_status(self) -> int:
        """0 when all is done; otherwise what counts most."""
        outcomes = {each.outcome for each in self.worked}
        return next((status for outcome, status in _EXIT if outcome in outcomes), 0)

    def as_json(self) -> dict[str, Any]:
        """One JSON document."""
        return self.model_dump(mode="json") | {"exit_status": self.exit_status}

    def as_text(self) -> str:
        """For a terminal or a log."""
        lines = [self.remembered]
        for each in self.worked:
            lines.append(f"{_MARKS.get(each.outcome, '·')} {each.name} ({each.schedule}): {each.outcome}")
            lines += [f"    {sentence}" for sentence in each.sentences]
            lines += [f"    sophia approvals show {approval}" for approval in each.approvals]
        if not self.worked:
            lines.append("Nothing was due.")
        lines += [f"– {name} was left out: {why}" for name, why in self.left_out.items()]
        lines += [f"– {sentence}" for sentence in self.not_there]
        lines += [f"next: {sentence}" for sentence in self.following]
        return "\n".join(visible(line) for line in lines)

    def as_markdown(self) -> str:
        """For the summary page of a job. What pages say can make no links, images, mentions or tables of its own."""
        lines = ["## Sophia: scheduled work", "", _escaped(self.remembered), ""]
        if self.worked:
            lines += ["| work | outcome | what it came to |", "| --- | --- | --- |"]
            lines += [_row(each) for each in self.worked]
        else:
            lines.append("Nothing was due.")
        lines += _listed("Left out", [f"{name}: {why}" for name, why in self.left_out.items()])
        lines += _listed("Not there yet", self.not_there)
        lines += _listed("Next", self.following)
        return "\n".join(lines) + "\n"


def _row(each: Worked) -> str:
    said = [_escaped(sentence) for sentence in each.sentences]
    said += [f"`sophia approvals show {approval}`" for approval in each.approvals]
    mark = _MARKS.get(each.outcome, "·")
    return f"| {_escaped(each.name)} | {mark} {each.outcome} | {'<br>'.join(said)} |"


def _listed(title: str, sentences: Sequence[str]) -> list[str]:
    return ["", f"### {title}", "", *[f"- {_escaped(sentence)}" for sentence in sentences]] if sentences else []


def _escaped(text: str) -> str:
    """One line of plain text in Markdown."""
    plain = " ".join(visible(text).split())
    marked = _MARKDOWN.sub(r"\\\1", plain).replace("://", r"\://").replace("www.", r"www\.")
    return html.escape(marked, quote=False).replace("\\&lt;", "&lt;").replace("\\&gt;", "&gt;")
