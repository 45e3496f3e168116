"""Plans: prices of which the page says what they buy, by the heading above, the name beside or the cells of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tools.detection.fact import Fact
from tools.detection.judgement import Item
from tools.detection.naming import plan_name

__all__ = ["with_plans"]


def with_plans(aspect: str, facts: Iterable[Fact], items: Sequence[Item]) -> Iterator[Fact]:
    """The facts; on a page of prices those that are a plan's price as plans.

    A price that is new or gone is a plan's when the plan is, too: what names it came or went with it.
    """
    if aspect != "pricing":
        yield from facts
        return
    come = {item.after for item in items if not item.before}
    gone = {item.before for item in items if not item.after}
    by_quote = {(item.after or item.before or "")[:500]: item for item in items}
    for fact in facts:
        item = by_quote.get(fact.quote)
        name = plan_name(fact.subject.partition(", ")[0]) if fact.kind == "price" and item else ""
        apart = item is not None and (item.kind == "row" or fact.subject not in fact.quote)
        whole = bool(fact.before and fact.after) or (item is not None and item.kind == "row")
        if name and apart and (whole or fact.subject in (come if fact.after else gone)):
            yield fact.model_copy(update={"kind": "plan"})
        else:
            yield fact
