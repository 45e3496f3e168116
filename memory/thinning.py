"""Which versions of pages are forgotten as they grow old."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from memory.pages import captures, changes, from_millis, pages, to_millis, versions

__all__ = ["thin_in"]

_CHUNK = 400


def thin_in(connection: Connection, full_until: datetime, daily_until: datetime) -> int:
    """Delete versions that were last seen before `full_until`; how many.

    The last of each day stays (before `daily_until` of each month), and what a change cites, and each page's last two.
    """
    seen = (
        select(captures.c.page, captures.c.version, func.max(captures.c.at).label("at"))
        .where(captures.c.version.is_not(None))
        .group_by(captures.c.page, captures.c.version)
        .order_by(captures.c.page, func.max(captures.c.at).desc())
    )
    rows = connection.execute(seen).all()
    kept = _kept(rows, to_millis(full_until), to_millis(daily_until)) | _cited(connection)
    dropped = sorted({row.version for row in rows} - kept)
    for start in range(0, len(dropped), _CHUNK):
        some = dropped[start : start + _CHUNK]
        connection.execute(update(captures).where(captures.c.version.in_(some)).values(version=None))
        connection.execute(delete(versions).where(versions.c.id.in_(some)))
    return len(dropped)


def _kept(rows: list[Row[Any]] | Any, full_until: int, daily_until: int) -> set[int]:
    kept: set[int] = set()
    periods: set[tuple[int, str]] = set()
    place: dict[int, int] = {}
    for row in rows:  # of each page the newest first
        place[row.page] = place.get(row.page, 0) + 1
        period = (row.page, f"{from_millis(row.at):{'%Y-%m-%d' if row.at >= daily_until else '%Y-%m'}}")
        if row.at >= full_until or place[row.page] <= 2 or period not in periods:
            kept.add(row.version)
        periods.add(period)
    return kept


def _cited(connection: Connection) -> set[int]:
    digests = select(changes.c.before).union(select(changes.c.after))
    cited = connection.execute(select(versions.c.id).where(versions.c.digest.in_(digests))).scalars()
    standing = connection.execute(
        select(captures.c.version)
        .join(pages, pages.c.ok_capture == captures.c.id)
        .where(captures.c.version.is_not(None))
    ).scalars()
    return {*cited, *(number for number in standing if number is not None)}
