"""What is learned of one page from its own captures, so that the next is judged by what is usual there.

Texts that come and go (oscillation), places whose text is another one each time (rotation), numbers that never stand
still, and a whole page that was replaced and may be back soon.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence

from pydantic import BaseModel

from tools.detection.comparison import Difference
from tools.detection.keys import digest, key, number_free
from tools.detection.money import prices_in
from tools.detection.page import Block, Page
from tools.detection.releases import release

__all__ = ["Learned", "Wishes", "place_of"]

_MOST = 1500
_SHORT_ABSENCE = 10
"""Captures. What is back so soon was never really gone; after a longer time its return is news."""
_WINDOW = 10
_RESTLESS = 3
"""A place that changed this often within the window changes all the time."""
_ALWAYS = 6
"""So often must a price or a number of a release have moved there until it is taken for one that never stands still."""
_SETTLED = 8
"""A page that was replaced as a whole is believed when it stays so in this many further captures."""
_ALIKE = 0.15
_BEGINNING = 0.8
"""The share of half a page that is known from the whole one."""
_OTHER, _SAME = 0.3, 0.7
_SKETCH, _MOST_PAGES = 64, 4
_WORTH = 120


class Wishes(BaseModel):
    """What people said of changes at places of one page: not to be told any more, or always to be told."""

    unwanted: list[str] = []
    wanted: list[str] = []

    def why_ignored(self, difference: Difference) -> str | None:
        """`not interesting`, if somebody said so of a change at this place."""
        return "not interesting, a person said" if place_of(difference) in self.unwanted else None


class Learned(BaseModel):
    """One page's memory. Bounded; the oldest is forgotten first."""

    captures: int = 0
    body: str = ""
    """Digest of the last body's bytes: the same bytes need no reading."""
    noted: str = ""
    """Digest of the differences that were ignored last, which are counted once."""
    gone: dict[str, int] = {}
    """Digest of a text that stood here once and then went → the capture at which it went."""
    back: dict[str, int] = {}
    """Digest of a text → how often it came back."""
    places: dict[str, list[int]] = {}
    """A place (heading and kind of block) or a sentence without its numbers → the captures at which it changed."""
    closed: bool = False
    """Whether the page's HTML ended as HTML does when it was last read."""
    open_ended: int = 0
    """Captures in a row that broke off before that."""
    replaced: list[str] = []
    """Digests of the blocks of a page that took the usual one's place, until it is believed or gone again."""
    replaced_since: int = 0
    pages: list[list[str]] = []
    """Sketches of the pages that stood here before another took their place, the latest last."""

    def why_ignored(self, difference: Difference) -> str | None:
        """The reason in this page's history not to report a difference, or None."""
        before, after = difference.before, difference.after
        if after and self._was_here(digest(after.text)):
            return "returned to an earlier text"
        if before and not after and self.back.get(digest(before.text), 0) > 0:
            return "comes and goes"
        often = _ALWAYS if _telling(difference) else _RESTLESS
        if any(self._restless(place, often) for place in _turning(difference)):
            return "changes all the time"
        return None

    def _was_here(self, text: str) -> bool:
        went = self.gone.get(text)
        return went is not None and (self.captures - went <= _SHORT_ABSENCE or self.back.get(text, 0) > 1)

    def _restless(self, place: str, often: int) -> bool:
        recent = [at for at in self.places.get(place, ()) if self.captures - at < _WINDOW]
        return len(recent) >= often

    def breaks_off(self, before: Page, after: Page) -> bool:
        """Whether only the beginning of the page came. Believed to be all of it when it stays so."""
        if not self.closed or after.signals.closed or self.open_ended >= _SETTLED:
            return False
        return _share_left(after.substance, before.substance) > _BEGINNING

    def doubts(self, before: Page, after: Page) -> bool:
        """Whether it looks like another page: hardly anything is left, name or size differ, and it isn't settled."""
        old, new = (sum(len(key(block.text)) for block in page.substance) for page in (before, after))
        if old < _WORTH or _share_left(before.substance, after.substance) > _ALIKE:
            return False
        if _headed(before) == _headed(after) and new > 0.25 * old:
            return False
        return not (self.replaced_since >= _SETTLED and self._as_replaced(after.substance))

    def _as_replaced(self, after: Sequence[Block]) -> bool:
        known = set(self.replaced)
        now = {digest(block.text) for block in after}
        return len(known & now) >= 0.5 * max(1, len(known | now))

    def returns(self, before: Page, after: Page) -> bool:
        """Whether a page is back whose place another one had taken."""
        old, new = sketch(before), sketch(after)
        return _alike(old, new) < _OTHER and any(_alike(earlier, new) >= _SAME for earlier in self.pages)

    def doubting(self, after: Page) -> Learned:
        """What is known after a capture of a page that looks like another one."""
        since = self.replaced_since + 1 if self._as_replaced(after.substance) else 1
        blocks = sorted({digest(block.text) for block in after.substance})[:_MOST]
        return self.model_copy(update={"captures": self.captures + 1, "replaced": blocks, "replaced_since": since})

    def after(
        self,
        found: Iterable[Difference],
        before: Page | None = None,
        page: Page | None = None,
        known_noise: Collection[Difference] = (),
    ) -> Learned:
        """What is known after a capture in which these differences were found, reported or not.

        Those that are noise by themselves make no place restless.
        """
        pages = self.pages
        if before and page and _alike(sketch(before), sketch(page)) < _OTHER:
            pages = [*pages, sketch(before)][-_MOST_PAGES:]
        gone, back, places = dict(self.gone), dict(self.back), dict(self.places)
        for difference in found:
            if difference.before:
                gone[digest(difference.before.text)] = self.captures
            if (
                difference.after
                and (text := digest(difference.after.text)) in gone
                and difference.before is not difference.after
            ):
                back[text] = back.get(text, 0) + 1
            for place in _turning(difference) if difference not in known_noise else ():
                changed = [*places.get(place, ())[-_WINDOW:]]
                places[place] = changed if self.captures in changed else [*changed, self.captures]
        return self.model_copy(
            update={
                "captures": self.captures + 1,
                "gone": dict(sorted(gone.items(), key=lambda item: item[1])[-_MOST:]),
                "back": dict(list(back.items())[-_MOST:]),
                "places": dict(sorted(places.items(), key=lambda item: item[1][-1])[-_MOST:]),
                "pages": pages,
                "closed": page.signals.closed if page else self.closed,
                "open_ended": 0,
                "replaced": [],
                "replaced_since": 0,
            }
        )

    def pack(self) -> bytes:
        """As bytes, for the store."""
        import zstandard

        return zstandard.compress(self.model_dump_json().encode(), 3)

    @classmethod
    def unpack(cls, packed: bytes | None) -> Learned:
        """From the store's bytes; a blank memory for none."""
        if not packed:
            return cls()
        import zstandard

        return cls.model_validate(json.loads(zstandard.decompress(packed, max_output_size=4_000_000)))


