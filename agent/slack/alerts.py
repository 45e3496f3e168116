"""Alerts with buttons: why, not interesting, snooze. Each is a request of whoever presses it, with one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from pydantic import JsonValue

from agent.errors import RequesterMustFix
from agent.plan import Plan, Step
from agent.slack_blocks import Block
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

    async def under(self, content: str) -> list[Block]:
        """The buttons of a message; none when it isn't the alert of a single change."""
        if "\n" in content:
            return []
        recent = await self._competitors().changes(limit=_RECENT)
        change = next((each for each in recent if each.url in content and each.summary in content), None)
        if change is None:
            return []
        return [alert_buttons(change.id)]

    async def asked(self, action: str, ref: str) -> Asked:
        """The request of a press. Raises RequesterMustFix when the change isn't remembered any more."""
        change = await self._competitors().change(ref)
        if change is None:
            raise RequesterMustFix(f"The change {ref} isn't remembered any more.", to_do="Ask what changed.")
        return _asked(action.removeprefix(ALERT), change)


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


def _asked(action: str, change: Change) -> Asked:
    about = f"{change.competitor or change.url}: {change.summary}"
    match action:
        case "why":
            arguments: dict[str, JsonValue] = {"competitor": change.competitor or change.url, "url": change.url}
            return Asked(f"Why this alert? {about}", _plan("competitor_diff", arguments))
        case "dull":
            arguments = {"alert": change.id, "verdict": "not interesting"}
            return Asked(f"Not interesting: {about}", _plan("alert_feedback", arguments))
        case "snooze":
            return Asked(f"Snooze {change.url} for a week", _plan("competitor_snooze", _snooze(change)))
        case _:
            raise RequesterMustFix(f"There is no button {action!r}.")


def _snooze(change: Change) -> dict[str, JsonValue]:
    return {"url": change.url, "until": _SNOOZE}


def _plan(tool: str, arguments: dict[str, JsonValue]) -> Plan:
    return Plan(steps=[Step(id="s1", tool=tool, args=arguments, why="a button of the alert")], planner="button")
