"""Data in JSON that is neither a board nor a feed, such as the plans that an application asks its server for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.detection.markup import clean
from tools.detection.page import Block, Form, Page, Zone

__all__ = ["read_records"]

_MOST, _DEPTH, _LONGEST = 2000, 12, 600
_OF_THE_MOMENT = re.compile(
    r"(?:^|_|-)(?:id|uuid|guid|hash|token|nonce|etag|csrf|signature|checksum|timestamp|ts|cursor|trace)$"
    r"|(?:Id|ID|Uuid|Hash|Token|Nonce|At|Timestamp|Ts|Cursor)$|_at$|^(?:now|time|epoch|server_?time|generated|requested|elapsed|took|version)$",
)
"""Names of what tells records apart or says when they were sent, and nothing to a reader."""
_NAMES = ("name", "title", "label")


def read_records(data: object) -> Page | None:
    """A page with a block for each record, `name: Growth · price: 399`; None where there is none."""
    blocks = [block for _, block in zip(range(_MOST), _records(data, ""), strict=False)]
    return Page(form=Form.DATA, blocks=tuple(blocks)) if blocks else None


def _records(data: object, under: str, depth: int = 0) -> Iterator[Block]:
    if depth > _DEPTH:
        return
    if isinstance(data, list):
        plain = [text for item in data if (text := _word(item))]
        if plain:
            yield Block(" · ".join(plain)[:_LONGEST], "li", Zone.MAIN, under)
        for item in data:
            if isinstance(item, list | dict):
                yield from _records(item, under, depth + 1)
    elif isinstance(data, dict):
        told = {str(key): text for key, value in sorted(data.items(), key=_place) if (text := _word(value))}
        line = " · ".join(f"{clean(key)}: {text}" for key, text in told.items() if not _OF_THE_MOMENT.search(key))
        if line:
            yield Block(line[:_LONGEST], "li", Zone.MAIN, under)
        named = next((told[key] for key in _NAMES if key in told), "")
        for key, value in data.items():
            if isinstance(value, list | dict):
                yield from _records(value, named or clean(str(key))[:80], depth + 1)


def _place(member: tuple[object, object]) -> tuple[bool, str]:
    """Where it is told, as the members of an object have no order of their own (RFC 8259): what names it first."""
    name = str(member[0])
    return name not in _NAMES, name


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return clean(str(value))[:300] if isinstance(value, str | int | float) else ""
