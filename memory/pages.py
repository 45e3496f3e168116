"""What is watched and what was seen there: pages, captures, versions, changes, feedback; their rows and tables.

An unchanged capture is a row of small integers: the page, the milliseconds, the state, the version and the sweep are
numbers, and nothing else is stored that equals what the page's own row says.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)

from memory.labels import WEB, Label
from memory.schema import COUNTER, Document, Instant, Words, metadata

__all__ = ["Capture", "Change", "Feedback", "Observation", "Page", "Standing", "Version", "from_millis", "to_millis"]

pages = Table(
    "pages",
    metadata,
    Column("id", COUNTER, primary_key=True),
    Column("url", Words, nullable=False, unique=True),
    Column("competitor", Words, nullable=False, index=True),
    Column("aspect", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("channel", Words),
    Column("selector", Words),
    Column("active", Boolean, nullable=False),
    Column("snoozed_until", Instant),
    Column("proposed_by", Words, nullable=False),
    Column("approved_by", Words, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("source", Text, nullable=False),
    Column("threshold", Text, nullable=False),
    Column("grant", Text, nullable=False),
    # what a sweep must know before it fetches
    Column("etag", Words),
    Column("last_modified", Words),
    Column("learned", LargeBinary),
    Column("bad_streak", Integer, nullable=False, default=0),
    Column("degraded", Boolean, nullable=False, default=False),
    Column("last_capture", BigInteger),
    Column("ok_capture", BigInteger),
)
terms = Table(
    "capture_terms",
    metadata,
    Column("id", COUNTER, primary_key=True),
    Column("term", Words, nullable=False, unique=True),
)
"""States of captures and sweeps' effects, each a number in the captures."""
versions = Table(
    "versions",
    metadata,
    Column("id", COUNTER, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("url", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("text", LargeBinary, nullable=False),
    Column("blocks", LargeBinary, nullable=False),
    Column("html", LargeBinary, nullable=False),
)
captures = Table(
    "captures",
    metadata,
    Column("id", COUNTER, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("page", Integer, ForeignKey("pages.id"), nullable=False),
    Column("millis", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("version", Integer, ForeignKey("versions.id")),
    Column("effect", Integer, ForeignKey("capture_terms.id")),
    Column("state", Integer, ForeignKey("capture_terms.id"), nullable=False),
    Column("status", SmallInteger),
    Column("final_url", Words),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("note", Words),
    Index("ix_captures_page", "page", "at"),
    Index("uq_captures_effect", "effect", "page", unique=True),
)
changes = Table(
    "changes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("page", Integer, ForeignKey("pages.id"), nullable=False, index=True),
    Column("competitor", Words, nullable=False),
    Column("aspect", Text, nullable=False),
    Column("before", Text),
    Column("after", Text, nullable=False),
    Column("before_at", Instant),
    Column("at", Instant, nullable=False, index=True),
    Column("score", Double, nullable=False),
    Column("significance", Double, nullable=False),
    Column("summary", Words, nullable=False),
    Column("facts", Document, nullable=False),
    Column("explanation", Document, nullable=False),
    Column("cluster", Text),
    Column("alert", Text, nullable=False),
    Column("effect", Text, nullable=False),
)
feedback = Table(
    "feedback",
    metadata,
    Column("id", Text, primary_key=True),
    Column("change", Text, nullable=False, index=True),
    Column("url", Words, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("retracted", Boolean, nullable=False),
    Column("pattern", Document, nullable=False),
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_millis(at: datetime) -> int:
    """Milliseconds since 1970."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def from_millis(millis: int) -> datetime:
    """The instant so many milliseconds after 1970."""
    return _EPOCH + timedelta(milliseconds=millis)


class Page(BaseModel):
    """A watched page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    competitor: str
    aspect: str
    kind: Literal["page", "feed", "jobs"] = "page"
    channel: str | None = None
    selector: str | None = None
    active: bool = True
    snoozed_until: AwareDatetime | None = None
    proposed_by: str = ""
    approved_by: str = ""
    added_at: AwareDatetime
    source: Literal["settings", "watch"] = "watch"
    threshold: str = ""
    grant: str = ""


class Capture(BaseModel):
    """One visit of a page. Read back, `etag` and `last_modified` are there only when they were new."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int = 0
    url: str
    at: AwareDatetime
    """Exact to the millisecond once stored."""
    state: str
    version: str | None = None
    """The digest of what was seen."""
    status: int | None = None
    final_url: str | None = None
    """Where it was found in the end; None when that is the page's own address."""
    etag: str | None = None
    last_modified: str | None = None
    millis: int = 0
    size: int = 0
    note: str = ""
    effect: str = ""
    """The permit of the sweep that made it."""


class Version(BaseModel):
    """What a page said, stored once whenever and however often it says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    digest: str
    url: str
    title: str = ""
    text: str
    blocks: list[JsonValue] = []
    html: bytes = b""
    first_at: AwareDatetime | None = None
    """When it was seen first; taken from the capture when it isn't given."""

    @property
    def label(self) -> Label:
        """Text from the web is untrusted for ever."""
        return WEB.with_source(self.url)


class Change(BaseModel):
    """What is different between two versions of a page, and how much that matters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = ""
    """`c_…`; made when it is empty."""
    url: str
    competitor: str
    aspect: str
    before: str | None = None
    after: str
    before_at: AwareDatetime | None = None
    at: AwareDatetime
    score: float
    significance: float
    summary: str
    facts: list[dict[str, JsonValue]] = []
    explanation: dict[str, JsonValue] = {}
    cluster: str | None = None
    alert: Literal["none", "instant", "digest", "asked", "sent", "muted"] = "none"
    effect: str = ""

    @property
    def label(self) -> Label:
        """What is derived from the web is untrusted for ever."""
        return WEB.with_source(self.url)


class Feedback(BaseModel):
    """What a person thought of an alert."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    change: str
    url: str
    verdict: str
    person: str
    at: AwareDatetime
    retracted: bool = False
    pattern: dict[str, JsonValue] = {}


class Standing(BaseModel):
    """What a sweep must know of a page before it fetches it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page_url: str
    last: Capture | None = None
    ok: Capture | None = None
    """The last capture that has a version."""
    etag: str | None = None
    last_modified: str | None = None
    learned: bytes | None = None
    """What change detection has learned of the page; opaque here."""
    bad_streak: int = 0
    degraded: bool = False


class Observation(BaseModel):
    """All that one visit adds: stored as a whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    capture: Capture
    version: Version | None = None
    """When it may be new; one that is stored already is left as it is."""
    change: Change | None = None
    learned: bytes | None = None
    """None leaves what was learned as it is."""
    bad_streak: int = 0
    degraded: bool = False
    etag: str | None = None
    last_modified: str | None = None
