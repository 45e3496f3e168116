"""Which blocks of two versions differ, and which of the old corresponds to which of the new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tools.detection.keys import key
from tools.detection.markup import HEADINGS
from tools.detection.money import prices_in
from tools.detection.page import SUBSTANCE, Block

__all__ = ["Difference", "differences", "exchanged"]

_MOST_PAIRS = 400
"""Above this many differing blocks on a side they are paired by position only."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A block that is new, gone, or reads differently. One of the two may be missing, never both."""

    before: Block | None
    after: Block | None

    @property
    def block(self) -> Block:
        """The newer of the two."""
        found = self.after or self.before
        assert found is not None
        return found


def _surplus(blocks: Sequence[Block], others: Sequence[Block]) -> list[tuple[int, Block]]:
    """The blocks whose text the others lack, once for each time that it is lacking.

    A text that stands both in the substance and around it is looked for on its own side first: a word that is added to
    a menu is the menu's, wherever else the page says it.
    """
    there = Counter((block.zone in SUBSTANCE, key(block.text)) for block in others)
    alone = []
    for position, block in enumerate(blocks):
        place = (block.zone in SUBSTANCE, key(block.text))
        if not place[1]:
            continue
        if there[place]:
            there[place] -= 1
        else:
            alone.append((position, block))
    left = Counter[str]()
    for (_, name), count in there.items():
        left[name] += count
    found = []
    for position, block in alone:
        name = key(block.text)
        if left[name]:
            left[name] -= 1
        else:
            found.append((position, block))
    return found


def _recut(surplus: Sequence[tuple[int, Block]], others: Sequence[tuple[int, Block]]) -> list[tuple[int, Block]]:
    """Without those whose text stands in the other version's surplus too, only cut into blocks differently."""
    said = {
        inside: "".join(key(block.text) for _, block in others if (block.zone in SUBSTANCE) is inside)
        for inside in (True, False)
    }
    return [item for item in surplus if key(item[1].text) not in said[item[1].zone in SUBSTANCE]]


def differences(before: Sequence[Block], after: Sequence[Block]) -> list[Difference]:
    """Every difference in the order of the newer version. Moved and re-cut blocks are none."""
    old, fresh = _surplus(before, after), _surplus(after, before)
    gone, new = _recut(old, fresh), _recut(fresh, old)
    partner = _named_pairs(gone, new)
    known = set(partner.values())
    free = [i for i, (_, block) in enumerate(new) if i not in partner and not block.id]
    left = [j for j, (_, block) in enumerate(gone) if j not in known and not block.id]
    alike = _pairs([gone[j] for j in left], [new[i] for i in free])
    partner |= {free[i]: left[j] for i, j in alike.items()}
    taken = set(partner.values())
    found = [
        (position, Difference(gone[partner[i]][1] if i in partner else None, block))
        for i, (position, block) in enumerate(new)
    ]
    found += [(position, Difference(block, None)) for i, (position, block) in enumerate(gone) if i not in taken]
    return [difference for _, difference in sorted(found, key=lambda item: item[0])]


def exchanged(before: Sequence[Block], after: Sequence[Block]) -> list[Difference]:
    """Prices that stand under another heading now, where both versions have both headings.

    `Basic` costs what `Pro` did: nothing differs in the texts of the page then, only in what they are said of.
    """
    old, new = _priced(before), _priced(after)
    told = Counter(key(block.text) for blocks in old.values() for block in blocks)
    told.subtract(key(block.text) for blocks in new.values() for block in blocks)
    moved = []
    for heading in old.keys() & new.keys():
        was_there, is_there = (Counter(key(block.text) for block in side[heading]) for side in (old, new))
        for was, now in zip(old[heading], new[heading], strict=False):
            if (
                was_there != is_there
                and key(was.text) != key(now.text)
                and not told[key(was.text)]
                and not told[key(now.text)]
            ):
                moved.append(Difference(was, now))
    return moved


def _priced(blocks: Sequence[Block]) -> dict[str, list[Block]]:
    """Under each heading that stands once on the page, the blocks with a price."""
    headings = Counter(block.text for block in blocks if block.kind in HEADINGS)
    found: dict[str, list[Block]] = {}
    for block in blocks:
        if headings[block.under] == 1 and any(sign in block.text for sign in "$€£¥₹") and prices_in(block.text):
            found.setdefault(block.under, []).append(block)
    return found


def _named_pairs(gone: Sequence[tuple[int, Block]], new: Sequence[tuple[int, Block]]) -> dict[int, int]:
    """New block → gone block with the same id."""
    there = {block.id: j for j, (_, block) in enumerate(gone) if block.id}
    return {i: there[block.id] for i, (_, block) in enumerate(new) if block.id in there}


def _pairs(gone: Sequence[tuple[int, Block]], new: Sequence[tuple[int, Block]]) -> dict[int, int]:
    """New block → gone block, the most alike first."""
    from rapidfuzz import fuzz

    if len(gone) * len(new) > _MOST_PAIRS**2 / 10:
        return {}
    candidates = []
    for i, (at, block) in enumerate(new):
        for j, (was_at, other) in enumerate(gone):
            alike = fuzz.ratio(block.text[:2000], other.text[:2000], score_cutoff=55.0)
            if alike or (block.under == other.under and block.kind == other.kind):
                candidates.append((alike - min(20, abs(at - was_at)) / 4, i, j, alike))
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for score, i, j, alike in sorted(candidates, reverse=True):
        if i not in pairs and j not in taken and (alike or abs(new[i][0] - gone[j][0]) <= 2) and score > -10:
            pairs[i] = j
            taken.add(j)
    return pairs
