"""The arguments of a call, found in what was said: a filler for each kind of slot."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final
from urllib.parse import urlsplit

from agent.planning.offline.days import bare_amount
from agent.planning.offline.lexicon import lexicon
from agent.planning.offline.strangers import joined_stranger, stranger
from agent.planning.offline.things import Found, Things
from agent.planning.offline.tokens import Token
from agent.planning.offline.which_schedules import described
from infra import moments

__all__ = [
    "action", "aspect", "aspect_of_url", "channel", "checkpoint", "competitors", "domain", "identifier", "name",
    "rollback_checkpoint", "since", "stack", "thread", "tokens_of", "until", "verdict", "when",
]  # fmt: skip


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
    if found.values and (joined := joined_stranger(things, "stack")):
        return Found(unknown=joined)
    return found if found.values or found.unclear else Found(unknown=stranger(things, "stack"))


def competitors(things: Things) -> Found:
    """Configured competitors that are named; otherwise a name that isn't one of them."""
    found = _names(things, "competitor")
    if found.values and (joined := joined_stranger(things, "competitor")):
        return Found(unknown=joined)
    ruled_out = {
        tag.partition(":")[2]
        for token in things.tagged("excluded")
        for tag in token.tags
        if tag.startswith("excluded:")
    }
    if ruled_out and not found.values:
        return Found(tuple(name for name in things.known if name not in ruled_out))
    return found if found.values or found.unclear else Found(unknown=stranger(things, "competitor"))


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
    if bare := bare_amount([token.text for token in things.tokens]):
        return Found((bare,))
    return Found(("1d",)) if any(token.text == "today" for token in things.tokens) else Found()


def until(things: Things) -> Found:
    """Until when, as a date."""
    found = _time(things, "until")
    if found.values:
        return found
    if any(one.text in ("until", "till") and after.text == "now" for one, after in pairwise(things.tokens)):
        return Found(("now",))
    dates = things.tagged("date")
    return Found((dates[0].text,)) if dates else Found()


def when(things: Things) -> Found:
    """How often or when, in the person's own words."""
    often = _time(things, "often")
    return often if often.values else _time(things, "at")


def tokens_of(kind: str) -> Callable[[Things], Found]:
    """A filler for what has a form of its own."""

    def fill(things: Things) -> Found:
        return Found(tuple(dict.fromkeys(str(token.value) for token in things.tagged(kind) if token.value)))

    return fill


def channel(things: Things) -> Found:
    """The first channel, as written, and those that are listed with it: `#ops and #sales`."""
    found: dict[str, None] = {}
    listed = True
    for token in things.tokens:
        if token.has("channel") and listed:
            value = token.value if isinstance(token.value, str) else token.raw
            found[value if value.startswith("#") else f"#{value}"] = None
        elif found and not (token.has("and", "det") or token.text in (",", "also", "channel", "channels")):
            listed = False
    return Found(tuple(found))


def domain(things: Things) -> Found:
    """A domain, also of a URL."""
    found = [str(token.value) for token in things.tagged("domain")]
    found += [urlsplit(str(token.value)).netloc for token in things.tagged("url")]
    return Found(tuple(dict.fromkeys(value.lower().removeprefix("www.") for value in found)))


def identifier(noun: str) -> Callable[[Things], Found]:
    """A filler for the ids of one kind of thing."""

    def fill(things: Things) -> Found:
        own = things.tagged(f"id:{noun}")
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
        if not values and noun == "schedule.n" and things.filling:
            values = described(things)
        return Found(tuple(dict.fromkeys(values)))

    return fill


def thread(things: Things) -> Found:
    """A thread's id; `this` for the conversation itself."""
    found = identifier("thread")(things)
    if found.values:
        return found
    return identifier("work")(things)


_VERDICTS: Final = {
    "dismiss": "noise", "downvote": "noise", "thumbs-down": "noise", "upvote": "useful", "thumbs-up": "useful",
}  # fmt: skip


def verdict(things: Things) -> Found:
    """Whether an alert was worth it, or that what was said of that no longer counts."""
    if things.tagged("taken-back") or (things.tagged("feedback") and things.head and things.head.has("revoke")):
        return Found(("retract",))
    if things.tagged("negative") and any(token.has("useful") for token in things.tokens):
        return Found(("noise",))
    for token in things.tokens:
        if token.kind == "word" and token.has("noise") and not token.has("alert"):
            return Found(("noise",))
    if things.tagged("useful"):
        return Found(("useful",))
    verb = things.head.text if things.head else ""
    return Found((_VERDICTS[verb],)) if verb in _VERDICTS else Found()


_FUNCTION_WORDS: Final = (
    "det", "prep", "be", "and", "or", "but", "then", "soft", "name", "if", "it", "they", "modal", "did", "because",
    "wh", "says", "called", "particle", "negative", "time",
)  # fmt: skip


