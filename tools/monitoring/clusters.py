"""The same announcement on several pages is one: changes of one competitor that say the same belong together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from memory.competitors import Change
from tools.detection.keys import key

__all__ = ["WINDOW", "clustered"]

WINDOW = timedelta(days=7)
"""Changes further apart are told apart, whatever they say."""
_SAME = 0.6
_TELLING = 25
"""Letters that a text must have before finding it twice means something."""


def _said(change: Change) -> set[str]:
    """What is new in it: the keys of its new texts, and its typed facts."""
    items = change.explanation.get("items")
    texts = [item.get("after") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    said = {name for text in texts if isinstance(text, str) and len(name := key(text)) >= _TELLING}
    facts = {
        f"{fact.get('kind')} {fact.get('subject')} {fact.get('before')} {fact.get('after')}" for fact in change.facts
    }
    return said | {fact for fact in facts if "None" not in fact}


def _together(one: Change, other: Change) -> bool:
    if one.competitor != other.competitor or one.url == other.url or abs(one.at - other.at) > WINDOW:
        return False
    said, repeated = _said(one), _said(other)
    return len(said & repeated) >= _SAME * max(1, min(len(said), len(repeated)))


def clustered(new: Sequence[Change], recent: Iterable[Change]) -> dict[str, str]:
    """Change → the id that its cluster goes by: that of the earliest change in it. Only for those that aren't alone."""
    found: dict[str, str] = {}
    earlier = sorted(recent, key=lambda change: (change.at, change.id))
    for change in sorted(new, key=lambda change: (change.at, change.id)):
        same = next((other for other in earlier if other.id != change.id and _together(change, other)), None)
        if same is not None:
            cluster = found.get(same.id) or same.cluster or same.id
            found[same.id] = found[change.id] = cluster
        if change not in earlier:
            earlier.append(change)
    return found
