"""Differences that are only the time at which a page was looked at: “3 days ago”, today, the clock, a revision."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from tools.detection.comparison import Difference

__all__ = ["countdown", "relative_time", "revised", "today"]


def _any(*parts: str) -> str:
    return "|".join(parts)


_NUMBER = (
    r"(?:\d+\+?|an?|one|few|a few|several|ein(?:em|er|e)?|wenigen|une?|quelques|unos|unas|um|uma|un['’]|een|en|ett)"
)
_ABOUT = r"(?:(?:about|over|almost|nearly|more than|less than|around|etwa|über|rund|mehr als|environ|plus de) )?"
_ENGLISH = r"(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?|mo|mos|months?|y|yrs?|years?)"
_SPANS = _any(  # how long ago, by language: the units with what stands around them
    rf"{_ABOUT}{_NUMBER}\s*{_ENGLISH}\s+ago",
    rf"vor {_ABOUT}{_NUMBER} ?(?:Sek|Min|Std|Sekunden?|Minuten?|Stunden?|Tag(?:en)?|Wochen?|Monat(?:en)?"
    rf"|Jahr(?:en)?)\b\.?",
    rf"il y a {_ABOUT}{_NUMBER} ?(?:secondes?|min|minutes?|h|heures?|j|jours?|semaines?|mois|ans?)",
    rf"hace {_ABOUT}{_NUMBER} ?(?:segundos?|minutos?|horas?|d[ií]as?|semanas?|mes(?:es)?|años?)",
    rf"há {_ABOUT}{_NUMBER} ?(?:segundos?|minutos?|horas?|dias?|semanas?|m[eê]s(?:es)?|anos?)",
    rf"{_NUMBER} ?(?:second[oi]|minut[oi]|or[ae]|giorn[oi]|settiman[ae]|mes[ei]|ann[oi]) fa",
    rf"{_NUMBER} (?:seconden|minuten|minuut|uur|dag(?:en)?|week|weken|maand(?:en)?|jaar) geleden",
    rf"(?:for|för|siden) {_NUMBER} \w{{3,10}} (?:siden|sedan)",
    r"\d+ \w{2,10}\.? (?:temu|назад|тому|önce)",
    r"\d+ ?(?:秒|分|分钟|時間|小时|日|天|週間|周|か月|ヶ月|个月|年)前",
    r"\d+ ?(?:초|분|시간|일|주|개월|년) ?전",
)
_AGO = re.compile(
    rf"(?<!\w)(?:{_SPANS}|just now|yesterday|today|last (?:week|month|year)"
    r"|heute|gestern|vorgestern|gerade eben|aujourd['’]hui|hier|avant-hier|hoy|ayer|oggi|ieri|hoje|ontem"
    r"|vandaag|gisteren|今日|昨日|今天|昨天|오늘|어제)(?!\w)",
    re.IGNORECASE,
)
_AGE = re.compile(rf"\W*\d{{1,3}}\+?\s?{_ENGLISH}\W*", re.IGNORECASE)
"""All of a block: what feeds write for the age of a post."""
_REVISED = re.compile(
    r"\W?(?:[\w ]{0,30}\b)?(?:(?:last|recently) (?:updated|revised|modified|changed|reviewed|edited|verified|checked)"
    r"|(?:last|latest) (?:update|revision|change|review)|(?:updated|revised|modified|reviewed)(?=:| on\b)"
    r"|zuletzt (?:aktualisiert|geändert|überarbeitet)|letzte (?:aktualisierung|änderung)|stand(?=:)"
    r"|(?:dernière )?mise? à jour|última (?:actualización|atualização|modificación)|ultimo aggiornamento"
    r"|laatst bijgewerkt|最終更新日?|最后更新|更新日)",
    re.IGNORECASE,
)
_MOMENT = re.compile(
    r"(?=.*(?<!\d)(?:(?:19|20)\d\d(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d\d))\W*(?:[^\W\d]{1,12}\W+){0,3}"
    r"(?:(?<!\d)(?:\d{1,2}|\d{4})(?!\d)(?:[^\W\d]{1,12})?\W*(?:[^\W\d]{1,12}\W+)?){1,7}(?:[^\W\d]{1,5}\W*)?"
)
_CLOCK = re.compile(r"(?<![\d:.])([0-2]?\d):([0-5]\d)(:[0-5]\d)?(?:\s?[ap]\.?m\.?)?(?![\d:])", re.IGNORECASE)
_COUNTED = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}
_COUNT = r"\d{1,3}\s?(?:days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)"
_TIMER = rf"(?:{_COUNT}(?!\w)\s?(?:[,:·]\s?|and\s)?)*(?:{_COUNT}(?!\w)|\d{{1,3}}(?::[0-5]\d){{2,3}})"
_LEFT = re.compile(
    rf"\b(?:ends?|ending|expires?|expiring|clos(?:es?|ing)|starts?|starting|begins?|opens?) in:?\s(?P<until>{_TIMER})"
    rf"|(?P<left>{_TIMER})\s(?:left|remaining|to go)\b",
    re.IGNORECASE,
)
"""What is left until something happens: `ends in 2 days`, `03:12:44 left`."""
_LABELLED = 160
_ALONE = 60


def _texts(difference: Difference) -> tuple[str, str]:
    return (difference.before.text if difference.before else "", difference.after.text if difference.after else "")


def relative_time(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    """The same but for how long ago something was."""
    before, after = _texts(difference)
    if all(_AGO.fullmatch(text) for text in (before, after) if text):
        return "relative time"
    if not before or not after:
        return None
    ages = _AGE.fullmatch(before) and _AGE.fullmatch(after)
    return "relative time" if ages or _AGO.sub("", before) == _AGO.sub("", after) else None


def today(difference: Difference, was: datetime, now: datetime) -> str | None:
    """The same but for the day, or the time of day, at which each of the two was captured."""
    before, after = _texts(difference)
    if not before or not after:
        return None
    if _untimed(_undated(before, was), was) == _untimed(_undated(after, now), now) != after:
        return "today's date"
    days = _is_day(before, was) and _is_day(after, now) and not _named_alike(before, after)
    return "today's date" if days else None


def countdown(difference: Difference, was: datetime, now: datetime) -> str | None:
    """The same but for what is left until something happens, and that is less by the time that went by.

    A timer that shows seconds may also begin anew with every visit.
    """
    texts = _texts(difference)
    timers = [_LEFT.search(text) for text in texts]
    old, new = (timer and (timer["until"] or timer["left"]) for timer in timers)
    if not old or not new or texts[0].replace(old, "☉", 1) != texts[1].replace(new, "☉", 1):
        return None
    (left, step), (later, finest) = _left(old), _left(new)
    passed = abs((left - later) - (now - was)) <= max(step, finest)
    return "countdown" if passed or max(step, finest) == _COUNTED["s"] else None


def _left(timer: str) -> tuple[timedelta, timedelta]:
    """How long that is, and the smallest unit in which it's told."""
    clock = re.search(r"\d+(?::\d\d)+", timer)
    numbers = clock.group().split(":") if clock else []
    parts = re.findall(r"(\d+)\s?([dhms])", timer.lower()) + list(zip(numbers, "dhms"[-len(numbers) :], strict=False))
    return sum((int(number) * _COUNTED[unit] for number, unit in parts), timedelta()), _COUNTED[parts[-1][1]]


