"""Which of a stack's resources a request is about, where it isn't about all of them.

Said with `only`, `just`, `alone` …, any word may name one; without, only what people call parts of a system (`the api`,
`the billing database`), where it is what the request acts on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Final

from agent.planning.offline.things import Found, Things
from agent.planning.offline.tokens import Token

__all__ = ["PARTED", "component", "leaves_out", "resources"]

PARTED: Final = frozenset({"stack_up", "stack_rollback", "stack_repair", "stack_preview"})
"""The tools that can act on some resources alone."""
_BEFORE: Final = frozenset({"only", "just", "solely", "exclusively", "merely", "simply"})
_AFTER: Final = frozenset({"only", "alone", "exclusively", "itself"})
_TARGET: Final = frozenset({"target", "targets", "targeting"})
_KINDS: Final = frozenset(
    ["service", "database", "db", "bucket", "queue", "topic", "table", "volume", "function", "lambda", "cluster",
     "server", "instance", "container", "pod", "resource", "cache", "network", "certificate", "zone", "role", "bus",
     "stream"]
)  # fmt: skip
"""What a resource is; `the database` names one, `the ledger database` another, and `the service` may be all of it."""
_OF_ALL: Final = frozenset({"service", "server", "cluster", "instance", "resource", "network"})
_NAMES: Final = frozenset(
    ["api", "worker", "web", "frontend", "front-end", "backend", "back-end", "gateway", "proxy", "scheduler", "cron",
     "cdn", "ui", "ingress", "balancer", "loadbalancer", "redis", "postgres", "nginx", "auth", "webhook", "consumer",
     "producer", "daemon", "sidecar", "bastion", "ledger", "indexer", "mailer", "dns", "vpc", "subnet"]
)  # fmt: skip
"""What parts of a system are usually called."""
_GENERAL: Final = frozenset(
    ["change", "changes", "version", "versions", "release", "releases", "build", "hotfix", "fix", "fixes", "patch",
     "update", "updates", "upgrade", "code", "branch", "main", "master", "commit", "latest", "newest", "new", "newer",
     "current", "last", "previous", "recent", "drift", "app", "application", "product", "system", "platform",
     "program", "deploy", "deployment", "rollout", "config", "configuration", "feature", "features", "work", "stuff",
     "thing", "things", "state", "same", "infrastructure", "infra", "manual", "modification", "modifications",
     "edits", "what"]
)  # fmt: skip
"""Words of what is deployed or undone that name no part."""
_WHOLE: Final = frozenset(["whole", "entire", "all", "everything", "every", "complete", "full", "each", "both", "lot"])
_BACK: Final = frozenset({"back", "out", "live", "over", "up"})
"""Particles of verbs, which may stand before or after what is acted on."""
_NOT_NAMES: Final = _GENERAL | _WHOLE | _BACK | frozenset(
    ["once", "now", "today", "tonight", "tomorrow", "then", "again", "it", "this", "that", "them", "if", "when",
     "after", "before", "please", "yes", "no", "read", "report", "stack", "environment", "one", "time", "go", "do",
     "not", "twice", "nothing else", "nothing", "else", "but", "though", "however"]
)  # fmt: skip
_LEAVING_OUT: Final = frozenset(
    ["but", "except", "excluding", "without", "minus", "besides", "sans", "skip", "skipping", "bar", "save", "not",
     "leave", "leaving", "keep", "spare", "sparing"]
)  # fmt: skip
_FOR: Final = frozenset({"for", "from", "the", "out"})
_ACTS: Final = ("deploy.n", "rollback.n", "repair.n")
_JOINTS: Final = frozenset({"and", ",", "&", "+", "plus", "or"})


def resources(things: Things) -> Found:
    """`deploy only the api and the worker on dev`, `api only`, `roll back the api`: the names of what is meant."""
    names = _said_alone(things) or _acted_on(things)
    elsewhere = _elsewhere(things, names)
    if elsewhere:
        return Found(unclear=(*names, *elsewhere))
    return Found((list(names),)) if names else Found()


def component(token: Token) -> bool:
    """Whether a word is what people call a part of a system."""
    return token.kind in ("word", "id") and _single(token.text) in _NAMES | _KINDS and not token.has("stack", "name")


def leaves_out(tokens: Sequence[Token]) -> bool:
    """`everything but the api`, `without the worker`, `but not the worker`: a part is named that is to be spared."""
    for at, token in enumerate(tokens):
        if token.text not in _LEAVING_OUT or (at and tokens[at - 1].text == "nothing"):
            continue
        all_of_it = token.text != "but" or any(earlier.text in _WHOLE for earlier in tokens[:at])
        near = takewhile(lambda one: component(one) or one.has("det") or one.text in _FOR, tokens[at + 1 :])
        if all_of_it and any(map(component, list(near))):
            return True
    return False


def _elsewhere(things: Things, names: Sequence[str]) -> list[str]:
    """`deploy the api to dev and the worker to prod`: parts that are meant for another stack than those."""
    stacks = [at for at, token in enumerate(things.tokens) if token.has("stack") and token.has("name")]
    if not names or len(stacks) < 2:
        return []
    between = things.tokens[stacks[0] + 1 : stacks[-1]]
    return [token.raw for token in between if component(token) and token.raw not in names]


def _single(word: str) -> str:
    return word[:-1] if word.endswith("s") and word[:-1] in _NAMES | _KINDS else word


def _said_alone(things: Things) -> list[str]:
    tokens = things.tokens
    for at, token in enumerate(tokens):
        nothing_but = token.text == "but" and at > 0 and tokens[at - 1].text == "nothing"
        if token.text in _BEFORE or token.text in _TARGET or nothing_but:
            names = list(_listed(things, tokens[at + 1 :]))
            if names and _names_parts(tokens[at + 1 :]):
                return names
        if token.text in _AFTER:
            before = tokens[: at - 1] if token.text == "itself" and at else tokens[:at]
            names = list(_listed(things, _run_before(before)))
            if names:
                return names
    return []


def _names_parts(tokens: Sequence[Token]) -> bool:
    """Whether what follows `only` or `just` is a list of names: what parts are called, or words after which comes
    nothing but the stack or the end of what is said (`just want to see` names none).
    """
    run = list(_span(tokens))
    after = [token for token in tokens[len(run) :] if not token.has("det")]
    if any(map(component, run)) or not after or after[0].text in _BACK:
        return True
    placed = after[1:2] if after[0].has("prep") or after[0].text in ("to", "on", "in", "of", "for") else after[:1]
    return any(token.has("stack", "name", "stack.n", "time") or token.kind == "mark" for token in placed)


def _run_before(tokens: Sequence[Token]) -> Sequence[Token]:
    """The names that stand right before a word, joined to each other."""
    start = len(tokens)
    while start and (_joins(tokens[start - 1]) or _may_name(tokens[start - 1])):
        start -= 1
    return tokens[start:]


def _acted_on(things: Things) -> list[str]:
    """The parts that follow the verb: `ship the web and the api to dev`, `undo the last deploy of the api`."""
    tokens = things.tokens
    acts = [number for number, token in enumerate(tokens) if token is things.head or token.has(*_ACTS)]
    at = acts[-1] + 1 if acts else 0
    while at < len(tokens) and (_passed_over(tokens[at]) or _owning(tokens, at)):
        at += 2 if _owning(tokens, at) else 1
    run = tokens[at:]
    names = list(_listed(things, run))
    words = [token for token in _span(run) if not _joins(token)]
    meant = any(component(token) for token in words) and not (len(words) == 1 and words[0].text in _OF_ALL)
    return names if meant else []


def _owning(tokens: Sequence[Token], at: int) -> bool:
    """`restore dev's database`"""
    return tokens[at].has("stack") and at + 1 < len(tokens) and tokens[at + 1].text == "'s"


def _passed_over(token: Token) -> bool:
    """What may stand between the verb and a part: articles, particles, and words for what is deployed or undone."""
    if token.text in _WHOLE or token.has("stack", "name"):
        return False
    return token.text in _GENERAL | _BACK or token.has("det", "soft", "prep") or token.text in ("of", "to", "on", "in")


def _span(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if not (_joins(token) or _may_name(token)):
            return
        yield token


def _listed(things: Things, tokens: Sequence[Token]) -> Iterator[str]:
    """The names at the beginning of some tokens: words side by side are one, without what kind of thing it is."""
    words: list[str] = []
    for token in (*_span(tokens), None):
        if token is None or (_joins(token) and not token.has("det")):
            if words:
                yield " ".join(words[:-1] if len(words) > 1 and _single(words[-1].lower()) in _KINDS else words)
            words = []
        elif not _joins(token):
            words.append(things.quote(token) if token.kind == "quote" else token.raw)


def _joins(token: Token) -> bool:
    return token.text in _JOINTS or token.has("det") or token.text in ("the", "its", "our")


def _may_name(token: Token) -> bool:
    if token.kind in ("quote", "id"):
        return True
    if token.kind != "word" or token.text in _NOT_NAMES or token.has("stack", "name", "prep", "channel", "be", "modal"):
        return False
    if token.has("i", "you", "they", "it", "wh"):
        return False
    return (
        component(token)
        or token.text == "end"
        or not any(tag.endswith((":base", ":past", ":ing")) for tag in token.tags)
    )
