"""Turns of phrase that change what is asked for: taking back, `please do it`, `report back`, `no more of it`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.planning.offline.concepts import ACTING, ACTION_NOUNS, LOOKING, actions
from agent.planning.offline.parts import Part
from agent.planning.offline.patterns import Table, pattern
from agent.planning.offline.speech import Act, Said
from agent.planning.offline.tokens import Token

__all__ = [
    "DO_IT",
    "GENERIC_VERBS",
    "OF_OTHER_THINGS",
    "PLAIN_ACTIONS",
    "RETRACTING",
    "TELLING",
    "doubting",
    "invents",
    "needed",
    "needed_no_more",
    "no_longer_watched",
    "only_tells",
    "points",
    "rates",
    "reports_back",
    "says_something",
    "told_to_do",
    "wants_silence",
    "with_suppositions",
]

RETRACTING: Final = Table.read(
    """
replace: @soft|@no|wait|oh|and|but* never mind @soft|about|that|it* $
replace: @soft|@no|wait|oh|and|but*
    scratch|scrap|bin|drop|forget|cancel|ignore|disregard|strike|undo|stop|belay that|it|this|all
    @soft* $
replace: @soft|@no|wait|oh|actually|hmm* let us not @soft|do|that|it* $
retract: @soft|@no* just|only? kidding|joking|testing|asking|wondering|curious|checking|musing|dreaming|
    saying @soft|out|loud|of|curiosity|here* $
retract: @soft|@no|and|but|or* as if|though $
retract: @soft|@no* are @you @soft* serious|joking|kidding|mad|crazy|nuts|insane|sure @soft* $
retract: he|she|they|@unknown @soft* said|says|thought|joked|quipped @soft* $
retract: @soft|@no|and|but|yeah|i|@i* do not mean|think it|that|so? really|seriously|literally? $
retract: @soft|@no|yeah* in your|my dreams $
retract: @soft|@no* no way|chance|thanks|thank $
retract: @soft|@no* fat chance $
retract: @soft|@no* not today|now|really|yet|seriously|likely|happening $
replace: @soft|@no* on second thought|thoughts
retract: @soft|@no|wait|oh|but|and* do not @soft|do|it|that|bother* $
replace: @soft|oh|wait|hmm* @no @soft|wait|@no* $
retract: @soft|oh|wait|hmm* @no|wait|stop @soft|wait|stop|@no* $
retract: @soft* hold on @soft* $
replace: @i @soft|have* changed my mind @soft* $
retract: @soft* better|rather|maybe|please? not $
"""
)
"""What takes back what was just said: for good, or (`replace`) so that something else may be said instead."""
PLAIN_ACTIONS: Final = frozenset({"deploy", "destroy", "rollback", "repair", "pause", "revoke", "sweep", "notify"})
OF_OTHER_THINGS: Final = frozenset({"else", "other", "again", "worry", "forget", "hesitate", "mind"})
"""`don't touch anything else` forbids nothing that was asked for."""
GENERIC_VERBS: Final = frozenset({"free", "remove", "fix", "cancel", "revoke", "rollback"})
"""Verbs whose `it` may be the lock or the drift that was talked about."""
TELLING: Final = frozenset(
    {"notify", "tell", "let", "inform", "announce", "ping", "warn", "broadcast", "message", "alert"}
)
_INVENTING: Final = frozenset({"write", "compose", "draft", "make up"})
_INVENTED: Final = frozenset(
    ["poem", "limerick", "haiku", "song", "joke", "story", "essay", "rap", "sonnet", "ode", "toast", "jingle", "slogan",
     "tweet", "ballad", "lyrics", "novel", "fable", "riddle", "screenplay"]
)  # fmt: skip
"""What nobody here makes up, whatever it is about."""
DO_IT: Final = Table.read(
    """
