"""A call for a tool from a clause: its arguments where they were said, or from what the clause leans on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import JsonValue

from agent.planning.offline.assignments import config_key, setting
from agent.planning.offline.fillers import FILLERS
from agent.planning.offline.intents import subject
from agent.planning.offline.marking import mark_things
from agent.planning.offline.pages import aspect_beside, watched_page
from agent.planning.offline.patterns import pattern
from agent.planning.offline.questions import missing, unclear, unknown
from agent.planning.offline.readings import EFFECTS
from agent.planning.offline.situation import Situation, kind_of
from agent.planning.offline.slots import aspect_of_url
from agent.planning.offline.speech import Act, Said
from agent.planning.offline.things import Found, Things

__all__ = ["Filled", "fill", "in_order", "leans", "stack_meant"]

_REFERS: Final = frozenset(
    [
        "it",
        "that",
        "this",
        "them",
        "those",
        "these",
        "its",
        "their",
        "theirs",
        "there",
        "that one",
        "this one",
        "same",
        "they",
        "the same one",
        "same one",
        "his",
        "her",
        "one",
        "whole thing",
        "the lot",
        "whole lot",
        "all of it",
        "it all",
    ]
)
_OWN: Final = frozenset(
    ["since", "until", "when", "content", "request", "name", "verdict", "question", "key", "value", "channel"]
)
"""Kinds that are never taken over from before: leaving them out says something."""
_SINGLE: Final = frozenset(["since", "until", "when", "verdict", "aspect", "checkpoint", "rollback-checkpoint", "name"])
"""Kinds of which one is meant, whatever else is named."""
_SHORT: Final = 3
"""`why?` leans on what was said before."""
_EVERY: Final = frozenset({"every", "all", "each", "everything", "any", "which", "anywhere", "everywhere", "everyone"})

_ANYWHERE: Final = frozenset({"anywhere", "everywhere"})


@dataclass
class Filled:
    """A call, or several for several names; or the question that stands in its way."""

    tool: str
    calls: list[dict[str, JsonValue]] = field(default_factory=list)
    question: str | None = None

    @property
    def args(self) -> dict[str, JsonValue]:
        """The arguments of the first call."""
        return self.calls[0]


def leans(said: Said) -> bool:
    """Whether a clause has a pronoun, or a thing called `the …`, that stands for something said before."""
    if said.act is Act.WHY and len(said.body) < _SHORT:
        return True
    if said.tokens[-1].text == "both":
        return True  # `preview dev and prod and deploy both`
    return any(token.text in _REFERS or (token.has("it") and not token.has("they", "det")) for token in said.tokens)


def stack_meant(said: Said, situation: Situation) -> frozenset[str]:
    """The stack that `it` is in `checkpoint prod but don't deploy it`."""
    meant = situation.referent("stack") if leans(said) and situation.named("stack") else None
    return frozenset({meant}) if isinstance(meant, str) else frozenset()


_BEHIND: Final = pattern("@stack after|following @det? @stack")


def in_order(said: Said, filled: Filled) -> Filled:
    """`deploy prod after dev`: the calls as they are to come one after the other."""
    turned = len(filled.calls) > 1 and _BEHIND.search(said.tokens) is not None
    return replace(filled, calls=filled.calls[::-1]) if turned else filled


def fill(tool: str, said: Said, situation: Situation) -> Filled:
    """Fill a tool's arguments."""
    return _Filling(tool, said, situation).fill()


