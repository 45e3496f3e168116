"""Reasons not to report a difference. Each is a property of markup or language, never of a site."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from tools.detection.comparison import Difference
from tools.detection.consent import asks
from tools.detection.counters import counter, identifier
from tools.detection.moments import countdown, relative_time, revised, today
from tools.detection.page import Zone
from tools.detection.prices import respelled

__all__ = ["why_ignored"]

_FURNITURE = {
    Zone.NAVIGATION: "navigation",
    Zone.HEADER: "page header",
    Zone.FOOTER: "page footer",
    Zone.DIALOG: "banner or dialog",
    Zone.FORM: "form",
}
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright|all rights reserved)", re.IGNORECASE)
_CONTROL = re.compile(
    r"(?:see|show|view|read|learn|load|find out) (?:more|less|all|details|it all|fewer)|back to top"
    r"|skip to (?:main )?content|(?:table of )?contents|on this page|copy(?: link)?|share|print|edit|close|menu"
    r"|search"
    r"|next|previous|sign (?:up|in)|log ?in|get started|details|expand(?: all)?|collapse(?: all)?|loading",
    re.IGNORECASE,
)
Reason = Callable[[Difference, datetime, datetime], str | None]


def _texts(difference: Difference) -> tuple[str, str]:
    return (difference.before.text if difference.before else "", difference.after.text if difference.after else "")


def _furniture(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    return _FURNITURE.get(difference.block.zone)


def _copyright(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    return "copyright line" if len(difference.block.text) < 200 and _COPYRIGHT.search(difference.block.text) else None


def _consent(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    return "consent banner" if asks(difference.block) else None


def _control(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    texts = [text for text in _texts(difference) if text]
    return "control" if all(_CONTROL.fullmatch(text.strip(" .…→›»+:")) for text in texts) else None


_REASONS: tuple[Reason, ...] = (
    _furniture,
    _copyright,
    _consent,
    relative_time,
    counter,
    today,
    countdown,
    revised,
    respelled,
    _control,
    identifier,
)


def why_ignored(difference: Difference, was: datetime, now: datetime) -> str | None:
    """The first reason not to report it, or None. The times are those of the two captures."""
    return next((why for reason in _REASONS if (why := reason(difference, was, now))), None)
