"""Which of a stack's resources a request is about, where it says that it isn't about all of them."""

from __future__ import annotations

from typing import Final

from agent.planning.offline.things import Found, Things
from agent.planning.offline.tokens import Token

__all__ = ["resources"]

_ALONE: Final = frozenset({"only", "just", "solely"})
_BETWEEN: Final = frozenset(
    {"and", ",", "&", "the", "its", "our", "service", "database", "bucket", "resource", "resources"}
)


def resources(things: Things) -> Found:
    """`deploy only the api and the worker on dev`: the names that follow the word, up to the stack."""
    for at, token in enumerate(things.tokens):
        if token.text not in _ALONE:
            continue
        names: list[str] = []
        for later in things.tokens[at + 1 :]:
            if later.text in _BETWEEN:
                continue
            if not _may_name(later):
                break
            names.append(things.quote(later) if later.kind == "quote" else later.raw)
        if names:
            return Found((list(names),))
    return Found()


def _may_name(token: Token) -> bool:
    if token.kind in ("quote", "id"):
        return True
    return (
        token.kind == "word"
        and not token.has("stack", "name", "prep", "channel", "be", "modal")
        and not any(tag.endswith((":base", ":past", ":ing")) for tag in token.tags)
    )