def place_of(difference: Difference) -> str:
    """Where on the page it is, whatever stands there at the moment: part, kind of block, heading."""
    block = difference.block
    return digest(f"{block.zone} {block.kind} under {block.under}")


def _turning(difference: Difference) -> list[str]:
    """What may be turning round and round: a place whose text was replaced, a sentence whose numbers were.

    What is only added or only taken away is none: lists grow and shrink for a reason.
    """
    if not (difference.before and difference.after):
        return []
    old, new = number_free(difference.before.text), number_free(difference.after.text)
    return [place_of(difference), *([digest(f"numbers in {old}")] if old == new else [])]


def _telling(difference: Difference) -> bool:
    """Whether the same is said with another price, or of another release: such things do move step by step."""
    before, after = difference.before, difference.after
    if not before or not after:
        return False
    if number_free(before.text) == number_free(after.text) and prices_in(after.text):
        return True
    return release("product_updates", before.text, after.text, after.kind, after.under) is not None


def _headed(page: Page) -> tuple[str, str]:
    """What a page calls itself: its title, which some sites have for all of their pages, and its first main heading."""
    return key(page.title), next((key(block.text) for block in page.substance if block.kind == "h1"), "")


def sketch(page: Page) -> list[str]:
    """The smallest digests of the page's blocks: what two pages share of them estimates how alike they are."""
    return sorted({digest(block.text) for block in page.substance})[:_SKETCH]


def _alike(one: Sequence[str], other: Sequence[str]) -> float:
    """Jaccard's measure, estimated from two sketches (Broder, 1997)."""
    union = sorted(set(one) | set(other))[:_SKETCH]
    return len(set(union) & set(one) & set(other)) / max(1, len(union))


def _share_left(before: Sequence[Block], after: Sequence[Block]) -> float:
    there = {key(block.text) for block in after}
    lengths = {name: len(name) for block in before if (name := key(block.text))}
    return sum(length for name, length in lengths.items() if name in there) / max(1, sum(lengths.values()))
