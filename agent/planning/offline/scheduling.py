"""Requests that are to be carried out again and again, or later: the request itself, and when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pydantic import JsonValue

from agent.planning.offline.concepts import ACTING
from agent.planning.offline.filling import leans
from agent.planning.offline.parts import Link, Part
from agent.planning.offline.situation import Situation
from agent.planning.offline.speech import Act, Said
from agent.planning.offline.spoken_times import by_an_amount, from_now_on, spoken_time
from agent.planning.offline.times import When
from agent.planning.offline.tokens import Token
from infra import moments

__all__ = ["Recurring", "recurring"]

_NOT_ASKED: Final = frozenset(
    {Act.PAST, Act.WHY, Act.HOW, Act.HYPOTHESIS, Act.PROHIBITION, Act.STATEMENT, Act.COURTESY}
)
_LEADING: Final = re.compile(
    r"^(?:(?:please|can you|could you|would you|i want you to|i'd like you to|kindly|schedule|"
    r"set up|create|add|automate|arrange|book|"
    r"a|an|the|new|job|task|schedule|that|which|to|for|of|runs?|and|also|,|:|-|"
    r"(?:from|starting|beginning|as of) (?:now|today|tomorrow|tonight)(?: on(?:wards?)?\b,?)?)\s+)+",
    re.IGNORECASE,
)
_TRAILING: Final = re.compile(
    r"[\s,;:.!-]*"
    r"(?:\bfrom now on|\binstead|\bplease|\bthanks|\bgoing forward|\bstarting (?:today|now)"
    r"|(?:\bbut )?(?:\bonly )?\bafter|\bbut only|\band|\bat|\bon|\bwith|\bby)?"
    r"[\s,;:.!-]*$",
    re.IGNORECASE,
)


_AND_NOW: Final = re.compile(r"[\s,]*\b(?:right |straight )?now(?:[\s,]+(?:and|then|again|also))*$", re.IGNORECASE)
"""`sweep now and every morning at 8`: once at once, and then again and again."""


@dataclass(frozen=True)
class Recurring:
    """The clauses of one such request, from one place in the clauses up to another."""

    said: tuple[Said, ...]
    end: int

    def begins_now(self, situation: Situation) -> bool:
        """Whether it is asked for at once as well."""
        tokens = [token for said in self.said for token in said.tokens]
        return _AND_NOW.search(self._untimed(tokens, situation)) is not None

    def arguments(self, situation: Situation) -> dict[str, JsonValue]:
        """The request without its time, when it is due, and the channel that it names."""
        tokens = [token for said in self.said for token in said.tokens]
        spoken = spoken_time(tokens, situation.read.text, situation.request.now)
        args: dict[str, JsonValue] = {
            "request": self._request(tokens, situation),
            "when": _when(tokens) if spoken is None else spoken.text,
        }
        channels = [token for token in tokens if token.has("channel")]
        if channels:
            args["channel"] = channels[0].value if isinstance(channels[0].value, str) else channels[0].raw
        return {name: value for name, value in args.items() if value}

    def _request(self, tokens: Sequence[Token], situation: Situation) -> str:
        written = _AND_NOW.sub("", self._untimed(tokens, situation))
        return "" if _says_nothing(written) else written

    def _untimed(self, tokens: Sequence[Token], situation: Situation) -> str:
        text = situation.read.text
        start, end = tokens[0].start, tokens[-1].end
        written = text[start:end]
        spoken = spoken_time(tokens, text, situation.request.now)
        timed = spoken.tokens if spoken else _due(tokens)
        for token in sorted(timed, key=lambda token: -token.start):
            written = written[: token.start - start] + " " + written[token.end - start :]
        for at, quote in enumerate(situation.read.quotes):
            written = written.replace(f"\u27e6{at}\u27e7", f"“{quote}”")
        written = " ".join(written.split()).replace(" ,", ",")
        return _TRAILING.sub("", _LEADING.sub("", written.strip(" ,;:.-")))


_NOTHING_SAID: Final = frozenset(
    ["it", "that", "this", "them", "do", "run", "the", "same", "me", "us", "to", "please", "something", "anything",
     "stuff", "a", "an", "of", "for", "in", "on", "with", "ping", "remind", "message", "tell", "alert", "notify",
     "update", "report", "check", "inform", "brief", "poke", "nudge", "send", "give", "let", "know", "look",
     "again", "back", "up", "everything", "all", "everyone", "team", "reminder", "note", "post", "say", "make",
     "sure", "thing", "things", "work", "job"]
)  # fmt: skip


def _says_nothing(written: str) -> bool:
    """`remind me`, `message #ops`: whoever hears of it, nothing says of what."""
    return all(word.startswith("#") or word.strip(".,:;!-") in _NOTHING_SAID for word in written.lower().split())


_TWEAKING: Final = frozenset({"set", "add", "free", "save", "retain", "fix"})
"""Verbs that say too little to be put off by themselves: `move it to Thursday`."""
_PLAIN_ACTIONS: Final = frozenset(
    ["sweep", "deploy", "destroy", "rollback", "repair", "checkpoint", "unlock", "pause", "resume", "notify"]
)
"""Verbs that are put off by a time even when they name nothing: `run a sweep tomorrow at 6`."""
_NO_TIME: Final = frozenset({"later", "later today", "later on"})


def _due(tokens: Sequence[Token]) -> list[Token]:
    """What says when, with the past day that stands right before a time: `yesterday at 5` isn't today at 5."""
    found = [
        token
        for at, token in enumerate(tokens)
        if token.has("often", "later", "vague-often") and not from_now_on(tokens, at)
    ]
    for at, token in enumerate(tokens[1:], 1):
        if token.has("later") and tokens[at - 1].text.startswith("yesterday"):
            found.insert(0, tokens[at - 1])
    return found