class _Filling:
    def __init__(self, tool: str, said: Said, situation: Situation) -> None:
        self.tool, self.said, self.situation = tool, said, situation
        self.things: Things = replace(situation.things(mark_things(said.tokens), said.head), filling=True)
        self.leans = leans(said)
        self.writes = _writes(tool, situation)
        self.filled = Filled(tool, [{}])
        self.required = situation.required(tool)

    def fill(self) -> Filled:
        slots = self.situation.slots(self.tool)
        kinds = {slot.kind for slot in slots.values()}
        for name, slot in slots.items():
            if slot.kind in ("key", "value") and {"key", "value"} <= kinds:
                continue
            self._slot(name, slot.kind)
            if self.filled.question:
                return self.filled
        if {"key", "value"} <= kinds:
            self._setting()
        self._derived()
        self._ask_for_missing()
        return self.filled

    def _slot(self, name: str, kind: str) -> None:
        if kind == "key":
            found = Found(tuple(key for key in [self._key()] if key))
        elif kind == "tool":
            found = Found(tuple(tool for tool in [subject(self.said)] if tool and self.said.act is Act.HOW))
        elif kind == "question":
            found = Found((self._question(),))
        elif kind in FILLERS:
            found = FILLERS[kind](self.things)
            if kind == "url" and not found.values and name in self.required and not self.leans:
                found = watched_page(self.things, self.situation.request.names.pages)
        else:
            return
        if found.unclear:
            self.filled.question = unclear(found.unclear)
        elif found.values:
            self._values(name, kind, found.values)
        elif found.unknown and self._minds_strangers(name, kind):
            self.filled.question = unknown(found.unknown, kind_of(kind), self.situation)
        else:
            self._lean(name, kind)

    def _minds_strangers(self, name: str, kind: str) -> bool:
        """A word that is no known name: for a name that is needed, or that would narrow a question down."""
        if kind == "stack":
            return name in self.required and not self.leans
        if self.leans and kind == "competitors" and self.situation.referent("competitor"):
            return False
        if kind == "competitors" and self.things.tagged("competitors"):
            return False  # `which of our competitors work with Yardi?`: no competitor is named
        return kind in ("competitor", "competitors") and not self.things.tagged("url", "domain")

    def _values(self, name: str, kind: str, values: tuple[JsonValue, ...]) -> None:
        if kind == "competitors":
            self._set(name, list(values))
        elif len(values) == 1 or kind in _SINGLE or (kind == "channel" and self.tool != "notify"):
            self._set(name, values[0])
        elif any(token.has("or") for token in self.things.tokens):
            self.filled.question = unclear([str(value) for value in values])
        else:
            self.filled.calls = [call | {name: value} for call in self.filled.calls for value in values]

    def _set(self, name: str, value: JsonValue) -> None:
        for call in self.filled.calls:
            call[name] = value

    def _lean(self, name: str, kind: str) -> None:
        one = kind_of(kind)
        if one == "thread" and self.writes and len(self.situation.named(one)) == 1:
            self._set(name, self.situation.named(one)[0])
            return
        if one == "thread" and self.writes:
            if self.leans or not self.things.tagged("thread"):
                self._set(name, "this")
            return
        if one in _OWN:
            return
        if (
            one == "stack"
            and any(token.text in _EVERY for token in self.things.tokens)
            and (self.things.tagged("stack.n", "excluded") or any(t.text in _ANYWHERE for t in self.things.tokens))
            and name in self.required
        ):
            self._every_stack(name)
            return
        value = self._leant(one, name)
        if value is None:
            return
        if isinstance(value, list) and kind != "competitors":
            self._values(name, kind, tuple(value))
        else:
            self._set(name, value if kind != "competitors" or isinstance(value, list) else [value])

    def _every_stack(self, name: str) -> None:
        but = {str(token.value) for token in self.things.tagged("excluded")} | self.situation.excluded
        names = [stack for stack in self.situation.request.names.stacks if stack not in but]
        if self.writes or not names:
            self.filled.question = missing(self.tool, name, {}, self.situation)
        else:
            self._values(name, "stack", tuple(names))

    def _leant(self, kind: str, name: str) -> JsonValue:
        """The thing that a pronoun, or silence, stands for."""
        if kind == "competitor" and name not in self.required and not self.leans:
            return None
        if kind == "aspect" and not (self.leans or self.tool == "competitor_diff"):
            return None
        if kind == "aspect" and name not in self.required:
            return self._beside_leant(kind)
        if kind == "url" and name not in self.required:
            return None
        named = self.situation.named(kind)
        if len(named) == 1:
            return named[0]
        if self.leans:
            return self.situation.referent(kind)
        if named or self.writes or name not in self.required:
            return None
        return self.situation.referent(kind)

    def _beside_leant(self, kind: str) -> JsonValue:
        """`what changed there`, `show me the before and after`: the page that was just talked about."""
        if self.things.tagged("competitor", "competitors", "url"):
            return None
        for mention in self.situation.referents():
            if "competitor" in mention or kind in mention:
                return mention.get(kind)
        return None

    def _key(self) -> str:
        if self.tool == "stack_outputs":
            keys = self.things.tagged("config-key")
            if keys:
                return keys[0].raw
            compound = _output_key(self.things)
            if compound:
                return compound
            plain = [
                token.text
                for token in self.things.tagged("output")
                if token.text
                not in ("output", "outputs", "stack outputs", "link", "exports", "address", "exported value")
            ]
            return (
                plain[0].replace(" ", "_")
                if plain and not any(token.text in ("outputs", "all") for token in self.things.tokens)
                else ""
            )
        return config_key(self.things)

    def _question(self) -> str:
        tokens, text = self.said.clause.tokens, self.situation.read.text
        start = tokens[0].start
        if self.leans and not self.things.tagged("name"):  # `who are they hiring, and what does that say?`
            start = max(text.rfind(mark, 0, start) for mark in ".!?\n") + 1
        written = text[start : tokens[-1].end]
        for at, quote in enumerate(self.situation.read.quotes):
            written = written.replace(f"\u27e6{at}\u27e7", f"“{quote}”")
        return " ".join(written.split())

    def _setting(self) -> None:
        found = setting(self.things)
        key = found.key or (self._leant_key() if self.leans else "")
        if key:
            self._set("key", key)
        if found.value is not None:
            self._set("value", str(found.value))

    def _leant_key(self) -> str:
        value = self.situation.referent("key")
        if value is None and self.situation.mentions:
            value = next((mention["key"] for mention in reversed(self.situation.mentions) if "key" in mention), None)
        return str(value) if value is not None else ""

    def _derived(self) -> None:
        """What follows from the other arguments: a page's aspect and competitor from its address."""
        for call in self.filled.calls:
            url = call.get("url")
            if not isinstance(url, str):
                continue
            slots = self.situation.slots(self.tool)
            if "aspect" in slots and len(self.filled.calls) > 1:
                call["aspect"] = aspect_beside(self.things, url) or aspect_of_url(url) or call.get("aspect")
            if "aspect" in slots and "aspect" not in call and (aspect := aspect_of_url(url)):
                call["aspect"] = aspect
            known = self.situation.request.names.pages.get(url)
            owner = known.competitor if known else self._owner(url)
            if "competitor" in slots and "competitor" not in call and owner:
                call["competitor"] = owner

    def _owner(self, url: str) -> str | None:
        """The competitor whose name is in the address."""
        host = url.partition("://")[2].partition("/")[0].lower()
        compact = host.replace("-", "").replace(".", "")
        return next(
            (name for name in self.situation.request.names.competitors if name.lower().replace(" ", "") in compact),
            None,
        )

    def _ask_for_missing(self) -> None:
        if "stack" in self.required and "stack" not in self.filled.args and not self.writes:
            quoted = self.situation.quoted_stacks()
            if len(quoted) == 1:
                self._set("stack", quoted[0])
        for name in self.required:
            if name not in self.filled.args and not self.writes:
                self._named_anywhere(name)
            if name not in self.filled.args and not self._filled_later(name):
                self.filled.question = missing(self.tool, name, self.filled.args, self.situation)
                return

    def _named_anywhere(self, name: str) -> None:
        """A look takes the only stack or competitor that the request names, wherever it does."""
        slot = self.situation.slots(self.tool).get(name)
        kind = kind_of(slot.kind) if slot else ""
        if kind in ("stack", "competitor") and len(named := self.situation.named_anywhere(kind)) == 1:
            self._set(name, named[0])

    def _filled_later(self, name: str) -> bool:
        slot = self.situation.slots(self.tool).get(name)
        return slot is not None and slot.kind in ("content", "request")


_ADDRESSES: Final = frozenset(
    ["url", "uri", "endpoint", "address", "hostname", "arn", "ip", "host", "port", "dns", "name", "id", "bucket"]
)


def _output_key(things: Things) -> str:
    """`the api url of dev` → `api_url`."""
    tokens = things.tokens
    for at in range(1, len(tokens)):
        before = tokens[at - 1]
        named = (
            before.kind == "word" and not before.tags - {"unknown", "plain-key", "config-key"} and before.text != "'s"
        )
        if tokens[at].text in _ADDRESSES and tokens[at].has("output") and named and len(before.text) > 1:
            return f"{before.raw.lower()}_{tokens[at].text}"
    return ""


def _writes(tool: str, situation: Situation) -> bool:
    declared = situation.catalogue.get(tool)
    return declared.effect.writes if declared else EFFECTS.get(tool, "read") != "read"
