"""The main verb of a clause: `roll back dev`, `do a rollback of dev`, `I want dev rolled back`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agent.planning.offline.asking import RECORDED, THEY_DID, asked_record, inquiry
from agent.planning.offline.beginnings import unheard_verb
from agent.planning.offline.concepts import ACTING, ACTION_NOUNS, UNHEARD, acts
from agent.planning.offline.parts import Clause
from agent.planning.offline.patterns import pattern
from agent.planning.offline.speech import Act, Said
from agent.planning.offline.tokens import Token
from agent.planning.offline.trimming import state_asked, trimmed

__all__ = ["caused", "command", "describes", "wanted", "without_verb"]

_NOBODY: Final = frozenset({"nobody", "none", "no", "nothing", "not", "never"})
_ASKING: Final = frozenset({"ask", "show", "get", "recall", "run"})
_LOOKED_AT: Final = ("check.n", "preview.n", "diagnose.n", "health", "before-after", "history", "output")
_BETWEEN: Final = (
    "det", "soft", "name", "drift", "stack", "stack.n", "particle", "them", "time", "aspect", "unknown", "audit",
    "competitors", "prep", "before-after",
)  # fmt: skip
"""What may stand between a light verb and the noun that says what is done."""
_GENERAL: Final = ("set", "add", "notify", "rate", "update", "run")
_COMPOUND_NOUNS: Final = (
    "history",
    "state",
    "result",
    "preview.n",
    "check.n",
    "trouble",
    "approval",
    "who",
    "diagnose.n",
)
"""Nouns that make a verb before them a noun as well: `deploy status`, `rollback history`."""
_COMPOUND_WORDS: Final = frozenset(
    ["status", "list", "lists", "count", "number", "numbers", "time", "times", "date", "dates", "window", "windows",
     "report", "reports", "record", "records", "errors", "error", "notes", "plan", "plans", "size", "stats",
     "statistics", "frequency", "cadence", "coverage", "button", "menu", "option", "cost", "costs", "ready",
     "log", "logs", "history", "procedure", "policy", "checklist", "guide", "criteria", "docs", "script", "process",
     "strategy", "details", "freeze", "notes", "summary", "instructions", "rights", "permissions", "approvals"]
)  # fmt: skip
_COMPOUNDING: Final = (
    "deploy", "rollback", "destroy", "checkpoint", "sweep", "repair", "unlock", "update", "preview", "schedule",
)  # fmt: skip
_NOUN_VERBS: Final = ("deploy.n", "rollback.n", "sweep.n", "checkpoint.n", "change", "alert", "repair.n")
_CAUSES: Final = (
    "deploy:past", "destroy:past", "rollback:past", "repair:past", "fix:past", "unlock:past", "checkpoint:past",
    "update:past", "sweep:past", "revoke:past", "pause:past", "resume:past", "remove:past", "snooze:past",
    "unwatch:past", "watch:past", "cancel:past", "notify:past",
)  # fmt: skip
_CAUSED_THINGS: Final = (
    "det", "name", "id", "number", "url", "stack.n", "grant", "schedule.n", "soft", "be", "particle", "everything",
    "page", "drift", "lock", "it", "channel",
)  # fmt: skip
_WANTING: Final = pattern("@i @soft* need|want|would|require|wish|like @soft|like|love|to|have|see|get|for*")
_PASSIVE: Final = pattern(
    "@det? @soft* @name|@id|@number|@config-key|@url|@schedule.n|@grant|@thread|@page|@stack.n|@alert|of|on|'s* "
    "should|must|can|may|needs|need|has|ought @soft|to* be @soft*"
)
_TO_BE: Final = pattern(
    "@det? @soft* @name|@id|@number|@config-key|@url|@schedule.n|@grant|@thread|@page|@stack.n|@alert|it|of|on|'s* "
    "is|are? to be @soft*"
)
"""`log_level to be made debug`, `g-3 is to be revoked`"""
_MADE: Final = pattern(
    "@det? @soft* @checkpoint.n|@rollback.n|@deploy.n|@sweep.n|@repair.n ... is|are|should|must|to|needs|has to? be "
    "made|taken|done|created|performed|carried|run"
)
"""`a checkpoint of production is to be made`"""
_MUST_GO: Final = pattern(
    "@det? ... @lock|@grant|@schedule.n|@drift|@id needs|need|has|have|must|should|can|may|ought @soft* to? @soft* go|"
    "disappear|vanish @soft* $"
)
"""`the lock needs to go`"""
_ASSIGNING: Final = pattern("@soft|@stack|on|in|for|,|'s* @config-key on|in|for? @stack? to|: ...")
"""`app:cache to off on dev`"""
_CEASING: Final = pattern("@everything ... must|should|has|have|needs|need to? stop|cease|halt|pause|freeze @soft* $")
"""`all activity must cease`"""
_SMALL: Final = ("id:schedule.n", "id:grant", "id:thread")
_ON_HOLD: Final = pattern("@everything|@schedule.n|@id|@work @id? on hold|ice @soft* $")
"""`everything on hold`"""
_AGAIN: Final = pattern(
    "@det? @schedule.n|@id ... can|may|should|must @soft* run|continue|start|go|resume|be|running|to* again|on?"
)
"""`s-2 can run again`"""
_SEEN: Final = pattern("@i @soft* see|saw|found|got|received|noticed|read @soft* @det")
"""`in the log I see this text`"""
_BACK_TO: Final = pattern("@stack back to @det? @checkpoint.n|@id")
"""`prod back to checkpoint friday`"""
_NAMING: Final = (
    "name", "time", "number", "id", "quote", "prep", "det", "and", "or", "it", "soft", "stack", "stack.n", "aspect",
    "page", "url", "channel", "domain", "pair", "span", "date", "clock", "unknown", "competitors",
)  # fmt: skip
_TELLING: Final = ("change", "known", "history", "output", "drift", "health", "config", "spend", "audit", "trouble")


def command(clause: Clause, body: tuple[Token, ...], form: str = ":base") -> Said | None:
    """The clause as a request to do something, if it begins with a verb in that form."""
    if body and body[0].text in ("get", "have", "want") and caused(body[1:]) is not None:
        return wanted(clause, body[1:])
    if not body or not body[0].has(form) or _is_noun(body):
        return None
    head = body[0]
    heads = _concepts(head, form)
    if head.text == "let" and len(body) > 1 and body[1].text not in ("me", "us"):
        heads &= {"notify", "resume"}
    if head.text == "ignore" and not any(token.has("url", "page", "alert", "until") for token in body):
        return Said(Act.STATEMENT, clause, body)
    if "run" in heads and (noun := _run_what(body)):
        at, action = noun
        if action is None:
            return inquiry(clause, body[1:])
        return Said(Act.COMMAND, clause, body, body[at], frozenset({action}))
    if head.text in ("make sure", "ensure") and any(token.text in _NOBODY for token in body[1:4]):
        looked = any(token.has("audit", "tamper", "drift") for token in body)
        return inquiry(clause, body[1:]) if looked else Said(Act.PROHIBITION, clause, body[1:])
    if heads & (ACTING | {"touch"}) and len(body) > 1 and body[1].text in ("nothing", "none", "neither", "nobody"):
        return Said(Act.PROHIBITION, clause, body)  # `deploy nothing`
    inside = _embedded_question(body)
    finding = any(token.has("domain") for token in body) and inside[:1] and inside[0].text not in ("why", "when", "who")
    told = heads - {"generate"}  # `summarize what they did`
    if told and told <= _ASKING and inside and not finding:
        return inquiry(clause, inside)
    return Said(Act.COMMAND, clause, body, head, heads)


def _concepts(head: Token, *forms: str) -> frozenset[str]:
    """The concepts that a verb stands for in these forms."""
    return frozenset(tag.partition(":")[0] for tag in head.tags if tag.endswith(forms) and not tag.startswith(":"))


def _embedded_question(body: Sequence[Token]) -> tuple[Token, ...]:
    """`tell me [why …]`, `check [whether …]`: the question inside, if there is one."""
    for at in range(1, min(5, len(body))):
        token = body[at]
        if token.text in ("if", "whether", "that"):
            return trimmed(body[at + 1 :])
        if token.has("wh") or THEY_DID.match(body, at) is not None or RECORDED.match(body, at) is not None:
            return trimmed(body[at:])
        if not token.has("them", "soft", "det", "it") and token.text not in ("out", "to", "for", "at", "know"):
            return ()
    return ()


def _run_what(body: Sequence[Token]) -> tuple[int, str | None] | None:
    """`do a rollback`, `take a checkpoint`, `run the health check`: what is done, None for a look only."""
    for at in range(1, min(7, len(body))):
        token = body[at]
        noun = _action_noun(body, at)
        if noun:
            return at, noun
        if token.has("schedule.n") and body[0].has("run:base"):
            return at, "schedule"
        if token.has(*_LOOKED_AT):
            return at, None
        if token.has(":base", ":ing") and acts(token) and not token.has(*_GENERAL):
            return at, min(acts(token))
        if not token.has(*_BETWEEN) and token.text != "'s" and token.tags:
            return None
    return None


def _action_noun(body: Sequence[Token], at: int) -> str | None:
    """The action that a noun names, unless it only describes the noun after it."""
    noun = next((action for noun, action in ACTION_NOUNS.items() if noun in body[at].tags), None)
    return None if noun and at + 1 < len(body) and describes(body[at + 1]) else noun


def describes(token: Token) -> bool:
    """Whether a noun here makes a mere description of the action before it: `deploy status`."""
    return (token.has(*_COMPOUND_NOUNS) and not token.has(":base", "prep")) or token.text in _COMPOUND_WORDS


def _is_noun(body: Sequence[Token]) -> bool:
    """`deploy status of prod`, `change on dev`, `alert 544 was …`: the first word names something."""
    head = body[0]
    following = body[1] if len(body) > 1 else None
    if following is None:
        return head.text in ("audit", "log")
    if head.text == "log" and not following.has("det", "it", "alert", "id", "that"):
        return True
    if head.has(*_NOUN_VERBS) and following.text == "of":
        return True  # `great deploy of dev!`
    if head.has("change") and following.text in ("at", "from", "on", "in", "for", "since", "about", "of"):
        return True
    if head.text == "audit" and not following.has("det"):
        return True
    if head.has("alert", "schedule.n", "grant", "work") and following.has("id", "number", "'s"):
        return True
    if head.has(*_NOUN_VERBS) and _became(body):
        return True
    return head.has(*_COMPOUNDING) and describes(following)


def _became(body: Sequence[Token]) -> bool:
    """`alert 544 was noise`, `deploy of dev failed`: a noun and what became of it."""
    for at in range(1, min(5, len(body))):
        token = body[at]
        if token.has("be", "modal") or (token.has("trouble", ":past") and not token.has("name")):
            return not body[at - 1].has("wh", "whether", "they", "i", "you", "it", "and")
        if token.kind == "mark" or token.has(":base", "wh", "and", "if"):
            return False
    return False


def caused(tokens: Sequence[Token]) -> int | None:
    """`dev deployed`, `grant g-5 revoked`: where the participle is that somebody wants done to a thing."""
    for at, token in enumerate(tokens[:7]):
        if at and token.has(*_CAUSES):
            return at
        if not token.has(*_CAUSED_THINGS) and token.text not in ("to", "everyone", "everybody"):
            return None
    return None


def wanted(clause: Clause, rest: tuple[Token, ...]) -> Said:
    """What comes after `I want`: something done, an action, or something to know."""
    done = caused(rest)
    if done is not None:
        return Said(Act.COMMAND, clause, rest, rest[done], _concepts(rest[done], ":past"))
    for at, token in enumerate(rest[:-1]):
        if token.text == "set" and rest[at + 1].text == "to":
            return Said(Act.COMMAND, clause, rest, token, frozenset({"set"}))
    for at, token in enumerate(rest[:4]):
        action = _action_noun(rest, at)
        if action:
            return Said(Act.COMMAND, clause, rest, token, frozenset({action}))
        if not token.has("det", "name", "soft"):
            break
    return Said(Act.INQUIRY, clause, rest)


def _runs_again(clause: Clause, body: tuple[Token, ...]) -> bool:
    """`s-4 can start running again`, where the last word was trimmed off."""
    return _AGAIN.match(body) == len(body) and any(token.text in ("again", "on") for token in clause.tokens[-3:])


def _passive(clause: Clause, body: tuple[Token, ...]) -> Said | None:
    """`s-30 should be paused`, `log_level should be set to trace`: a request that doesn't say of whom."""
    if not clause.question and _CEASING.match(body) is not None and not any(t.has("stack", "id") for t in body):
        return Said(Act.COMMAND, clause, body, body[-1], frozenset({"pause"}))
    if not clause.question and any(token.has("schedule.n") for token in body) and _runs_again(clause, body):
        return Said(Act.COMMAND, clause, body, body[-1], frozenset({"resume"}))
    if not clause.question and _MUST_GO.match(body) is not None and not any(token.has("negative") for token in body):
        return Said(Act.COMMAND, clause, body, body[-1], frozenset({"remove"}))
    end = _TO_BE.match(body) or _PASSIVE.match(body)
    if not clause.question and _MADE.match(body) is not None:
        action = next(action for at in range(len(body)) if (action := _action_noun(body, at)))
        grave = action in ("deploy", "rollback")
        return Said(Act.SUGGESTION if grave else Act.COMMAND, clause, body, body[-1], frozenset({action}))
    if end is None or end >= len(body) or clause.question or not any(token.kind != "mark" for token in body[:end]):
        return None
    done = body[end]
    heads = _concepts(done, ":past", ":base") & ACTING
    if any(token.has("config-key") for token in body[:end]) and (
        done.text == "set" or not heads & {"remove", "revoke", "free"}
    ):
        return Said(Act.COMMAND, clause, body, done if heads & {"set"} else body[end - 1], frozenset({"set"}))
    if not heads:
        return None
    grave = bool(heads & {"deploy", "destroy", "rollback", "update"})
    return Said(Act.SUGGESTION if grave else Act.COMMAND, clause, body, done, heads)


