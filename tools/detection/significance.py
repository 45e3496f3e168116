"""How much a change matters to somebody who watches this aspect: 0 to 1, with the reasons in a sentence.

What happened counts most (the strongest event, and a little of the next), then how new such a thing is in this
competitor's history, how far it reaches, and whether anything but the wording changed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tools.detection.facts import LEADERSHIP, Fact, subjects
from tools.detection.judgement import Item, Judgement

__all__ = ["Past", "Significance", "significance"]

_STRONG = re.compile(
    r"\b(?:acqui(?:re[sd]?|sition|ring)|merg(?:er|es|ing)|ipo|series [a-f]\b|raises? \$|raised \$|funding round"
    r"|bankrupt\w*|lawsuit|sued|settle(?:s|d|ment)|breach(?:ed)?|layoffs?|lays? off|outage|sunset\w*|deprecat\w+"
    r"|discontinu\w+"
    r"|end[- ]of[- ](?:life|sale|support)|no longer (?:available|offered|supported|sold)|price (?:increase|change)s?"
    r"|rebrand\w*|steps? down|resign\w*)\b",
    re.IGNORECASE,
)
_NOTABLE = re.compile(
    r"\b(?:launch\w*|introduc\w+|announc\w+|unveil\w*|general(?:ly)? availab\w+|now available|partner(?:s|ship|ed|ing)?"
    r"|integrat\w+|certif\w+|soc ?2|iso ?27001|pci|hipaa|fedramp|expan(?:d|ds|ded|sion)|new (?:office|market|region)s?"
    r"|free (?:trial|plan|tier)|beta|ai|voice|agents?|api|enterprise|discount\w*|promotion\w*|guarantee\w*|minimum"
    r"|per[- ](?:unit|seat|user|door)|annual\w*|contract|cancel\w*|refund\w*)\b",
    re.IGNORECASE,
)
_SMALL = re.compile(
    r"\b(?:bug ?fix(?:es)?|minor|typos?|performance improvements?|stability|maintenance release|small improvements?"
    r"|various (?:fixes|improvements)|under[- ]the[- ]hood|polish\w*|cosmetic|docs? update|read more|webinar|blog)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d[\d,.]*")
_HEADINGS = ("h1", "h2", "h3", "h4")
_NEW_OR_GONE = {"feature": (0.42, 0.48), "client": (0.5, 0.38), "release": (0.4, 0.2), "person": (0.55, 0.4)}
"""Of a kind of fact: what its coming counts, and what its going."""


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


@dataclass(frozen=True, slots=True)
class _Event:
    weight: float
    words: str


def significance(aspect: str, judgement: Judgement, facts: Sequence[Fact], past: Past | None = None) -> Significance:
    """How much the change matters. `facts` are all that are typed, prices among them."""
    events = sorted(_events(aspect, judgement, facts), key=lambda event: -event.weight)
    value = events[0].weight + (0.2 * events[1].weight if len(events) > 1 else 0.0)
    reasons = [event.words for event in events[:2]]
    for more in (_novelty(aspect, past or Past()), _reach(facts, judgement.items)):
        if more is not None:
            value += more.weight
            reasons.append(more.words)
    return Significance(round(min(1.0, max(0.0, value)), 3), "; ".join(reasons))


def _events(aspect: str, judgement: Judgement, facts: Sequence[Fact]) -> Iterator[_Event]:
    for fact in facts:
        match fact.kind:
            case "price":
                yield _price(fact, aspect)
            case "date":
                yield _Event(0.3, "a date moved")
            case kind if kind in _NEW_OR_GONE:
                yield _new_or_gone(fact)
    if jobs := [fact for fact in facts if fact.kind == "job"]:
        yield _jobs(jobs)
    yield from _words(judgement.items)
    yield _text(judgement)


def _price(fact: Fact, aspect: str) -> _Event:
    lead = 0.05 if aspect == "pricing" else 0.0
    if fact.percent is not None:
        return _Event(
            0.35 + lead + min(0.4, abs(fact.percent) / 50), f"a price {fact.direction} by {abs(fact.percent):g} %"
        )
    if fact.before and fact.after:
        return _Event(0.55 + lead, "a price counts by another unit or currency")
    return _Event(0.5 + lead, f"a price is {'new' if fact.after else 'gone'}")


def _new_or_gone(fact: Fact) -> _Event:
    coming, going = _NEW_OR_GONE[fact.kind]
    small = bool(_SMALL.search(fact.after or fact.before or ""))
    weight = (coming if fact.after else going) - (0.25 if small else 0.0)
    if fact.kind == "release" and re.fullmatch(r"\d+(?:\.0)*", fact.subject):
        weight += 0.15
    about = {"feature": "a feature", "client": "a client", "release": "a release", "person": "somebody who leads"}
    return _Event(
        weight, f"{about[fact.kind]} is {'new' if fact.after else 'gone'}" + (", a small one" if small else "")
    )


def _jobs(jobs: Sequence[Fact]) -> _Event:
    """Many postings at once say where a competitor goes, above all of one team; one who leads says it alone."""
    leading = sum(bool(LEADERSHIP.search(job.subject)) for job in jobs if job.after)
    teams = Counter((job.after or job.before or "").split(" · ")[0] for job in jobs)
    most = max(teams.values())
    weight = min(0.7, 0.14 + 0.05 * len(jobs) + 0.03 * (most - 1)) + (0.3 if leading else 0.0)
    opened = sum(bool(job.after and not job.before) for job in jobs)
    closed = sum(bool(job.before and not job.after) for job in jobs)
    told = f"{opened} posting{'s' * (opened != 1)} opened, {closed} closed"
    return _Event(weight, told + (", somebody to lead among them" if leading else ""))


def _words(items: Iterable[Item]) -> Iterator[_Event]:
    """Words that announce something, where they are new (or gone): a text that already had them says nothing by it."""
    for item in items:
        old, new = item.before or "", item.after or ""
        for pattern, weight in ((_STRONG, 0.6), (_NOTABLE, 0.34)):
            had = {found.lower() for found in pattern.findall(old)}
            come = [found for found in pattern.findall(new) if found.lower() not in had]
            if come:
                prominent = item.kind in _HEADINGS or item.kind == "item"
                yield _Event(weight + (0.08 if prominent else 0.0), f"it speaks of “{come[0].lower()}”")
                break


def _text(judgement: Judgement) -> _Event:
    items, share = judgement.items, judgement.parts.get("share of text", 0.0)
    if items and all(_reworded(item) for item in items):
        return _Event(0.1, "only the wording")
    numbers = max((_moved(item) for item in items), default=0.0)
    if numbers:
        return _Event(0.22 + min(0.2, numbers / 2), "a number moved")
    small = sum(bool(_SMALL.search(item.after or "")) for item in items)
    weight = 0.14 + share * 0.8 + (0.06 if any(item.kind in _HEADINGS for item in items) else 0.0)
    return _Event(
        max(0.05, weight - (0.08 if small else 0.0)), f"{share:.0%} of the text" if share >= 0.01 else "little text"
    )


def _reworded(item: Item) -> bool:
    """Whether both sides say nearly the same, with the same numbers."""
    from rapidfuzz import fuzz

    if not item.before or not item.after or _NUMBER.findall(item.before) != _NUMBER.findall(item.after):
        return False
    return fuzz.token_sort_ratio(item.before[:2000], item.after[:2000]) >= 88.0


def _moved(item: Item) -> float:
    """By which share the numbers of a sentence moved that otherwise stayed as it was; 0 for none."""
    if not item.before or not item.after or _NUMBER.sub("#", item.before) != _NUMBER.sub("#", item.after):
        return 0.0
    pairs = zip(map(_value, _NUMBER.findall(item.before)), map(_value, _NUMBER.findall(item.after)), strict=True)
    return max((abs(new - old) / old for old, new in pairs if old > 0), default=0.0)


def _value(text: str) -> float:
    try:
        return float(text.replace(",", "").rstrip("."))
    except ValueError:
        return 0.0


def _novelty(aspect: str, past: Past) -> _Event | None:
    called = aspect.replace("_", " ") or "it"
    if not past.known:
        return None
    if not past.changes:
        return _Event(0.05, f"the first change of {called} in {past.days} days")
    if past.changes >= 6:
        return _Event(-0.08, f"one of {past.changes + 1} changes of {called} in {past.days} days")
    return None


def _reach(facts: Sequence[Fact], items: Sequence[Item]) -> _Event | None:
    """How much of what is sold it concerns: several plans or things at once reach further than one."""
    several = len(list(subjects(fact for fact in facts if fact.kind in ("price", "feature", "client"))))
    if several >= 2:
        return _Event(min(0.1, 0.03 * several), f"it concerns {several} things at once")
    if any(item.kind == "h1" for item in items):
        return _Event(0.05, "it is the page's main heading")
    return None
