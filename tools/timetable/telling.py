"""Schedules in words: when they run, in a person's own zone, and what became of their runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Final
from zoneinfo import ZoneInfo

from memory.schedules import Schedule
from tools.errors import ToolError
from tools.timetable.rules import Cron, Interval, Once, shortest_gap, upcoming

__all__ = ["POSTED", "chosen", "moment", "next_times", "posts_a_day"]

POSTED: Final = "Scheduled: {request}\n{result} {more} {rest}\n{run}"
"""What a schedule may say in its channel without asking; each slot is one line of at most 500 characters."""
_SMALL: Final = frozenset({
    "the", "a", "an", "my", "our", "your", "schedule", "schedules", "scheduled", "job", "task", "run", "that", "this",
    "hourly", "nightly", "daily", "weekly", "monthly", "regular", "recurring",
})  # fmt: skip
"""Words that don't tell one schedule from another; people call a check nightly that runs every four hours."""


def moment(at: datetime, zone: str) -> str:
    """`Tue 2026-11-24 07:00 EST`."""
    return f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %Z}"


def next_times(rule: Cron | Interval | Once, now: datetime, zone: str, count: int = 3) -> list[str]:
    """The next times in the person's zone, and in the rule's own where that is another."""
    said = []
    for at in upcoming(rule, now, count):
        theirs, own = moment(at, zone), moment(at, rule.zone)
        same = at.astimezone(ZoneInfo(zone)).utcoffset() == at.astimezone(ZoneInfo(rule.zone)).utcoffset()
        said.append(theirs if same else f"{theirs} ({own} in {rule.zone})")
    return said


def posts_a_day(rule: Cron | Interval | Once, now: datetime) -> int:
    """How often it may run within 24 hours."""
    gap = shortest_gap(rule, now)
    return 1 if gap is None else max(1, -(-timedelta(days=1) // gap))


def chosen(text: str, schedules: Sequence[Schedule]) -> Schedule:
    """The schedule that is meant by an id, a name, or words of its request.

    Raises ToolError, which the requester can mend, when that is none or more than one.
    """
    wanted = text.strip().casefold()
    exact = [
        each for each in schedules if wanted in (each.id.casefold(), each.name.casefold(), each.request.casefold())
    ]
    if len(exact) == 1:
        return exact[0]
    words = _words(wanted)
    found = exact or [
        each for each in schedules if words and words <= _words(f"{each.name} {each.request} {each.words}")
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise ToolError(
            f"“{text}” means {len(found)} schedules: {_listed(found)}.",
            not_done="None of them was changed.",
            to_do="Name one by its id.",
        )
    names = {name.casefold(): each for each in schedules for name in (each.id, each.name, each.request) if name}
    near = list({names[name].id: names[name] for name in get_close_matches(wanted, names, n=3, cutoff=0.4)}.values())
    raise ToolError(
        f"There is no schedule “{text}”.",
        not_done="Nothing was changed.",
        to_do=f"Near it: {_listed(near)}." if near else "“what is scheduled” lists them.",
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w#]+", text.casefold())) - _SMALL


def _listed(schedules: Sequence[Schedule]) -> str:
    return ", ".join(f"{each.id} ({each.name or each.request})" for each in schedules)
