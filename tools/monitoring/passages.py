"""Pieces of page versions and changes for the search index. A passage stands in its version byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from memory.competitors import Change, Page, Version
from memory.search import Entry
from tools.detection.markup import HEADINGS
from tools.detection.page import SUBSTANCE
from tools.monitoring.versions import rows_of

__all__ = ["change_entry", "passages", "pieces"]

_LENGTH = 500
_TELLING = 20


def passages(page: Page, version: Version, at: datetime) -> list[Entry]:
    """The version's substance in passages of some sentences, each under its heading.

    A passage's id follows from its text: what later versions repeat is there once.
    """
    entries: list[Entry] = []
    for heading, text in pieces(version):
        if len(text) >= _TELLING:
            entries.append(
                Entry(
                    id=f"{page.url}#{hashlib.blake2b(text.encode('utf-8', 'replace'), digest_size=8).hexdigest()}",
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


def pieces(version: Version) -> Iterator[tuple[str, str]]:
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
        text=f"{change.competitor} changed {change.aspect.replace('_', ' ')}: {change.summary}{_directions(change)}",
        competitor=change.competitor,
        aspect=change.aspect,
        url=change.url,
        version=change.after,
        at=change.at,
        kind="change",
        extra={"under": ", ".join(_headings(change))},
    )


def _headings(change: Change) -> list[str]:
    items = change.explanation.get("items")
    rows = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return list(dict.fromkeys(str(row["under"]) for row in rows if row.get("under")))[:5]


def _directions(change: Change) -> str:
    """What the facts did, in the words that people ask with."""
    said = []
    for fact in change.facts:
        way = fact.get("direction") or (
            "added" if not fact.get("before") else "removed" if not fact.get("after") else ""
        )
        if way:
            said.append(f"{fact.get('subject')} {fact.get('kind')} {way}")
    return f" ({', '.join(said)})" if said else ""
