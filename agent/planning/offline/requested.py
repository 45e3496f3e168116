"""A request inside a frame of politeness: `I'd be grateful if you rolled back dev`, `could dev be deployed please`.

Frames aren't listed, they are read word by word: nothing but words that people wrap requests in, and one among them
that asks. What is left after it is a verb in the form that the frame calls for, a thing and what is to be done to it,
or an action by its noun.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.planning.offline.asking import inquiry
from agent.planning.offline.beginnings import is_verb
from agent.planning.offline.concepts import ACTING, ACTION_NOUNS, LOOKING, NAMED
from agent.planning.offline.parts import Clause
from agent.planning.offline.patterns import Table, pattern
from agent.planning.offline.speech import Act, Said
from agent.planning.offline.tokens import Token
from agent.planning.offline.trimming import trimmed
from agent.planning.offline.verbs import caused, command, describes, wanted

__all__ = ["kindly_if", "named_action", "requested"]

_LONGEST: Final = 16
"""More words than this in front are a sentence of their own."""
_WISHES: Final = frozenset(
    ["need", "needed", "required", "requested", "necessary",
     "needing", "want", "wanting", "appreciate", "grateful", "thankful", "obliged", "request",
     "requesting", "favor", "favour", "chance", "hoping", "hope", "make sure", "ensure", "see to it",
     "take care of", "go ahead", "go ahead with", "proceed", "time", "love", "love it", "prefer", "possible", "mind",
     "delighted", "happy", "asking", "require", "like"]
)  # fmt: skip
"""Words of which one makes a request of what they stand before."""
_AROUND: Final = frozenset(
    ["to", "am", "are", "asking", "if", "that", "and", "for", "of", "about", "with", "a", "an", "the", "any",
     "your", "my", "our", "some", "be", "is", "it", "there", "have", "having", "get", "getting", "gets",
     "going", "go", "ask", "try", "begin", "start", "starting", "see", "see about", "see that", "up", "so",
     "very", "great", "nice", "good", "lovely", "awesome", "helpful", "super", "wonderful", "fantastic", "kind",
     "ideal", "best", "perfect", "cool", "brilliant", "amazing", "sweet", "welcome", "most", "much", "really",
     "really good", "way", "job", "task", "thing", "item", "now", "enough", "as", "let", "us", "me", "give",
     "sec", "second", "minute", "moment", "help", "take", "run", "perform", "sort", "quick", "@", "handle",
     "arrange", "arrange for", "know"]
)  # fmt: skip
"""Words that only stand around those."""
_GLAD: Final = frozenset(
    ["grateful", "appreciate", "great", "nice", "good", "lovely", "love", "love it", "awesome", "helpful",
     "super", "wonderful", "fantastic", "brilliant", "amazing", "perfect", "cool", "delighted", "happy", "glad",
     "thankful", "obliged", "mind", "kind", "ideal", "best", "sweet", "welcome", "like", "prefer", "neat",
     "swell", "handy", "useful"]
)  # fmt: skip
"""What somebody would be, or would find it, if it were done."""
_STOPPING: Final = frozenset(
    ["should", "shall", "might", "ought", "thanks", "thank you", "think", "thinking", "maybe", "perhaps",
     "possibly", "consider", "considering", "suppose", "before", "until", "unless", "worth", "safe", "ok",
     "okay", "wise", "did", "does", "was", "were", "has", "had", "suggest", "recommend", "propose", "wonder",
     "wondering", "long"]
)  # fmt: skip
"""Words that make something else of it: a thought, a question about what was, thanks."""
_FORMAL: Final = frozenset(
    ["of", "for", "with", "about", "start", "starting", "begin", "you", "up", "appreciate", "mind",
     "take care of", "see about", "go ahead with", "by", "proceed", "and", "to", "having"]
)  # fmt: skip
"""What a verb in `-ing` follows in a frame."""
_PLAIN: Final = frozenset({"to", "you", "and", "please", "kindly", "need", "now", "ahead", "go ahead", "proceed"})
"""What a verb in its plain form follows in a frame."""


_IMAGINED: Final = frozenset({"like", "love", "happy", "delighted", "prefer", "possible"})
"""Wishes only of what isn't yet: `I'd love to`, and not `I love to`."""
_ADDRESSED: Final = Table.read(
    """
asked: @modal @you
asked: ask|asking|get|have @you to
asked: see to it
asked: @modal @i have|get
"""
)
_YOU_NEED: Final = pattern("@soft* @you need|have to")
_SEE_THAT: Final = frozenset({"make sure", "ensure", "see that"})


_CALLED_FOR: Final = frozenset({"needed", "required", "necessary"})
"""`it is necessary to deploy it`: of looks as good as a request."""
_INTENDED: Final = pattern("@i @soft* will|shall|may|might @soft* want|need|wish|like|have|require|prefer|love to|$")
"""`we will want to deploy it`: nobody asks for it yet."""


def _doubtful(before: Sequence[Token], rest: Sequence[Token], clause: Clause) -> bool:
    """`is it time to deploy?`, `you need to deploy it to see that`, `make sure dev is deployed`: perhaps only talk."""
    if any(token.text in ("please", "kindly") for token in clause.tokens):
        return False
    if clause.question and _ADDRESSED.search(before) is None:
        return not any(token.text in ("mind", "chance", "possible") for token in before)
    if _INTENDED.search(before) is not None or any(token.text in _CALLED_FOR for token in before):
        return True
    if any(token.text == "hope" for token in before) and not any(token.has("you") for token in before):
        return True
    held = any(token.text in _SEE_THAT for token in before) and any(token.has("be") for token in rest[:4])
    return held or _YOU_NEED.match(before) is not None


_COULD_YOU: Final = pattern("@soft|@courtesy* @modal @you @soft* $")


def requested(clause: Clause, body: tuple[Token, ...]) -> Said | None:
    """What is asked for inside a frame, if there is one."""
    end = _frame(body)
    before, rest = body[:end], trimmed(body[end:])
    if not rest or any(token.has("negative") and token is not rest[0] for token in body) or not _asks(before, clause):
        return None
    if any(token.text == "possible" for token in before) and not any(t.has(*NAMED, "it", "them") for t in rest):
        return None  # `would it be possible to deploy a single service?`: whether it can be done at all
    kept = tuple(token for token in clause.tokens if token.has("soft") or not any(token is word for word in before))
    clause = replace(clause, tokens=kept)
    said = (
        _plain(clause, before, rest)
        or _formal(clause, before, rest)
        or _imagined(clause, before, rest)
        or _to_be_done(clause, before, rest)
        or _by_its_noun(clause, before, rest)
    )
    return replace(said, act=Act.SUGGESTION) if said and _doubtful(before, rest, clause) else said


def kindly_if(tokens: Sequence[Token]) -> bool:
    """`I'd be grateful [if …]`, `it would be great [if …]`: what follows is what is asked for, and no condition."""
    glad = any(token.text in _GLAD for token in tokens)
    kind = glad and any(token.has("modal") or token.text in ("appreciate", "love", "mind") for token in tokens)
    return kind and _frame(tokens) == len(tokens) and not any(token.has("negative") for token in tokens)


