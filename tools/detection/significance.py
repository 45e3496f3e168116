"""How much a change matters to somebody who watches this aspect: 0 to 1, with the reasons in a sentence.

What happened counts most (the strongest event, and a little of the next), then how new such a thing is in this
competitor's history and how far it reaches. Without an event that is worth telling at once it stays below that, however
much of the page it concerns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tools.detection.announced import announced
from tools.detection.charges import charge_events, price_event
from tools.detection.event import AT_ONCE, Event, Sides
from tools.detection.fact import Fact
from tools.detection.facts import subjects
from tools.detection.hiring import hiring_events
from tools.detection.judgement import Item, Judgement
from tools.detection.sizes import moves
from tools.detection.vocabulary import CHIEF, SMALL

__all__ = ["Past", "Significance", "reaching", "significance"]

_NUMBER = re.compile(r"[+\u2212-]?\d[\d,.]*")
_NEGATED = re.compile(
    r"\b(?:not?|never|without|none|nor|cannot|nicht|kein\w*|ohne|pas|sans|jamais|nunca|sin|non|senza|niet"
    r"|geen)\b|n['’]t\b"
    r"|ません|ない",
    re.IGNORECASE,
)
_HEADINGS = ("h1", "h2", "h3", "h4")
_NEW_OR_GONE = {"feature": 0.36, "client": 0.36, "release": 0.34, "person": 0.36}
_CALLED = {"feature": "a feature", "client": "a client", "release": "a release", "person": "somebody who leads"}
_TOLD_AT_ONCE = 0.45
"""From here on an event is of a kind that is told at once, as the alerts' usual threshold has it."""
_BELOW = 0.44
_MUCH_EARLIER = 120
"""In days."""
_MAJOR = re.compile(r"\d+(?:\.0)*")


@dataclass(frozen=True, slots=True)
class Significance:
    """0 to 1, and what it rests on, in a sentence."""

    value: float
    because: str


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of the competitor's changes of this aspect: how many there were in how many days."""

    changes: int = 0
    days: int = 90
    known: bool = False
    """Whether the aspect has been watched long enough to say anything."""


def significance(
    aspect: str, judgement: Judgement, facts: Sequence[Fact], past: Past | None = None, page: str = ""
) -> Significance:
    """How much the change matters. `facts` are all that are typed, prices among them; `page` is the newer text."""
    events = sorted(_events(aspect, judgement, facts, page), key=lambda event: -event.weight)
    strongest, next_one = events[0], next((event for event in events if event.words != events[0].words), None)
    value = strongest.weight + (0.2 * next_one.weight if next_one else 0.0)
    reasons = [strongest.words] + ([next_one.words] if next_one else [])
    for more in (_novelty(aspect, past or Past()), _reach(facts, judgement.items)):
        if more is not None:
            value += more.weight
            reasons.append(more.words)
    if strongest.weight < _TOLD_AT_ONCE:
        value = min(value, _BELOW)
    return Significance(round(min(1.0, max(0.0, value)), 3), "; ".join(reasons))


def reaching(alone: float, pages: int) -> float:
    """What a change weighs that several of a competitor's pages carry, by what it weighs on one of them.

    Who says a thing in many places means it; what isn't worth telling at once doesn't become so by being repeated.
    """
    value = min(1.0, alone + min(0.1, 0.03 * (pages - 1)))
    return round(value if alone >= _TOLD_AT_ONCE else max(alone, min(value, _BELOW)), 3)


def _events(aspect: str, judgement: Judgement, facts: Sequence[Fact], page: str) -> Iterator[Event]:
    sides = Sides.of(judgement.items)
    for fact in facts:
        match fact.kind:
            case "price" | "plan":
                yield price_event(fact, aspect)
            case "date":
                yield _date(fact)
            case kind if kind in _NEW_OR_GONE:
                yield _new_or_gone(fact)
    if aspect == "pricing":
        yield from charge_events(sides)
    jobs = [fact for fact in facts if fact.kind == "job"]
    if jobs or aspect == "job_postings":
        yield from hiring_events(jobs, sides, page)
    yield from announced(aspect, sides)
    yield _text(judgement)


def _date(fact: Fact) -> Event:
    """A date that moved; one that comes much earlier leaves less time to whoever depends on it."""
    old, new = _day(fact.before), _day(fact.after)
    if old and new and (old - new).days >= _MUCH_EARLIER:
        return Event(AT_ONCE - 0.05, f"a date comes {(old - new).days} days earlier")
    return Event(0.3, "a date moved")


def _day(text: str | None) -> datetime | None:
    plain = (text or "").replace(",", "").replace(".", "")
    for form in ("%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(plain, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _new_or_gone(fact: Fact) -> Event:
    if fact.kind == "person" and (chief := CHIEF.search(f"{fact.subject}\n{fact.after}")):
        return Event(AT_ONCE, f"the {chief.group()} is another, or newly named")
    weight = _NEW_OR_GONE[fact.kind]
    small = bool(SMALL.search(fact.after or fact.before or ""))
    if fact.kind == "release" and _MAJOR.fullmatch(fact.subject):
        weight += 0.06
    told = f"{_CALLED[fact.kind]} is {'new' if fact.after else 'gone'}"
    return Event(weight - 0.2, f"{told}, a small one") if small else Event(weight, told)


def _text(judgement: Judgement) -> Event:
    items, share = judgement.items, judgement.parts.get("share of text", 0.0)
    if items and all(_reworded(item) for item in items):
        return Event(0.1, "only the wording")
    moved = [abs(move.share) for item in items for move in moves(item.before or "", item.after or "")]
    if moved:
        return Event(0.2 + min(0.14, max(moved) / 2), "a number moved")
    small = any(SMALL.search(item.after or "") for item in items)
    weight = 0.12 + share * 0.5 + (0.04 if any(item.kind in _HEADINGS for item in items) else 0.0)
    told = f"{share:.0%} of the text" if share >= 0.01 else "little text"
    return Event(max(0.05, weight - (0.08 if small else 0.0)), told)


def _reworded(item: Item) -> bool:
    """Whether both sides say nearly the same, with the same numbers."""
    from rapidfuzz import fuzz

    if not item.before or not item.after:
        return False
    if any(each.findall(item.before) != each.findall(item.after) for each in (_NUMBER, _NEGATED)):
        return False
    return fuzz.token_sort_ratio(item.before[:2000], item.after[:2000]) >= 88.0


def _novelty(aspect: str, past: Past) -> Event | None:
    called = aspect.replace("_", " ") or "it"
    if not past.known:
        return None
    if not past.changes:
        return Event(0.05, f"the first change of {called} in {past.days} days")
    if past.changes >= 6:
        return Event(-0.08, f"one of {past.changes + 1} changes of {called} in {past.days} days")
    return None


def _reach(facts: Sequence[Fact], items: Sequence[Item]) -> Event | None:
    """How much of what is sold it concerns: several plans or things at once reach further than one."""
    several = len(list(subjects(fact for fact in facts if fact.kind in ("price", "plan", "feature", "client"))))
    if several >= 2:
        return Event(min(0.1, 0.03 * several), f"it concerns {several} things at once")
    if any(item.kind == "h1" for item in items):
        return Event(0.05, "it is the page's main heading")
    return None
