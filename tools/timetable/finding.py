"""Which schedule is meant, and whether this person may change it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from memory.schedules import Schedule, Schedules, Standing
from tools.errors import ToolError
from tools.timetable.foresight import BuiltIns, Owners
from tools.timetable.telling import chosen

__all__ = ["ALL", "MINE", "described", "found_schedule", "found_schedules"]

ALL, MINE = "all", "mine"
"""Every schedule that a person may change; those that they made."""
_IDS: Final = re.compile(r"s_\w+(?:\s*,\s*s_\w+)+")


async def found_schedule(
    text: str, schedules: Schedules, built_ins: BuiltIns, owners: Owners, person: str, now: datetime
) -> Schedule:
    """The schedule that is meant. Raises ToolError when there is none, several, or it is somebody else's."""
    await schedules.ensure(built_ins.defined(now))
    found = chosen(text, [each for each in await schedules.list() if each.status is not Standing.ENDED])
    if not owners.may_change(person, found.owner):
        raise ToolError(
            f"{found.id} is built in." if found.built_in else f"{found.id} is {found.owner}'s.",
            not_done="It was not changed.",
            to_do="An operator may change it." if found.built_in else "They or an operator may change it.",
        )
    return found


async def found_schedules(
    text: str, schedules: Schedules, built_ins: BuiltIns, owners: Owners, person: str, now: datetime
) -> list[Schedule]:
    """The same for `all` and `mine`, which are those that this person may change, and for several ids."""
    which = text.strip().casefold()
    if which not in (ALL, MINE):
        names = text.split(",") if _IDS.fullmatch(text.strip()) else [text]
        return [await found_schedule(name, schedules, built_ins, owners, person, now) for name in names]
    await schedules.ensure(built_ins.defined(now))
    there = [each for each in await schedules.list() if each.status is not Standing.ENDED]
    found = [each for each in there if owners.may_change(person, each.owner) and (which == ALL or each.owner == person)]
    if not found:
        raise ToolError(
            f"None of the {len(there)} schedules is {person}'s." if there else "Nothing is scheduled.",
            not_done="Nothing was changed.",
            to_do="Those of others, and the built-in ones, an operator may change." if there else "",
        )
    return found


def described(schedule: Schedule) -> str:
    """Its name, or its request and when."""
    return schedule.name or f"“{schedule.request}”, {schedule.words}"
