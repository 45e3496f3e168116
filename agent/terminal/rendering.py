"""How plans, progress and reports look in a terminal. Text that others wrote is shown as text, never as markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text
from rich.tree import Tree

from agent.plan import Plan, Step
from agent.untrusted_text import visible
from tools.declaration import Tool
from tools.result import Finding, Weight

if TYPE_CHECKING:
    from agent.report import Report
    from agent.turn.events import TurnEvent

__all__ = ["MARKS", "ProgressLines", "plan_as_tree", "report_as_terminal"]

MARKS = {
    "running": ("…", "cyan"),
    "succeeded": ("✓", "green"),
    "failed": ("✗", "red"),
    "refused": ("⊘", "red"),
    "skipped": ("–", "yellow"),
    "undone": ("↶", "yellow"),
    "moved": ("↻", "yellow"),
}
_WEIGHTS = {
    Weight.NOT_DONE: ("✗", "red"),
    Weight.WARNING: ("!", "yellow"),
    Weight.DONE: ("✓", "green"),
    Weight.OBSERVED: ("·", ""),
}
LONGEST_QUOTE = 300
MOST_SHOWN_FINDINGS = 60


def _call(step: Step) -> Text:
    arguments = ", ".join(f"{name}={_argument(value)}" for name, value in step.args.items())
    return Text.assemble((step.id, "bold"), " ", (step.tool, "cyan"), f"({visible(arguments)})")


def _argument(value: object) -> str:
    if isinstance(value, dict) and "$from" in value:
        return f"⟨{value['$from']}⟩"
    return str(value) if not isinstance(value, str) else f"“{value}”"


def plan_as_tree(plan: Plan, tools: Mapping[str, Tool]) -> Tree:
    """The plan as a tree: a step stands below the last step that it waits for."""
    from agent.plan import dependencies

    root = Tree(Text(f"plan ({plan.planner})" if plan.planner else "plan", "bold"))
    nodes: dict[str, Tree] = {}
    for step in plan.steps:
        waits = [other for other in dependencies(step) if other in nodes]
        label = _call(step)
        declared = tools.get(step.tool)
        if declared and declared.effect.writes:
            label.append(f"  {declared.effect}", "yellow")
        if step.when:
            label.append(f"  when {visible(step.when)}", "magenta")
        if step.why:
            label.append(f"  {visible(step.why)}", "dim")
        nodes[step.id] = (nodes[waits[-1]] if waits else root).add(label)
    return root


class ProgressLines:
    """Shows a turn's events as they happen, a line each."""

    def __init__(self, console: Console, tools: Mapping[str, Tool]) -> None:
        self.console = console
        self._tools = tools

    def __call__(self, event: TurnEvent) -> None:
        """Show one event. Approvals and the end are shown by whoever drives the turn."""
        match event.kind:
            case "plan":
                self.console.print(plan_as_tree(Plan.model_validate(event.data["plan"]), self._tools))
            case "step":
                mark, style = MARKS.get(str(event.data.get("status")), ("·", ""))
                seconds = event.data.get("seconds")
                took = f"  {seconds:.1f} s" if isinstance(seconds, float) else ""
                self.console.print(Text.assemble((f"{mark} ", style), self.named(event), (took, "dim")))
            case "progress":
                self.console.print(Text(f"    {visible(event.text)}", "dim"))
            case "planning":
                streamed = event.data.get("what") == "text"
                self.console.print(Text(visible(event.text), "dim"), end="" if streamed else "\n")
            case "budget":
                self.console.print(Text(f"! {visible(event.text)}", "yellow"))
            case "delivered":
                self.console.print(Panel(Text(visible(event.text)), title=str(event.data.get("channel"))))
            case _:
                return

    @staticmethod
    def named(event: TurnEvent) -> Text:
        """What a step's line says besides its state. Why it ended badly is said once, in the report."""
        return Text.assemble((f"{event.data.get('step')} ", "bold"), visible(str(event.data.get("call") or event.text)))


def _finding(finding: Finding) -> list[Text]:
    mark, style = _WEIGHTS[finding.weight]
    lines = [Text.assemble((f"{mark} ", style), visible(finding.sentence))]
    shown = [line for citation in finding.citations for line in finding.beside(citation, LONGEST_QUOTE).splitlines()]
    return lines + [Text(f"    {visible(line)}", "dim") for line in dict.fromkeys(shown)]


def _sources(findings: Sequence[Finding]) -> Text | None:
    seen = dict.fromkeys(f"{f.provenance.source} ({f.provenance.how})" for f in findings)
    if not seen:
        return None
    shown = list(seen)[:4]
    more = f" and {len(seen) - 4} more" if len(seen) > 4 else ""
    return Text(f"from: {visible('; '.join(shown))}{more}", "dim")


def report_as_terminal(report: Report, renderables: Sequence[RenderableType] = ()) -> RenderableType:
    """What wasn't done, what was, what was seen; then where it is from and how it was made."""
    parts: list[RenderableType] = []
    if report.question:
        parts.append(Text(visible(report.question), "bold yellow" if report.status == "question" else "bold"))
    parts += [Text(f"✗ {visible(sentence)}", "red") for sentence in report.not_done()]
    parts += [Text(f"· {visible(sentence)}") for sentence in report.nothing_to_do()]
    findings = report.findings()
    for finding in findings[:MOST_SHOWN_FINDINGS]:
        parts += _finding(finding)
    if len(findings) > MOST_SHOWN_FINDINGS:
        parts.append(Text(f"… and {len(findings) - MOST_SHOWN_FINDINGS} more: --json has all of them", "dim"))
    parts += renderables
    parts += [Text(f"verified: {visible(seen)}", "dim") for seen in report.verified]
    parts += [Text(f"undo: {visible(hint)}", "dim") for hint in report.undo]
    sources = _sources(findings)
    if sources:
        parts.append(sources)
    worded = f" · worded by {report.worded_by}" if report.worded_by else ""
    made = f"{report.status} · planned by {report.planner or 'nobody'}{worded} · {report.seconds:.1f} s · {report.turn}"
    parts.append(Text(made, "dim"))
    return Group(*parts)