def without_verb(clause: Clause, body: tuple[Token, ...], asked: bool) -> Said:
    """Wishes, reports, things that are named. `asked` says that it was wrapped as a request."""
    said = _passive(clause, body) or _wish(clause, body, asked)
    if said:
        return said
    if (recorded := asked_record(clause, body)) is not None:
        return recorded
    if not clause.question and body[0].has("prep") and _SEEN.search(body) is not None:
        return Said(Act.STATEMENT, clause, body)
    if any(state_asked(body, at) for at in range(len(body))):
        return Said(Act.INQUIRY, clause, body)
    if (body[0].has("i", "they") and body[0].text != "one") or (not clause.question and _reports(body)):
        return Said(Act.STATEMENT, clause, body)
    if body[0].has(":ing") and acts(body[0]) and not clause.question:
        return Said(Act.STATEMENT, clause, body)
    if _about_alert(body) and not clause.question:
        return Said(Act.STATEMENT, clause, body)
    if not clause.question and unheard_verb(body, 0):
        return Said(Act.COMMAND, clause, body, body[0], frozenset({UNHEARD}))
    if all(_alone(token) for token in body) and not _all_of_a_kind(clause, body):
        return Said(Act.FRAGMENT, clause, body)
    return Said(Act.INQUIRY, clause, body)


