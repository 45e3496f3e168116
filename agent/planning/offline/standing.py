"""Repairs that are to need no approval from now on: a grant for chosen kinds of drift, which a person approves once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from agent.planning.offline.concepts import acts
from agent.planning.offline.drafts import Composition, Draft
from agent.planning.offline.patterns import pattern
from agent.planning.offline.questions import missing
from agent.planning.offline.situation import Situation
from agent.planning.offline.tokens import Token
from agent.planning.planner import Call

__all__ = ["repairs_by_itself"]

_TOOL: Final = "grant_repair"
_BY_ITSELF: Final = frozenset(
    ["yourself", "itself", "automatically", "unattended", "on your own", "by yourself", "by itself"]
)
_ALLOWING: Final = frozenset({"let", "allow", "permit", "grant", "may", "can", "authorise", "authorize"})
_AT_MOST: Final = pattern("at|maximum|max|maximally|@up-to most|of? @number times|x|uses|repairs? @det? day|daily?")
_DELETED: Final = frozenset({"gone", "deleted", "missing", "removed", "vanished"})
_AROUND: Final = frozenset(
    ["in", "of", "drift", "drifts", "drifted", "kinds", "kind", "property", "properties", "resource", "resources", "to",
     "changes", "changed", "repairs", "repair", "repaired", "fix", "fixes", "fixed", "be", "any", "the", "for", ",",
     "sophia", "and", "or", "what", "is", "was", "are", "all", "with", "that", "heal", "healed", "a", "manual"]
)  # fmt: skip
_OTHER_WORDS: Final = _AROUND | _ALLOWING | _BY_ITSELF
_HOLDING: Final = (
    "name", "det", "prep", "soft", "courtesy", "be", "it", "i", "you", "they", "modal", "and", "or", "unasked", "time",
    "drift", "repair", "repair.n", "them",
)  # fmt: skip
_REPAIRING: Final = frozenset({"repair", "fix", "free", "rollback", "resume", "save", "rate"})
"""What the verbs of such a sentence may also mean: another beside them asks for something else too."""
_REFUSING: Final = frozenset({"not", "never", "no", "nobody", "stop", "cannot", "without"})


def repairs_by_itself(situation: Situation) -> Composition | None:
    """`let drift in tags on development be repaired without asking`; None for anything else, and for a refusal of it.

    It is planned only when the repair, the leave to do it unasked, the stack and the kinds are all said.
    """
    tokens = situation.read.tokens
    if _TOOL not in situation.catalogue or not _asked_for(tokens):
        return None
    stacks = situation.named_anywhere("stack")
    uses = _AT_MOST.search(tokens)
    kinds = _kinds([token for at, token in enumerate(tokens) if uses is None or not uses[0] <= at < uses[1]])
    done = Composition()
    args: dict[str, JsonValue] = {"stack": stacks[0]} if len(stacks) == 1 else {}
    if uses is not None and (number := next((t.text for t in tokens[uses[0] : uses[1]] if t.text.isdigit()), "")):
        args["uses"] = int(number)
    if any(token.has(":base") and acts(token) - _REPAIRING for token in tokens):
        done.ask("Leave to repair by myself is asked for alone: say that by itself, and the rest after it.")
    elif not args:
        done.ask(missing(_TOOL, "stack", {}, situation), Call(tool=_TOOL, args={}))
    elif not kinds:
        done.ask(
            "Which kinds of drift? A property (`tags`), a type (`Service`), both (`Service.version`), or `gone` for "
            "what was deleted.",
            Call(tool=_TOOL, args=args),
        )
    else:
        why = "asked that such repairs need no approval from now on"
        done.drafts.append(Draft(_TOOL, {**args, "kinds": list(kinds)}, None, writes=True, why=why))
    return done


def _asked_for(tokens: Sequence[Token]) -> bool:
    repair = any(
        token.has("repair:base", "repair:past", "repair:third", "repair.n", "fix:base", "fix:past")
        and not token.has("remove", "revoke")  # `remove grant g-77`
        for token in tokens
    )
    words = {token.text for token in tokens}
    unasked = any(token.has("unasked") for token in tokens) or bool(words & _BY_ITSELF)
    granted = words & _ALLOWING and (unasked or words & {"grant", "allow", "permit", "authorise", "authorize"})
    lasting = unasked and any("from now on" in token.text or token.text == "always" for token in tokens)
    asking = any(token.text == "?" for token in tokens) or (bool(tokens) and tokens[0].has("wh", "be", "did"))
    return repair and bool(granted or lasting) and not (asking or words & _REFUSING)


def _kinds(tokens: Sequence[Token]) -> list[str]:
    """The words that name a property or a type: all that neither hold the sentence together nor name the stack."""
    kinds: dict[str, None] = {}
    for token in tokens:
        if token.text in _DELETED:
            kinds["gone"] = None
        elif token.kind in ("word", "id") and token.text not in _OTHER_WORDS and not token.has(*_HOLDING):
            kinds[token.raw] = None
    return list(kinds)
