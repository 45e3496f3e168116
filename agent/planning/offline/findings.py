"""What a message says that a step is still to find: `the result`, `what changed`, `the outputs of prod`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agent.planning.offline.concepts import ACTION_NOUNS
from agent.planning.offline.patterns import pattern
from agent.planning.offline.tokens import Token

__all__ = ["asked", "is_reference", "looked_up", "of_a_step", "tells_findings"]

_REFERENCE: Final = pattern(
    "@det|the|a|me|all|of|what|you|it|this|that|them|these|those|there|everything|@result|@message|@soft|@prep|"
    "find|found|see|learn|anything|finds|whatever|comes|up|turns|notices|spots|sees|detects|short|brief|quick|"
    "full|one-line|here|both|their|its|is|are|was|were|@and|if|any|@everything|@since|so|as|@then|@ask:base|"
    "difference|differences|discrepancies|discrepancy|deviations|number|numbers|total|figure|figures|amount|"
    "sum* $"
)
_FOUND: Final = frozenset(
    ["find", "found", "see", "learn", "all", "finds", "notices", "spots", "detects", "sees", "difference",
     "differences", "discrepancies", "discrepancy", "deviations", "number", "numbers", "total", "figure",
     "figures", "amount", "sum"]
)  # fmt: skip


def is_reference(words: Sequence[Token]) -> bool:
    """`the result`, `that`, `what you find`: something that another step will know."""
    if any(token.text in ("new", "different", "changed") for token in words):
        return False
    pointing = any(token.has("result", "message", "it", "everything") or token.text in _FOUND for token in words)
    return pointing and _REFERENCE.match(words) is not None


_ASKING: Final = frozenset({"what", "whatever", "how", "anything", "everything", "all"})
_FINDING: Final = frozenset(
    ["find", "finds", "found", "see", "sees", "saw", "seen", "learn", "learns", "learned", "learnt", "discover",
     "discovers", "discovered", "notice", "notices", "noticed", "spot", "spots", "spotted", "detect", "detects",
     "detected", "get", "gets", "got", "come", "comes", "came", "turn", "turns", "turned", "change", "changes",
     "changed", "changing", "new", "different", "happened", "happens", "drifted", "moved", "went", "goes", "going",
     "wrong", "look", "looks", "looked", "turned up", "comes up", "came up", "would change", "will change"]
)  # fmt: skip
_AROUND: Final = (
    "it",
    "you",
    "they",
    "i",
    "be",
    "did",
    "modal",
    "soft",
    "det",
    "name",
    "competitors",
    "courtesy",
    "time",
)
_WITH_IT: Final = frozenset({"there", "up", "out", "with", "back", "at", "on", "that", "like"})


def tells_findings(words: Sequence[Token]) -> bool:
    """`what changed`, `what you found`, `how it went`: what a step finds, never the words themselves."""
    if not words:
        return False
    if words[0].has("result", "before-after", "change") and words[0].text.startswith(("what", "how")):
        return all(token.has(*_AROUND) for token in words[1:])
    if words[0].text not in _ASKING:
        return False
    finding = [token for token in words[1:] if token.text in _FINDING]
    return bool(finding) and all(
        token.text in _FINDING or token.text in _WITH_IT or token.has(*_AROUND) or token.kind == "mark"
        for token in words[1:]
    )


_TOPICS: Final = (
    "output", "history", "drift", "health", "spend", "audit", "grant", "schedule.n", "preview.n", "before-after",
    "watchlist", "config", "state", "stacks",
)  # fmt: skip


def asked(words: Sequence[Token]) -> bool:
    """`whether production has drifted`: a question whose answer is to be told."""
    named = any(token.has("stack", "competitor", "competitors") for token in words)
    return named and any(token.has(*_TOPICS, "well", "change", "trouble") for token in words)


def looked_up(words: Sequence[Token]) -> bool:
    """`the outputs of prod`, `a summary of RealPage's changes`: something to be looked up first."""
    if not words or words[0].has("i", "quote"):
        return False
    if words[0].text in ("whether", "if", "how", "what", "why", "when"):
        return asked(words)
    if any(token.has("be", "modal") for token in words):
        return False
    named = any(token.has("name", "aspect", "competitors") for token in words)
    change = any(token.has("change") for token in words)
    acting = any(token.has(*ACTION_NOUNS) for token in words) and not any(
        token.has("history", "state", "drift", "preview.n") for token in words
    )
    named = named or (any(token.has("page") for token in words) and any(token.has("watch") for token in words))
    opening = words[0].has("det", "name", "show", "ask", "result", "message", "since") or words[0].has(*_TOPICS)
    return opening and not acting and (any(token.has(*_TOPICS, "watch") for token in words) or (named and change))


_CHANGES: Final = frozenset({"changes", "findings", "differences", "results", "changed"})


def of_a_step(words: Sequence[Token]) -> bool:
    """`tell #ops the result`: not `tell #ops it is there`."""
    if words and all(token.text in _CHANGES or token.has("det", "soft") for token in words):
        return any(token.text in _CHANGES for token in words)
    return any(token.has("result") or token.text in _FOUND for token in words) and is_reference(words)
