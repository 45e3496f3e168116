"""Pieces of page versions and changes for the search index. A passage stands in its version byte for byte."""

from __future__ import annotations

from datetime import datetime

from memory.competitors import Change, Page, Version
from memory.search import Entry
from tools.detection.page import SUBSTANCE
from tools.monitoring.versions import blocks_of

__all__ = ["change_entry", "passages"]

_LENGTH = 500


def passages(page: Page, version: Version, at: datetime) -> list[Entry]:
    """The version's substance in passages of some sentences, each under one heading."""
    entries: list[Entry] = []
    lines: list[str] = []
    heading = ""

    def close() -> None:
        text = "\n".join(lines)
        lines.clear()
        if len(text) > 20:
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

    for block in blocks_of(version):
        substance = block.zone in SUBSTANCE
        if not substance or (lines and (block.under != heading or block.kind in ("h1", "h2", "h3"))):
            close()
        if substance:
            heading = block.under
            lines.append(block.text)
            if sum(map(len, lines)) > _LENGTH:
                close()
    close()
    return entries


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