def _when(tokens: Sequence[Token]) -> str | None:
    due = _due(tokens)
    if due and not due[0].has("often", "later", "vague-often"):
        return f"{due[0].text} {due[1].text}"
    for tag in ("often", "later"):
        for token in tokens:
            if token.has(tag) and isinstance(token.value, When):
                said = token.value.often or token.value.at
                return None if said in _NO_TIME else said
    return None


def recurring(said: Sequence[Said], at: int) -> Recurring | None:
    """The request that begins at a clause and is to be repeated or put off, if it is one."""
    sentence = said[at].clause.sentence
    end = at
    while end < len(said) and said[end].clause.sentence == sentence:
        end += 1
    group = list(said[at:end])
    while len(group) > 1 and (_about_schedules(group[-1]) or _at_once(group[-1]) or _asks_for_it(group[-1])):
        group.pop()
    own = next((i for i, each in enumerate(group) if i and _timed(each) and any(map(_timed, group[:i]))), len(group))
    end, group = at + own, group[:own]
    timed = [each for each in group if _timed(each)]
    if not timed or _not_asked(said[at], _NOT_ASKED) or said[at].clause.part is not Part.MAIN:
        return None
    if any(_not_asked(each, _NOT_ASKED - {Act.STATEMENT, Act.COURTESY}) for each in group) or _asks(timed[0]):
        return None
    if timed[0] is not said[at] and not all(_commanding(each) for each in group[: group.index(timed[0])]):
        return None
    if timed[0] is not said[at] and _controls(said[at]):
        return None
    if not any(_often(each) or _vaguely_often(each) for each in timed):
        if timed[0] is not said[at]:
            return None
        group = group[: _put_off_together(group)]
    end = at + len(group)
    while group[-1].act in (Act.STATEMENT, Act.COURTESY) and group[-1].clause.part not in _DECIDING:
        group.pop()
    return Recurring(tuple(group), end)


def _not_asked(said: Said, acts: frozenset[Act]) -> bool:
    return said.act in acts and not _asked_regularly(said)


_DECIDING: Final = frozenset({Part.IF, Part.UNLESS, Part.UNTIL, Part.AFTER, Part.BEFORE})


def _put_off_together(group: Sequence[Said]) -> int:
    """How many clauses wait for the first one's time: those that depend on how it went, and what comes before them."""
    hanging = [at for at, each in enumerate(group) if each.clause.part is not Part.MAIN or leans(each) or _tells(each)]
    return max(hanging, default=0) + 1


def _tells(said: Said) -> bool:
    """`… and tell #ops`: what there is to tell is only known then."""
    worded = any(token.kind in ("payload", "quote") for token in said.tokens)
    return "notify" in said.heads and not worded and any(token.has("channel") for token in said.tokens)


_CONTROLLING: Final = frozenset({"pause", "resume", "remove", "cancel", "revoke", "restart"})


def _controls(said: Said) -> bool:
    """`delete schedule s-2, and in its place …`: done now, whatever comes after it."""
    return bool(said.heads & _CONTROLLING) and any(
        token.has("schedule.n", "grant", "described") for token in said.tokens
    )


def _often(said: Said) -> bool:
    return any(token.has("often") for token in said.tokens)


def _vaguely_often(said: Said) -> bool:
    """`check the drift of prod regularly`: again and again, and nobody said how often."""
    vague = [token for token in said.tokens if token.has("vague-often")]
    other = any(token.has("schedule.n") and not token.has("vague-often") for token in said.tokens)
    return bool(vague) and not other and said.act is Act.COMMAND and not said.heads & _CONTROLLING


