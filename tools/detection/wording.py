"""A change in words."""

from __future__ import annotations

from collections.abc import Sequence

from tools.detection.fact import Fact
from tools.detection.judgement import Item, Judgement
from tools.detection.postings import jobs_told

__all__ = ["summarise"]


_WHOLE = 90
"""Letters up to which a text is shown as a whole."""
_HEAD = 40


def _short(text: str, most: int = 110) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"


def _differing(before: str, after: str) -> tuple[str, str]:
    """The two texts; of long ones, without the words that both begin and end with, but for a little context."""
    if len(before) <= _WHOLE and len(after) <= _WHOLE:
        return before, after
    old, new = before.split(), after.split()
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    context = max(0, start - 3)
    lead = "…" if context else ""
    tail = "…" if end > 2 else ""
    keep = min(end, 2)

    def cut(words: list[str]) -> str:
        return lead + " ".join(words[context : len(words) - end + keep]) + tail

    return cut(old), cut(new)


def _in_words(item: Item) -> str:
    if item.told:
        return _short(item.told)
    said = _said(item)
    short = max(len(item.before or ""), len(item.after or "")) <= _HEAD
    return f"{item.under}: {said}" if short and item.under and len(item.under) <= _HEAD else said


def _said(item: Item) -> str:
    if item.before and item.after:
        before, after = _differing(item.before, item.after)
        return f"“{_short(before)}” → “{_short(after)}”"
    return f"new: “{_short(item.after)}”" if item.after else f"gone: “{_short(item.before or '')}”"


def summarise(judgement: Judgement, facts: Sequence[Fact] | None = None, most: int = 3) -> str:
    """One line: typed facts first (those of the judgement, unless others are given), then the differing words."""
    facts = judgement.facts if facts is None else facts
    counted = jobs_told(facts)
    lines = [counted] if counted else []
    lines += [fact.words for fact in facts[: most - len(lines)]]
    shown = facts[: most - bool(counted)]
    told = {fact.quote for fact in facts} | {
        part for fact in facts if fact.kind == "job" for part in (fact.after or fact.before or "").split(" · ")
    }
    rest = [item for item in judgement.items if (item.after or item.before or "")[:500] not in told]
    rest.sort(key=lambda item: item.kind not in ("h1", "h2", "h3", "h4"))
    room = max(0, most - len(lines))
    lines += [_in_words(item) for item in rest[:room]]
    more = len(facts) - len(shown) + len(rest[room:])
    return "; ".join(lines) + (f"; and {more} more" if more else "")
