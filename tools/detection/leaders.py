"""Who leads, on pages that give each person a name and, in the next line, an office."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tools.detection.fact import Fact
from tools.detection.facts import LEADERSHIP
from tools.detection.judgement import Item

__all__ = ["leaders"]

_WHO = re.compile(r"(?:Dr\.? |Prof\.? )?[A-ZÀ-Þ][\w’'.-]*(?: (?:[A-ZÀ-Þ][\w’'.-]*|de|van|von|der|da|di|del)){1,3}")
_OFFICE = 80


def leaders(items: Sequence[Item], text: str) -> Iterator[Fact]:
    """A person for every name that came, or took another's place, above an office. `text` is the newer version."""
    lines = text.split("\n")
    below = {line: lines[at + 1] for at, line in enumerate(lines[:-1])}
    for item in items:
        name = item.after or ""
        office = below.get(name, "")
        if not _WHO.fullmatch(name) or LEADERSHIP.search(name) or not _is_office(office):
            continue
        before = item.before if item.before and _WHO.fullmatch(item.before) else None
        if before:
            yield Fact(kind="person", subject=office, before=before, after=name, quote=name)
        else:
            yield Fact(kind="person", subject=name, before=None, after=office, quote=name)


def _is_office(text: str) -> bool:
    return len(text) <= _OFFICE and bool(LEADERSHIP.search(text)) and not text.endswith(".")
