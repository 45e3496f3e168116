"""What watching a page would keep of it, and what it would leave aside and why: from one capture, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from tools.detection.comparison import Difference
from tools.detection.noise import why_ignored
from tools.detection.page import Block, Page
from tools.detection.prices import price_facts

__all__ = ["Line", "lines_of", "prices_of"]

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the page and what becomes of it."""

    text: str
    under: str
    kept: bool
    why: str = ""
    """Of a line that isn't kept, the reason; of one that is, which of its changes would be ignored all the same."""


def lines_of(page: Page, at: datetime) -> Iterator[Line]:
    """Every line of the page as the detector would judge it if it were new."""
    for block in page.blocks:
        why = why_ignored(Difference(None, block), at, at)
        yield Line(block.text, block.under, kept=not why, why=why or _restless(block, at))


def _restless(block: Block, at: datetime) -> str:
    """Why the line would be no news if only its numbers were others; empty where it would be."""
    moved = _NUMBER.sub(lambda number: str(int(number.group()[:15]) + 1), block.text)
    return why_ignored(Difference(block, replace(block, text=moved)), at, at) or "" if moved != block.text else ""


def prices_of(page: Page, at: datetime) -> list[str]:
    """The prices that the kept lines name, each with what has it."""
    found = [
        f"{fact.subject} {fact.after}".strip()
        for block in page.blocks
        if not why_ignored(Difference(None, block), at, at)
        for fact in price_facts(Difference(None, block))
    ]
    return list(dict.fromkeys(found))
