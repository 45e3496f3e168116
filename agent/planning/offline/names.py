"""Names that the configuration knows (stacks, competitors, channels), found in what people write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from agent.planning.offline.lexicon import lexicon
from agent.planning.offline.tokens import Token
from agent.planning.planner import Names

__all__ = ["NameIndex", "NameMatch"]

_SHORT_FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "development": ("dev", "devel", "develop", "develpoment", "desarrollo", "entwicklung", "développement"),
    "production": ("prod", "prd", "live", "prods", "producción", "produccion", "produktion"),
    "staging": ("stage", "stg"),
    "modernized": ("modernised", "modern"),
    "testing": ("test", "tst"),
}
"""What people say for the usual parts of a stack's name, whatever the configuration lists."""
_WEAK: Final = frozenset({"live", "stage", "test", "modern", "develop", "ai"})
"""Short forms that are ordinary words: they name a stack only beside the word `stack` or `environment`."""
_SEPARATORS: Final = re.compile(r"[\s\-_./]+")
_LONGEST_NAME: Final = 4


@dataclass(frozen=True)
class NameMatch:
    """Names found in one place: one, or several when it can't be told which is meant."""

    kind: str
    values: tuple[str, ...]
    exact: bool = True


def _key(words: Iterable[str]) -> str:
    return "".join(_SEPARATORS.sub("", word) for word in words)


def _spoken(name: str) -> str:
    """`EliseAI` → `Elise AI`, `HunterWarfield` → `Hunter Warfield`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


class NameIndex:
    """All known names by how they are written, without spaces, hyphens and case."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._written: dict[str, dict[str, set[str]]] = {}
        self._weak: dict[str, str] = {}
        for stack, aliases in names.stacks.items():
            for written in (stack, *aliases, *_variants(stack)):
                self._learn("stack", written, stack)
        self._learn_parts()
        for competitor, aliases in names.competitors.items():
            for written in (competitor, _spoken(competitor), *aliases, *_initials(competitor)):
                self._learn("competitor", written, competitor)
        for channel in names.channels:
            self._learn("channel", channel, channel)
            self._learn("channel", channel.lstrip("#"), channel)

    def _learn(self, kind: str, written: str, value: str) -> None:
        key = _key(written.lower().split())
        if key in _WEAK and kind == "stack" and key != _key(value.lower().split()):
            self._weak.setdefault(key, value)
        elif key:
            self._written.setdefault(key, {}).setdefault(kind, set()).add(value)

    def _learn_parts(self) -> None:
        """A part of a stack's name that no other stack has names it too (`modernized`)."""
        owners: dict[str, set[str]] = {}
        for stack in self.names.stacks:
            for part in _SEPARATORS.split(stack.lower()):
                for written in (part, *_SHORT_FORMS.get(part, ())):
                    owners.setdefault(written, set()).add(stack)
        for part, stacks in owners.items():
            ordinary = part in _WEAK or lexicon().knows(part) or part == "sophia"
            if len(stacks) == 1 and len(part) > 2 and part not in self._written and not ordinary:
                self._learn("stack", part, next(iter(stacks)))

    def exact(self, words: Sequence[str]) -> NameMatch | None:
        """The name that is written so, if there is one."""
        found = self._written.get(_key(words))
        if not found:
            return None
        kind = next(kind for kind in ("stack", "competitor", "channel") if kind in found)
        return NameMatch(kind, tuple(sorted(found[kind])))

    def weak_stack(self, word: str) -> str | None:
        """The stack that an ordinary word (`live`) names beside the word `stack`."""
        return self._weak.get(word)

    def near(self, words: Sequence[str]) -> NameMatch | None:
        """The name that was meant, if one is near enough; several when two are as near as each other."""
        key = _key(words)
        allowed = 0 if len(key) < 4 else 1 if len(key) < 8 else 2 if len(key) < 12 else 3
        near: list[tuple[int, str, str]] = []
        for written, kinds in self._written.items():
            if abs(len(written) - len(key)) <= allowed and len(written) >= 4:
                distance = OSA.distance(key, written, score_cutoff=allowed)
                if distance <= allowed:
                    near += [(distance, kind, value) for kind, values in kinds.items() for value in values]
        if not near:
            return None
        near.sort()
        best = near[0]
        same = {value for distance, kind, value in near if distance <= best[0] + 1 and kind == best[1]}
        first = {value for distance, kind, value in near if distance == best[0] and kind == best[1]}
        certain = len(first) == 1 and (len(same) == 1 or best[0] == 1)
        return NameMatch(best[1], (best[2],) if certain else tuple(sorted(same)), exact=False)

    def nearest(self, word: str, kind: str) -> list[str]:
        """All names of a kind, the most similar first: what to offer when a name isn't known."""
        names = {
            "stack": list(self.names.stacks),
            "competitor": list(self.names.competitors),
            "channel": list(self.names.channels),
        }[kind]
        return sorted(names, key=lambda name: -OSA.normalized_similarity(_key([word]), _key([name.lower()])))

    def recognise(self, tokens: Sequence[Token]) -> list[Token]:
        """The tokens with every exactly written name merged into one token."""
        return list(self._merged(tokens))

    def _merged(self, tokens: Sequence[Token]) -> Iterator[Token]:
        at = 0
        while at < len(tokens):
            for length in range(min(_LONGEST_NAME, len(tokens) - at), 0, -1):
                span = tokens[at : at + length]
                match = self._match(span, tokens, at)
                if match:
                    yield name_token(span, match)
                    at += length
                    break
            else:
                yield tokens[at]
                at += 1

    def _match(self, span: Sequence[Token], tokens: Sequence[Token], at: int) -> NameMatch | None:
        if not all(token.kind in ("word", "id", "channel") or token.text in ("-", "_") for token in span):
            return None
        if span[0].kind == "mark" or span[-1].kind == "mark":
            return None
        words = [token.text for token in span]
        match = self.exact(words)
        if match and match.kind == "channel" and not _is_channel(span, tokens, at):
            return None
        if match is None and len(span) == 1 and self._weak.get(words[0]):
            beside = [token.text for token in (*tokens[max(0, at - 1) : at], *tokens[at + 1 : at + 2])]
            if any(word in ("stack", "environment", "env", "on", "to", "in") for word in beside[-1:]):
                return NameMatch("stack", (self._weak[words[0]],))
        return match


