"""Prices that a page cuts into several blocks for their looks, put together again: `$`, `399`, `per month`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from tools.detection.money import prices_in
from tools.detection.page import Block

__all__ = ["mended"]

_SIGN = re.compile(r"(?:[A-Z]{1,3})?[$€£¥₹₩₺₽]|USD|EUR|GBP|CHF")
_AMOUNT = re.compile(r"\d[\d.,\u00a0\u202f’']*")
_PERIOD = re.compile(r"(?:/|per |a |pro |par |al |por )\s?\w{1,10}(?:\s?(?:/|per )\s?\w{1,10})?", re.IGNORECASE)
_LONGEST = 30


def mended(blocks: Iterable[Block]) -> list[Block]:
    """The blocks, with a currency's sign and its amount in one, and with the period that follows."""
    found: list[Block] = []
    for block in blocks:
        last = found[-1] if found else None
        if (
            last is not None
            and last.zone is block.zone
            and last.under == block.under
            and _belongs(last.text, block.text)
        ):
            joint = "" if _SIGN.fullmatch(last.text) else " "
            found[-1] = replace(last, text=f"{last.text}{joint}{block.text}", linked=last.linked and block.linked)
        else:
            found.append(block)
    return found


def _belongs(before: str, text: str) -> bool:
    if len(before) > _LONGEST or len(text) > _LONGEST:
        return False
    if _SIGN.fullmatch(before) and _AMOUNT.match(text):
        return True
    if _AMOUNT.fullmatch(before) and _SIGN.fullmatch(text):
        return True
    prices = prices_in(before) if _PERIOD.fullmatch(text) else []
    return len(prices) == 1 and prices[0].text == before and "/" not in prices[0].unit
