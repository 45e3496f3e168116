"""What tools return: a typed result that knows its findings and renders itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, JsonValue, computed_field

from memory.labels import Provenance

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Citation", "Finding", "Result", "Series", "Weight"]


class Weight(StrEnum):
    """What a reader must not miss, in the order in which a report says it."""

    NOT_DONE = "not_done"
    WARNING = "warning"
    DONE = "done"
    OBSERVED = "observed"


class Citation(BaseModel):
    """Words that were read, byte for byte, and where and when."""

    model_config = ConfigDict(frozen=True)

    url: str
    captured_at: datetime
    quote: str
    version: str = ""


class Finding(BaseModel):
    """One sentence that a report may say, tied to the facts it states and to where they are from."""

    model_config = ConfigDict(frozen=True)

    weight: Weight
    sentence: str
    facts: dict[str, JsonValue] = {}
    """The names, numbers and directions that the sentence states."""
    provenance: Provenance
    citations: tuple[Citation, ...] = ()

    def beside(self, citation: Citation, longest: int) -> str:
        """A citation as it is shown below the sentence: its quote, and where and when it was captured."""
        where = f"{citation.url}, captured {citation.captured_at:%Y-%m-%d %H:%M} UTC"
        quote = self.quoted(citation, longest)
        return f"{quote}\n{where}" if quote else where

    def quoted(self, citation: Citation, longest: int) -> str:
        """The quote in marks, cut to `longest` characters; empty when the sentence has it already."""
        quote = " ".join(citation.quote.split())
        if quote in " ".join(self.sentence.split()):
            return ""
        return f"“{quote if len(quote) <= longest else f'{quote[:longest]}…'}”"


class Series(BaseModel):
    """A number over time: what a chart shows."""

    model_config = ConfigDict(frozen=True)

    title: str
    unit: str
    points: tuple[tuple[date, float], ...]
    """One a day, in order, days without anything included."""

    @property
    def tells(self) -> bool:
        """Whether there is more to see than a sentence says: something on three days at least."""
        return sum(value != 0 for _, value in self.points) >= 3

    @classmethod
    def daily(cls, title: str, unit: str, values: Iterable[tuple[date, float]], since: date, until: date) -> Self:
        """Of values, added up for each day from `since` to `until`."""
        sums: Counter[date] = Counter()
        for day, value in values:
            sums[day] += value  # type: ignore[assignment]  # typeshed knows counters of whole numbers only
        days = [since + timedelta(days=number) for number in range((until - since).days + 1)]
        return cls(title=title, unit=unit, points=tuple((day, float(sums[day])) for day in days))


class Result(BaseModel):
    """Base of every tool's result. Subclasses add typed fields and implement `findings`."""

    model_config = ConfigDict(extra="forbid")

    def findings(self) -> list[Finding]:
        """What may be said of this result, most important first. A value without provenance isn't shown."""
        raise NotImplementedError(f"{type(self).__name__} must say its findings")

    def made_here(self) -> frozenset[str]:
        """The fields, `summary` among them, that others have no hand in: what was asked for, yes or no, counts, times.

        Empty where nothing can be told apart: then all of a result that was read counts as others' words.
        """
        return frozenset()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def summary(self) -> str:
        """The findings as plain sentences: what a later step refers to as `sN.summary`."""
        return " ".join(finding.sentence for finding in self.findings())

    def series(self) -> Series | None:
        """The numbers over time that are the answer, or None when the answer is something else."""
        return None

    def as_terminal(self) -> RenderableType | None:
        """A rich renderable with more than the sentences (a table, a tree), or None when they say it all."""
        return None
