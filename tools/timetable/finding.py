"""Which schedule is meant, and whether this person may change it."""

from __future__ import annotations

from datetime import datetime

from memory.schedules import Schedule, Schedules, Standing
from tools.errors import ToolError
from tools.timetable.foresight import BuiltIns, Owners
from tools.timetable.telling import chosen

__all__ = ["described", "found_schedule"]


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


def described(schedule: Schedule) -> str:
    """Its name, or its request and when."""
    return schedule.name or f"“{schedule.request}”, {schedule.words}"
