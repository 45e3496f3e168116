"""Pieces of page versions and changes for the search index. A passage stands in its version byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from memory.competitors import Change, Page, Version
from memory.search import Entry
from tools.detection.markup import HEADINGS
from tools.detection.page import SUBSTANCE
from tools.monitoring.versions import rows_of

__all__ = ["change_entry", "passages"]

_LENGTH = 500
_TELLING = 20


def passages(page: Page, version: Version, at: datetime) -> list[Entry]:
    """The version's substance in passages of some sentences, each under its heading."""
    entries: list[Entry] = []
    for heading, text in _pieces(version):
        if len(text) >= _TELLING:
            entries.append(
                Entry(
                    id=f"{page.url}#{version.digest[:16]}:{len(entries)}",
                    text=text,
                    competitor=page.competitor,
                    aspect=page.aspect,
                    url=page.url,
                    version=version.digest,
                    at=at,
                    kind="passage",
                    extra={"under": heading, "title": version.title},
                )
            )
    return entries


def _pieces(version: Version) -> Iterator[tuple[str, str]]:
    """Heading and text of each piece; neighbouring blocks, so that the text stands in the version as it is."""
    lines: list[str] = []
    heading = ""
    for line, (kind, zone, under) in rows_of(version):
        begins = kind in HEADINGS
        outside = zone not in SUBSTANCE
        if lines and (begins or outside or sum(map(len, lines)) > _LENGTH):
            yield heading, "\n".join(lines)
            lines = []
        if not outside:
            heading = line if begins else under
            lines.append(line)
    if lines:
        yield heading, "\n".join(lines)


def change_entry(change: Change) -> Entry:
    """A change as it is found again: by its summary."""
    return Entry(
        id=change.id,
        text=f"{change.competitor} changed {change.aspect.replace('_', ' ')}: {change.summary}",
        competitor=change.competitor,
        aspect=change.aspect,
        url=change.url,
        version=change.after,
        at=change.at,
        kind="change",
        extra={},
    )
