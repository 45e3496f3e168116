"""What a person's verdict on one change means for the changes to come on the same page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import JsonValue

from memory.competitors import Change, Feedback
from tools.detection.learning import Wishes
from tools.errors import ToolError

__all__ = ["pattern_of", "places_of", "verdict_of", "wishes_of"]

_NO = re.compile(
    r"\b(?:not|no|never|un\w+|un?interest\w*|noise|irrelevant|ignore|mute|boring|useless|less|stop|don.t)\b",
    re.IGNORECASE,
)
_BACK = re.compile(r"\b(?:retract|take (?:it )?back|undo|forget)\b", re.IGNORECASE)
_YES = re.compile(r"\b(?:interest\w*|useful|important|relevant|good|yes|more|always|keep|like)\b", re.IGNORECASE)


def verdict_of(words: str) -> Literal["interesting", "not interesting", "retract"]:
    """What the words say. Raises ToolError when they say nothing of the kind."""
    if _BACK.search(words):
        return "retract"
    if _NO.search(words):
        return "not interesting"
    if _YES.search(words):
        return "interesting"
    raise ToolError(
        f"{words[:80]!r} is no verdict.",
        not_done="Nothing was noted.",
        to_do="Say “interesting”, “not interesting” or “retract”.",
    )


def pattern_of(change: Change) -> dict[str, JsonValue]:
    """Where on the page the change was: the headings and kinds of its blocks."""
    items = change.explanation.get("items")
    rows = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return {
        "under": list(dict.fromkeys(str(row.get("under", "")) for row in rows)),
        "places": list(dict.fromkeys(str(row["place"]) for row in rows if row.get("place"))),
    }


def places_of(pattern: Mapping[str, JsonValue]) -> list[str]:
    """The headings that a pattern names."""
    under = pattern.get("under")
    return [str(place) for place in under] if isinstance(under, list) else []


def wishes_of(feedback: Iterable[Feedback]) -> Wishes:
    """What is to be ignored and what is always to be told on one page, the latest word counting."""
    unwanted: dict[str, bool] = {}
    for item in feedback:
        places = item.pattern.get("places")
        for place in places if isinstance(places, list) else []:
            unwanted[str(place)] = item.verdict == "not interesting"
    return Wishes(
        unwanted=[place for place, no in unwanted.items() if no],
        wanted=[place for place, no in unwanted.items() if not no],
    )
