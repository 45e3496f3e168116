"""What comes before a request in its sentence and says how to take it: a speaker, a heading, a topic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.planning.offline.concepts import ACTING
from agent.planning.offline.parts import Link, Part
from agent.planning.offline.speech import Act, Said

__all__ = ["introduced"]


def introduced(said: Sequence[Said], text: str) -> list[Said]:
    """The clauses with what others said, what stands under a heading, and topics that are named first, taken so."""
    return _with_topics(_labelled(_for_others(_without_reports(said), text), text))


def _labelled(said: Sequence[Said], text: str) -> list[Said]:
    """`Bob: deploy it`, `todo: deploy it`: an action after somebody's name or a heading is only mentioned."""
    result: list[Said] = []
    heading: int | None = None
    for each in said:
        sentence = each.clause.sentence
        if heading == sentence and each.act is Act.COMMAND and actions_of(each):
            result.append(replace(each, act=Act.SUGGESTION))
            continue
        result.append(each)
        following = text[each.tokens[-1].end :].lstrip(" ")
        if following.startswith(":") and all(token.text in _CALLS or token.has("det", "soft") for token in each.body):
            result[-1] = replace(each, act=Act.COURTESY)
        if _PASTED.match(following) and each.act in (Act.FRAGMENT, Act.INQUIRY) and not each.clause.question:
            result[-1] = replace(each, act=Act.STATEMENT)
        if following.startswith(":") and each.act in (Act.FRAGMENT, Act.INQUIRY, Act.STATEMENT) and _heading(each):
            heading = sentence
    return result


def _for_others(said: Sequence[Said], text: str) -> list[Said]:
    """`Bob, please deploy it`: what is said to somebody else is perhaps not asked of Sophia."""
    result: list[Said] = []
    called: int | None = None
    for each in said:
        sentence = each.clause.sentence
        if called == sentence and each.act is Act.COMMAND and actions_of(each):
            result.append(replace(each, act=Act.SUGGESTION))
            continue
        result.append(each)
        begins = each is said[0] or said[len(result) - 2].clause.sentence != sentence
        if begins and text[each.tokens[-1].end :].lstrip(" ").startswith(_AFTER_A_NAME) and _calls_somebody(each):
            called = sentence
    return result


_AFTER_A_NAME: Final = (",", "- ", "– ", "— ")
_LONGEST_NAME: Final = 2
_NO_NAME: Final = ("ly", "ed")
"""`Immediately, …`, `Agreed, …`"""


def _calls_somebody(said: Said) -> bool:
    """Whether a clause is nothing but a greeting and a word that means nothing here: `Bob`, `hey Tom`."""
    words = [token for token in said.tokens if not token.has("soft", "courtesy") and token.kind != "mark"]
    return 0 < len(words) <= _LONGEST_NAME and all(
        token.kind == "word"
        and not token.tags - {"unknown"}
        and token.text.isalpha()
        and not token.text.endswith(_NO_NAME)
        and token.text not in _CALLS
        for token in words
    )


_PASTED: Final = re.compile("[:\\s]+\u27e6")
"""A quotation after a heading: `log line from dev: “…”`."""
_ADDRESSED: Final = (
    "name", "channel", "url", "number", "time", "often", "later", "stack.n", "soft", "courtesy", "you", "if",
)  # fmt: skip
_CALLS: Final = frozenset(
    ["urgent", "important", "request", "task", "action", "item", "items", "command", "step", "job", "one",
     "thing", "two", "favour", "favor", "things", "please", "need", "emergency", "attention", "incident", "quick",
     "breaking", "mayday", "sos", "help", "question", "reminder", "note", "update"]
)  # fmt: skip


def _heading(said: Said) -> bool:
    """Whether a clause before a colon is neither the thing that is acted on nor a call for attention."""
    if any(token.has(*_ADDRESSED) or any(tag.startswith("id:") for tag in token.tags) for token in said.tokens):
        return False
    return not all(token.text in _CALLS or token.has("det", "prep", "i", "them") for token in said.tokens)


def actions_of(said: Said) -> frozenset[str]:
    """The acting concepts of its verb."""
    return said.heads & ACTING


def _without_reports(said: Sequence[Said]) -> list[Said]:
    """`he said: …`, `Bob wrote …`: what follows in the sentence is what somebody else wants."""
    result: list[Said] = []
    reporting: int | None = None
    for each in said:
        sentence = each.clause.sentence
        result.append(replace(each, act=Act.STATEMENT) if reporting == sentence else each)
        if each.act in (Act.STATEMENT, Act.FRAGMENT, Act.INQUIRY) and each.tokens[-1].has("says"):
            reporting = sentence
    return result


def _with_topics(said: Sequence[Said]) -> list[Said]:
    """`Hunter Warfield: what's new?`: what is named first is what the rest of the sentence is about."""
    result: list[Said] = []
    for each in said:
        topic = result[-1] if result else None
        if topic is None or not _fronted(topic, each):
            result.append(each)
            continue
        clause = replace(each.clause, tokens=(*topic.clause.tokens, *each.clause.tokens), link=topic.clause.link)
        pair = next((token for token in each.body if token.kind == "pair"), None)
        assigned = replace(each, act=Act.COMMAND, head=pair, heads=frozenset({"set"})) if pair else each
        result[-1] = replace(assigned, clause=clause)
    return result


def _rates_one(topic: Said, main: Said) -> bool:
    """`noise: c-31`: a verdict, and which alert."""
    verdict = all(token.has("noise", "useful", "alert", "soft", "and") for token in topic.tokens)
    return verdict and all(
        token.has("id", "number", "alert", "and", "soft") or token.kind == "mark" for token in main.tokens
    )


def _fronted(topic: Said, main: Said) -> bool:
    if _rates_one(topic, main):
        return True
    configured = topic.act is Act.INQUIRY and any(token.kind == "pair" for token in main.body)
    if (
        not (topic.act is Act.FRAGMENT or configured)
        or topic.clause.sentence != main.clause.sentence
        or main.clause.part is not Part.MAIN
    ):
        return False
    names = all(
        token.has("name", "det", "stack.n", "prep", "competitors", "soft", "and", "config") or token.text in (",", "&")
        for token in topic.body
    )
    asking = main.act in (Act.INQUIRY, Act.WHY, Act.PAST) or any(token.kind == "pair" for token in main.body)
    asking = asking or (main.act is Act.COMMAND and len(main.body) == 1)
    return names and asking and topic.clause.link is Link.START and not any(token.has("name") for token in main.tokens)
