"""The arguments of a call, found in what was said: by kind of slot, each with what is missing or unclear."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from pydantic import JsonValue

from agent.planning.offline.lexicon import lexicon
from agent.planning.offline.patterns import pattern
from agent.planning.offline.tokens import Token, own_form

__all__ = ["FILLERS", "Found", "Things", "aspect_of_url", "mark_things"]

_PREFIXES: Final = {
    "s": "schedule.n",
    "g": "grant",
    "t": "thread",
    "sched": "schedule.n",
    "grant": "grant",
    "alert": "alert",
    "sch": "schedule.n",
    "thread": "thread",
    "ops": "thread",
    "job": "thread",
    "conv": "thread",
}
_ID_NOUNS: Final = ("schedule.n", "grant", "thread", "alert", "checkpoint.n", "work")
_PREFIX: Final = re.compile(r"([a-z]+)[-_:#]?\d")
_SECRET_KEYS: Final = re.compile(r"(?:^|[_.:-])(?:password|passphrase|secret|token|api_?key)s?$", re.IGNORECASE)


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


def mark_things(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Tag ids with what they are ids of, and identifiers that may be configuration keys."""
    marked = _with_exclusions([_with_kind(tokens, at) for at in range(len(tokens))])
    marked = [_with_key(marked, at) for at in range(len(marked))]
    return tuple(_with_asked_keys(_with_plain_keys(marked)))


def _with_kind(tokens: Sequence[Token], at: int) -> Token:
    token = tokens[at]
    if token.kind not in ("id", "number") and not (token.kind == "word" and "-" in token.text and token.has("unknown")):
        return token
    for beside in (*range(at - 1, max(-1, at - 4), -1), at + 1):
        if 0 <= beside < len(tokens) and (noun := _id_noun(tokens[beside])):
            return replace(token, tags=token.tags | {"id", f"id:{noun}"})
        if (
            0 <= beside < at
            and not tokens[beside].has("det", "be", "and", "id", "number", "grant", "prep")
            and tokens[beside].text not in (",", "number", "id", "no", "called", "named", "#")
        ):
            break
    prefix = _PREFIX.match(token.text)
    kind = _PREFIXES.get(prefix[1]) if prefix and token.kind == "id" else None
    return replace(token, tags=token.tags | {"id", f"id:{kind}", kind}) if kind else token


_EXCLUDING: Final = pattern("not|except|excluding|besides|without|minus|bar for|from|in|on|to|of? @det?")


def _with_exclusions(tokens: list[Token]) -> list[Token]:
    """Names after `not`, `except`, `but not`: tagged `excluded`, and the word before them `contrast`."""
    for at, token in enumerate(tokens):
        end = _EXCLUDING.match(tokens, at)
        if end is None or end >= len(tokens) or at == 0 or not tokens[end].has("name", "channel"):
            continue
        if not any(other.has(":base", "competitors", "everything", "name") for other in tokens[:at]):
            continue
        tokens[at] = replace(token, tags=(token.tags - {"negative"}) | {"contrast"})
        while end < len(tokens) and (tokens[end].has("name", "channel") or tokens[end].text in ("and", "or", "nor")):
            if tokens[end].has("name", "channel"):
                kept = tokens[end].tags - {"stack", "competitor", "channel", "name"}
                tokens[end] = replace(tokens[end], tags=kept | {"excluded", f"excluded:{tokens[end].value}"})
            end += 1
    return tokens


def _id_noun(token: Token) -> str | None:
    if token.kind == "name" or token.has("name"):
        return None
    return next((noun for noun in _ID_NOUNS if token.has(noun)), None)


