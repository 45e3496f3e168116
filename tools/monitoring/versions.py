"""Page versions: their content address, and their blocks as they are stored and come back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from pydantic import JsonValue

from memory.competitors import Version
from tools.detection.page import SUBSTANCE, Block, Page, Zone

__all__ = ["as_rows", "blocks_of", "rows_of", "version_of"]


def version_of(text: Page) -> str:
    """The content address of a version: of its title and of the blocks that make up its substance."""
    hashed = hashlib.sha256(text.title.encode("utf-8", "surrogatepass"))
    for block in text.blocks:
        if block.zone in SUBSTANCE:
            hashed.update(b"\n" + block.text.encode("utf-8", "surrogatepass"))
    return hashed.hexdigest()


def as_rows(text: Page) -> list[JsonValue]:
    """What is stored beside the text: a row of kind, zone, heading, link, and id if any, for each of its lines."""
    return [
        [block.kind, str.__str__(block.zone), block.under, block.linked, *([block.id] if block.id else [])]
        for block in text.blocks
    ]


def rows_of(version: Version) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """A stored version's lines, each with its kind, zone and heading."""
    lines = version.text.split("\n") if version.blocks else []
    for line, row in zip(lines, version.blocks, strict=True):
        assert isinstance(row, list)
        kind, zone, under = row[:3]
        yield line, (str(kind), str(zone), str(under))


def blocks_of(version: Version) -> list[Block]:
    """A stored version's blocks again."""
    more = (row[3:] if isinstance(row, list) else [] for row in version.blocks)
    return [
        Block(line, kind, Zone(zone), under, bool(rest[0]), str(rest[1]) if len(rest) > 1 else "")
        for (line, (kind, zone, under)), rest in zip(rows_of(version), more, strict=True)
    ]
