"""From words to a rule: `every morning at 7 eastern`, `every 4 hours on weekdays`, `0 */4 * * *`, `tomorrow at 9`.

What isn't understood is refused with the words that weren't; nothing is dropped or guessed in silence. Hours that
nobody named (`every morning`) get a usual one, and the next times are shown before anything is made.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tools.errors import ToolError
from tools.timetable import zones
from tools.timetable.assembly import recurrence
from tools.timetable.pieces import Read, read
from tools.timetable.rules import LEAST_MINUTES, Cron, Interval, Once, shortest_gap
from tools.timetable.single import single
from tools.timetable.tokens import MONTHS, Words

__all__ = ["EXAMPLES", "parted", "read_when", "refuse_remnant"]

EXAMPLES: Final = (
    "Write for example “every morning at 7 eastern”, “every 4 hours on weekdays”, “on the first Monday of the month at "
    "9”, “tomorrow at 17:00” or “0 */4 * * *”."
)
_LONGEST = 300
_ALIASES: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_MOST: Final = (59, 23, 31, 12, 7)
"""The largest step of each field."""
_NAMES: Final = (
    frozenset[str](),
    frozenset[str](),
    frozenset({"l"}),
    frozenset(name[:3] for name in MONTHS),
    frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun", "l"}),
)
_HOURS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SPELLED: Final = re.compile(
    rf"\b(at|and)\s+({'|'.join(_HOURS)})\b(?!\s+(?:hour|day|week|month|minute))", re.IGNORECASE
)
"""`at nine`, `at nine and five`"""
_NUMERIC: Final = re.compile(r"[\d*/,\-?]+")


def read_when(when: str, zone: str, now: datetime) -> Cron | Interval | Once:
    """The rule that the words mean, for somebody in `zone`.

    Raises ToolError, which the requester can mend: for what isn't understood, a zone that doesn't exist, a time that is
    past or never comes, and more often than every five minutes.
    """
    text = _SPELLED.sub(
        lambda found: f"{found[1]} {_HOURS.index(found[2].lower()) + 1}", " ".join(when.replace("`", " ").split())
    )
    if not text or len(text) > _LONGEST:
        raise refused("It isn't said when." if not text else f"That is too long for a time: {len(text)} characters.")
    rule = _cron(text, zone) or _words(text, zone, now)
    _sensible(rule, text, now)
    return rule


_REMNANT = re.compile(
    r"(?:\d[\d:.]*(?:\s?[ap]m)?\b|(?:on\s+)?(?:the\s+)?\d+(?:st|nd|rd|th)\b|[*@#]\S*|[a-z0-9]\s+\*|(?:at|and|between|from|until|till|past|after|before)\s+\d\S*"
    rf"|(?:of\s+)?(?:{'|'.join(name for name in MONTHS if name != 'may')}|days?)\b"
    r"|(?:utc|gmt|z|[a-z]{2,4}t)\s?[+-]\s?\d\S*)",
    re.IGNORECASE,
)
"""What is left of “at 8 and 17”, “between 9 and 17”, “0 9 L * *”, “the second Tuesday of March”, “9am UTC+1”."""
_IN_TIME: Final = re.compile(r"([a-z]+(?:\s+[a-z]+)?)\s+time\b", re.IGNORECASE)
"""“Mars time”, of “every day at 7 Mars time”."""
_OF_TIME: Final = frozenset({"real", "first", "full", "part", "response", "up", "down", "lead", "cycle", "run", "the"})


def parted(request: str, when: str) -> tuple[str, str]:
    """The request and its time, with a zone that was left at the request's beginning put where it belongs.

    “every morning at 7 | eastern sweep the competitors” → “sweep the competitors”, “every morning at 7 eastern”.
    """
    words = request.split()
    count = zones.leading(words)
    if (
        count == 0
        or count == len(words)
        or not re.search(r"\d|noon|midnight", when)
        or zones.leading(when.split()[-1:])
    ):
        return request, when
    return " ".join(words[count:]), f"{when} {' '.join(words[:count])}"


def refuse_remnant(request: str) -> None:
    """Refuse a request that begins with a part of its time: the rest alone would make it run at another time.

    “at 8 and 17 every day check …”, read as “every day” and “17 check …”, isn't a schedule for 9 o'clock.
    """
    found = _REMNANT.match(request)
    if found:
        raise refused(f"“{request[:80]}” begins with what looks like a part of when (“{found[0].strip()}”).")
    placed = _IN_TIME.match(request)
    if placed and not _OF_TIME.intersection(placed[1].casefold().split()):
        raise zones.unknown(placed[1])
    meant = zones.nearly(request.split(maxsplit=1)[0])
    if meant:
        raise zones.unknown(meant)


def refused(tried: str) -> ToolError:
    """The error for a time that can't be read."""
    return ToolError(tried, not_done="No schedule was made.", to_do=EXAMPLES)