def _with_key(tokens: Sequence[Token], at: int) -> Token:
    token = tokens[at]
    if token.kind == "pair":
        return token
    identifier = not re.fullmatch(r"v?\d[\w.]*", token.raw) and (
        token.kind == "word" and own_form(token.raw) and not token.has("name") and any(c in "_:." for c in token.raw)
    )
    camel = token.kind == "word" and re.fullmatch(r"[a-z]+(?:[A-Z][a-z0-9]+)+", token.raw) is not None
    if identifier or camel:
        named = {"config-key", "output"} if _OUTPUT_KEY.search(token.raw) else {"config-key"}
        return replace(token, tags=(token.tags - {"unknown"}) | named)
    return token


_SETS: Final = frozenset({"to", "too", "="})
_ASKS_FOR_KEY: Final = pattern("@get:base|@ask:base|@show:base @det* @plain @plain? on|of|for|in|from @det? @stack")
_SETS_NUMBER: Final = pattern("@set:base @det* @plain @plain? @number")
_OUTPUT_KEY: Final = re.compile(r"(?:^|_)(?:url|uri|endpoint|address|arn|dns|hostname|output)$", re.IGNORECASE)
_SETS_KEY: Final = pattern("@set:base @det* @plain @plain? on|of|for|in @det? @stack")
_WHICH_KEY: Final = pattern("which|what @plain @plain? @did|@be @det? @stack")
_IS_KEY: Final = pattern("what|which @be @det* @plain @plain? @set:base? to? on|of|for|in|from @det? @stack")


def _with_plain_keys(tokens: list[Token]) -> list[Token]:
    """`set the log level to debug`: plain words between the verb and the value are a key."""
    for at, token in enumerate(tokens):
        if not token.has("set:base", "set:ing", "update:base") or (
            token.has("name", "gapped") and not token.has("set:base")
        ):
            continue
        end = next((i for i in range(at + 1, min(at + 9, len(tokens))) if tokens[i].text in _SETS), None)
        if (
            end is None
            or end + 1 >= len(tokens)
            or any(t.kind == "mark" for t in tokens[at:end])
            or not _may_be_value(tokens[end + 1])
        ):
            continue
        if any(t.has("config-key") for t in tokens[at + 1 : end]):
            continue
        for i in range(at + 1, end):
            if _plain_key(tokens[i]):
                tokens[i] = replace(tokens[i], tags=tokens[i].tags | {"config-key", "plain-key"})
    return tokens


def _with_asked_keys(tokens: list[Token]) -> list[Token]:
    """`look up replicas on production`, `what is the region of dev`: plain words before a stack are a key."""
    plain = [replace(token, tags=token.tags | {"plain"}) if _plain_noun(token) else token for token in tokens]
    for at in range(len(tokens)):
        for row in (_ASKS_FOR_KEY, _SETS_KEY, _SETS_NUMBER, _IS_KEY, _WHICH_KEY):
            end = row.match(plain, at)
            for i in range(at, end or at):
                if plain[i].has("plain"):
                    tokens[i] = replace(tokens[i], tags=tokens[i].tags | {"config-key", "plain-key"})
    return tokens


def _plain_noun(token: Token) -> bool:
    """A word that means nothing else here and may be a key's name."""
    return (
        token.kind == "word"
        and len(token.text) > 2
        and token.text != "'s"
        and not token.tags - {"unknown"}
        and token.text not in _NO_NAMES
    )


def _may_be_value(token: Token) -> bool:
    if token.has("deploy:base", "destroy:base", "rollback:base", "repair:base", "sweep:base", "unlock:base", "see", "ask:base"):
        return False
    return token.kind in ("number", "id", "quote", "span") or (
        token.kind == "word" and not token.has("det", "it", "name", "time", "prep", "wh", "stack.n", "channel")
    )


def _plain_key(token: Token) -> bool:
    return (
        token.kind == "word"
        and token.text != "'s"
        and not token.has(
            "det",
            "prep",
            "name",
            "soft",
            "it",
            "stack.n",
            "particle",
            "config",
            "competitors",
            "deploy.n",
            "checkpoint.n",
            "schedule.n",
            "everything",
        )
    )


# --- fillers: one a kind of slot ---------------------------------------------------------------------------------


