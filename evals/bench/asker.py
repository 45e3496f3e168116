"""A program that asks what was swept, in a process of its own, and says how long the answers took.

Its arguments: a folder that a sweep has filled, and how many questions are asked after the first.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from statistics import median

from agent.clock import SystemClock
from memory.competitors import Competitors
from memory.database import Database
from memory.embedders import WordLlama
from memory.search import SearchIndex
from tools.competitor_recall import CompetitorRecallArguments, competitor_recall
from tools.monitoring.targets import Competitor

__all__ = ["main"]

_QUESTIONS = (
    "how much does Rival charge for the Growth plan?",
    "does Rival answer leasing calls in Spanish?",
    "who is Rival hiring in Austin?",
    "does Rival offer single sign-on?",
    "which operators are customers of Rival?",
)


class _Configured:
    """One competitor, all of whose pages were approved."""

    def competitors(self) -> list[Competitor]:
        return [Competitor(name="Rival")]


async def main(folder: Path, count: int) -> dict[str, float]:
    """Milliseconds of the first question, which loads what is needed, and of those after it, at the median."""
    clock = SystemClock()
    async with await Database.open(str(folder / "sophia.db")) as database:
        memory = Competitors(database)
        index = SearchIndex(database, folder / "index", WordLlama(), clock)
        taken, answered = [], 0
        for number in range(count + 1):
            arguments = CompetitorRecallArguments(question=_QUESTIONS[number % len(_QUESTIONS)])
            started = time.perf_counter()
            found = await competitor_recall.run(
                arguments, targets=_Configured(), memory=memory, index=index, clock=clock
            )
            taken.append((time.perf_counter() - started) * 1000)
            answered += found.answered
            if not number:
                await index.settle()
        await index.aclose()
    return {"first": taken[0], "after": median(taken[1:]), "answered": answered}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))))
