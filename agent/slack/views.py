"""What a turn looks like in Slack: the messages that should be there, from what is stored, whoever works on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agent.plan import Plan
from agent.report import Report, revived
from agent.slack.cards import approval_card, plan_list
from agent.slack.posting import Wanted
from agent.slack.requests import Place
from agent.slack_blocks import Block, context, escaped, in_messages
from memory.approvals import Approval, ApprovalStatus
from memory.turns import Event, Status, Turn
from tools.declaration import Tool
from tools.result import Series

__all__ = ["MOST_MESSAGES", "Seen", "charted", "wanted"]

MOST_MESSAGES = 3
"""A report that needs more goes into a file."""
_ENDED_WORDS = {
    Status.DONE: "done",
    Status.FAILED: "failed",
    Status.REFUSED: "refused",
    Status.QUESTION: "a question is open",
    Status.CANCELLED: "cancelled",
}


@dataclass(frozen=True)
class Seen:
    """A turn and all that is stored about it."""

    turn: Turn
    events: Sequence[Event]
    approvals: Sequence[Approval]
    mentions: Mapping[str, str] = field(default_factory=dict)
    """How Slack mentions a person."""

    @property
    def report(self) -> Report | None:
        """What it came to, once it has ended."""
        return Report.model_validate(self.turn.outcome) if self.turn.status.ended and self.turn.outcome else None

    @property
    def at_work(self) -> bool:
        """Whether it goes on without a person."""
        waits = any(found.status is ApprovalStatus.WAITING for found in self.approvals)
        return not (self.turn.status.ended or self.turn.cancel_by or waits)


def wanted(seen: Seen, place: Place, tools: Mapping[str, Tool], note: str) -> list[Wanted]:
    """The messages, in the order in which they appear."""
    turn, report = seen.turn, seen.report
    plan = Plan.model_validate(turn.plan) if turn.plan else None
    first = _wanted(turn, place, "plan", _progress(seen, plan, tools), f"{turn.request}: {_state(seen)}")
    if report is not None and plan is None:
        blocks = report.as_slack_blocks()
        return [_wanted(turn, place, "plan", blocks[:49] + blocks[-1:] if len(blocks) > 50 else blocks, _text(report))]
    found = [first]
    for approval in seen.approvals:
        blocks = approval_card(approval, seen.mentions, note)
        name = f"{approval.id}:{place.channel}"
        found.append(Wanted(name, approval.id, place.channel, place.thread, blocks, f"Approval {approval.id}"))
    if report is not None:
        found += _report(turn, place, report)
    return found


def charted(report: Report, tools: Mapping[str, Tool]) -> list[tuple[str, Series]]:
    """The steps whose answer is a number over time, and that number."""
    found = []
    for step in report.steps:
        if step.tool in tools and isinstance(step.result, dict):
            series = revived(step.tool, step.result, tools).series()
            if series is not None and series.tells:
                found.append((step.id, series))
    return found


def _report(turn: Turn, place: Place, report: Report) -> list[Wanted]:
    messages = in_messages(report.as_slack_blocks())
    if len(messages) > MOST_MESSAGES:
        rest = context("This is the beginning; all of it is in the file below.")
        messages = [[*messages[0][:48], rest]]
    return [_wanted(turn, place, f"report:{number}", blocks, _text(report)) for number, blocks in enumerate(messages)]


def _wanted(turn: Turn, place: Place, part: str, blocks: Sequence[Block], text: str) -> Wanted:
    return Wanted(f"{turn.id}:{part}", turn.id, place.channel, place.thread, blocks, text)


def _text(report: Report) -> str:
    return escaped(report.as_text()[:2000]) or report.status


def _progress(seen: Seen, plan: Plan | None, tools: Mapping[str, Tool]) -> list[Block]:
    shown = plan_list(seen.turn.request, plan, _states(seen), tools, _state(seen))
    return shown + [context(f":warning: {escaped(each.text)}") for each in seen.events if each.kind == "budget"][:3]


def _states(seen: Seen) -> dict[str, str]:
    """How far each step is: as the report says, as the events say, and waiting where an approval waits."""
    if seen.report is not None:
        return {step.id: step.status for step in seen.report.steps}
    states: dict[str, str] = {}
    for event in seen.events:
        if event.kind == "step" and isinstance(event.data, dict):
            states[str(event.data.get("step"))] = str(event.data.get("status"))
    waiting = {found.step: "waiting" for found in seen.approvals if found.status is ApprovalStatus.WAITING}
    return states | waiting


def _state(seen: Seen) -> str:
    turn = seen.turn
    by = f" · planned by {turn.planner}" if turn.planner else ""
    if turn.status.ended:
        return f"{_ENDED_WORDS.get(turn.status, turn.status)}{by} · {turn.id}"
    if turn.cancel_by:
        return f"stopping · {turn.id}"
    if any(found.status is ApprovalStatus.WAITING for found in seen.approvals):
        return f"waiting for approval · {turn.id}"
    return f"working · {turn.id}"
