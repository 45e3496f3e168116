"""What surrounds a request in its sentence: how it opens, excuses that come with it, reports before it."""

from __future__ import annotations

from typing import Final

from agent.planning.offline.parts import Clause
from agent.planning.offline.patterns import pattern

__all__ = ["ASIDE", "OPENING", "told"]

OPENING: Final = pattern("@soft|@courtesy* @modal @you @soft* $")
"""`can you please, …`: the request is still to come."""
ASIDE: Final = pattern(
    "@soft|@courtesy* sorry|apologies|pardon|thanks|no worries|no wukkas|no drama|no dramas|no stress|no problem|"
    "excuse me|forgive me|no rush $"
)
"""`sorry if this is a dumb question, …`: no condition of what follows."""
_TOLD: Final = pattern("@url|@stack|@competitor|@i|@they @soft* has|have|is|are|was|were|keeps")


def told(clause: Clause) -> bool:
    """`that page has been noisy, can we …?`: a report before what is asked."""
    return _TOLD.search(clause.tokens[:6]) is not None and not clause.tokens[0].has("wh", "be", "did", "modal")
