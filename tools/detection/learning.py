"""What is learned of one page from its own captures: texts that come and go, and blocks that never stand still."""

from __future__ import annotations

import json
from collections.abc import Iterable

from pydantic import BaseModel

from tools.detection.comparison import Difference
from tools.detection.keys import digest, number_free
from tools.detection.page import Page

__all__ = ["Learned"]

_MOST_TEXTS = 1500


class Learned(BaseModel):
    """One page's memory. Bounded; the oldest is forgotten first."""

    captures: int = 0
    body: str = ""
    """Digest of the last body's bytes: the same bytes need no reading."""
    gone: dict[str, int] = {}
    """Digest of a text that stood here once and then went → the capture at which it was last seen."""
    shapes: dict[str, int] = {}
    """A text without its numbers → how often its numbers changed."""

    def why_ignored(self, difference: Difference) -> str | None:
        """The reason in this page's history not to report a difference, or None."""
        after = difference.after
        if after and digest(after.text) in self.gone:
            return "returned to an earlier text"
        if self.shapes.get(digest(number_free(difference.block.text)), 0) >= 2:
            return "numbers that change all the time"
        return None

    def after(self, before: Page | None, page: Page, changed: Iterable[Difference]) -> Learned:
        """What is known after one more capture."""
        gone, shapes = dict(self.gone), dict(self.shapes)
        for difference in changed:
            if difference.before:
                gone[digest(difference.before.text)] = self.captures
            if difference.before and difference.after:
                old, new = number_free(difference.before.text), number_free(difference.after.text)
                if old == new:
                    shapes[digest(old)] = shapes.get(digest(old), 0) + 1
        return self.model_copy(
            update={"captures": self.captures + 1, "gone": _bounded(gone), "shapes": _bounded(shapes)}
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


def _bounded(texts: dict[str, int]) -> dict[str, int]:
    if len(texts) <= _MOST_TEXTS:
        return texts
    return dict(sorted(texts.items(), key=lambda item: item[1])[-_MOST_TEXTS:])
