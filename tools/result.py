"""What tools return: a typed result that knows its findings and renders itself."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, JsonValue, computed_field

from memory.labels import Provenance

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Citation", "Finding", "Result", "Weight"]


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


class Result(BaseModel):
    """Base of every tool's result. Subclasses add typed fields and implement `findings`."""

    model_config = ConfigDict(extra="forbid")

    def findings(self) -> list[Finding]:
        """What may be said of this result, most important first. A value without provenance isn't shown."""
        raise NotImplementedError(f"{type(self).__name__} must say its findings")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def summary(self) -> str:
        """The findings as plain sentences: what a later step refers to as `sN.summary`."""
        return " ".join(finding.sentence for finding in self.findings())

    def as_terminal(self) -> RenderableType | None:
        """A rich renderable with more than the sentences (a table, a tree), or None when they say it all."""
        return None

    def as_slack_blocks(self) -> list[dict[str, JsonValue]]:
        """Block Kit blocks with more than the sentences, or none when they say it all."""
        return []