def _frame(body: Sequence[Token]) -> int:
    """How many words of a frame come first."""
    at = 0
    while at < min(len(body), _LONGEST) and _of_a_frame(body[at]):
        at += 1
    return at


def _of_a_frame(token: Token) -> bool:
    if token.text in _STOPPING or token.has("wh"):
        return False
    if token.text in _WISHES or token.text in _AROUND or token.text in _GLAD:
        return True
    return (token.has("modal", "i", "you", "soft", "courtesy", "yes") and not token.has("name")) or (
        token.kind == "mark" and token.text in (",", ":", "-", "!", "@")
    )


_URGENT: Final = frozenset(["thanks", "now", "right now", "immediately", "right away", "at once"])


def _asks(before: Sequence[Token], clause: Clause) -> bool:
    """Whether a word of the frame asks: a wish, `you` after a modal, a `please` anywhere."""
    if any(token.text in ("please", "kindly") for token in clause.tokens):
        return True
    if any(token.text in _URGENT for token in clause.tokens[-2:]) and not any(token.has("i") for token in before):
        return True
    imagined = any(token.has("modal") or token.text in ("if", "for you") for token in before)
    wished = any(token.text in _WISHES and (imagined or token.text not in _IMAGINED) for token in before)
    glad = any(token.text in _GLAD for token in before) and any(token.text == "if" for token in before)
    return wished or glad or _ADDRESSED.search(before) is not None


def _acts(said: Said | None) -> Said | None:
    """What comes out, when it is something that is done or looked at here."""
    known = said is not None and said.heads & (ACTING | LOOKING | {"run"})
    return said if known else None


