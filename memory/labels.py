"""Labels: what a stored value may influence and who may see it.

A label is a point in a product lattice, integrity × confidentiality, with the set of sources that it came from. It
travels with its value through every store; joining two labels keeps the worse of each part.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from functools import reduce
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, JsonValue

__all__ = [
    "INTERNAL",
    "LOGS",
    "PUBLIC",
    "UNKNOWN",
    "WEB",
    "Confidentiality",
    "Envelope",
    "Integrity",
    "Label",
    "Provenance",
    "join",
]


class Integrity(StrEnum):
    """Whether a value may steer an effect: a person's own instruction and our own records may, read text may not."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"


class Confidentiality(StrEnum):
    """Who may see a value, from everybody to nobody."""

    PUBLIC = "public"
    INTERNAL = "internal"
    SECRET = "secret"  # noqa: S105 - the name of a level, not a password

    rank: int
    """0 for public, 1 for internal, 2 for secret."""

    def __init__(self, _: str) -> None:
        self.rank = len(type(self).__members__)


def _canonical(sources: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(sources)))


class Label(BaseModel):
    """Integrity, confidentiality and the sources that a value was derived from (sorted, without repetition)."""

    model_config = ConfigDict(frozen=True)

    integrity: Integrity
    confidentiality: Confidentiality
    sources: Annotated[tuple[str, ...], AfterValidator(_canonical)] = ()

    def join(self, other: Label) -> Label:
        """The label of a value that was derived from both."""
        if other.says_nothing:
            return self
        if self.says_nothing:
            return other
        return Label(
            integrity=Integrity.UNTRUSTED
            if Integrity.UNTRUSTED in (self.integrity, other.integrity)
            else Integrity.TRUSTED,
            confidentiality=max(self.confidentiality, other.confidentiality, key=lambda level: level.rank),
            sources=self.sources + other.sources,
        )

    @property
    def says_nothing(self) -> bool:
        """Whether joining it with another label changes nothing: trusted, public, from nowhere."""
        return not self.sources and self.trusted and self.confidentiality is Confidentiality.PUBLIC

    @property
    def trusted(self) -> bool:
        """True when nothing that was read from outside went into the value."""
        return self.integrity is Integrity.TRUSTED

    def with_source(self, source: str) -> Label:
        """The same label with one more source."""
        return self.model_copy(update={"sources": _canonical((*self.sources, source))})


PUBLIC = Label(integrity=Integrity.TRUSTED, confidentiality=Confidentiality.PUBLIC)
INTERNAL = Label(integrity=Integrity.TRUSTED, confidentiality=Confidentiality.INTERNAL)
WEB = Label(integrity=Integrity.UNTRUSTED, confidentiality=Confidentiality.PUBLIC)
LOGS = Label(integrity=Integrity.UNTRUSTED, confidentiality=Confidentiality.INTERNAL)
"""What programs and services print and what a cloud says of itself: anybody who reaches them may have written it."""
UNKNOWN = Label(integrity=Integrity.UNTRUSTED, confidentiality=Confidentiality.INTERNAL, sources=("unknown",))
"""What can't be tracked counts as this."""


def join(labels: Iterable[Label]) -> Label:
    """The label of a value derived from all of these; PUBLIC when there are none."""
    return reduce(Label.join, labels, PUBLIC)


class Provenance(BaseModel):
    """Where a value is from, when it was observed, and how sure we are of it."""

    model_config = ConfigDict(frozen=True)

    source: str
    """A URL, `pulumi:STACK`, `person:NAME`, `ledger:ID`, `sophia` …"""
    observed_at: AwareDatetime
    how: str
    """What was done to get it, in words that a person can check: `GET 200`, `pulumi preview`, `said in the request`."""
    certainty: Literal["observed", "derived", "stated"] = "observed"

    @classmethod
    def observed(cls, source: str, at: datetime, how: str) -> Provenance:
        """What we saw ourselves."""
        return cls(source=source, observed_at=at, how=how)


class Envelope(BaseModel):
    """A value as it is stored: never without its label and provenance."""

    model_config = ConfigDict(frozen=True)

    value: JsonValue
    label: Label
    provenance: Provenance
    made_here: tuple[str, ...] = ()
    """The fields of the value that were counted or named here, whatever others wrote into the rest."""
    here: Label | None = None
    """The label of those, and of whether the value could be had at all; None where nothing is told apart."""

    def label_of(self, field: str = "") -> Label:
        """The label of a field, given as a dotted path, or of whether there is a value; in doubt that of the whole."""
        if self.here is not None and field.partition(".")[0] in {"", *self.made_here}:
            return self.here
        return self.label
