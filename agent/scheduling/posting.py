"""What a run tells in its schedule's channel: nothing when there is nothing to say, otherwise a few inert lines.

It goes out by a turn of its own, so that the guard decides on it like on everything else: what was read elsewhere needs
the schedule's standing grant, or a person's approval.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from agent.plan import Plan, Step, dependencies
from agent.report import Report, ReportedStep
from agent.untrusted_text import visible
from memory.labels import Label
from memory.schedules import Schedule
from tools.result import Weight
from tools.timetable.telling import POSTED, moment

__all__ = ["eventful", "note_plan", "post_plan", "post_text", "says_it_itself", "without_posts"]

_UNEVENTFUL: Final[Mapping[str, object]] = {
    "changes": 0,
    "alerts": 0,
    "drifted": False,
    "clean": True,
    "healthy": True,
    "ok": True,
    "repaired": 0,
    "deployed": 0,
}
"""Fields of results, and the value with which there is nothing to say."""
_SLOT = 480
"""Characters of one slot of the template, with some room to the most that a grant allows."""
POSTER = "schedule"


def eventful(report: Report) -> bool:
    """Whether a run came to anything that people want to hear of."""
    return report.status != "done" or any(_eventful(step) for step in report.steps if step.status != "skipped")


def _eventful(step: ReportedStep) -> bool:
    """That a page couldn't be read is in the report; it is no news for a channel every four hours."""
    result = step.result if isinstance(step.result, dict) else {}
    told = {name: result[name] for name in _UNEVENTFUL if name in result}
    loud = {Weight.WARNING} if "changes" in told else {Weight.WARNING, Weight.NOT_DONE}
    if not told or any(value != _UNEVENTFUL[name] for name, value in told.items()):
        return True
    return any(finding.weight in loud for finding in step.findings)


def post_text(schedule: Schedule, report: Report, due_at: datetime, zone: str) -> str:
    """The lines, within the template of the schedule's grant."""
    sentences = [report.question] if report.question else []
    sentences += report.not_done() + [finding.sentence for finding in report.findings()]
    slots = textwrap.wrap(_line(" ".join(sentences)), _SLOT)
    if len(slots) > 3:
        slots = [*slots[:2], textwrap.shorten(" ".join(slots[2:]), _SLOT, placeholder=" …")]
    result, more, rest = (*slots, "", "", "")[:3]
    request = textwrap.shorten(_line(schedule.name or schedule.request), _SLOT, placeholder=" …")
    run = f"{moment(due_at, zone)}, {report.status}, {report.turn}"
    return POSTED.format(request=request, result=result, more=more, rest=rest, run=run)


def _line(text: str) -> str:
    return " ".join(visible(text).split())


def post_plan(said: Sequence[tuple[str, str]], label: Label) -> Plan:
    """One message for each channel and text; the text has the label of all that it was made of, the channel hasn't."""
    steps = [
        Step(id=f"s{number}", tool="notify", args={"channel": channel, "content": text}, why=f"tell {channel}")
        for number, (channel, text) in enumerate(said, 1)
    ]
    return Plan(steps=steps, planner=POSTER, carried={f"{step.id}.content": label for step in steps})


def note_plan(channel: str, sentence: str) -> Plan:
    """Something that Sophia says of a schedule itself."""
    return Plan(
        steps=[Step(id="s1", tool="notify", args={"channel": channel, "content": sentence}, why=f"tell {channel}")],
        planner=POSTER,
    )


def without_posts(plan: Plan, channel: str) -> Plan:
    """The plan without messages that only hand results on to the schedule's channel: those are told at the end.

    A message with a condition stays, and so does one with words of its own.
    """
    needed = {other for step in plan.steps for other in dependencies(step)}
    kept = [step for step in plan.steps if not _hands_on(step, channel) or step.id in needed]
    return plan.model_copy(update={"steps": kept}) if kept else plan


def _hands_on(step: Step, channel: str) -> bool:
    return _tells(step, channel) and step.when is None and isinstance(step.args.get("content"), dict)


def _tells(step: Step, channel: str) -> bool:
    told = str(step.args.get("channel", ""))
    return step.tool == "notify" and told.lstrip("#") == channel.lstrip("#")


def says_it_itself(steps: Iterable[Step], channel: str) -> bool:
    """Whether the plan tells the schedule's channel by itself."""
    return any(_tells(step, channel) for step in steps)