def _names(things: Things, kind: str) -> Found:
    values: dict[str, None] = {}
    for token in things.tagged(kind):
        if not token.has("name"):
            continue
        if isinstance(token.value, list):
            kept = [value for value in token.value if value not in things.excluded]
            if len(kept) > 1:
                return Found(unclear=tuple(kept))
            values.update(dict.fromkeys(kept))
        elif isinstance(token.value, str) and token.value not in things.excluded:
            values[token.value] = None
    return Found(tuple(values))


def stack(things: Things) -> Found:
    """Configured stacks that are named; otherwise a word that stands where one should."""
    found = _names(things, "stack")
    return found if found.values or found.unclear else Found(unknown=_stranger(things, _STACK_PLACES))


def competitors(things: Things) -> Found:
    """Configured competitors that are named; otherwise a name that isn't one of them."""
    found = _names(things, "competitor")
    ruled_out = {tag.partition(":")[2] for token in things.tagged("excluded") for tag in token.tags if tag.startswith("excluded:")}
    if ruled_out and not found.values:
        return Found(tuple(name for name in things.known if name not in ruled_out))
    return found if found.values or found.unclear else Found(unknown=_stranger(things, _COMPETITOR_PLACES))


_STACK_PLACES: Final = frozenset(["on", "in", "of", "to", "for", "at", "from"])
_COMPETITOR_PLACES: Final = frozenset(["at", "on", "from", "of", "for", "about", "with", "by", "regarding"])
_NO_NAMES: Final = frozenset(
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
    ]
)


def _stranger(things: Things, places: frozenset[str]) -> str:
    """A word without any meaning here that stands where a name should: `deploy staging`, `news at Zillow`."""
    tokens = things.tokens
    for at, token in enumerate(tokens):
        if token.kind != "word" or not _meaningless(token):
            continue
        before = at - 1
        while before >= 0 and tokens[before].has("det") and not tokens[before].has("prep"):
            before -= 1
        placed = before >= 0 and tokens[before].text in places
        acting = things.head is not None and not things.head.has("ask", "show")
        object_ = acting and before >= 0 and tokens[before] is things.head
        possessive = at + 1 < len(tokens) and tokens[at + 1].text == "'s"
        proper = token.raw[:1].isupper() and at > 0 and token.start > 0
        environment = at + 1 < len(tokens) and tokens[at + 1].has("stack.n")
        subject = before >= 0 and tokens[before].has("be", "did", "modal")
        if placed or object_ or possessive or proper or environment or subject:
            return token.raw
    return ""


def _meaningless(token: Token) -> bool:
    return (
        token.text not in _NO_NAMES
        and not (token.tags - {"unknown", "it", ":base", ":noun"})
        and len(token.text) > 2
        and token.text != "'s"
    )


def aspect(things: Things) -> Found:
    """`pricing`, `job_postings` …; words that also mean news count only beside another word for a change."""
    found = [token for token in things.tagged("aspect") if token.kind == "word"]
    changes = [token for token in things.tagged("change") if token not in found]
    for token in found:
        alone = token.has("change") and not changes and not _beside_page(things.tokens, token)
        working = (
            token.has("work", "code", "message", "competitors")
            and not token.has("phrase")
            and not (_beside_page(things.tokens, token) or things.tagged("competitor", "url"))
        )
        if alone or working:
            continue
        return Found((next(tag.partition("=")[2] for tag in sorted(token.tags) if tag.startswith("aspect=")),))
    return Found()


def _beside_page(tokens: Sequence[Token], token: Token) -> bool:
    at = next(index for index, other in enumerate(tokens) if other is token)
    return at + 1 < len(tokens) and tokens[at + 1].has("page")