def _all_of_a_kind(clause: Clause, body: Sequence[Token]) -> bool:
    """`stacks`, `which stacks?`: a word for all of them is a question."""
    listed = any(token.has("stacks") for token in body)
    if any(token.has("competitor") for token in body) and any(token.has("since") for token in body):
        return True  # `RealPage, last 7 days`
    return listed and (clause.question or len(clause.tokens) == 1)


def _wish(clause: Clause, body: tuple[Token, ...], asked: bool) -> Said | None:
    """`I need a rollback of dev`, `dev replicas=3`, `(could we have) dev deployed`."""
    wishing = _WANTING.match(body)
    if wishing is not None and wishing < len(body):
        return wanted(clause, trimmed(body[wishing:]) or body)
    if not clause.question and (back := _BACK_TO.search(body)) is not None:
        return Said(Act.COMMAND, clause, body, body[back[1] - 1], frozenset({"rollback"}))
    if len(body) == 2 and body[0].has("stack") and body[1].text == "up" and body[1].has("deploy"):
        return Said(Act.COMMAND, clause, body, body[1], frozenset({"deploy"}))
    if not clause.question and len(body) == 2 and body[0].has(*_SMALL) and body[1].has(":base") and acts(body[1]):
        return Said(Act.COMMAND, clause, body, body[1], _concepts(body[1], ":base"))  # `s_4 resume`
    if not clause.question and _ON_HOLD.match(body) is not None:
        return Said(Act.COMMAND, clause, body, body[-1], frozenset({"pause"}))
    assigned = next((token for token in body if token.kind == "pair"), None)
    if assigned and not clause.question and any(token.has("stack") for token in clause.tokens):
        return Said(Act.COMMAND, clause, body, assigned, frozenset({"set"}))
    if not clause.question and _ASSIGNING.match(body) is not None:
        return Said(Act.COMMAND, clause, body, body[0], frozenset({"set"}))
    keyed = any(token.has("config-key") for token in body)
    if asked and keyed and any(token.text in ("becomes", "become", "be") for token in body[1:]):
        return Said(Act.COMMAND, clause, body, body[0], frozenset({"set"}))
    action = body[0].has("det") and any(token.has(*ACTION_NOUNS) for token in body[:4])
    return wanted(clause, body) if asked and (action or caused(body) is not None) else None