def _plain(clause: Clause, before: Sequence[Token], rest: tuple[Token, ...]) -> Said | None:
    """`need you to deploy dev`, `can we please deploy dev`"""
    if not before or _COULD_YOU.match(before) is not None or not rest[0].has(":base") or not is_verb(rest, 0):
        return None
    last = next((token for token in reversed(before) if not token.has("soft") or token.text in _PLAIN), None)
    ours = last is not None and last.has("i") and any(token.text == "please" for token in clause.tokens)
    if last is None or not (last.text in _PLAIN or ours):
        return None
    return _acts(command(clause, rest))


def _formal(clause: Clause, before: Sequence[Token], rest: tuple[Token, ...]) -> Said | None:
    """`would you be up for deploying dev?`, `please take care of deploying dev`"""
    if not before or not rest[0].has(":ing") or before[-1].text not in _FORMAL:
        return None
    return _acts(command(clause, rest, form=":ing"))


def _imagined(clause: Clause, before: Sequence[Token], rest: tuple[Token, ...]) -> Said | None:
    """`it would be great if you deployed dev`"""
    if not before or not before[-1].has("you") or not any(token.text in ("if", "that") for token in before):
        return None
    return _acts(command(clause, rest, form=":past")) if rest[0].has(":past") else None


def _to_be_done(clause: Clause, before: Sequence[Token], rest: tuple[Token, ...]) -> Said | None:
    """`need dev deployed`, `see to it that dev is deployed`, `could dev be deployed please`"""
    polite = any(token.text == "please" for token in clause.tokens)
    wished = any(token.text in _WISHES or token.text in _CAUSING for token in before) or (
        _ADDRESSED.search(before) is not None
    )
    if not (polite or (before and wished)) or rest[0].has("modal", "be", "did"):
        return None
    rest = tuple(token for token in rest if not token.has("modal") and token.text not in ("get", "gets", "getting"))
    done = caused(rest)
    if done is not None:
        by_whom = any(token.text == "by" for token in rest[done + 1 :])
        return None if by_whom else wanted(clause, rest)
    for at, token in enumerate(rest):
        keyed = any(word.has("config-key") for word in rest[:at])
        if keyed and token.has("set") and any(word.text == "to" for word in rest[at + 1 :]):
            return Said(Act.COMMAND, clause, rest, token, frozenset({"set"}))
        if at and token.text in _LOOKED_AT:
            return inquiry(clause, rest)
    return None


_CAUSING: Final = frozenset({"have", "having", "get", "getting", "let"})
_LOOKED_AT: Final = frozenset(["checked", "previewed", "reviewed", "verified", "inspected", "diagnosed", "tested"])


_OTHERWISE: Final = frozenset({"the", "last", "latest", "previous", "recent", "past", "all", "every", "these", "those"})


_SAYING_MORE: Final = ("wh", "be", "did", "modal", "trouble", ":base", ":past", ":third", "quote", "since")


def _by_its_noun(clause: Clause, before: Sequence[Token], rest: tuple[Token, ...]) -> Said | None:
    """`prod rollback please`, `requesting a deploy of dev`"""
    at = next((at for at, token in enumerate(rest[:4]) if token.has(*ACTION_NOUNS)), None)
    which = (*before, *rest[:at])
    if (
        at is None
        or any(token.text in _OTHERWISE for token in which)
        or any(token.text == "any" for token in which[-2:])
    ):
        return None
    noun = rest[at]
    named = all(token.has("name", "det", "soft", "stack.n") or token.text == "'s" for token in rest[:at])
    several = noun.text.endswith("s") or noun.text == "update"
    if several or not named or (at + 1 < len(rest) and describes(rest[at + 1])):
        return None
    if not any(token.has("name") for token in rest) or any(token.has(*_SAYING_MORE) for token in rest[at + 1 :]):
        return None
    if any(token.has("since") or token.text == "'s" for token in rest):
        return None
    action = next(action for name, action in ACTION_NOUNS.items() if noun.has(name))
    return Said(Act.COMMAND, clause, rest, noun, frozenset({action}))


def named_action(said: Said) -> Said:
    """`dev deploy`: an action that is only named is perhaps asked for."""
    if said.act is not Act.INQUIRY or said.clause.question:
        return said
    named = _by_its_noun(said.clause, (), said.body)
    return said if named is None else replace(named, act=Act.SUGGESTION)