def aspect_of_url(url: str) -> str | None:
    """The aspect that a page's address names: `/pricing`, `/careers`."""
    known = lexicon()
    for part in reversed(urlsplit(url).path.lower().strip("/").split("/")):
        words = re.split(r"[-_.]", part)
        for word in (part, " ".join(words), *words):
            tags = known.tags(word) or next(
                (
                    p.tags
                    for p in known.phrases.get(word.split(" ")[0], ())
                    if " ".join((word.split(" ")[0], *p.rest)) == word
                ),
                frozenset(),
            )
            found = next((tag.partition("=")[2] for tag in sorted(tags) if tag.startswith("aspect=")), None)
            if found:
                return found
    return None


def _time(things: Things, part: str) -> Found:
    for token in things.tagged("time"):
        value = getattr(token.value, part)
        if value:
            return Found((value,))
    return Found()


def since(things: Things) -> Found:
    """How far back, as a duration."""
    found = _time(things, "since")
    if found.values:
        return found
    spans = [token for token in things.tagged("span") if re.fullmatch(r"\d+[hdwm]", token.text)]
    if spans:
        return Found((spans[0].text,))
    return Found(("1d",)) if any(token.text == "today" for token in things.tokens) else Found()


def until(things: Things) -> Found:
    """Until when, as a date."""
    found = _time(things, "until")
    if found.values:
        return found
    dates = things.tagged("date")
    return Found((dates[0].text,)) if dates else Found()


def when(things: Things) -> Found:
    """How often or when, in the person's own words."""
    often = _time(things, "often")
    return often if often.values else _time(things, "at")


def _tokens_of(kind: str) -> Callable[[Things], Found]:
    def fill(things: Things) -> Found:
        return Found(tuple(dict.fromkeys(str(token.value) for token in things.tagged(kind) if token.value)))

    return fill


def channel(things: Things) -> Found:
    """Channels, as written."""
    found: dict[str, None] = {}
    for token in things.tagged("channel"):
        value = token.value if isinstance(token.value, str) else token.raw
        found[value if value.startswith("#") else f"#{value}"] = None
    return Found(tuple(found))


def domain(things: Things) -> Found:
    """A domain, also of a URL."""
    found = [str(token.value) for token in things.tagged("domain")]
    found += [urlsplit(str(token.value)).netloc for token in things.tagged("url")]
    return Found(tuple(dict.fromkeys(value.lower().removeprefix("www.") for value in found)))


def _identifier(noun: str) -> Callable[[Things], Found]:
    def fill(things: Things) -> Found:
        own = [token for token in things.tagged(f"id:{noun}")]
        free = [
            token for token in things.tagged("id", "number") if not any(tag.startswith("id:") for tag in token.tags)
        ]
        values = [token.raw.lstrip("#") for token in own or (free if things.filling or things.tagged(noun) else [])]
        if not values:
            values = [
                things.quote(token)
                for token in things.tagged("quote")
                if len(things.quote(token).split()) <= 4 and things.tagged(noun)
            ]
        return Found(tuple(dict.fromkeys(values)))

    return fill


def thread(things: Things) -> Found:
    """A thread's id; `this` for the conversation itself."""
    found = _identifier("thread")(things)
    if found.values:
        return found
    return _identifier("work")(things)


_VERDICTS: Final = {
    "dismiss": "noise", "downvote": "noise", "thumbs-down": "noise", "upvote": "useful", "thumbs-up": "useful",
}  # fmt: skip


def verdict(things: Things) -> Found:
    """Whether an alert was worth it."""
    if things.tagged("negative") and any(token.has("useful") for token in things.tokens):
        return Found(("noise",))
    for token in things.tokens:
        if token.kind == "word" and token.has("noise") and not token.has("alert"):
            return Found(("noise",))
    if things.tagged("useful"):
        return Found(("useful",))
    verb = things.head.text if things.head else ""
    return Found((_VERDICTS[verb],)) if verb in _VERDICTS else Found()


