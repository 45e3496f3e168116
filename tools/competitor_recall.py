"""Answering questions about competitors from what was read, and from nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from memory.competitors import Competitors
from memory.labels import WEB, Provenance
from memory.search import SearchIndex
from tools.declaration import Clock, Effect, Role, Slot, tool
from tools.monitoring.questions import understand
from tools.monitoring.targets import Targets, known_names, resolve, watched_pages
from tools.result import Citation, Finding, Result, Weight

__all__ = ["CompetitorRecall", "competitor_recall"]


class CompetitorRecallArguments(BaseModel):
    """A question, and whom it is about if that isn't said in it."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, Slot(Role.TARGET, "question")] = Field(min_length=1, max_length=2000)
    competitors: Annotated[list[str] | None, Slot(Role.TARGET, "competitors")] = Field(default=None, max_length=50)


class CompetitorRecall(Result):
    """An answer in quotes, or the reason why there is none."""

    question: str
    answered: bool
    reason: Literal["", "not watched", "not read yet", "unknown", "nothing changed"] = ""
    sentences: list[str]
    citations: list[Citation]
    at: datetime

    def findings(self) -> list[Finding]:
        """The sentences, each with its quotes; or the reason."""
        provenance = Provenance.observed("sophia", self.at, "searched what was read")
        if not self.answered:
            return [
                Finding(weight=Weight.NOT_DONE, sentence=sentence, provenance=provenance) for sentence in self.sentences
            ]
        return [
            Finding(
                weight=Weight.OBSERVED,
                sentence=sentence,
                provenance=Provenance.observed(
                    citation.url, citation.captured_at, "read on the page; nobody vouches for it"
                ),
                citations=(citation,),
            )
            for sentence, citation in zip(self.sentences, self.citations, strict=True)
        ]


@tool(
    effect=Effect.READ,
    phrases=(
        "what do we know about {question}",
        "what does {competitors}'s page say about {question}",
        "who is {competitors} hiring",
        "does {competitors} offer {question}",
        "how much does {competitors} charge",
    ),
    label=WEB,
)
async def competitor_recall(
    arguments: CompetitorRecallArguments,
    *,
    targets: Targets,
    memory: Competitors,
    index: SearchIndex,
    clock: Clock,
) -> CompetitorRecall:
    """Answer a question from what was read of the competitors, in quotes with place and time."""
    from tools.monitoring.answering import Answering

    now = clock.now()
    pages = await watched_pages(targets, memory, now)
    names = known_names(targets, pages)
    asked = understand(arguments.question, names, now)
    competitors = resolve(arguments.competitors, names) or list(asked.competitors) or None
    mine = [page for page in pages if competitors is None or page.competitor in competitors]
    found = await Answering(asked, competitors, mine, memory, index).answer(now)
    return CompetitorRecall(
        question=arguments.question,
        answered=found.answered,
        reason=found.reason,
        sentences=found.sentences,
        citations=found.citations,
        at=now,
    )
