"""Typed facts in what changed, each with its quote: postings, releases, features, clients, people, dates.

What a new line on a page is follows from what the page is watched for: on a page of clients a new heading names one, on
a page of features it is one. Prices say by themselves what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tools.detection.fact import Fact
from tools.detection.postings import as_title, listed, posting, with_details
from tools.detection.releases import DATE, release

__all__ = ["LEADERSHIP", "Fact", "subjects", "typed_facts"]

LEADERSHIP = re.compile(
    r"\b(?:chief|c[efot]o|cro|cmo|cpo|ciso|president|vice president|s?vp|evp|head of|director|general manager"
    r"|general counsel|founding|managing director)\b",
    re.IGNORECASE,
)
_APPOINTED = re.compile(
    r"\b(?P<who>[A-ZÀ-Þ][\w’'.-]+(?: [A-ZÀ-Þ][\w’'.-]+){1,2})\b.{0,40}?"
    r"\b(?:joins?|joined|appointed|named|promoted|hired|steps? down|leaves|departs|resigns?|retires?)\b"
)
_APPOINTMENT = re.compile(
    r"\b(?:welcomes?|appoints?|names?|hires?|promotes?)\b.{0,30}?(?P<who>[A-ZÀ-Þ][\w’'.-]+ [A-ZÀ-Þ][\w’'.-]+)"
)
_NAMING = ("h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "figcaption", "figure", "row", "td", "item")
_BY_ASPECT = {"features": "feature", "technology": "feature", "client_wins": "client"}
_NAME_LENGTH = 140


def typed_facts(aspect: str, items: Iterable[tuple[str | None, str | None, str, str]]) -> list[Fact]:
    """The facts that are no prices, of differences given as before, after, kind of block, heading."""
    rows = list(items)
    kinds = listed(rows) if aspect == "job_postings" else frozenset[str]()
    found = [_typed(aspect, *row, kinds) for row in rows]
    return with_details(rows, found) if aspect == "job_postings" else [fact for fact in found if fact]


def _typed(
    aspect: str, before: str | None, after: str | None, kind: str, under: str, kinds: frozenset[str]
) -> Fact | None:
    text = after or before or ""
    if kind in kinds and as_title(text):
        kind = "posting"
    for reading in (posting, release, _person, _date, _named):
        if found := reading(aspect, before, after, kind, under):
            return found.model_copy(update={"quote": text[:500]})
    return None


def _person(aspect: str, before: str | None, after: str | None, kind: str, under: str) -> Fact | None:
    text = after or ""
    found = _APPOINTED.search(text) or _APPOINTMENT.search(text)
    if before or not found or not LEADERSHIP.search(text):
        return None
    return Fact(kind="person", subject=found["who"], before=None, after=text[:200], quote="")


def _date(aspect: str, before: str | None, after: str | None, kind: str, under: str) -> Fact | None:
    if not (before and after) or DATE.sub("", before) != DATE.sub("", after):
        return None
    old, new = DATE.search(before), DATE.search(after)
    if not old or not new or old.group() == new.group():
        return None
    subject = before[: old.start()].strip(" :–-")[-60:] or under[:60]
    return Fact(kind="date", subject=subject, before=old.group(), after=new.group(), quote="")


def _named(aspect: str, before: str | None, after: str | None, kind: str, under: str) -> Fact | None:
    """A heading or an item of a list that came or went, where the page is one of such things."""
    text, what = after or before or "", _BY_ASPECT.get(aspect)
    if what is None or (before and after) or kind not in _NAMING or not 2 < len(text) <= _NAME_LENGTH:
        return None
    return Fact(kind=what, subject=text, before=before, after=after, quote="")


def subjects(facts: Iterable[Fact]) -> Iterator[str]:
    """What the facts are about, once each."""
    yield from dict.fromkeys(fact.subject for fact in facts if fact.subject)