def checkpoint(things: Things) -> Found:
    """The checkpoint that is named: `to before-migration`, `checkpoint release-41`."""
    tokens = things.tokens
    for at, token in enumerate(tokens):
        if (
            token.kind == "quote"
            and at
            and (
                tokens[at - 1].text in ("to", "checkpoint", "snapshot", "called", "named")
                or tokens[at - 1].has("checkpoint.n")
            )
        ):
            return Found((things.quote(token),))
        label = token.kind in ("id", "date") or (
            token.kind == "word" and re.search(r"[-_.]", token.raw) and not token.has("name", "phrase")
        )
        if (
            label
            and at
            and (
                tokens[at - 1].text in ("to", "called", "named", "as", "the", "from", "point")
                or tokens[at - 1].has("checkpoint.n", "stack")
            )
        ):
            return Found((token.raw,))
    return Found()


def name(things: Things) -> Found:
    """What something is to be called: `as before-migration`, `called "x"`."""
    tokens = things.tokens
    for at in range(1, len(tokens)):
        if tokens[at - 1].text in (
            "as",
            "called",
            "named",
            "labelled",
            "labeled",
            "name",
            "label",
            "tagged",
            "titled",
            "call it",
            "it",
        ):
            if tokens[at].kind == "quote":
                return Found((things.quote(tokens[at]),))
            if tokens[at].kind in ("word", "id", "date") and not tokens[at].has("det", "prep", "soft", "be", "before"):
                if tokens[at - 1].text in ("it", "name") and not re.search(r"[-_\d]", tokens[at].raw):
                    continue
                return Found((tokens[at].raw,))
    labels = [
        token for token in tokens if token.kind == "word" and token.has("unknown") and re.search(r"[-_]", token.raw)
    ]
    return Found((labels[0].raw,)) if labels else Found()


@dataclass(frozen=True)
class Setting:
    """A configuration key and value that a clause names."""

    key: str = ""
    value: JsonValue = None


_TO: Final = frozenset(["to", "too", "=", "as", "at", "is", "be", "equals", "into", "equal", "with", ":", "=>", "by"])
_AFTER_KEY: Final = frozenset(
    [
        "on",
        "in",
        "for",
        "of",
        "at",
        "'s",
        "from",
        "please",
        "and",
        "have",
        "has",
        "is",
        "set",
        "currently",
        "configured",
        "to",
        "under",
        "over",
        "across",
        ",",
        "there",
    ]
)


def setting(things: Things) -> Setting:
    """`set KEY to VALUE`, `KEY=VALUE`, `bump the KEY to VALUE`."""
    for token in things.tagged("pair"):
        key, _, value = token.raw.partition("=")
        return Setting(key.strip(), value.strip().strip("\"'"))
    at, end = _value_place(things)
    value = _value(things, end) if at is not None else None
    key = _key(things, at)
    if at is None and key:
        value = next((token.raw for token in things.tagged("number")), None)
    return Setting(key, value)


def _value_place(things: Things) -> tuple[int | None, int]:
    tokens = things.tokens
    for at in range(1, len(tokens) - 1):
        if tokens[at].text not in _TO or (
            tokens[at].text in ("at", "is", "with", "by") and tokens[at + 1].kind not in ("number", "quote")
        ):
            continue
        following = tokens[at + 1]
        if following.text in ("be", "set", "use"):
            continue
        if (following.has("name", "time", "det", "it") and following.kind != "number") or following.kind == "mark":
            continue
        return at, at + 1
    return None, 0


def _value(things: Things, at: int) -> JsonValue:
    token = things.tokens[at]
    if token.kind == "quote":
        return things.quote(token)
    parts = [token.raw]
    for following in things.tokens[at + 1 : at + 2]:
        if following.text in ("%",) and following.start == token.end:
            parts.append(following.raw)
    return "".join(parts).rstrip(".,;")


