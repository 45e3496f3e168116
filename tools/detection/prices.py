"""Prices in changed text, each with its subject, its quote and the direction it moved."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from tools.detection.comparison import Difference
from tools.detection.facts import Fact

__all__ = ["price_facts", "prices_in"]

_CODES = r"(?:USD|EUR|GBP|CAD|AUD|CHF|MXN|INR|JPY|SEK|NOK|DKK|PLN|BRL)"
_BEHIND = rf"(?:{_CODES}\b|[€£₹円]|kr\b|zł)"
"""What stands behind an amount where that is the custom: `399 €`, `12,000円`."""
_GAPS = "\u00a0\u202f\u2009'’"
"""What stands between thousands besides marks and spaces: `1 299 €`, `1’299 CHF`."""
_PRICE = re.compile(
    rf"""
    (?:(?P<sign>US\$|C\$|A\$|R\$|[$€£¥₹])\s?|(?P<code>\b{_CODES})\s
       |(?<![\w.,$€£¥₹])(?=\d[\d.,\ {_GAPS}]{{0,20}}\s?{_BEHIND}))
    (?P<amount>\d{{1,3}}(?:[,.\ {_GAPS}]\d{{3}})+(?!\d)(?:[.,]\d{{1,2}})?|\d+(?:[.,]\d{{1,2}})?)
    (?P<scale>\s?[kKmM]\b)?
    (?P<trailing>\s?(?(sign){_CODES}\b|{_BEHIND}))?
    (?P<period>\s?(?:/|per\ |a\ |pro\ |im\ |par\ |al\ |por\ )\s?(?:mo(?:nth)?|yr|year|user|unit|seat|day|week|quarter
       |door|monat|jahr|nutzer|einheit|wohnung|mois|an|utilisateur|logement|mese?s?|año|utente|usuario|月|年|ユーザー)(?!\w))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CURRENCIES = {
    "$": "USD", "US$": "USD", "C$": "CAD", "A$": "AUD", "R$": "BRL", "€": "EUR", "£": "GBP", "¥": "JPY", "円": "JPY",
    "₹": "INR", "ZŁ": "PLN",
}  # fmt: skip


def _amount(text: str) -> Decimal | None:
    digits = re.sub(rf"[\s{_GAPS}]", "", text)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?", digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d+,\d{1,2}", digits):
        digits = digits.replace(",", ".")
    try:
        return Decimal(digits.replace(",", ""))
    except InvalidOperation:
        return None


def prices_in(text: str) -> list[tuple[str, str, Decimal]]:
    """Every price as written, its currency with its period, and its amount."""
    found = []
    for match in _PRICE.finditer(text):
        amount = _amount(match["amount"])
        if amount is not None:
            scale = {"k": 1_000, "m": 1_000_000}.get((match["scale"] or "").strip().lower(), 1)
            mark = (match["trailing"] or match["code"] or match["sign"]).strip().upper()
            unit = _CURRENCIES.get(mark, mark) + (match["period"] or "").replace(" ", "").lower()
            found.append((match.group().strip(), unit, amount * scale))
    return found


def _subject(text: str, under: str) -> str:
    """What has the price: the words before it; where it stands first, the heading above."""
    if under and _PRICE.match(text):
        return under[:60]
    bare = _PRICE.sub(" ", text)
    words = re.sub(r"[\s|:·•–—-]+", " ", bare).strip(" .,;()/")
    known = words if 2 < len(words) <= 60 else ""
    return known or under[:60]


def price_facts(difference: Difference) -> list[Fact]:
    """The prices in which the two sides of a difference differ."""
    before = prices_in(difference.before.text) if difference.before else []
    after = prices_in(difference.after.text) if difference.after else []
    if [price[1:] for price in before] == [price[1:] for price in after]:
        return []
    block = difference.block
    subject = _subject(block.text, block.under)
    if len(before) == len(after):
        return [_moved(subject, old, new, block.text) for old, new in zip(before, after, strict=True) if old != new]
    if not before or not after:
        return [
            Fact(
                kind="price",
                subject=subject,
                before=None if after else price[0],
                after=price[0] if after else None,
                quote=block.text[:500],
            )
            for price in (after or before)[:3]
        ]
    return []


def _moved(subject: str, old: tuple[str, str, Decimal], new: tuple[str, str, Decimal], quote: str) -> Fact:
    comparable = old[1] == new[1] and old[2] > 0
    percent = round(float((new[2] - old[2]) / old[2] * 100), 1) if comparable else None
    direction = ("rose" if new[2] > old[2] else "fell") if comparable and new[2] != old[2] else ""
    return Fact(
        kind="price",
        subject=subject,
        before=old[0],
        after=new[0],
        quote=quote[:500],
        direction=direction,
        percent=percent,
    )
