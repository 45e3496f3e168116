"""Alerts with buttons: why, not interesting, snooze. Each is a request of whoever presses it, with one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from pydantic import JsonValue

from agent.errors import RequesterMustFix
from agent.plan import MAXIMUM_STEPS, Plan, Step
from agent.slack_blocks import Block, escaped, sections
from memory.competitors import Change, Competitors

__all__ = ["ALERT", "AlertButtons", "Asked", "alert_buttons"]

ALERT: Final = "sophia_alert_"
_RECENT = 100
_SNOOZE = "7d"
_LABELS: Final[Mapping[str, str]] = {"why": "Why?", "dull": "Not interesting", "snooze": "Snooze a week"}


class Asked(NamedTuple):
    """What a press of a button asks for."""

    request: str
    plan: Plan


class AlertButtons:
    """Knows which messages are alerts, and what their buttons mean."""

    def __init__(self, competitors: Callable[[], Competitors]) -> None:
        self._competitors = competitors

    async def shown(self, content: str, most: int) -> list[Block]:
        """A message in at most so many blocks, with buttons below each line that tells of a single change."""
        recent = await self._competitors().changes(limit=_RECENT) if "http" in content else []
        told = [(line, _told(line, recent)) for line in content.splitlines() if line.strip()]
        if not any(change for _, change in told):
            return sections(escaped(content))[:most]
        blocks: list[Block] = []
        for line, change in told:
            blocks += [*sections(escaped(line)), *([alert_buttons(change)] if change else [])]
        return blocks if len(blocks) <= most else sections(escaped(content))[:most]

    async def asked(self, action: str, ref: str) -> Asked:
        """The request of a press. Raises RequesterMustFix when the change isn't remembered any more."""
        memory = self._competitors()
        change = await memory.change(ref)
        if change is None:
            raise RequesterMustFix(f"The change {ref} isn't remembered any more.", to_do="Ask what changed.")
        together = await memory.changes(cluster=change.cluster) if change.cluster else []
        others = [each for each in together if each.url != change.url]
        pages = {each.url: each for each in (change, *others)}  # the newest news of a page comes last
        return _asked(action.removeprefix(ALERT), list(pages.values())[:MAXIMUM_STEPS])


def _told(line: str, recent: Sequence[Change]) -> str | None:
    """The change that a line tells of; None when it is none, or several that aren't the same news on other pages."""
    found = [each for each in recent if each.url in line and each.summary in line]
    return found[0].id if len({each.cluster or each.id for each in found}) == 1 else None


def alert_buttons(change: str) -> Block:
    """The buttons of the alert of a change."""
    buttons: list[JsonValue] = [
        {
            "type": "button",
            "action_id": f"{ALERT}{action}",
            "text": {"type": "plain_text", "text": label, "emoji": False},
            "value": change,
        }
        for action, label in _LABELS.items()
    ]
    return {"type": "actions", "elements": buttons}


def _asked(action: str, changes: Sequence[Change]) -> Asked:
    """What a button asks for: of one page, why; of every page that the alert names, silence."""
    change = changes[0]
    about = f"{change.competitor or change.url}: {change.summary}"
    match action:
        case "why":
            arguments: dict[str, JsonValue] = {"competitor": change.competitor or change.url, "url": change.url}
            return Asked(f"Why this alert? {about}", _plan("competitor_diff", [arguments]))
        case "dull":
            verdicts: list[dict[str, JsonValue]] = [
                {"alert": each.id, "verdict": "not interesting"} for each in changes
            ]
            return Asked(f"Not interesting: {about}", _plan("alert_feedback", verdicts))
        case "snooze":
            snoozed: list[dict[str, JsonValue]] = [{"url": each.url, "until": _SNOOZE} for each in changes]
            pages = " and ".join(each.url for each in changes)
            return Asked(f"Snooze {pages} for a week", _plan("competitor_snooze", snoozed))
        case _:
            raise RequesterMustFix(f"There is no button {action!r}.")


def _plan(tool: str, calls: Sequence[dict[str, JsonValue]]) -> Plan:
    steps = [
        Step(id=f"s{number}", tool=tool, args=arguments, why="a button of the alert")
        for number, arguments in enumerate(calls, 1)
    ]
    return Plan(steps=steps, planner="button")
