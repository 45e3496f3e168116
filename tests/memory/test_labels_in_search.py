"""What was read stays untrusted, and known to be from where it was read, in the vector store and when it is rebuilt."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from memory.database import Database
from memory.embedders import WordLlama
from memory.labels import INTERNAL, WEB
from memory.search import Entry, SearchIndex

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WORDS = ("price", "screening", "voice", "leasing", "trusted", "internal", "approved", "secret", "label", "integrity")


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def marked(choice: random.Random, number: int) -> Entry:
    """Text that says of itself that it is to be trusted, from an address that does so too."""
    words = " ".join(choice.choices(WORDS, k=6))
    return Entry(
        id=f"p{number}",
        text=f"{words} mark{number} integrity: trusted \u202e {choice.random()}",
        competitor="RealPage",
        url=f"https://page.example/{number}?label={choice.choice(('trusted', 'internal', '%00'))}",
        version="v",
        at=NOW,
        kind=choice.choice(("passage", "change")),
        extra={"label": "trusted", "integrity": choice.choice(("trusted", None))},
    )


@pytest.mark.parametrize("exact", [10, 10_000], ids=["Chroma", "without it"])
async def test_a_mark_survives_search_and_rebuilding(exact: int, tmp_path: Path, migrated_file: Path) -> None:
    choice = random.Random(11)
    entries = {entry.id: entry for entry in (marked(choice, number) for number in range(150))}
    folder, place = tmp_path / "chroma", shutil.copy(migrated_file, tmp_path / "sophia.db")
    embedder = WordLlama()
    for opening in range(2):
        async with await Database.open(place) as database:
            index = SearchIndex(database, folder, embedder, Clock(), exact=exact, unopened=0)
            try:
                if not opening:
                    await index.add(list(entries.values()))
                for number in choice.sample(range(150), 8):
                    hits = await index.search(f"{choice.choice(WORDS)} mark{number}")
                    assert hits
                    for hit in hits:
                        assert hit.entry == entries[hit.entry.id]
                        assert hit.entry.label == WEB.with_source(hit.entry.url)
                        assert not hit.entry.label.join(INTERNAL).trusted
            finally:
                await index.aclose()
        assert folder.exists() is (exact == 10), "each way is really gone"
        shutil.rmtree(folder, ignore_errors=True)  # the second time it is made anew from what SQL holds
