"""Which blocks are what a page says and which stand around it, where the markup doesn't tell: menus, frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tools.detection.page import Block, Zone

__all__ = ["placed"]

_FRAMES = (Zone.HEADER, Zone.NAVIGATION, Zone.FOOTER, Zone.DIALOG, Zone.ASIDE)
_LETTERS = 400
"""A page whose substance has fewer letters than this, and whose frame has many more, says it in the frame."""
_RUN = 4
_SHORT = 100


def placed(blocks: list[Block]) -> list[Block]:
    """The blocks in the zones that they really belong to."""
    blocks = _balanced(blocks)
    main = sum(len(block.text) for block in blocks if block.zone is Zone.MAIN)
    body = sum(len(block.text) for block in blocks if block.zone is Zone.BODY and not block.linked)
    return _without_menus(blocks, strict=main > 2 * body and main > _LETTERS)


def _balanced(blocks: list[Block]) -> list[Block]:
    """With a form around the whole page, or a frame that holds all there is, counted as its body."""
    letters: Counter[Zone] = Counter()
    for block in blocks:
        letters[block.zone] += len(block.text)
    substance = letters[Zone.MAIN] + letters[Zone.BODY]
    wrong = {Zone.FORM} if letters[Zone.FORM] > substance else set()
    if substance + sum(letters[zone] for zone in wrong) < _LETTERS:
        wrong |= {zone for zone in _FRAMES if letters[zone] > 3 * (substance + 1)}
    if not wrong:
        return blocks
    return [_moved(block, Zone.BODY) if block.zone in wrong else block for block in blocks]


def _moved(block: Block, zone: Zone) -> Block:
    return replace(block, zone=zone)


def _without_menus(blocks: Sequence[Block], *, strict: bool) -> list[Block]:
    """With runs of short links outside of the main part counted as navigation.

    When the page marks its main part, and nearly all of its text lies there, whatever is short outside of it is too.
    """
    found: list[Block] = []
    for run in _runs(blocks):
        links = sum(block.linked for block in run)
        menu = len(run) >= _RUN and links >= 0.6 * len(run)
        found += [_moved(block, Zone.NAVIGATION) for block in run] if menu or (strict and _outside(run)) else run
    return found


def _outside(run: Sequence[Block]) -> bool:
    return run[0].zone in (Zone.BODY, Zone.ASIDE) and len(run[0].text) < _SHORT


def _runs(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Short neighbours outside of the main part together, all others by themselves."""
    run: list[Block] = []
    for block in blocks:
        if block.zone in (Zone.BODY, Zone.ASIDE) and len(block.text) < _SHORT:
            if run and run[0].zone is not block.zone:
                yield run
                run = []
            run.append(block)
            continue
        if run:
            yield run
        run = []
        yield [block]
    if run:
        yield run
