"""From a judgement to a change as it is remembered and told: typed facts, words, significance, alert."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from memory.competitors import Capture, Change, Page, Version
from tools.detection.facts import Fact, typed_facts
from tools.detection.judgement import Judgement
from tools.detection.plans import with_plans
from tools.detection.significance import Past, significance
from tools.detection.wording import summarise

__all__ = ["SIGNIFICANT", "alert_of", "change_of"]

SIGNIFICANT = 0.45
"""What `significant_change` means as a number."""
_MOST_ITEMS, _MOST_FACTS = 20, 50


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
    priced = {fact.quote for fact in judgement.facts}
    others = [
        (item.before, item.after, item.kind, item.under)
        for item in judgement.items
        if (item.after or item.before or "")[:500] not in priced
    ]
    prices = with_plans(aspect, judgement.facts, judgement.items)
    for fact in [*prices, *typed_facts(aspect, others)]:
        at = text.find(fact.quote)
        yield fact.model_copy(update={"position": at if at >= 0 else None})


def alert_of(threshold: str, significance: float) -> Literal["instant", "digest"]:
    """At once above the page's threshold, in the daily digest below."""
    try:
        least = float(threshold)
    except ValueError:
        least = SIGNIFICANT
    return "instant" if significance >= least else "digest"
