"""Expressions of time in a request: how far back, until when, how often.

`now` and the person's zone are given. Calendar expressions count whole days back from today, so `this quarter` on the
23rd of November is `53d`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from agent.planning.offline.days import (
    COUNTS,
    DAYTIMES,
    PERIODS,
    UNITS,
    WEEKDAYS,
    Calendar,
    duration,
    month_of,
    ordinal_of,
    weekday_of,
)
from agent.planning.offline.scanning import Scan
from agent.planning.offline.tokens import Token
from agent.planning.offline.unheard import as_said, days_spelled, unheard_of
from agent.planning.offline.until import Reading, When, until

__all__ = ["When", "mark_times"]

_RECURRING: Final = frozenset(
    ["daily", "nightly", "weekly", "hourly", "monthly", "weekdays", "quarterly", "yearly", "biweekly", "fortnightly"]
)  # fmt: skip


def _since(scan: Scan, at: int) -> Reading | None:
    """`since yesterday`, `since the 3rd of November`, `since the start of the month`, `from Monday on`."""
    if scan.word(at) not in ("since", "from", "after", "starting") and (scan.word(at), scan.word(at + 1)) != (
        "as",
        "of",
    ):
        return None
    strict = scan.word(at) != "since"
    after = scan.skip(
        at + (2 if scan.word(at) == "as" else 1), "about", "around", "early", "late", "mid", "from", "like"
    )
    edge = scan.edge(after, ("beginning", "start", "first", "top", "turn", "dawn"))
    if edge:
        return When(since=scan.calendar.back(scan.calendar.start(edge[0]))), edge[1]
    last = scan.skip(after, "the", "this")
    if not strict and scan.word(last) in ("last", "past") and (amount := scan.amount(last + 1)):
        return When(since=duration(amount[0])), amount[1]
    if not strict and scan.word(after) in ("this", "the") and scan.word(after + 1) in DAYTIMES:
        return When(since=scan.calendar.hours()), after + 2
    if not strict and scan.word(after) in ("noon", "midnight", "lunch", "breakfast", "midday"):
        return When(since=scan.calendar.hours()), after + 1
    if not strict and (amount := scan.amount(after)) and scan.word(amount[1]) == "ago":
        return When(since=duration(amount[0])), amount[1] + 1
    if not strict and (amount := scan.amount(after)):
        return When(since=duration(amount[0])), amount[1]
    day = scan.day(after, ahead=False)
    if day and day[0] <= scan.calendar.today:
        end = day[1] + 1 if scan.word(day[1]) in DAYTIMES or scan.word(day[1]) == "onwards" else day[1]
        return When(since=scan.calendar.back(day[0])), end
    return None


_LOOKING_BACK: Final = (
    "going", "dating", "back", "in", "over", "during", "for", "within", "of", "from", "throughout", "across",
    "so", "far",
)  # fmt: skip
_WITH_BACK: Final = frozenset(
    ["roll", "rolled", "rolling", "rolls", "bring", "brought", "put", "set", "went", "gone", "go", "switch", "switched"]
)
"""Verbs that a `back` after them belongs to: `was it rolled back in the last week?`"""


def _of_a_verb(scan: Scan, at: int) -> bool:
    return scan.word(at) == "back" and any(scan.word(before) in _WITH_BACK for before in range(max(0, at - 5), at))


def _amounted(scan: Scan, at: int, begin: int) -> Reading | None:
    """`three last weeks`, `two weeks ago`, `ten days of`."""
    counted = scan.word(begin) in COUNTS and scan.word(begin + 1) in ("last", "past")
    if counted and (unit := scan.amount(begin + 2)):
        return When(since=duration(COUNTS[scan.word(begin)] * unit[0])), unit[1]
    amount = scan.amount(at)
    if amount and scan.word(amount[1]) in ("ago", "back"):
        return When(since=duration(amount[0])), amount[1] + 1
    if amount and scan.word(amount[1]) in ("of", "worth") and scan.word(at - 1) not in ("for", "every", "in"):
        return When(since=duration(amount[0])), scan.skip(amount[1], "of", "worth")
    return None


def _lately(scan: Scan, at: int) -> Reading | None:
    """`in the last two weeks`, `over the past month`, `this quarter`, `last night`, `a week ago`, `month to date`."""
    if scan.word(at) == "'s" and scan.word(at + 1) in PERIODS and scan.word(at + 2) == "":
        return When(since=duration(UNITS[scan.word(at + 1)])), at + 2
    begin = scan.skip(at, *_LOOKING_BACK)
    begin = scan.skip(begin, "the", "these", "those", "our", "all")
    word = scan.word(begin)
    if word in ("last", "past", "previous", "recent", "preceding", "trailing", "prior"):
        amount = scan.amount(begin + 1)
        if amount:
            return When(since=duration(amount[0])), amount[1]
        day = scan.day(begin + 1, ahead=False)
        return (When(since=scan.calendar.back(day[0])), day[1]) if day and day[0] < scan.calendar.today else None
    if word in ("this", "current") and scan.word(begin + 1) in PERIODS:
        return When(since=scan.calendar.back(scan.calendar.start(scan.word(begin + 1)))), begin + 2
    if amounted := _amounted(scan, at, begin):
        return amounted
    if word in PERIODS and scan.word(begin + 1) == "to" and scan.word(begin + 2) == "date":
        return When(since=scan.calendar.back(scan.calendar.start(word))), begin + 3
    if scan.word(at) in ("in", "during", "throughout") and (month := month_of(scan.word(begin))):
        first = scan.calendar.in_year(month, 1, ahead=False)
        return (When(since=scan.calendar.back(first)), begin + 1) if first else None
    if word in ("ytd", "mtd"):
        return When(since=scan.calendar.back(scan.calendar.start("year" if word == "ytd" else "month"))), begin + 1
    return None


def _yesterday(scan: Scan, at: int) -> Reading | None:
    """`yesterday`, `overnight`, `this morning`: a past day, if the past is asked about."""
    begin = scan.skip(at, "on", "in", "during", "late", "early", "later")
    word = scan.word(begin)
    if word in ("yesterday", "overnight"):
        end = begin + 2 if scan.word(begin + 1) in DAYTIMES else begin + 1
        return When(since="1d"), end
    if word == "this" and scan.word(begin + 1) in DAYTIMES:
        return When(since="1d", at="this " + scan.word(begin + 1)), begin + 2
    return None


def _often(scan: Scan, at: int) -> Reading | None:
    """`every weekday at 08:00`, `each night`, `daily`, `on Mondays`, `at 9 every Monday`, `twice a day`."""
    end = _cron(scan, at) or _recurrence(scan, at)
    if end is None:
        clock = scan.clock(at)
        end = _recurrence(scan, clock[1]) if clock else None
    if end is None:
        return None
    bare = end == at + 1
    end = _with_details(scan, end)
    if bare and end == at + 1 and scan.word(at) in _RECURRING and _describes(scan, end):
        return None
    return When(often=as_said(scan, at, end)), end


def _cron(scan: Scan, at: int) -> int | None:
    """`cron 0 7 * * 1-5`, sound or not: it is read where schedules are."""
    if scan.word(at) != "cron" or not (scan.word(at + 1).isdigit() or scan.word(at + 1) == "*"):
        return None
    end = at + 1
    while scan.word(end).isdigit() or scan.word(end) in ("*", "/", "-", ",", "?", *_CRON_NAMES):
        end += 1
    return end


_CRON_NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _describes(scan: Scan, at: int) -> bool:
    """`the weekly digest`, `my daily report`: which one, and no schedule."""
    token = scan.tokens[at] if at < len(scan.tokens) else None
    told = scan.word(at) in (
        "digest",
        "report",
        "summary",
        "update",
        "overview",
        "news",
        "newsletter",
        "cost",
        "costs",
        "bill",
        "spend",
        "changes",
    )
    asked = any(
        other.text in ("schedule", "up", "create", "every", "want", "like", "need", "automate", "start", "send")
        for other in scan.tokens[:at]
    )
    return token is not None and told and not asked


def _recurrence(scan: Scan, at: int) -> int | None:
    begin = scan.skip(at, "on", "once", "twice", "thrice")
    monthly = _of_each_month(scan, begin)
    if monthly:
        return monthly
    word, following = scan.word(begin), scan.word(begin + 1)
    if word in ("every", "each"):
        if (
            scan.word(begin + 2) == "of"
            and ordinal_of(scan.word(begin + 1))
            and scan.word(begin + 3) in ("the", "month")
        ):
            return scan.skip(begin + 3, "the", "month")
        after = scan.skip(begin + 1, "single", "other", "second", "first", "third", "last", "working", "business")
        amount = scan.amount(after)
        if amount:
            return amount[1]
        if scan.word(after).isdigit() and scan.word(after + 1) in ("second", "seconds", "sec", "secs"):
            return after + 2  # refused where schedules are made
        known = scan.word(after).removesuffix("s")
        is_day = weekday_of(known) is not None or known in (
            "weekday",
            "weekend",
            "morning",
            "evening",
            "afternoon",
            "midnight",
            "noon",
        )
        return after + 1 if is_day else unheard_of(scan, begin + 1)
    if word in _RECURRING:
        return begin + 1
    if begin > at and word in ("a", "per") and following in UNITS:
        return begin + 2
    if word.endswith("s") and weekday_of(word[:-1]) is not None and word[:-1] in WEEKDAYS:
        return begin + 1
    if begin > at and word.endswith("s") and word[:-1] in ("weekday", "weekend", "morning", "evening", "night"):
        return begin + 1
    return None


def _of_each_month(scan: Scan, at: int) -> int | None:
    """`(on) the first of each month`, `the last Friday of every month`, `the 1st and 15th of the month`."""
    begin = scan.skip(at, "the")
    if not (ordinal_of(scan.word(begin)) or scan.word(begin) in ("first", "last", "second", "third", "fourth")):
        return None
    end = begin + 1
    end = scan.skip(end, "and", "the", ",") if scan.word(end) in ("and", ",") else end
    if end > begin + 1:
        if not ordinal_of(scan.word(end)):
            return None
        end += 1
    if weekday_of(scan.word(end)) is not None or scan.word(end) in ("day", "weekday"):
        end += 1
    if scan.word(end) != "of" or scan.word(end + 1) not in ("each", "every", "the") or scan.word(end + 2) != "month":
        return None
    return end + 3


def _with_details(scan: Scan, end: int) -> int:
    """`… and Thursdays`, `… of the month`, `… at 9am`."""
    while True:
        following = _clock_end(scan, end) or _recurrence(scan, scan.skip(end, "and", ",")) or _joined_unit(scan, end)
        if following is None:
            return end
        end = following


def _clock_end(scan: Scan, at: int) -> int | None:
    clock = scan.clock(at)
    return clock[1] if clock else None


def _joined_unit(scan: Scan, end: int) -> int | None:
    joined = scan.skip(end, "and", ",", "of", "the", "on", "in")
    unit = scan.word(joined).removesuffix("s") in (*WEEKDAYS, "morning", "evening", "month", "week")
    return joined + 1 if unit and joined > end else None


def _later(scan: Scan, at: int) -> Reading | None:
    """`at 17:00`, `tomorrow morning`, `tonight`, `in two hours`, `on Friday`, `next week`: once, and not now."""
    word = scan.word(at)
    end: int | None = None
    if word == "in" and (amount := scan.amount(at + 1)) and scan.word(amount[1]) != "ago":
        return When(since=duration(amount[0]), at=scan.words(at, amount[1])), amount[1]
    if word in ("tonight", "later") or (word == "this" and scan.word(at + 1) in ("afternoon", "evening")):
        end = scan.skip(at + (2 if word == "this" else 1), "today", "on", "tonight")
    elif word in ("next", "coming", "following") and scan.word(at + 1) in (*PERIODS, *WEEKDAYS, "weekend"):
        end = at + 2
    elif word in ("tomorrow", "overmorrow"):
        end = at + 1
    elif (
        word in ("on", "this", "by")
        or weekday_of(word) is not None
        or (at < len(scan.tokens) and scan.tokens[at].kind == "date")
    ):
        day = scan.day(scan.skip(at, "on", "this", "by"), ahead=True)
        end = day[1] if day and scan.word(scan.skip(at, "on", "this", "by")) != "today" else None
    if end is None:
        clock = scan.clock(at)
        if clock is None:
            return None
        end = clock[1]
    end = (
        scan.skip(end, "in", "the", "morning", "afternoon", "evening", "night")
        if scan.word(end) in DAYTIMES or (scan.word(end) == "in" and scan.word(end + 2) in DAYTIMES)
        else end
    )
    clock = scan.clock(end)
    end = clock[1] if clock else end
    day_behind = scan.skip(end, "today", "tomorrow", "tonight")
    at_words = scan.words(at, day_behind if scan.word(end) not in scan.words(at, end).split() else end)
    past = scan.day(scan.skip(at, "on", "this"), ahead=False)
    since = scan.calendar.back(past[0]) if past and past[0] < scan.calendar.today else None
    return When(since=since, at=at_words), day_behind


_READERS: Final[tuple[tuple[str, Callable[[Scan, int], Reading | None]], ...]] = (
    ("often", _often),
    ("since", _since),
    ("since", _lately),
    ("until", until),
    ("since", _yesterday),
    ("later", _later),
)
_NAMING: Final = frozenset({"called", "named", "labelled", "labeled", "titled", "name", "label"})
"""`named thursday` is a name."""
_TAGS: Final[Mapping[str, str]] = {"often": "often", "since": "since", "until": "until", "later": "later"}


def mark_times(tokens: Sequence[Token], now: datetime) -> list[Token]:
    """The tokens with every expression of time merged into one, tagged `since`, `until`, `often` or `later`."""
    tokens = days_spelled(tokens)
    scan = Scan(tokens, Calendar(now))
    result: list[Token] = []
    at = 0
    while at < len(tokens):
        found = _read(scan, at)
        if found is None:
            result.append(tokens[at])
            at += 1
            continue
        tag, when, end = found
        span = tokens[at:end]
        result.append(
            replace(
                span[0],
                text=" ".join(token.text for token in span),
                raw=" ".join(token.raw for token in span),
                end=span[-1].end,
                kind="time",
                tags=frozenset({"time", _TAGS[tag]}),
                value=when,
            )
        )
        at = end
    return result


def _read(scan: Scan, at: int) -> tuple[str, When, int] | None:
    token = scan.tokens[at]
    if (scan.word(at - 1) in _NAMING and at) or _of_a_verb(scan, at) or scan.word(at + 2).startswith("thought"):
        return None
    if token.kind in ("name", "quote", "url", "domain", "channel", "pair", "id"):
        return None
    for tag, reader in _READERS:
        found = reader(scan, at)
        if found and found[1] > at:
            return tag, found[0], found[1]
    return None
