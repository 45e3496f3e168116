"""From a judgement to a change as it is remembered and told: typed facts, words, significance, alert."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from memory.competitors import Capture, Change, Page, Version
from tools.detection.fact import Fact
from tools.detection.facts import typed_facts
from tools.detection.judgement import Item, Judgement
from tools.detection.leaders import leaders
from tools.detection.plans import with_plans
from tools.detection.significance import Past, significance
from tools.detection.wording import summarise

__all__ = ["SIGNIFICANT", "alert_of", "change_of"]

SIGNIFICANT = 0.45
"""What `significant_change` means as a number."""
_MOST_ITEMS, _MOST_FACTS = 20, 50
_OF_OTHERS = frozenset({"client_wins", "market_share"})
"""On pages of these an amount that comes or goes is what somebody saved or raised."""
_PLAIN = frozenset({"div", "p", "section", "article", "body"})


def change_of(
    page: Page, ok: Capture, version: Version, judgement: Judgement, past: Past, at: datetime, effect: str
) -> Change:
    """The change from the capture that was ok to the new version."""
    facts = list(_placed(page.aspect, judgement, version.text))
    weight = significance(page.aspect, judgement, facts, past, version.text)
    explanation = judgement.explanation() | {
        "items": [item.model_dump(mode="json") for item in judgement.items[:_MOST_ITEMS]],
        "more": max(0, len(judgement.items) - _MOST_ITEMS),
        "significance": weight.because,
    }
    return Change(
        id="",
        url=page.url,
        competitor=page.competitor,
        aspect=page.aspect,
        before=ok.version,
        after=version.digest,
        before_at=ok.at,
        at=at,
        score=judgement.score,
        significance=weight.value,
        summary=summarise(judgement, facts),
        facts=[fact.model_dump(mode="json") for fact in facts[:_MOST_FACTS]],
        explanation=explanation,
        cluster="",
        alert=alert_of(page.threshold, weight.value),
        effect=effect,
    )


def _placed(aspect: str, judgement: Judgement, text: str) -> Iterator[Fact]:
    """Prices first, then what else is typed, each with the place of its quote where it stands in the new version."""
    prices = [fact for fact in judgement.facts if _is_price(fact, aspect)]
    priced = {fact.quote for fact in prices}
    items = [item for item in judgement.items if (item.after or item.before or "")[:500] not in priced]
    people = list(leaders(items, text))
    named = {fact.quote for fact in people}
    others = [
        (item.before, item.after, _kind(item), item.under)
        for item in items
        if (item.after or item.before or "")[:500] not in named
    ]
    for fact in [*with_plans(aspect, prices, judgement.items), *people, *typed_facts(aspect, others)]:
        at = text.find(fact.quote)
        yield fact.model_copy(update={"position": at if at >= 0 else None})


def _is_price(fact: Fact, aspect: str) -> bool:
    """Whether an amount is what something is sold for: not what a posting pays, nor what a client saved."""
    moved = bool(fact.before and fact.after)
    return aspect != "job_postings" and (moved or aspect not in _OF_OTHERS)


def _kind(item: Item) -> str:
    """The kind of block; of one that is a link as a whole and no item of a list, that it is a link."""
    return "link" if item.linked and item.kind in _PLAIN else item.kind


def alert_of(threshold: str, significance: float) -> Literal["instant", "digest"]:
    """At once above the page's threshold, in the daily digest below."""
    try:
        least = float(threshold)
    except ValueError:
        least = SIGNIFICANT
    return "instant" if significance >= least else "digest"
