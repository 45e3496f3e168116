"""The things in a clause: its tokens with the quotations they point to, and what was found for a slot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from agent.planning.offline.tokens import Token

__all__ = ["NO_NAMES", "Found", "Things"]

NO_NAMES: Final = frozenset(
    [
        "moment",
        "there",
        "here",
        "now",
        "time",
        "top",
        "behalf",
        "board",
        "fire",
        "hold",
        "purpose",
        "detail",
        "details",
        "full",
        "short",
        "case",
        "total",
        "general",
        "hand",
        "way",
        "minute",
        "second",
        "days",
        "day",
        "week",
        "night",
        "far",
        "long",
        "least",
        "most",
        "more",
        "it",
        "them",
        "us",
        "me",
        "general",
        "site",
        "website",
        "web",
        "internet",
        "aws",
        "azure",
        "gcp",
        "cloud",
        "console",
        "github",
        "slack",
        "pulumi",
    ]
)
"""Words without a meaning here that are nobody's name."""


@dataclass(frozen=True)
class Found:
    """What one place in a request says about a slot: one value, several, or several of which one is meant."""

    values: tuple[JsonValue, ...] = ()
    unclear: tuple[str, ...] = ()
    """Names that a word may have meant."""
    unknown: str = ""
    """A word that stands where a name should and isn't one."""

    @property
    def value(self) -> JsonValue:
        """The first value."""
        return self.values[0]


@dataclass(frozen=True)
class Things:
    """A clause's tokens and the quotations that they point to."""

    tokens: tuple[Token, ...]
    quotes: tuple[str, ...]
    head: Token | None = None
    excluded: frozenset[str] = frozenset()
    """Names that were ruled out: `development, not production`."""
    known: tuple[str, ...] = ()
    """All competitors, for `everyone except …`."""
    filling: bool = False
    """The tool is known: an id without a noun is the id that it needs."""

    def tagged(self, *tags: str) -> list[Token]:
        """The tokens that carry any of the tags."""
        return [token for token in self.tokens if token.has(*tags)]

    def quote(self, token: Token) -> str:
        """What the placeholder stands for."""
        return self.quotes[int(token.raw[1:-1])]
