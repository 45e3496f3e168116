"""Prices in changed text, each with its subject, its quote and the direction it moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from tools.detection.comparison import Difference
from tools.detection.fact import Fact
from tools.detection.keys import key
from tools.detection.money import UNPRICED, Price, prices_in
from tools.detection.naming import Naming

__all__ = ["price_facts", "respelled"]

_QUOTE = 500
_MOST = 3


def price_facts(difference: Difference, before: Naming | None = None, after: Naming | None = None) -> list[Fact]:
    """The prices in which the two sides of a difference differ. The namings are those of the two versions.

    An item of a feed tells of amounts, and offers nothing for them.
    """
    if difference.block.kind == "item":
        return []
    old, new = (_charged(block.text) if block else [] for block in (difference.before, difference.after))
    if [(price.unit, price.amount) for price in old] == [(price.unit, price.amount) for price in new]:
        return []
    block = difference.block
    naming = (after if difference.after else before) or Naming([block])
    if len(old) == len(new):
        pairs = zip(old, new, strict=True)
        return [
            _moved(naming.called(block, now.start), was, now, block.text) for was, now in pairs if _differ(was, now)
        ]
    if not old or not new:
        return _one_sided(difference, new or old, naming, after=bool(new))
    return []


def _charged(text: str) -> list[Price]:
    return [price for price in prices_in(text) if price.charged]


def respelled(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    """The same but for how its prices are written: `$49.00/mo` and `$49 per month`."""
    if not difference.before or not difference.after:
        return None
    old, new = _spelt(difference.before.text), _spelt(difference.after.text)
    return "price in another spelling" if old == new and old[0] else None


def _spelt(text: str) -> tuple[list[tuple[str, Decimal]], str]:
    """What the prices are, and what else is said around them."""
    found = prices_in(text)
    around, at = [], 0
    for price in found:
        around.append(text[at : price.start])
        at = price.start + len(price.text)
    return [(price.unit, price.amount) for price in found], key("¤".join([*around, text[at:]]))


def _differ(old: Price, new: Price) -> bool:
    return (old.unit, old.amount) != (new.unit, new.amount)


def _one_sided(difference: Difference, prices: Sequence[Price], naming: Naming, *, after: bool) -> list[Fact]:
    """Prices that are new or gone; what stood, or stands, in their place is said: `Free`, `Contact sales`."""
    block, other = difference.block, difference.before if after else difference.after
    instead = other.text if other and UNPRICED.fullmatch(other.text) else None
    facts = []
    for price in prices[:_MOST]:
        before, now = (instead, price.text) if after else (price.text, instead)
        start = price.start if (block is difference.after) is after else 0
        subject = naming.called(block, start)
        facts.append(Fact(kind="price", subject=subject, before=before, after=now, quote=block.text[:_QUOTE]))
    return facts


def _moved(subject: str, old: Price, new: Price, quote: str) -> Fact:
    comparable = old.unit == new.unit and old.amount > 0
    percent = round(float((new.amount - old.amount) / old.amount * 100), 1) if comparable else None
    direction = ("rose" if new.amount > old.amount else "fell") if comparable and new.amount != old.amount else ""
    return Fact(
        kind="price",
        subject=subject,
        before=old.text,
        after=new.text,
        quote=quote[:_QUOTE],
        direction=direction,
        percent=percent,
    )
