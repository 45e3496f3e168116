"""From two versions of a page to a judgement: is it a change, what changed in words, what was ignored and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, JsonValue

from tools.detection.comparison import Difference, differences, exchanged
from tools.detection.consent import consent
from tools.detection.fact import Fact
from tools.detection.keys import key
from tools.detection.learning import Learned, Wishes, place_of
from tools.detection.naming import Naming
from tools.detection.noise import why_ignored
from tools.detection.page import Form, Page, Zone
from tools.detection.prices import price_facts

__all__ = ["Ignored", "Item", "Judgement", "judge"]


_PROSE = 0.75
_SHORT = 60
_LISTING = frozenset({"job_postings", "client_wins", "features", "product_updates", "technology"})


class Item(BaseModel):
    """One difference that counts. The texts are as they stand in the versions."""

    model_config = ConfigDict(frozen=True)

    before: str | None
    after: str | None
    kind: str
    under: str = ""
    place: str = ""
    linked: bool = False
    told: str = ""
    """Where a row of a table differs in one cell: that cell by its row and column, `SSO, Pro: ✗ → ✓`."""


class Ignored(BaseModel):
    """One difference that doesn't count, and why."""

    model_config = ConfigDict(frozen=True)

    reason: str
    before: str | None
    after: str | None


class Judgement(BaseModel):
    """What became of a page between two captures."""

    changed: bool
    score: float = 0.0
    """How much of the page's text it concerns and how telling that is, 0 to 1."""
    items: list[Item] = []
    facts: list[Fact] = []
    ignored: list[Ignored] = []
    parts: dict[str, float] = {}

    def reasons(self) -> dict[str, int]:
        """How many differences were ignored for each reason."""
        return dict(Counter(item.reason for item in self.ignored))

    def explanation(self) -> dict[str, JsonValue]:
        """For the record: the score, its parts, and what was ignored and why."""
        return {
            "score": self.score,
            "parts": dict(self.parts),
            "ignored": dict(self.reasons()),
            "examples": [item.model_dump(mode="json") for item in self.ignored[:5]],
        }


def judge(
    before: Page,
    after: Page,
    learned: Learned,
    was: datetime,
    now: datetime,
    wishes: Wishes | None = None,
    aspect: str = "",
) -> tuple[Judgement, Learned]:
    """Compare two readable versions of a page in the light of what was learned of it, and learn from it.

    `aspect` is what the page is watched for, if that is known.
    """
    counted: list[Difference] = []
    ignored: list[Ignored] = []
    found = differences(before.blocks, after.blocks)
    found += exchanged(before.blocks, after.blocks)
    back = learned.returns(before, after)
    prose = before.prose > _PROSE and after.prose > _PROSE
    listing = aspect in _LISTING
    noise = dict.fromkeys(consent(found, before.blocks, after.blocks), "consent banner")
    noise |= {difference: why for difference in found if (why := why_ignored(difference, was, now))}
    for difference in found:
        why = (
            ("returned to an earlier page" if back else None)
            or _left(difference, after)
            or noise.get(difference)
            or (wishes.why_ignored(difference) if wishes else None)
            or learned.why_ignored(difference)
            or _beside(difference, prose, listing)
        )
        if why:
            ignored.append(_ignored(why, difference))
        else:
            counted.append(difference)
    old, new = Naming(before.blocks), Naming(after.blocks)
    facts = [fact for difference in counted for fact in price_facts(difference, old, new)]
    parts = _parts(counted, facts, before)
    judgement = Judgement(
        changed=bool(counted),
        score=round(min(1.0, sum(parts.values())), 3),
        items=[_item(difference, new) for difference in counted],
        facts=facts,
        ignored=ignored,
        parts=parts,
    )
    return judgement, learned.after(found, before, after, noise)


def _left(difference: Difference, after: Page) -> str | None:
    return "left the feed" if after.form is Form.FEED and difference.after is None else None


def _beside(difference: Difference, prose: bool, listing: bool) -> str | None:
    """On a page that is running text, a short link that comes or goes isn't what it says. Elsewhere it may be.

    So it is in the substance of a page that is watched for what such links lead to: postings, clients, features.
    """
    blocks = [block for block in (difference.before, difference.after) if block]
    if listing and difference.block.zone is not Zone.ASIDE:
        return None
    links = all(block.linked and len(block.text) < _SHORT for block in blocks)
    return "link beside the text" if prose and links else None


def _item(difference: Difference, naming: Naming) -> Item:
    return Item(
        before=difference.before.text if difference.before else None,
        after=difference.after.text if difference.after else None,
        kind=difference.block.kind,
        under=difference.block.under,
        place=place_of(difference),
        linked=difference.block.linked,
        told=naming.cell(difference.before.text, difference.after) if difference.before and difference.after else "",
    )


def _ignored(why: str, difference: Difference) -> Ignored:
    return Ignored(
        reason=why,
        before=difference.before.text[:300] if difference.before else None,
        after=difference.after.text[:300] if difference.after else None,
    )


def _parts(counted: Sequence[Difference], facts: Sequence[Fact], before: Page) -> dict[str, float]:
    if not counted:
        return {}
    size = sum(len(key(difference.block.text)) for difference in counted)
    whole = sum(len(key(block.text)) for block in before.blocks) or 1
    parts = {"base": 0.2, "share of text": round(min(0.3, size / whole), 3)}
    if facts:
        steepest = max((abs(fact.percent or 10.0) for fact in facts), default=0.0)
        parts["typed facts"] = round(min(0.4, 0.2 + steepest / 100), 3)
    if any(difference.block.kind in ("h1", "h2", "h3", "h4") for difference in counted):
        parts["headings"] = 0.1
    return parts
