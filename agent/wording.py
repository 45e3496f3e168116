"""A model's wording of a report: every sentence is held against its finding, and the facts stay the findings'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.errors import SophiaError
from agent.planning.model import Labelled, ModelWriter, Payer
from agent.report import ReportedStep
from memory.labels import Envelope
from memory.turns import Turn

__all__ = ["ModelWording"]


class ModelWording:
    """A model's. What it can't be asked or doesn't say right keeps its own sentence."""

    def __init__(self, writer: ModelWriter) -> None:
        self._writer = writer

    @property
    def name(self) -> str:
        """The model's name."""
        return self._writer.name

    async def word(
        self, turn: Turn, steps: Sequence[ReportedStep], results: Mapping[str, Envelope]
    ) -> list[ReportedStep]:
        """One call for the whole report; without an answer the report is as it was."""
        findings = {
            f"{step.id}.{number}": Labelled(finding, results[step.id].label)
            for step in steps
            for number, finding in enumerate(step.findings)
        }
        if not findings:
            return list(steps)
        try:
            written = await self._writer.report(Payer(turn.id, turn.person), turn.request, findings)
        except SophiaError:
            return list(steps)
        worded = {claim.finding: claim.text for claim in written.checked.kept}
        return [_worded(step, worded) for step in steps]


def _worded(step: ReportedStep, worded: Mapping[str, str]) -> ReportedStep:
    findings = [
        finding.model_copy(update={"sentence": worded.get(f"{step.id}.{number}", finding.sentence)})
        for number, finding in enumerate(step.findings)
    ]
    return step.model_copy(update={"findings": findings})
