"""A verb said once for two things: `roll back dev to good and prod to better`, `deploy dev at 6 and prod at 7`.

The verb is said again, so that what stands behind a name stays with that name.
"""

from __future__ import annotations

import re
from typing import Final

from agent.planning.offline.several_settings import TELLING

__all__ = ["with_verbs_said_again"]

_VERBS: Final = (
    r"(?:re-?)?deploy|ship|release|roll out|roll back|rollback|revert|restore|reset|checkpoint|snapshot|back up|preview"
    r"|destroy|tear down|repair|fix|sweep|check|verify|unlock|watch|monitor|track|unwatch|snooze|mute|pause|resume|move"
    r"|reschedule|schedule|bring up|take down"
)
_PREPOSITION: Final = r"at|to|as|until|till|for|in|on|by|before|after|from|back to|every"
_NOT_A_NAME: Final = (
    rf"(?!(?:{_VERBS}|it|its|them|that|this|then|tell|notify|post|say|ask|show|let|make|set|if|when|once|also|report|send"
    r"|run|do|be|please|again|only|just|back|and|or|with)\b)"
)
_MORE: Final = rf"(?:\s+(?:{_NOT_A_NAME}(?!(?:{_PREPOSITION})\b)[\w-]+)){{0,2}}?"
_THING: Final = rf"(?:(?:the|my|our)\s+)?{_NOT_A_NAME}[\w@#:/.?=&%~-]+{_MORE}"
_ONE: Final = rf"(?P<a>{_THING})\s+(?P<how>{_PREPOSITION})\s+(?P<x>[^.;!?\n,]+?)"
_GAPPED: Final = re.compile(
    rf"\b(?P<verb>{_VERBS})\s+{_ONE}(?P<and>\s*,\s*and\s+|\s+and\s+|\s*,\s*)(?P<b>{_THING})\s+(?P=how)\s+(?=\S)",
    re.IGNORECASE,
)
_MADE_KNOWN: Final = re.compile(r"(?:re-?)?deploy|ship|release|roll out", re.IGNORECASE)
"""`deploy api to dev and worker to prod` asks for parts, which are asked about."""


def with_verbs_said_again(text: str) -> str:
    """The text with the verb before each thing that has a time, a name or an end of its own; else as it is."""
    found = _GAPPED.search(text)
    if (
        found is None
        or (found["how"].lower() == "to" and _MADE_KNOWN.fullmatch(found["verb"]))
        or TELLING.search(text, 0, found.start())
        or re.search(r"\b(?:and|or)\b", found["x"])
    ):
        return text
    again = f"{found['verb']} {found['b']} {found['how']} "
    behind = with_verbs_said_again(again + text[found.end() :])
    return f"{text[: found.start('and')]} and {behind}"