def _is_channel(span: Sequence[Token], tokens: Sequence[Token], at: int) -> bool:
    """`#ops` always; `ops` only where a channel can stand: `tell ops`, `in ops`, `the ops channel`."""
    if span[0].kind == "channel":
        return True
    before = tokens[at - 1].text if at else ""
    after = tokens[at + len(span)].text if at + len(span) < len(tokens) else ""
    if after in ("channel", "room", "team", "people", "folks", "crew"):
        return True
    earlier = tokens[at - 2].text if at > 1 else ""
    verbs = {
        "tell",
        "notify",
        "ping",
        "inform",
        "let",
        "message",
        "alert",
        "warn",
        "brief",
        "update",
        "in",
        "to",
        "on",
        "into",
    }
    return before in verbs or (before == "the" and earlier in verbs)


def _variants(stack: str) -> Iterator[str]:
    """`sophia-production` → `sophia-prod` …: every part in its short forms."""
    parts = _SEPARATORS.split(stack.lower())
    for at, part in enumerate(parts):
        for short in _SHORT_FORMS.get(part, ()):
            yield "-".join((*parts[:at], short, *parts[at + 1 :]))


def _initials(competitor: str) -> Iterator[str]:
    """`Hunter Warfield` → its longer words, unless they are ordinary ones."""
    words = competitor.lower().split()
    if len(words) > 1:
        yield from (word for word in words if len(word) > 4)


def name_token(span: Sequence[Token], match: NameMatch) -> Token:
    """One token for a name that stands over several."""
    values = match.values[0] if len(match.values) == 1 else list(match.values)
    tags = {match.kind, "name"} | ({"ambiguous"} if len(match.values) > 1 else set())
    return Token(
        text=" ".join(token.text for token in span),
        raw=" ".join(token.raw for token in span),
        start=span[0].start,
        end=span[-1].end,
        kind="name",
        tags=frozenset(tags),
        value=values,
    )