def _named_alike(before: str, after: str) -> bool:
    """Whether both begin with the same word: “Effective” stays, a day of the week doesn't."""
    old, new = (re.match(r"\W*([^\W\d]+)", text) for text in (before, after))
    return bool(old and new and old[1] == new[1])


def revised(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    """The day on which a page says that it was last worked on, where that day is all that is another one."""
    sides = [(text, _REVISED.match(text)) for text in _texts(difference) if len(text) < _LABELLED]
    days = [text[label.end() :] for text, label in sides if label]
    same = len({label.group() for _, label in sides if label}) == 1
    return "date of revision" if len(days) == 2 and same and all(map(_is_moment, days)) else None


def _is_moment(text: str) -> bool:
    """A day, with or without its time; or a time of day alone."""
    return bool(
        _MOMENT.fullmatch(text)
        or (len(text) < _ALONE and _CLOCK.search(text) and not re.search(r"\d", _CLOCK.sub("", text)))
    )


def _is_day(text: str, at: datetime) -> bool:
    """Whether a block is nothing but the day at which it was captured, in whatever language."""
    if len(text) > _ALONE or not _MOMENT.fullmatch(text):
        return False
    numbers = set(map(int, re.findall(r"\d+", _CLOCK.sub("", text))))
    return any({day.day, day.year} <= numbers for day in (at, at - timedelta(days=1), at + timedelta(days=1)))


def _untimed(text: str, at: datetime) -> str:
    """Without the times of day that are the capture's own in some time zone, which all differ by quarters of an hour.

    A time that is a full five minutes and has no seconds is rather when something begins.
    """

    def own(found: re.Match[str]) -> str:
        minute = int(found[2])
        apart = (minute - at.minute) % 15
        exact = found[3] or minute % 5
        return "☉" if exact and min(apart, 15 - apart) <= 2 else found.group()

    return _CLOCK.sub(own, text)


def _undated(text: str, at: datetime) -> str:
    for day in (at, at - timedelta(days=1), at + timedelta(days=1)):
        for form in _dates(day):
            text = re.sub(rf"(?<!\d){re.escape(form)}(?!\d)", "☉", text, flags=re.IGNORECASE)
    return text


def _dates(day: datetime) -> list[str]:
    number, year = day.day, day.year
    names = (day.strftime("%B"), day.strftime("%b"))
    numeric = [day.strftime(form) for form in ("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%A")]
    full = [form for name in names for form in (f"{name} {number}, {year}", f"{name} {number:02}, {year}")]
    full += [f"{number} {name} {year}" for name in names]
    return numeric + full + [f"{names[0]} {number}", f"{number} {names[0]}"]
