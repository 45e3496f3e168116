"""Prices that a page says to machines alone: schema.org's offers, and elements that a script fills from attributes.

They count where no reader sees a price in the page's own text, as what is seen is what holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.detection.markup import clean, text_in
from tools.detection.money import prices_in
from tools.detection.page import SUBSTANCE, Block, Zone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element

__all__ = ["offered"]

_MOST, _DEPTH, _LONGEST = 200, 12, 1_000_000
_AMOUNT = re.compile(r"\d[\d.,]{0,12}")
_FILLED = re.compile(
    r"^data-(?:[a-z-]*?(?:price|cost|amount|fee|rate))(?:-[a-z-]+)?$"
    r"|^data-(?:[a-z]+-)?(?:monthly|annual|annually|yearly|quarterly|month|year)(?:-[a-z]+)*$"
)
"""Names of attributes that hold an amount, such as `data-price`, `data-monthly`, `data-price-annual`."""
_CURRENCY = re.compile(r"[A-Z]{3}|[$€£¥]")


def offered(root: _Element, blocks: Sequence[Block]) -> list[Block]:
    """A block for each price that the page's text leaves out, `Pro: 49.00 USD`; none where it shows any price."""
    if any(block.zone in SUBSTANCE and prices_in(block.text) for block in blocks):
        return []
    lines = dict.fromkeys([*_in_data(root), *_in_properties(root), *_in_attributes(root)])
    return [Block(line, "row" if " | " in line else "li", Zone.MAIN) for line in list(lines)[:_MOST]]


def _in_data(root: _Element) -> Iterator[str]:
    """By https://schema.org/Offer, in JSON-LD."""
    for script in root.iter("script"):
        text = script.text or ""
        if "ld+json" not in script.get("type", "").lower() or len(text) > _LONGEST:
            continue
        try:
            yield from _offers(json.loads(text), "", "")
        except (ValueError, RecursionError):
            continue


def _offers(data: object, name: str, currency: str, depth: int = 0) -> Iterator[str]:
    if isinstance(data, list):
        for part in data:
            yield from _offers(part, name, currency, depth)
        return
    if not isinstance(data, dict) or depth > _DEPTH:
        return
    own = data.get("name")
    name = clean(own)[:80] if isinstance(own, str) and own.strip() else name
    said = data.get("priceCurrency")
    currency = said if isinstance(said, str) and _CURRENCY.fullmatch(said) else currency
    amounts = [_amount(data.get(key)) for key in ("price", "lowPrice", "highPrice")]
    if told := " – ".join(amount for amount in amounts if amount):
        yield _line(name, told, currency, data.get("unitText"))
    for part in data.values():
        if isinstance(part, list | dict):
            yield from _offers(part, name, currency, depth + 1)


def _amount(value: object) -> str:
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    return text if _AMOUNT.fullmatch(text) else ""


def _line(name: str, amount: str, currency: str, unit: object = None) -> str:
    per = f" per {clean(unit)[:20]}" if isinstance(unit, str) and unit.strip() else ""
    cells = (name, f"{amount} {currency}{per}") if currency else (f"{name}: {amount}{per}".removeprefix(": "),)
    return " | ".join(filter(None, cells))


def _in_properties(root: _Element) -> Iterator[str]:
    """Microdata: `itemprop="price"` with its amount in `content`, beside a name and a currency in the same item."""
    for element in root.iter():
        if element.get("itemprop") != "price" or not (amount := _amount(element.get("content"))):
            continue
        scope = next((around for around in element.iterancestors() if "itemscope" in around.attrib), root)
        yield _line(_property(scope, "name"), amount, _property(scope, "priceCurrency"))


def _property(scope: _Element, name: str) -> str:
    """A property of the item, or of the one around it."""
    for place in (scope, *scope.iterancestors()):
        for part in place.iter():
            if part.get("itemprop") == name:
                return clean(part.get("content") or text_in(part))[:80]
    return ""


def _attributes(element: _Element) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in element.items()]


def _in_attributes(root: _Element) -> Iterator[str]:
    """Empty elements that a script fills from their attributes: `<span data-monthly="29" data-annual="290">`."""
    heading = ""
    for element in root.iter():
        if element.tag in ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "th"):
            heading = clean(text_in(element))[:80]
            continue
        if len(element) or (element.text or "").strip():
            continue
        found = {
            name: amount for name, value in _attributes(element) if _FILLED.match(name) and (amount := _amount(value))
        }
        currency = element.get("data-currency", "")
        for name, amount in found.items():
            yield _line(
                f"{heading}, {name.removeprefix('data-').replace('-', ' ')}".removeprefix(", "),
                amount,
                currency if _CURRENCY.fullmatch(currency) else "",
            )
