"""What changes in how much is charged, for what, by whom and how often."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.detection.event import AT_ONCE, LATER, Event, Sides
from tools.detection.fact import Fact
from tools.detection.judgement import Item
from tools.detection.money import prices_in
from tools.detection.sizes import moves

__all__ = ["LEAST_PERCENT", "charge_events", "price_event"]

LEAST_PERCENT = 5.0
"""From which percentage on the move of a price is told at once."""
_PROMOTION = re.compile(
    r"\b(?:promotion\w*|promo|coupon|limited[- ]time|this (?:month|week|quarter) only|for new (?:clients"
    r"|customers)|until"
    r" (?:\d|\w+ \d)|save \d+ ?%|\d+ ?% off|special offer|black friday|introductory)",
    re.IGNORECASE,
)
_RATED = frozenset({"%", "¢", "percent", "cent", "cents", "pence", "dollars", "bps"})
_PER = re.compile(r"(?:\bper |\beach |\bevery |/ ?)(?!cent\b|annum\b|cents\b)([a-z]{2,})\b", re.IGNORECASE)
_BILLED = re.compile(
    r"\b(?:monthly|yearly|annually|annual|quarterly|weekly|one[- ]time|prepaid|in advance)\b", re.IGNORECASE
)
_BILLING = re.compile(r"\b(?:bill|charg|invoic|paid|pay|fee|price|subscription)\w*", re.IGNORECASE)
_MODEL = re.compile(
    r"\b(?:contingency|flat (?:fee|rate|price)|subscription|pay[- ]as[- ]you[- ]go|usage[- ]based|success fee"
    r"|percentage of|share of|custom pricing|tiered)\b",
    re.IGNORECASE,
)
_TERMS = re.compile(
    r"\b(?:free (?:plan|tier|trial|forever|pilot|version)|\d+[- ]day (?:free )?trial|trial|(?:set-?up"
    r"|onboarding|implementation|activation|platform"
    r"|cancellation|termination|integration|support) (?:fee|cost|charge)s?|(?:minimum|min\.?)(?! (?:term"
    r"|contract|notice))"
    r"(?: [\w-]+)?|money[- ]back\b[\w ]*|(?:performance|price|satisfaction) guarantee|no recovery,? no fee"
    r"|(?:fee|price) cap|cap(?:ped)? (?:at|of)|surcharge|no (?:\w+ )?(?:subscription|fees?|minimums?)"
    r"|^custom(?= ?/| for\b| pricing| quote|$)|(?:contact|talk to|call) (?:us|sales)|price on request"
    r"|request (?:a )?(?:quote|pricing))\b",
    re.IGNORECASE | re.MULTILINE,
)
_INCLUDED = re.compile(r"\b(?:included|free|at no (?:extra |additional )?(?:cost|charge)|waived)\b", re.IGNORECASE)
_EXTRA = re.compile(r"\b(?:extra|additional(?:ly)?|separate(?:ly)?|charged|billed|add-on|fee)\b", re.IGNORECASE)
_PAYER = re.compile(
    r"\b(?:paid|advanced|borne|covered|absorbed|charged|billed|passed)(?: on)? (?:by|to) (?:the |our |your )?(\w+)",
    re.IGNORECASE,
)


def price_event(fact: Fact, aspect: str) -> Event:
    """A price that moved, came or went. Beside a page of prices it says less."""
    text = fact.quote
    if fact.percent is not None:
        size = abs(fact.percent)
        told = f"a price {fact.direction} by {size:g} %"
        if size < LEAST_PERCENT:
            return Event(0.26 + size / 100, told)
        return Event((0.52 if aspect == "pricing" else 0.46) + min(0.35, size / 100), told)
    if aspect != "pricing":
        return Event(LATER, f"a price is {'new' if fact.after else 'gone'}")
    if _PROMOTION.search(text):
        return Event(LATER, "a promotion")
    if fact.before and fact.after:
        return Event(AT_ONCE, _otherwise_priced(fact.before, fact.after))
    return Event(AT_ONCE - 0.04, f"a {fact.kind} is {'new' if fact.after else 'gone'}")


def _otherwise_priced(before: str, after: str) -> str:
    if not prices_in(before):
        return f"a price takes the place of “{before}”"
    if not prices_in(after):
        return f"“{after}” takes the place of a price"
    return "a price counts by another unit or currency"


def charge_events(sides: Sides) -> Iterator[Event]:
    """On a page of prices: rates, units, terms, and who bears what."""
    for item in sides.items:
        yield from _rates(item)
        if item.before and item.after:
            yield from _otherwise(item.before, item.after)
    for words, told in ((sides.come(_TERMS), "new"), (sides.gone(_TERMS), "gone")):
        if words:
            yield Event(AT_ONCE - 0.04, f"“{words.lower()}” is {told}")
    if (gone := sides.gone(_MODEL)) and (come := sides.come(_MODEL)):
        yield Event(AT_ONCE, f"it is charged by “{come.lower()}” instead of “{gone.lower()}”")


def _rates(item: Item) -> Iterator[Event]:
    for move in moves(item.before or "", item.after or ""):
        if move.noun in _RATED and not _PROMOTION.search(item.after or ""):
            size = abs(move.share) * 100
            weight = AT_ONCE if size >= LEAST_PERCENT else 0.28
            yield Event(weight, f"a rate moved from {move.before:g} to {move.after:g} {move.noun}")


def _otherwise(before: str, after: str) -> Iterator[Event]:
    """The same thing charged by another unit, in another rhythm, to somebody else, or with a price more or less."""
    prices = len(prices_in(before)), len(prices_in(after))
    if all(prices) and prices[0] != prices[1] and not _PROMOTION.search(after):
        yield Event(AT_ONCE - 0.04, f"a price is {'new' if prices[1] > prices[0] else 'gone'}")
    old, new = (frozenset(word.lower() for word in _PER.findall(text)) for text in (before, after))
    if old - new and new - old:
        yield Event(AT_ONCE, f"it is charged per {min(new - old)} instead of per {min(old - new)}")
    was, now = (frozenset(word.lower() for word in _BILLED.findall(text)) for text in (before, after))
    if was - now and now - was and (_BILLING.search(after) or prices_in(after)):
        yield Event(AT_ONCE, f"it is billed {min(now - was)} instead of {min(was - now)}")
    if _INCLUDED.search(before) and not _INCLUDED.search(after) and (extra := _EXTRA.search(after)):
        yield Event(AT_ONCE - 0.04, f"what was included is “{extra.group().lower()}”")
    one, other = _PAYER.search(before), _PAYER.search(after)
    if one and other and one[1].lower() != other[1].lower():
        yield Event(AT_ONCE - 0.04, f"paid by “{other[1]}” instead of “{one[1]}”")
