"""From words to another time for a schedule that is there: what isn't said of it stays as it was."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from memory.schedules import Schedule
from tools.errors import ToolError
from tools.timetable.reading import read_when
from tools.timetable.rules import Cron, Once, Rule, rule_of

__all__ = ["retimed"]

_LEADING: Final = re.compile(r"^(?:(?:to|until|for|at|on)\s+)+", re.IGNORECASE)
_CLOCK: Final = re.compile(
    r"(?:\d{1,2}(?:[:.]\d{2})?\s?(?:a\.?m\.?|p\.?m\.?|o.clock)?|noon|midnight)(?:\s+[a-z][\w/]*(?:\s+time)?)?",
    re.IGNORECASE,
)
"""A time of day, perhaps with its zone, and nothing else."""
_DAY: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_DAYS: Final = re.compile(rf"{_DAY}(?:(?:,|\s+and|,\s*and)\s+{_DAY})*", re.IGNORECASE)
_AT_ONE_TIME: Final = re.compile(r"(\d+) (\d+) (.+)")


def retimed(schedule: Schedule, when: str, now: datetime) -> tuple[str, Rule]:
    """When it runs from now on, in words that can be read again, and the rule.

    A time of day alone keeps the days, a day of the week alone the time of day, and either keeps the zone. Raises
    ToolError, which the requester can mend.
    """
    known, said = rule_of(schedule.rule), _LEADING.sub("", " ".join(when.split()))
    clock = _one_time(known)
    if isinstance(known, Once) and _CLOCK.fullmatch(said):
        words = f"{known.at.astimezone(ZoneInfo(known.zone)):%Y-%m-%d} at {said}"
        return words, read_when(words, known.zone, now)
    if isinstance(known, Cron) and clock and _CLOCK.fullmatch(said):
        daily = read_when(f"every day at {said}", known.zone, now)
        assert isinstance(daily, Cron), "every day is a cron rule"
        minute, hour, *_ = daily.expressions[0].split()
        days = [f"{minute} {hour} {expression.split(' ', 2)[2]}" for expression in known.expressions]
        moved = known.model_copy(update={"expressions": tuple(dict.fromkeys(days)), "zone": daily.zone})
        return _in_words(schedule.words, said, moved, now), moved
    if clock and _DAYS.fullmatch(said):
        day = said.replace("days", "day")
        said = f"every {day} at {clock}"
    rule = read_when(said, schedule.zone, now)
    if isinstance(rule, Once) and not isinstance(known, Once):
        raise ToolError(
            f"“{said}” is a single time, and {schedule.id} comes again and again ({schedule.words}).",
            not_done="It was not changed.",
            to_do="Say how it comes again, as “every Tuesday at 9”; or ask for the request itself at that time.",
        )
    return said, rule


def _one_time(rule: Rule) -> str:
    """The time of day at which it runs, `07:00`; empty when there are several."""
    if not isinstance(rule, Cron):
        return ""
    found = {match.groups()[:2] if (match := _AT_ONE_TIME.fullmatch(each)) else None for each in rule.expressions}
    time = found.pop()
    return f"{int(time[1]):02}:{int(time[0]):02}" if time and not found else ""


def _in_words(words: str, clock: str, rule: Cron, now: datetime) -> str:
    """The old words with the new time, if that is what they mean then; or else the rule itself."""
    for written in (
        re.sub(rf"\bat\s+{_CLOCK.pattern}", f"at {clock}", words, flags=re.IGNORECASE),
        f"{words} at {clock}",
    ):
        try:
            if read_when(written, rule.zone, now) == rule:
                return written
        except ToolError:
            continue
    return rule.said()
