"""Reasons not to report a difference. Each is a property of markup or language, never of a site."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from tools.detection.comparison import Difference
from tools.detection.keys import number_free
from tools.detection.page import Zone

__all__ = ["why_ignored"]

_FURNITURE = {
    Zone.NAVIGATION: "navigation",
    Zone.HEADER: "page header",
    Zone.FOOTER: "page footer",
    Zone.DIALOG: "banner or dialog",
    Zone.FORM: "form",
}
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright|all rights reserved)", re.IGNORECASE)
_AGO = re.compile(
    r"\b(?:just now|yesterday|today"
    r"|(?:\d+|an?|few)\s*(?:s|sec|second|min|minute|h|hr|hour|d|day|week|month|year)s?\s+ago)\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\b(?:views?|likes?|comments?|shares?|stars?|forks?|followers?|downloads?|installs?|votes?|online|visitors?|reads?"
    r"|upvotes?|points?|replies|members?|subscribers?|min(?:ute)?s? read)\b",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"\b(?:we (?:and our partners )?use cookies|this (?:web)?site uses cookies|accept (?:all )?cookies"
    r"|cookie (?:settings|preferences|consent)|manage (?:my )?(?:consent|cookies)"
    r"|by continuing to (?:use|browse)[^.]{0,60}cookies)\b",
    re.IGNORECASE,
)
_CONTROL = re.compile(
    r"(?:see|show|view|read|learn|load|find out) (?:more|less|all|details|it all|fewer)|back to top"
    r"|skip to (?:main )?content|(?:table of )?contents|on this page|copy(?: link)?|share|print|edit|close|menu|search"
    r"|next|previous|sign (?:up|in)|log ?in|get started|details|expand(?: all)?|collapse(?: all)?|loading",
    re.IGNORECASE,
)
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
_NONCE = re.compile(r"(?=\w*\d)(?=\w*[a-zA-Z])[\w\-]{16,}|\b[0-9a-f]{12,}\b")

Reason = Callable[[Difference, datetime, datetime], str | None]


def _texts(difference: Difference) -> tuple[str, str]:
    return (difference.before.text if difference.before else "", difference.after.text if difference.after else "")


def _numbers_only(difference: Difference) -> bool:
    before, after = _texts(difference)
    return bool(before and after) and number_free(before) == number_free(after)


def _furniture(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    return _FURNITURE.get(difference.block.zone)


def _copyright(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    return "copyright line" if len(difference.block.text) < 200 and _COPYRIGHT.search(difference.block.text) else None


def _relative_time(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    before, after = _texts(difference)
    if before and after and _AGO.sub("", before) == _AGO.sub("", after):
        return "relative time"
    return None


def _counter(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    block = difference.block
    return "counter" if _numbers_only(difference) and len(block.text) < 120 and _COUNTED.search(block.text) else None


def _today(difference: Difference, was: datetime, now: datetime) -> str | None:
    before, after = _texts(difference)
    if not before or not after:
        return None
    return "today's date" if _undated(before, was) == _undated(after, now) != after else None


def _revised(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    """The day on which a page says that it was last worked on, where that day is all that is another one."""
    sides = [(text, _REVISED.match(text)) for text in _texts(difference) if len(text) < 160]
    days = [text[label.end() :] for text, label in sides if label]
    same = len({label.group() for _, label in sides if label}) == 1
    return "date of revision" if len(days) == 2 and same and all(map(_MOMENT.fullmatch, days)) else None


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


def _consent(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    block = difference.block
    return "consent banner" if len(block.text) < 600 and _CONSENT.search(block.text) else None


def _control(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    texts = [text for text in _texts(difference) if text]
    return "control" if all(_CONTROL.fullmatch(text.strip(" .…→›»+:")) for text in texts) else None


def _nonce(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    before, after = _texts(difference)
    if before and after and _NONCE.sub("", before) == _NONCE.sub("", after):
        return "random identifier"
    return None


_REASONS: tuple[Reason, ...] = (
    _furniture,
    _copyright,
    _consent,
    _relative_time,
    _counter,
    _today,
    _revised,
    _control,
    _nonce,
)


def why_ignored(difference: Difference, was: datetime, now: datetime) -> str | None:
    """The first reason not to report it, or None. The times are those of the two captures."""
    return next((why for reason in _REASONS if (why := reason(difference, was, now))), None)
