"""Which blocks of two versions differ, and which of the old corresponds to which of the new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from tools.detection.keys import key
from tools.detection.markup import HEADINGS
from tools.detection.money import prices_in
from tools.detection.page import SUBSTANCE, Block

__all__ = ["Difference", "differences", "exchanged"]

_SHORT = 30
"""Letters; a text of so many that grew is still the same one."""
_SAME_PLACE = 20.0
"""What the same heading and kind add to the likeness of two blocks, of 100."""
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


class _Said:
    """All that some blocks say, run together, on either side of the page."""

    def __init__(self, blocks: Sequence[tuple[int, Block]]) -> None:
        self._texts, self._seams = dict[bool, str](), dict[bool, frozenset[int]]()
        for inside in (True, False):
            parts = [part for _, block in blocks if (block.zone in SUBSTANCE) is inside for part in _parts(block)]
            self._texts[inside] = "".join(parts)
            self._seams[inside] = frozenset(accumulate(map(len, parts)))

    def holds(self, block: Block) -> bool:
        """Whether the block's text stands there, perhaps cut differently, but never by cutting a number in two.

        `from $99` doesn't stand in `from $990`. What has an id is that very thing, and no part of another.
        """
        inside, name = block.zone in SUBSTANCE, key(block.text)
        text, at = self._texts[inside], -1
        while not block.id and (at := text.find(name, at + 1)) >= 0:
            if not any(self._in_a_number(inside, edge) for edge in (at, at + len(name))):
                return True
        return False

    def _in_a_number(self, inside: bool, edge: int) -> bool:
        around = self._texts[inside][edge - 1 : edge + 1] if edge else ""
        return len(around) == 2 and around.isdecimal() and edge not in self._seams[inside]


def _recut(
    surplus: Sequence[tuple[int, Block]], others: Sequence[tuple[int, Block]]
) -> tuple[list[tuple[int, Block]], list[tuple[int, Block]]]:
    """Those whose text the other version's surplus lacks, and those whose text stands there, only cut differently."""
    said = _Said(others)
    cut = [said.holds(block) for _, block in surplus]
    kept = [item for item, there in zip(surplus, cut, strict=True) if not there]
    return kept, [item for item, there in zip(surplus, cut, strict=True) if there]


def _grown(small: Sequence[tuple[int, Block]], large: Sequence[tuple[int, Block]]) -> dict[int, int]:
    """Large block → the one small block whose words all stand in it, one after the other, and in no other of them.

    Half of the large one at least, unless that is short: what is mostly new is new.
    """
    if len(small) * len(large) > _MOST_PAIRS**2 / 10:
        return {}
    there = [f" {_words(block)} " for _, block in large]
    least = [0 if len(text) <= _SHORT else len(text) / 2 - 1 for text in there]
    words = [_words(block) for _, block in small]
    homes = [[i for i, text in enumerate(there) if f" {said} " in text and len(said) >= least[i]] for said in words]
    guests = Counter(i for found in homes for i in found)
    return {found[0]: j for j, found in enumerate(homes) if len(found) == 1 and guests[found[0]] == 1}


def _words(block: Block) -> str:
    return " ".join(_parts(block))


def _parts(block: Block) -> list[str]:
    """The key of the block's text by words; in one piece where it isn't that of its words, as in a row of ticks."""
    words = [word for part in block.text.split() if (word := key(part))]
    whole = key(block.text)
    return words if "".join(words) == whole else [whole]


def differences(before: Sequence[Block], after: Sequence[Block]) -> list[Difference]:
    """Every difference in the order of the newer version. Moved and re-cut blocks are none.

    A block that only got longer, or shorter, is one that reads differently, and not a new one.
    """
    old, fresh = _surplus(before, after), _surplus(after, before)
    gone, cut_before = _recut(old, fresh)
    new, cut_after = _recut(fresh, old)
    partner = {}
    for i, j in _grown(cut_before, new).items():
        partner[i] = len(gone)
        gone.append(cut_before[j])
    for j, i in _grown(cut_after, gone[: len(gone) - len(partner)]).items():
        partner[len(new)] = j
        new.append(cut_after[i])
    partner |= _named_pairs(gone, new)
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
    """New block → gone block, the most alike first; a price belongs to its own plan, so the heading counts as well."""
    from rapidfuzz import fuzz

    if len(gone) * len(new) > _MOST_PAIRS**2 / 10:
        return {}
    candidates = []
    for i, (at, block) in enumerate(new):
        for j, (was_at, other) in enumerate(gone):
            alike = fuzz.ratio(block.text[:2000], other.text[:2000], score_cutoff=55.0)
            same = block.under == other.under and block.kind == other.kind
            if alike or same:
                candidates.append((alike + _SAME_PLACE * same - min(20, abs(at - was_at)) / 4, i, j, alike))
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for score, i, j, alike in sorted(candidates, reverse=True):
        if i not in pairs and j not in taken and (alike or abs(new[i][0] - gone[j][0]) <= 2) and score > -10:
            pairs[i] = j
            taken.add(j)
    return pairs