_COMMIT: Final = re.compile(r"\b(?:commit|revision|sha)\s+([0-9a-f]{7,40})\b", re.IGNORECASE)


_LABELLING: Final = frozenset(["to", "called", "named", "as", "the", "from", "point", "at", "of"])


def checkpoint(things: Things) -> Found:
    """The checkpoint that is named: `to before-migration`, `checkpoint release-41`, `before lunch`, `commit 1a2b3c`."""
    tokens = things.tokens
    said = " ".join(token.raw for token in tokens)
    if commit := _COMMIT.search(said):
        return Found((commit[1],))
    if words := moments.find(said):
        return Found((words,))
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
        called = bool(at) and (tokens[at - 1].text in ("called", "named") or tokens[at - 1].has("checkpoint.n"))
        if (
            called
            and token.kind in ("word", "id")
            and token.text not in ("called", "named")
            and not (token.has("det", "prep") if tokens[at - 1].text == "named" else token.has(*_FUNCTION_WORDS))
        ):
            return Found((token.raw,))
        label = token.kind in ("id", "date") or (
            token.kind == "word" and re.search(r"[-_.]", token.raw) and not token.has("name", "phrase")
        )
        before = tokens[at - 1] if at else None
        if label and before is not None and (before.text in _LABELLING or before.has("checkpoint.n", "stack")):
            return Found((token.raw,))
        if (
            at
            and tokens[at - 1].text in ("checkpoint", "snapshot")
            and token.kind == "word"
            and not token.has(*_NO_LABEL)
        ):
            return Found((token.raw,))
    return _gone_back_to(tokens)


_VERSIONS: Final = frozenset({"version", "release", "build", "tag"})


def _gone_back_to(tokens: Sequence[Token]) -> Found:
    """`to 1.4.2`, `to the golden one`: a name that only the checkpoints know; never the last one instead."""
    for at, token in enumerate(tokens):
        if token.text != "to":
            continue
        rest = [after for after in tokens[at + 1 :] if not after.has("det") and after.text not in _VERSIONS]
        if rest and (rest[0].kind == "number" or (rest[0].kind == "word" and not rest[0].tags - {"unknown"})):
            return Found((rest[0].raw,))
    return Found()


_NO_LABEL: Final = (
    "det", "prep", "soft", "and", "or", "then", "but", "because", "wh", "be", "did", "modal", "if", "unless", "stack",
    "it", "they", "courtesy", "name", "time", ":past", ":third", "run",
)  # fmt: skip
"""What stands after `checkpoint` and isn't its name."""


_PRAISE: Final = frozenset({"good", "stable", "golden", "working", "safe", "fine", "clean", "green", "healthy"})
"""What people call a state that they may want back: `checkpoint dev as good`."""


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
            if tokens[at].has("checkpoint.n") and at + 1 < len(tokens):
                return Found((tokens[at + 1].raw,))
            praised = tokens[at].text in _PRAISE and tokens[at - 1].text != "it"
            if praised or (
                tokens[at].kind in ("word", "id", "date") and not tokens[at].has("det", "prep", "soft", "be", "before")
            ):
                plainly = at > 1 and tokens[at - 2].text in ("with", "under", "by")  # `with name stable`
                if tokens[at - 1].text in ("it", "name") and not (plainly or re.search(r"[-_\d]", tokens[at].raw)):
                    continue
                return Found((tokens[at].raw,))
    labels = [
        token for token in tokens if token.kind == "word" and token.has("unknown") and re.search(r"[-_]", token.raw)
    ]
    return Found((labels[0].raw,)) if labels else Found()


def action(things: Things) -> Found:
    """The change that is to be imagined, where it isn't a deploy: what a destroy, a rollback, a repair would do."""
    if things.tagged("rollback") and not _asks_for_a_deploy(things.tokens):
        return Found(("rollback",))
    if things.tagged("deploy", "deploy.n"):
        return Found()
    return Found(next(((kind,) for kind in _IMAGINED if things.tagged(kind, f"{kind}.n")), ()))


_IMAGINED: Final = ("destroy", "rollback", "repair")


def _asks_for_a_deploy(tokens: Sequence[Token]) -> bool:
    """Whether a `deploy` is to be done; after `the last` it is a thing: `what would undoing the last deploy do`."""
    return any(
        token.has("deploy", "deploy.n") and not (at and tokens[at - 1].has("det")) for at, token in enumerate(tokens)
    )


def rollback_checkpoint(things: Things) -> Found:
    """The checkpoint of a rollback that is only imagined; with another change, a moment is when it is to be made."""
    return checkpoint(things) if action(things).values == ("rollback",) else Found()
