"""What postings that opened or closed say of where a competitor goes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from tools.detection.closeness import close_to_business
from tools.detection.event import AT_ONCE, Event, Sides
from tools.detection.fact import Fact

__all__ = ["hiring_events"]

_MANY = 5
_LEADS = re.compile(
    r"\b(?:chief [\w ]{2,30}officer|c[efotipr]o|ciso|cmo|(?:s|e)?vp|(?:vice[- ])?president|head (?:of\b|,)"
    r"|(?:general|managing) (?:manager|director|counsel)|country manager)\b",
    re.IGNORECASE,
)
_FREEZE = re.compile(
    r"\b(?:hiring (?:freeze|is (?:paused|frozen|on hold)|pause)|(?:paus|fr[eo]e?z|stopp)\w* (?:all )?"
    r"(?:hiring|recruit\w+)|(?:not|aren[’']t) (?:currently |presently )?(?:hiring|recruiting)"
    r"|no (?:current |open |new )?(?:openings|vacancies|positions|roles))\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\b[A-Z][a-z]{2,}\b")
_COUNTRIES = re.compile(
    r"\b(?:Canada|UK|United Kingdom|Ireland|Mexico|India|Philippines|Australia|Germany|Poland|Spain|Portugal|Brazil"
    r"|Colombia|Argentina|Israel|Romania|Ukraine|Pakistan|Singapore|USA|United States)\b"
)
_SECTIONS = ("h2", "h3", "h4", "h5", "dt", "summary")


def hiring_events(jobs: Sequence[Fact], sides: Sides, page: str) -> Iterator[Event]:
    """Many postings, those of a whole section, one who leads, or none any more. `page` is all that it says now."""
    opened = [job for job in jobs if job.after and not job.before]
    closed = [job for job in jobs if job.before and not job.after]
    if frozen := sides.come(_FREEZE):
        yield Event(AT_ONCE, f"it speaks of “{frozen.lower()}”")
    if jobs:
        told = f"{len(opened)} posting{'s' * (len(opened) != 1)} opened, {len(closed)} closed"
        many = max(len(opened), len(closed))
        weight = min(0.8, 0.46 + 0.03 * many) if many >= _MANY else 0.16 + 0.05 * many
        yield Event(weight, told)
    if leading := [job.subject for job in opened if _LEADS.search(job.subject)]:
        yield Event(AT_ONCE, f"somebody to lead is wanted: {leading[0][:60]}")
    near = [job for job in opened if any(close_to_business(f"{job.subject} {job.after}"))]
    if len(near) >= 3:
        yield Event(AT_ONCE, f"{len(near)} of the new postings are close to the business")
    yield from _sections(opened, closed, sides)
    yield from _places(opened, closed, sides, page)


def _places(opened: Sequence[Fact], closed: Sequence[Fact], sides: Sides, page: str) -> Iterator[Event]:
    """What all closed postings have in common, and the page doesn't name any more; and a country it didn't name."""
    others = Counter(word.lower() for word in _WORD.findall(page))
    words = Counter(_WORD.findall(sides.before))
    left = [word for word, count in words.items() if count >= len(closed) and not others[word.lower()]]
    if len(closed) >= 2 and page and left:
        yield Event(AT_ONCE - 0.05, f"all postings with “{left[0]}” are gone")
    for country in sorted({found.group() for found in _COUNTRIES.finditer(sides.after)}) if opened else ():
        if page.count(country) <= sides.after.count(country) and country not in sides.before:
            yield Event(AT_ONCE - 0.05, f"the first postings in {country}")


def _sections(opened: Sequence[Fact], closed: Sequence[Fact], sides: Sides) -> Iterator[Event]:
    """A heading that came or went with at least two postings: a place or a team."""
    titles = {job.subject for job in (*opened, *closed)}
    for item in sides.items:
        if item.kind not in _SECTIONS or (item.before and item.after) or (item.after or item.before) in titles:
            continue
        text = (item.after or item.before or "")[:60]
        if item.after and len(opened) >= 2:
            yield Event(AT_ONCE - 0.05, f"“{text}” is a new part of the board")
        if item.before and len(closed) >= 2:
            yield Event(AT_ONCE - 0.05, f"“{text}” is gone from the board with all its postings")
