"""The leave of a schedule to tell its results in its channel without asking each time."""

from __future__ import annotations

from datetime import datetime, timedelta

from memory.grants import Grants
from tools.timetable.rules import Rule
from tools.timetable.telling import POSTED, posts_a_day

__all__ = ["leave_to_post"]

_LASTS = timedelta(days=365)


async def leave_to_post(
    grants: Grants, request: str, channel: str, rule: Rule, owner: str, permit: str, now: datetime
) -> str:
    """The grant's id, as often a day as the rule runs; empty without a channel.

    It is made once for a permit: an attempt that was cut off may have made it already.
    """
    if not channel:
        return ""
    made = await grants.create(
        "notify",
        channel,
        POSTED,
        owner,
        posts_a_day(rule, now),
        timedelta(days=1),
        now + _LASTS,
        now,
        approved_by=f"effect {permit}",
        effect=permit,
        about=f"results of the schedule “{request}”",
    )
    return made.id
