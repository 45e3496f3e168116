"""What a request can lean on: the names in it so far, the turns before it, and the tools that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from agent.planning.offline.fillers import FILLERS
from agent.planning.offline.marking import mark_things
from agent.planning.offline.parts import Clause
from agent.planning.offline.reader import Read
from agent.planning.offline.things import Things
from agent.planning.offline.tokens import Token, tokenise
from agent.planning.planner import Call, ConversationContext, PlanningRequest
from tools.declaration import Slot, Tool

__all__ = ["TOPICS", "Mention", "Situation", "kind_of"]

Mention = dict[str, JsonValue]
"""Things named together, by kind of slot: a clause's, or an earlier step's."""

TOPICS: Final = {"stack_drift": "drift", "audit_verify": "audit", "audit_log": "audit"}
"""What a tool looks at that a pronoun may stand for afterwards: `repair it` after the drift."""
_ONE: Final = {"competitors": "competitor"}
_REMEMBERED: Final = (
    "stack",
    "competitor",
    "url",
    "domain",
    "channel",
    "schedule",
    "grant",
    "thread",
    "alert",
    "aspect",
    "checkpoint",
    "since",
)
_TAGS: Final = {
    "stack": ("stack",), "competitor": ("competitor",), "url": ("url",), "domain": ("domain",), "channel": (),
    "schedule": ("schedule.n",), "grant": ("grant",), "thread": ("thread",), "alert": ("alert",),
    "aspect": ("aspect",), "checkpoint": ("checkpoint.n",), "key": ("config-key",),
}  # fmt: skip


def kind_of(kind: str) -> str:
    """`competitors` are of the kind `competitor`."""
    return _ONE.get(kind, kind)


@dataclass
class Situation:
    """A request being planned. Clauses add what they mention; nothing else changes."""

    request: PlanningRequest
    read: Read
    catalogue: Mapping[str, Tool]
    mentions: list[Mention] = field(default_factory=list)
    """In this request, oldest first."""
    excluded: set[str] = field(default_factory=set)
    topics: set[str] = field(default_factory=set)
    """What earlier clauses, or the turn before, looked at, as tags: `drift`."""

    def __post_init__(self) -> None:
        last = next((turn for turn in reversed(self.context.turns) if turn.steps), None)
        if last is not None:
            self.topics |= {TOPICS[call.tool] for call in last.steps if call.tool in TOPICS}

    @property
    def context(self) -> ConversationContext:
        """What was said before this request."""
        return self.request.context

    def slots(self, tool: str) -> Mapping[str, Slot]:
        """A tool's slots by argument."""
        return self.catalogue[tool].slots

    def required(self, tool: str) -> list[str]:
        """The arguments that a tool can't do without."""
        return [name for name, info in self.catalogue[tool].arguments.model_fields.items() if info.is_required()]

    def written(self, clause: Clause) -> str:
        """A clause in the person's own words, its beginning when it is long."""
        return " ".join(self.read.text[clause.tokens[0].start : clause.tokens[-1].end].split())[:120]

    def things(self, tokens: Sequence[Token], head: Token | None = None) -> Things:
        """A clause's things, those that were ruled out left aside."""
        known = tuple(self.request.names.competitors)
        return Things(tuple(tokens), self.read.quotes, head, frozenset(self.excluded), known)

    def remember(self, tokens: Sequence[Token]) -> None:
        """Keep what a clause names, for the pronouns after it."""
        things = self.things(mark_things(tokens))
        mention: Mention = {}
        saved = any(token.has("checkpoint", "checkpoint.n", "rollback", "rollback.n") for token in tokens)
        for kind in _REMEMBERED:
            if kind == "checkpoint" and not saved:
                continue  # `set version to 2.0` names nothing to go back to
            found = FILLERS[kind](things) if kind not in ("aspect", "since") or kind == "aspect" else None
            if found and found.values and not found.unclear:
                mention[kind] = found.values[0] if len(found.values) == 1 else list(found.values)
        known = self.mentions[-1] if self.mentions else {}
        if any(known.get(kind) != value for kind, value in mention.items()):
            self.mentions.append(mention)

    def earlier(self) -> Iterator[Mention]:
        """The steps of the turns before, last first; then the conversation's focus."""
        for turn in reversed(self.context.turns):
            if turn.steps:
                for call in reversed(turn.steps):
                    yield self.mention_of(call)
        if self.context.focus:
            yield dict(self.context.focus)

    def mention_of(self, call: Call) -> Mention:
        """What an earlier call was about, by kind of slot."""
        slots = self.catalogue[call.tool].slots if call.tool in self.catalogue else {}
        mention: Mention = {}
        for name, value in call.args.items():
            kind = kind_of(slots[name].kind if name in slots else name)
            if isinstance(value, list):
                if not value:
                    continue
                mention[kind] = value[0] if len(value) == 1 else value
            elif isinstance(value, str | int | float):
                mention[kind] = value
        return mention

    def referents(self) -> Iterator[Mention]:
        """What `it` may be: in this request, then before it; last first."""
        yield from reversed(self.mentions)
        yield from self.earlier()

    def referent(self, kind: str) -> JsonValue:
        """The last thing of a kind that was talked about."""
        return next((mention[kind] for mention in self.referents() if kind in mention), None)

    def named(self, kind: str) -> list[JsonValue]:
        """Everything of a kind that this request has named so far."""
        found: dict[str, JsonValue] = {}
        for mention in self.mentions:
            value = mention.get(kind)
            for one in value if isinstance(value, list) else [value]:
                if one is not None and str(one) not in self.excluded:
                    found[str(one)] = one
        return list(found.values())

    def named_anywhere(self, kind: str) -> list[str]:
        """Every stack or competitor in the request, before or after."""
        tokens = (token for token in mark_things(self.read.tokens) if token.has(kind) and token.has("name"))
        named = dict.fromkeys(token.value for token in tokens if isinstance(token.value, str))
        return [name for name in named if name not in self.excluded]

    def quoted_stacks(self) -> list[str]:
        """The stacks that quotations name: enough for a look, never for an effect."""
        found: dict[str, None] = {}
        for quote in self.read.quotes:
            for token in self.read.index.recognise(tokenise(quote)):
                if token.has("stack") and isinstance(token.value, str):
                    found[token.value] = None
        return list(found)

    def pronoun_tags(self) -> frozenset[str]:
        """The tags of what `it` stands for, so that `delete it` is read as `delete the schedule`."""
        tags: set[str] = set(self.topics)
        for mention in self.referents():
            kinds = [kind for kind in mention if _TAGS.get(kind)]
            if kinds:
                if "url" in kinds and "domain" in kinds:
                    kinds.remove("domain")
                return frozenset(tags | {tag for kind in kinds for tag in _TAGS[kind]})
        return frozenset(tags)
