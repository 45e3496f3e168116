"""Finding passages by meaning and by words, both within the wanted competitors and time, and both ranks in one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from memory.database import Database
from memory.embedders import Embedder
from memory.ledger import Clock
from memory.passages import Entry, Filter, add_in, passages_by_id, remove_in, words_in
from memory.vectors import EXACT, UNOPENED, VectorIndex

__all__ = ["Entry", "Hit", "SearchIndex"]

DAMPING = 60
"""Of reciprocal rank fusion (Cormack and others, 2009)."""


class Hit(BaseModel):
    """An entry that was found, and how well it fits."""

    model_config = ConfigDict(frozen=True)

    entry: Entry
    similarity: float
    """The cosine of its vector and the question's; 0 while it has none yet."""
    words: float
    """BM25 of the words that it shares with the question; 0 when it shares none of weight."""
    score: float
    """Both ranks in one; hits come in its order."""


class SearchIndex:
    """What is remembered in words. Adding writes only SQL; the next search brings the vectors up to date."""

    def __init__(
        self,
        database: Database,
        place: str | Path,
        embedder: Embedder,
        clock: Clock,
        *,
        exact: int = EXACT,
        unopened: int = UNOPENED,
    ) -> None:
        """`place` is Chroma's folder, or the URL of its server.

        Up to `exact` candidates are compared without it, up to `unopened` while it isn't loaded.
        """
        self._database = database
        self._vectors = VectorIndex(database, place, embedder, clock, exact=exact, unopened=unopened)

    async def aclose(self) -> None:
        """Close the folder; nothing is done with the index afterwards."""
        await self._vectors.close()

    async def settle(self) -> None:
        """Wait until the work that the last question left for later is done."""
        await self._vectors.settle()

    async def add(self, entries: Sequence[Entry]) -> int:
        """Add entries; how many were new. One whose id is there is left as it is."""
        return await self._database.write(lambda c: add_in(c, entries))

    async def remove(self, ids: Sequence[str]) -> int:
        """Remove entries; how many were there."""
        return await self._database.write(lambda c: remove_in(c, ids))

    async def search(
        self,
        question: str,
        *,
        competitors: Sequence[str] | None = None,
        aspect: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        kinds: Sequence[str] | None = None,
        k: int = 12,
    ) -> list[Hit]:
        """The `k` entries that fit best, best first.

        Raises the errors of the embedder. A broken index is made anew, which takes as long as indexing everything.
        """
        wanted = Filter(
            competitors=None if competitors is None else tuple(competitors),
            aspect=aspect,
            since=since,
            until=until,
            kinds=None if kinds is None else tuple(kinds),
        )
        if wanted.empty or not question.strip():
            return []
        depth = max(4 * k, 40)
        by_words = await self._database.read(lambda c: words_in(c, question, wanted, depth))
        vector = (await self._vectors.embed([question]))[0]
        near, entries = await self._near(vector, wanted, depth)
        entries |= {entry.id: entry for entry, _ in by_words}
        rest = [key for key in entries if key not in near]
        similar = near | await self._vectors.similarities(vector, rest)
        return _fused(entries, near, {entry.id: score for entry, score in by_words}, similar, k)

    async def _near(
        self, vector: Sequence[float], wanted: Filter, depth: int
    ) -> tuple[dict[str, float], dict[str, Entry]]:
        """The nearest entries; vectors of removed ones are dropped on the way."""
        near = await self._vectors.nearest(vector, wanted, depth)
        entries = await self._database.read(lambda c: passages_by_id(c, near))
        gone = [key for key in near if key not in entries]
        if gone and await self._vectors.forget(gone):
            return await self._near(vector, wanted, depth)
        return {key: near[key] for key in entries}, entries


def _fused(
    entries: dict[str, Entry], near: dict[str, float], words: dict[str, float], similar: dict[str, float], k: int
) -> list[Hit]:
    ranks = [sorted(found, key=lambda key: (-found[key], key)) for found in (near, words)]
    scores: dict[str, float] = {}
    for ranking in ranks:
        for place, key in enumerate(ranking, 1):
            scores[key] = scores.get(key, 0.0) + 1 / (DAMPING + place)
    best = sorted(scores, key=lambda key: (-scores[key], key))[:k]
    return [
        Hit(entry=entries[key], similarity=similar.get(key, 0.0), words=words.get(key, 0.0), score=scores[key])
        for key in best
    ]