def _cron(text: str, zone: str) -> Cron | None:
    """A cron expression, perhaps with a zone behind it."""
    quotes = "`'\"“”‘’ "
    words = re.sub(r"^cron\b:?\s*", "", text.strip(quotes), flags=re.IGNORECASE).strip(quotes).split()
    alias = _ALIASES.get(words[0].casefold()) if words else None
    if alias:
        return Cron(expressions=(alias,), zone=_zone_of(words[1:], zone))
    if not words or not _looks_like_cron(words):
        return None
    given = len(words) if len(words) < 5 else 5 + sum(bool(_NUMERIC.fullmatch(word)) for word in words[5:7])
    if given != 5:
        raise refused(
            f"“{text}” looks like a cron expression and has {given} fields; five are wanted: minute, hour, day of the "
            "month, month, day of the week."
        )
    expression = " ".join(words[:5]).casefold()
    _check_cron(expression)
    return Cron(expressions=(expression,), zone=_zone_of(words[5:], zone))


def _looks_like_cron(words: list[str]) -> bool:
    if words[0].startswith("@") and len(words[0]) > 1:
        raise refused(f"There is no cron word “{words[0]}”; there are {', '.join(_ALIASES)}.")
    numeric = [bool(_NUMERIC.fullmatch(word)) for word in words[:5]]
    return sum(numeric) >= 3 and (any("*" in word for word in words[:5]) or len(numeric) == sum(numeric) == 5)


def _zone_of(words: list[str], zone: str) -> str:
    named = " ".join(word for word in words if word.casefold() not in ("in", "time")).strip("() ")
    if not named:
        return zone
    found = zones.exact(named) or zones.called(named)
    if found is None:
        raise zones.unknown(named)
    return found


def _check_cron(expression: str) -> None:
    """Numbers, ranges, steps and the names of months and days, each within its bounds. croniter takes more."""
    from croniter import CroniterError, croniter

    why = ""
    for field, most, allowed in zip(expression.split(), _MOST, _NAMES, strict=True):
        strange = [word for word in re.findall(r"[a-z]+", field) if word not in allowed]
        steps = [int(step) for step in re.findall(r"/(\d+)", field)]
        if strange or any(not 1 <= step <= most for step in steps):
            why = why or f"“{field}” has no meaning there"
    try:
        croniter(expression)
    except (CroniterError, ValueError, KeyError, IndexError) as error:
        why = why or str(error).strip() or "it makes no sense"
    if why:
        raise refused(f"“{expression}” is no cron expression: {why}.")


def _words(text: str, zone: str, now: datetime) -> Cron | Interval | Once:
    words = Words(text)
    found = read(words)
    named = {piece.value for piece in found.all("zone")}
    if len(named) > 1:
        raise refused(f"“{text}” names {len(named)} time zones: {', '.join(sorted(named))}.")
    for day in (day for piece in found.all("dates") for day in piece.value if day != "L"):
        if not 1 <= int(day) <= 31:
            raise refused(f"No month has a day {day}.")
    place = named.pop() if named else zone
    local = now.astimezone(ZoneInfo(place))
    if not _again(found):
        return single(words, found, place, local)
    if found.unread:
        raise refused(f"I don't understand “{' '.join(found.unread)}” in “{text}”.")
    return recurrence(found, place, local)


def _again(found: Read) -> bool:
    """Whether it is said that it happens again and again."""
    if any(piece.again or piece.kind in ("again", "except", "nth") for piece in found.pieces):
        return True
    return any(len(piece.value) > 1 for kind in ("days", "dates", "months") for piece in found.all(kind))


def _sensible(rule: Cron | Interval | Once, text: str, now: datetime) -> None:
    if isinstance(rule, Once):
        if rule.at <= now:
            at = rule.at.astimezone(ZoneInfo(rule.zone))
            raise refused(f"“{text}” is in the past: that was {at:%A %Y-%m-%d %H:%M %Z}.")
        return
    gap = shortest_gap(rule, now)
    if gap is not None and gap < timedelta(minutes=LEAST_MINUTES):
        raise refused(f"“{text}” is too often: nothing is scheduled more often than every {LEAST_MINUTES} minutes.")
    if rule.following(now) is None:
        raise refused(f"“{text}” never comes.")