def _about_alert(body: Sequence[Token]) -> bool:
    """`alert 88, the one about the footer, was only the year`."""
    named = len(body) > 2 and body[0].has("alert") and body[1].has("id", "number")
    return named and any(token.has("be", "modal", "did") for token in body[2:])


_FINITE: Final = frozenset(
    ["needs", "requires", "deserves", "stays", "remains", "waits", "keeps", "looks", "seems", "comes", "goes", "works",
     "stands", "sits", "belongs", "follows", "happens", "matters", "wants", "gets", "has"]
)  # fmt: skip
"""`prod stays as it is`"""


def _reports(body: Sequence[Token]) -> bool:
    """`prod is slow`, `the deploy failed`, `that alert was wrong`: a subject and a finite verb."""
    for at, token in enumerate(body[:7]):
        if at and (token.has("be", "modal", "did", "says") or token.text in _FINITE):
            return True
        if at and token.has(":past", "trouble") and not token.has("name", "drift", "det"):
            return True
        noun = bool(at) and body[at - 1].has("det")
        if token.has("wh", "and") or (token.has(":base") and not token.has("alert") and not noun):
            return False
    return False


def _alone(token: Token) -> bool:
    """A word that only names, or that means nothing here."""
    if token.has(*_TELLING) and not token.has("name"):
        return False
    return token.has(*_NAMING) or token.text in ("'s", "only", "just", "same", "but") or not token.tags