do: @soft|@and|so* do|go|proceed|make it|so|that|ahead|with? it|that|this|happen? @soft* $
do: @soft|@and|so* can|could|will|would @you @soft* do|handle|manage|arrange|sort it|that|this @soft* $
do: @soft|@and|so* @fix it|that|this @soft* $
do: @soft|@and|so* see to it|that|this @soft* $
do: @soft|@and|so* please @soft|do|it|so|that* $
"""
)


def points(body: Sequence[Token]) -> bool:
    """`not production`, `don't`: nothing but names and pronouns."""
    if not body or body[0].has("name", "it", "everything", "i", "no", "negative", "stack.n"):
        return True
    return body[0].has("det") and any(token.has("name", "stack.n", "everything") for token in body)


def no_longer_watched(said: Said) -> bool:
    """`I don't want https://… watched any more`: that is what stops it."""
    texts = {part for token in said.tokens for part in token.text.split()}
    watching = any(token.has("watch", "watchlist") for token in said.tokens)
    return (
        watching
        and bool(texts & {"anymore", "longer"} or {"any", "more"} <= texts)
        and any(token.has("url") for token in said.tokens)
    )


_NEEDED_NO_MORE: Final = Table.read(
    """
off: @i @soft|no|longer* do|not|need|want|care|use|about|for|follow|read* ... @url ... any|no? more|longer|anymore $
off: @i @soft* no longer|more need|want|care|use|read about|for? ... @url
off: @url can|could|may|should|must|is|has @soft|to|ready|free* come|go|be|drop|fall off|out|removed|dropped|gone
off: @url @soft* is|are|was not @soft* interesting|relevant|important|needed|useful|worth any|no more|longer
off: @url @soft* is|are no longer|more interesting|relevant|important|needed|useful|of
off: @url @soft* has|is outlived|served|done|finished
"""
)


def needed_no_more(said: Said) -> bool:
    """`we no longer need https://…`, `https://… can come off the list`: that stops the watching."""
    return _NEEDED_NO_MORE.search(said.tokens) is not None and not said.clause.question


def doubting(said: Said) -> bool:
    """`hypothetically, …`, `just kidding`: a clause of nothing but a word that takes the rest back."""
    if (
        said.clause.part is not Part.MAIN
        or len(said.tokens) > 3
        or any(token.has("no", "name") or token.text == "nothing" for token in said.tokens)
    ):
        return False
    negative = any(
        token.has("negative") and not actions(token) and token.text not in ("not", "never") for token in said.tokens
    )
    return negative and all(
        token.has("negative", "soft", "run", "courtesy") or token.kind == "mark" for token in said.tokens
    )


def invents(said: Said) -> bool:
    """`write a haiku about drift`, `book a flight`: something made up or bought, whatever it is about."""
    inventing = "generate" in said.heads and (
        said.heads <= {"generate", "schedule"} or bool(said.head and said.head.text in _INVENTING)
    )
    if said.heads & {"generate", "notify", "run", "rate"} and any(token.text in _INVENTED for token in said.tokens):
        return True
    return inventing and not any(token.has("name", "url", "quote", "payload", "often") for token in said.tokens)


_ERRAND: Final = pattern("@i @soft* am|are|was|were|have been? @soft* asked|told|instructed|supposed|meant to")


def needed(said: Said) -> Said | None:
    """`production needs a deploy`, `I was asked to add …`: an action that somebody mentions as due."""
    if (errand := _ERRAND.match(said.tokens)) is not None and errand < len(said.tokens):
        verb = said.tokens[errand]
        heads = frozenset(tag.partition(":")[0] for tag in verb.tags if tag.endswith(":base") and tag != ":base")
        return replace(said, body=said.tokens[errand:], head=verb, heads=heads) if heads else None
    at = next(
        (
            at
            for at, token in enumerate(said.tokens)
            if token.text in ("needs", "need", "requires", "wants", "deserves")
        ),
        None,
    )
    if at is None or any(token.has("negative") for token in said.tokens):
        return None
    for token in said.tokens[at + 1 : at + 5]:
        if actions(token) & PLAIN_ACTIONS:
            return replace(said, head=token, heads=frozenset(actions(token) & PLAIN_ACTIONS))
    return None


def told_to_do(said: Said) -> Said | None:
    """The action in `after deploying dev`, `before you deploy it`, `once you have deployed it`."""
    tokens = said.clause.tokens
    start = pattern("@you have|are|@did? @soft*").match(tokens) or 0
    addressed = bool(tokens) and tokens[0].has("you")
    if said.clause.part is Part.BEFORE and not addressed:
        return None
    body = tokens[start:]
    forms = (":base", ":past", ":ing") if addressed else (":ing",)
    for form in forms:
        heads = frozenset(
            tag.partition(":")[0] for tag in (body[0].tags if body else ()) if tag.endswith(form) and tag != form
        )
        if heads & ACTING or (heads & LOOKING and form == ":ing"):
            return replace(said, act=Act.COMMAND, body=body, head=body[0], heads=heads)
    return None


_TELLS_ME: Final = pattern(
    "@notify|@ask|@show|check|consult|talk|speak|wait|sync with|to|for? me|us|@i? @soft|back|first|up* $"
)


def only_tells(said: Said) -> bool:
    """`let me know before …`, `check with me before …`: wants to be told, and nothing done."""
    return _TELLS_ME.match([token for token in said.tokens if not token.has("soft", "courtesy")]) is not None


_HEARING: Final = frozenset(
    ["hear", "bother", "notify", "notified", "bothered", "see", "notifications", "alerted", "ping", "pinged", "alerts"]
)


def wants_silence(said: Said) -> bool:
    """`I don't want to hear about https://… before the 10th`: that snoozes it."""
    tags = {tag for token in said.tokens for tag in token.tags}
    hearing = any(token.text in _HEARING for token in said.tokens) and "snooze" not in tags
    leaving = any(token.text == "leave" for token in said.tokens) and any(
        t.text in ("alone", "be") for t in said.tokens
    )
    hearing = hearing or leaving
    return hearing and {"url", "until"} <= tags


_SUPPOSING: Final = frozenset({"suppose", "supposing", "imagine", "assume", "assuming", "say", "hypothetically"})


def with_suppositions(said: Sequence[Said]) -> list[Said]:
    """`if we shipped dev now, what would be different?`: one question about an action."""
    result: list[Said] = []
    for each in said:
        before = result[-1] if result else None
        if (
            before is not None
            and (before.clause.part in (Part.IF, Part.BEFORE) or before.tokens[0].text in _SUPPOSING)
            and before.clause.sentence == each.clause.sentence
            and _supposes(before, each)
        ):
            clause = replace(each.clause, tokens=(*each.clause.tokens, *before.clause.tokens), link=before.clause.link)
            heads = frozenset(action for token in before.tokens for action in actions(token) if action in ACTING)
            result[-1] = Said(Act.HYPOTHESIS, clause, (*each.body, *before.body), heads=heads)
        else:
            result.append(each)
    return result


def _supposes(condition: Said, main: Said) -> bool:
    acted = any(actions(token) & PLAIN_ACTIONS for token in condition.tokens) and any(
        token.has("i", "you", "they", "everything") for token in condition.tokens[:3]
    )
    acted = acted or any(token.has(*ACTION_NOUNS) for token in condition.tokens)
    return (
        acted
        and main.act in (Act.INQUIRY, Act.HYPOTHESIS, Act.HOW, Act.PAST)
        and bool(main.body)
        and main.body[0].has("wh", "be", "modal", "did")
    )


def rates(said: Said) -> bool:
    """`thumbs up for alert 45`: a verdict on an alert, without a verb."""
    tags = {tag for token in said.tokens for tag in token.tags}
    alert = "alert" in tags or any("alert" in token.text for token in said.tokens)
    alert = alert or all(token.has("noise", "useful", "id", "number", "and", "soft") for token in said.tokens)
    rated = alert and tags & {"noise", "useful"} and tags & {"id", "number"}
    return (
        said.act in (Act.INQUIRY, Act.FRAGMENT)
        and bool(rated)
        and not said.clause.question
        and not tags & {"wh", "change"}
    )


def reports_back(said: Said) -> bool:
    """`report back`, `keep me posted`, `let me know when it's done`."""
    texts = " ".join(token.text for token in said.body)
    return any(
        phrase in texts
        for phrase in (
            "report back",
            "me posted",
            "me updated",
            "me know how",
            "me know when",
            "me how it",
            "know how it",
            "when it is done",
            "when you are done",
            "when done",
            "it is done",
            "how it went",
            "how it goes",
            "how that went",
            "how they",
            "what it finds",
            "what you find",
            "the result",
            "the outcome",
        )
    )


def says_something(said: Said) -> bool:
    """Whether a clause carries the words of a message."""
    return any(token.kind in ("quote", "payload") for token in said.tokens)
