"""What has a price: the row and column of a table, the term of a list, the name beside it, the heading above."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from tools.detection.money import UNPRICED, prices_in
from tools.detection.page import SUBSTANCE, Block

__all__ = ["Naming", "plan_name"]

_CELLS = " | "
_NAME = re.compile(r"[^\W\d_][\w’'&+./-]*(?: [\w’'&+./()-]+){0,3}")
_NO_NAME = re.compile(
    r"\b(?:pricing|prices?|plans|fees?|costs?|rates?|charges?|questions|faq|add-?ons?|included|compare|total"
    r"|from|up to"
    r"|starting|only|now|save|billed|per|monthly|annual(?:ly)?|yearly|preise?|tarife|monatlich|jährlich|tarifs"
    r"|prix|mensuel"
    r"|annuel|precios?|mensual|anual|terms?|get started|buy now|learn more|contact sales|most popular"
    r"|recommended|best value"
    r"|for|with|your|you|we|our|and|in|of|the|to|all|everything)\b|月額|年額|料金",
    re.IGNORECASE,
)
_FILLING = re.compile(
    r"\b(?:from|per|a|an|each|month|year|unit|user|only|just|starting|starts?|at|and|up|to|billed|annually"
    r"|monthly|plus|vat"
    r"|tax|ab|pro|monat|jahr|dès|par|mois|desde|al|mes|now|was|save|excl|incl|zzgl|mwst|netto|ht|ttc)\b|[^\w]+|月額|年額",
    re.IGNORECASE,
)
_SAYING = re.compile(r"\w{2}")
_LONGEST, _LONGEST_PLAN = 60, 40
_NEAR = 3
"""Blocks before a price in which its name is looked for."""


def plan_name(text: str) -> str:
    """The text, where it can be the name of something that is sold; else nothing."""
    text = text.strip(" :–—-·*")
    return text if len(text) <= _LONGEST_PLAN and _NAME.fullmatch(text) and not _NO_NAME.search(text) else ""


def _said(side: str) -> str:
    """What stands on one side of a price, unless it only fills: `from`, `per month`."""
    words = re.sub(r"[\s|:·•–—-]+", " ", side).strip(" .,;()/+*")
    return words if _SAYING.search(_FILLING.sub("", words)) else ""


class Naming:
    """The blocks of one version of a page, to look around a price in."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = [block for block in blocks if block.zone in SUBSTANCE]
        self._at = {id(block): at for at, block in enumerate(self._blocks)}
        self._title = next((block.text for block in self._blocks if block.kind == "h1"), "")
        priced = [at for at, block in enumerate(self._blocks) if block.kind != "row" and prices_in(block.text)]
        self._priced = frozenset(priced)
        self._under = Counter(self._blocks[at].under for at in priced)
        self._names_follow = bool(priced) and not self._before(priced[0]) and bool(self._after(priced[0]))

    def called(self, block: Block, start: int) -> str:
        """What the price that begins at this letter of the block is the price of; empty where nothing says so."""
        at = self._at.get(id(block))
        if block.kind == "row" and _CELLS in block.text:
            return self._in_table(block, at, start)
        own = self._own(block.text)
        leads = bool(own) and bool(_FILLING.sub("", block.text[:start]))
        if leads or at is None:
            return own or block.under[:_LONGEST]
        beside = self._after(at) if self._names_follow else self._before(at)
        alone = block.under != self._title and self._under[block.under] <= 1
        if self._names_follow and beside:
            return beside
        general = "" if block.under == self._title else block.under
        return ((block.under if alone else "") or beside or plan_name(general) or own or general)[:_LONGEST]

    def _own(self, text: str) -> str:
        """The words before the price, or else those after it, if they are more than `from … per month`."""
        prices = prices_in(text)
        if not prices:
            return ""
        first, last = prices[0], prices[-1]
        sides = (text[: first.start], text[last.start + len(last.text) :])
        saying = [words for side in sides if (words := _said(side))]
        if len(saying) == 2:  # a sentence around a price
            return plan_name(saying[0])
        words = saying[0] if saying else ""
        return words if 2 < len(words) <= _LONGEST and not UNPRICED.fullmatch(words) else ""

    def _before(self, at: int) -> str:
        """The nearest name before a price, up to the price before it."""
        for near in range(at - 1, max(-1, at - 1 - _NEAR), -1):
            block = self._blocks[near]
            if near in self._priced or block.text == self._title:
                return ""
            if name := plan_name(block.text):
                return name
        return ""

    def _after(self, at: int) -> str:
        block = self._blocks[at + 1] if at + 1 < len(self._blocks) else None
        return plan_name(block.text) if block and block.kind not in ("h2", "h3", "p") else ""

    def _in_table(self, block: Block, at: int | None, start: int) -> str:
        """`Pro` of a row's first cell, `Pro` of its column's head, or both where both say something: `Pro, annual`."""
        cells = block.text.split(_CELLS)
        column = block.text[:start].count(_CELLS)
        first = self._spanned(at, cells) if at is not None else cells[0]
        row = first if column or len(first.split(_CELLS)) > 1 else ""
        head = self._head(at, cells, column) if at is not None else ""
        if plan_name(head) and not plan_name(row):
            return head[:_LONGEST]
        return (row or head or block.under)[:_LONGEST]

    def cell(self, before: str, after: Block) -> str:
        """The one cell in which a row differs, by its row and column; empty for anything else."""
        at, old, new = self._at.get(id(after)), before.split(_CELLS), after.text.split(_CELLS)
        if after.kind != "row" or at is None or len(old) != len(new) or old[0] != new[0]:
            return ""
        other = [place for place, cell in enumerate(new) if cell != old[place]]
        if len(other) != 1:
            return ""
        head = self._head(at, new, other[0])
        return f"{new[0]}{f', {head}' if head else ''}: {old[other[0]]} → {new[other[0]]}"

    def _rows(self, at: int) -> int:
        """Where the run of rows begins that this one is in."""
        while at and self._blocks[at - 1].kind == "row" and self._blocks[at - 1].under == self._blocks[at].under:
            at -= 1
        return at

    def _head(self, at: int, cells: Sequence[str], column: int) -> str:
        """The text at the top of the column. Cells are counted from the right: an empty corner has none."""
        top = self._blocks[self._rows(at)]
        heads = top.text.split(_CELLS)
        place = column - len(cells) + len(heads)
        is_head = top is not self._blocks[at] and not prices_in(top.text) and 0 <= place < len(heads)
        return heads[place] if is_head else ""

    def _spanned(self, at: int, cells: Sequence[str]) -> str:
        """The first cell; with that of the row above which spans down to it, if one does: `Pro, annual`."""
        begin = self._rows(at)
        whole = max((len(self._blocks[near].text.split(_CELLS)) for near in range(begin, at + 1)), default=len(cells))
        if len(cells) == whole or len(cells) < 2:
            return cells[0]
        for near in range(at - 1, begin, -1):
            above = self._blocks[near].text.split(_CELLS)
            if len(above) == whole and plan_name(above[0]):
                return f"{above[0]}, {cells[0]}"
        return cells[0]