def _key(things: Things, end: int | None) -> str:
    """The words between the verb (and the stack) and `to`, or an identifier anywhere."""
    identifiers = [
        token
        for index, token in enumerate(things.tokens)
        if token.has("config-key") and not token.has("plain-key") and (end is None or index < end)
    ]
    if identifiers:
        return identifiers[0].raw
    quoted = [
        token for index, token in enumerate(things.tokens) if token.kind == "quote" and (end is None or index < end)
    ]
    if quoted and len(things.quote(quoted[0]).split()) == 1:
        return things.quote(quoted[0])
    return _key_words(things, end) if end is not None else ""


def _key_words(things: Things, end: int) -> str:
    tokens = things.tokens
    start = next((index + 1 for index, token in enumerate(tokens) if token is things.head), 0)
    words: list[str] = []
    for token in tokens[start:end]:
        if token.has("name", "particle") or token.text in (
            "'s",
            "the",
            "value",
            "of",
            "config",
            "configuration",
            "setting",
            "key",
            "parameter",
            "stack",
            "up",
            "down",
            "number",
            "variable",
            "its",
            "our",
        ):
            if token.text == "number" or not words:
                continue
            if (
                token.text not in ("of",)
                and not token.has("name", "particle")
                and token.text not in ("setting", "config", "value", "key", "parameter", "variable", "configuration")
            ):
                break
            continue
        if token.text in _AFTER_KEY or token.kind == "mark":
            if words:
                break
            continue
        if token.kind in ("word", "id") and not token.has("det", "soft", "it"):
            words.append(token.raw.lower())
    return "_".join(words[:3])


def config_key(things: Things) -> str:
    """The key that a question is about: `what is instance_type on prod`, `the log level of dev`."""
    identifiers = things.tagged("config-key")
    if identifiers:
        return identifiers[0].raw
    quoted = [token for token in things.tagged("quote") if len(things.quote(token).split()) == 1]
    if quoted:
        return things.quote(quoted[0])
    return _named_key(things)


_NOT_KEYS: Final = frozenset(
    [
        "get",
        "what",
        "show",
        "give",
        "tell",
        "value",
        "values",
        "of",
        "is",
        "set",
        "to",
        "config",
        "configuration",
        "setting",
        "settings",
        "key",
        "parameter",
        "parameters",
        "output",
        "outputs",
        "list",
        "all",
        "the",
        "current",
        "currently",
        "stack",
        "read",
        "look",
        "up",
        "fetch",
        "return",
        "which",
        "whole",
        "full",
        "entire",
        "every",
        "have",
        "has",
        "currently",
        "configured",
    ]
)


def _named_key(things: Things) -> str:
    """Plain words beside `of dev`, `setting`, `output`: `the log level of dev`, `the region setting`."""
    words: list[str] = []
    for token in things.tokens:
        plain = token.kind == "word" and token.text not in _NOT_KEYS and not token.has(
            "det", "soft", "prep", "wh", "be", "did", "modal", "i", "you", "them", "ask", "show", "stack.n", "particle", "name", "it", "courtesy", "and", "they", "config", "everything", "then"
        )  # fmt: skip
        if plain and token.text != "'s":
            words.append(token.raw.lower())
        elif words and token.kind != "mark":
            break
    return "_".join(words) if len(words) in (1, 2, 3) else ""


def is_secret_key(key: str) -> bool:
    """Whether a configuration key names a secret."""
    return _SECRET_KEYS.search(key) is not None


FILLERS: Final[Mapping[str, Callable[[Things], Found]]] = {
    "stack": stack,
    "competitor": competitors,
    "competitors": competitors,
    "aspect": aspect,
    "since": since,
    "until": until,
    "when": when,
    "channel": channel,
    "url": _tokens_of("url"),
    "domain": domain,
    "checkpoint": checkpoint,
    "name": name,
    "thread": thread,
    "schedule": _identifier("schedule.n"),
    "grant": _identifier("grant"),
    "alert": _identifier("alert"),
    "verdict": verdict,
}
"""How each kind of slot is found. Keys, values, contents and requests need the whole clause and are filled elsewhere."""