def _goes_back(said: Said) -> bool:
    """`restore it to yesterday at 5pm`: a moment to go back to, and none to act at."""
    return "rollback" in said.heads and bool(moments.find(" ".join(token.raw for token in said.tokens)))


def _timed(said: Said) -> bool:
    """`often` with anything that is asked for; `later` with an action that isn't about a page's silence."""
    if _goes_back(said):
        return False
    if _often(said):
        return said.act in (Act.COMMAND, Act.INQUIRY, Act.SUGGESTION, Act.FRAGMENT) or _asked_regularly(said)
    if _vaguely_often(said):
        return True
    later = [
        token
        for token in said.tokens
        if token.has("later") and not by_an_amount(said.head, token) and not _as_a_value(said, token)
    ]
    if not later or said.act is not Act.COMMAND:
        return False
    plain = said.heads & ACTING - _TWEAKING or any(token.has("config-key", "pair") for token in said.tokens)
    acting = bool(plain) and not said.heads & {"snooze", "rate"}
    past = any(token.has("change", "history", "before-after", "spend", "audit") for token in said.tokens)
    looking = all(
        isinstance(token.value, When) and (token.value.since is None or (token.text.startswith("in ") and not past))
        for token in later
    )
    named = any(
        token.has("name", "competitors", "everything", "url", "channel", "it", "audit", "spend")
        for token in said.tokens
    )
    named = named or bool(said.heads & _PLAIN_ACTIONS and looking)
    return named and (acting or looking) and not any(token.has("until") for token in said.tokens)


_REGULAR: Final = ("schedule.n", "sweep.n", "check.n", "digest", "described", "id", "it", "deploy.n", "audit", "drift")


def _as_a_value(said: Said, token: Token) -> bool:
    """`set expiry to 2026-12-01 on dev`: what a key is to be, and not when."""
    before = next((one for one, after in pairwise(said.tokens) if after is token), None)
    assigned = before is not None and before.text in ("to", "=") and re.fullmatch(r"[\d:.\-T]+", token.text) is not None
    named = any(other.has("stack") for other in said.tokens) and not any(t.has(*_REGULAR) for t in said.tokens)
    return assigned and named and "set" in said.heads


def _asks(said: Said) -> bool:
    """`what runs every night?` asks about schedules and makes none."""
    first = said.body[0]
    if any(token.has("ask:base", "show:base", "notify:base") for token in said.tokens if token.start < first.start):
        return False  # `every weekday at 7 tell me what changed`
    opening = [token for token in said.tokens if not token.has("soft", "courtesy")][:2]
    if _asked_regularly(said):
        return False
    if len(opening) > 1 and opening[0].has("modal") and not opening[1].has("you"):
        return True
    if first.text == "have" and not said.clause.question:
        return False  # `please have a summary in #board every Monday`
    if said.clause.question and opening and opening[0].text == "you":
        return True  # `you deploy it every Monday, right?`
    return first.has("wh", "be", "did") and not first.has(":base")


def _asked_regularly(said: Said) -> bool:
    """`every Monday at 9 what changed?`, `every Friday who deployed production?`: a question again and again."""
    opening = [token for token in said.tokens if not token.has("soft", "courtesy")][:1]
    if not opening or not opening[0].has("often") or not said.body[0].has("wh"):
        return False
    about = any(token.has("schedule.n") or token.text in _GOING_ON for token in said.tokens)
    return said.act in (Act.INQUIRY, Act.PAST) and not about


_GOING_ON: Final = frozenset({"run", "runs", "happen", "happens", "going on"})


def _commanding(said: Said) -> bool:
    return said.act in (Act.COMMAND, Act.INQUIRY) and not _asks(said) and said.clause.link is not Link.ELSE


def _at_once(said: Said) -> bool:
    """`… and check it right now too`."""
    now = any(token.text in ("now", "right now", "immediately", "right away", "at once") for token in said.tokens)
    return now and not _often(said)


def _asks_for_it(said: Said) -> bool:
    """`…, is it possible to set this up?`"""
    asking = said.act in (Act.HOW, Act.HYPOTHESIS, Act.INQUIRY, Act.COMMAND, Act.SUGGESTION) and said.clause.question
    return asking and not any(token.has("name", "url", "often", "wh") for token in said.tokens)


def _about_schedules(said: Said) -> bool:
    """`… and show me all the schedules afterwards`."""
    return (
        said.act in (Act.COMMAND, Act.INQUIRY)
        and not said.heads & ACTING
        and any(token.has("schedule.n") for token in said.tokens)
        and not _often(said)
    )
