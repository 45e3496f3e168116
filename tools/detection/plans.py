"""Plans: prices of which the page says what they buy, by the heading above or the first cell of their row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from tools.detection.facts import Fact
from tools.detection.judgement import Item

__all__ = ["with_plans"]

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_NAME = re.compile(r"[^\W\d_][\w’'&+./-]*(?: [\w’'&+./-]+){0,3}")
_NO_NAME = re.compile(
    r"\b(?:pricing|prices|plans|fees?|costs?|rates?|charges?|questions|faq|add-?ons?|included|compare|total|from|up to"
    r"|starting|only|now|save|billed|per)\b",
    re.IGNORECASE,
)


def with_plans(aspect: str, facts: Iterable[Fact], items: Sequence[Item]) -> Iterator[Fact]:
    """The facts; on a page of prices those that are a plan's price as plans.

    A price that is new or gone is a plan's when the plan is, too: its heading or its row came or went with it.
    """
    if aspect != "pricing":
        yield from facts
        return
    come = {item.after for item in items if item.kind in _HEADINGS and not item.before}
    gone = {item.before for item in items if item.kind in _HEADINGS and not item.after}
    by_quote = {(item.after or item.before or "")[:500]: item for item in items}
    for fact in facts:
        item = by_quote.get(fact.quote)
        name = _plan(fact, item) if fact.kind == "price" and item else ""
        whole = bool(fact.before and fact.after) or (item is not None and item.kind == "row")
        if name and (whole or name in (come if fact.after else gone)):
            yield fact.model_copy(update={"kind": "plan", "subject": name})
        else:
            yield fact


def _plan(fact: Fact, item: Item) -> str:
    """The name of what has the price; empty where the page doesn't say it in so many words."""
    first = (item.after or item.before or "").partition(" | ")[0]
    places = {item.under, first} if item.kind == "row" else {item.under}
    named = fact.subject if fact.subject in places or (item.kind == "row" and fact.subject.startswith(first)) else ""
    name = first if named and item.kind == "row" and named != item.under else named
    return name if len(name) <= 40 and _NAME.fullmatch(name) and not _NO_NAME.search(name) else ""
