"""Questions: how it is done, why, what was done, what would happen, how things are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agent.planning.offline.concepts import actions
from agent.planning.offline.parts import Clause
from agent.planning.offline.patterns import pattern
from agent.planning.offline.speech import Act, Said
from agent.planning.offline.speech_tables import HOW, HYPOTHETICAL, PAST, WHY
from agent.planning.offline.tokens import Token
from agent.planning.offline.trimming import trimmed

__all__ = ["RECORDED", "THEY_DID", "asked_how", "asked_record", "begins_question", "inquiry", "question"]

_START: Final = pattern("@wh|@be|@did|@modal|whether|if")
_INVERTED: Final = pattern("do|have|has|does @i|@you|@they|@who|@name|@everything")
_SUPPOSING: Final = frozenset({"any", "worth", "safe"})


def begins_question(body: Sequence[Token]) -> bool:
    """Whether a question word, an auxiliary or a modal comes first, and not as a verb of its own (`do a sweep`)."""
    if body[0].text in _SUPPOSING and HYPOTHETICAL.match(body) and any(actions(token) for token in body):
        return True
    return _START.match(body) is not None and (not body[0].has(":base") or _INVERTED.match(body) is not None)


def asked_how(body: Sequence[Token]) -> bool:
    """Whether it asks how something is done here."""
    return HOW.match(body) is not None and not _about_others(body) and not _about_one(body)


def _about_one(body: Sequence[Token]) -> bool:
    """`what is the drift on dev?` asks about that stack, and not what drift is."""
    asked = body[0].text == "what" and len(body) > 1 and body[1].has("be")
    return asked and any(token.has("stack", "competitor", "url") and token.has("name", "url") for token in body)


def _about_others(body: Sequence[Token]) -> bool:
    """`how does RealPage price …` asks about them, not about how to do something here."""
    if any(token.has("competitor") for token in body[:4]):
        return True
    if body[-1].text in ("work", "function", "operate"):
        return False
    third = body[2] if len(body) > 2 else None
    asked = body[0].text == "how" and third is not None and body[1].text in ("does", "is")
    return asked and third is not None and third.has("they") and third.text != "one"


def inquiry(clause: Clause, body: tuple[Token, ...]) -> Said:
    """What somebody wants to know: a question inside, or things that are named."""
    rest = trimmed(body)
    if not rest:
        return Said(Act.INQUIRY, clause, body)
    if any(row.match(rest) is not None for row in (_START, THEY_DID, RECORDED)):
        return question(clause, rest)
    if rest[0].text == "that":
        return Said(Act.INQUIRY, clause, rest[1:] or rest)
    return Said(Act.INQUIRY, clause, rest)


RECORDED: Final = pattern(
    "everything|all|anything|whatever|things that|which? @you|@i? @soft* was|were|got|has|have been? @soft* "
    "@:past|approved|denied|refused|rejected|declined|done|decided|asked|told"
)
"""`everything that was approved or denied since Tuesday`"""


def asked_record(clause: Clause, body: tuple[Token, ...]) -> Said | None:
    """What asks for a record of what was done, without a question."""
    mentioned = frozenset(action for token in body for action in actions(token))
    return Said(Act.PAST, clause, body, heads=mentioned) if RECORDED.match(body) is not None else None


def question(clause: Clause, body: tuple[Token, ...]) -> Said:
    """Which kind of question it is."""
    if (recorded := asked_record(clause, body)) is not None:
        return recorded
    mentioned = frozenset(action for token in body for action in actions(token))
    if asked_how(body):
        return Said(Act.HOW, clause, body)
    if WHY.match(body):
        return Said(Act.WHY, clause, body)
    if mentioned and HYPOTHETICAL.match(body):
        return Said(Act.HYPOTHESIS, clause, body, heads=mentioned)
    approved = any(token.has("approve") for token in body)
    if PAST.match(body) and (mentioned or approved or _about_doing(body)):
        return Said(Act.PAST, clause, body, heads=mentioned)
    return Said(Act.INQUIRY, clause, body)


_DONE: Final = frozenset(
    ["do", "done", "happened", "touch", "touched", "alter", "altered", "modify", "modified", "tweaked", "been changed",
     "been edited", "been altered"]
)  # fmt: skip


THEY_DID: Final = pattern(
    "what|everything|all @det? @competitor|@competitors @soft* did|do|does|have|has done|been? @soft*"
)


def _about_doing(body: Sequence[Token]) -> bool:
    """`who …`, `what did you do`, `what competitors did`."""
    if THEY_DID.match(body) is not None:
        return True
    return any(token.has("who") for token in body) or any(token.text in _DONE for token in body[1:])
