"""An earlier call with what was just said put in its place: another stack, another aspect, another time."""

from __future__ import annotations

from collections.abc import Sequence

from agent.planning.offline.drafts import Composition
from agent.planning.offline.fillers import FILLERS
from agent.planning.offline.marking import mark_things
from agent.planning.offline.questions import missing, unclear, unknown
from agent.planning.offline.recalling import asking, planned
from agent.planning.offline.situation import Situation, kind_of
from agent.planning.offline.slots import aspect_of_url
from agent.planning.offline.things import Found
from agent.planning.offline.tokens import Token
from agent.planning.planner import Call

__all__ = ["apply_to"]

Applied = tuple[list[Call], str | None]
"""The call as often as there are names for it, none when nothing in it changes; or a question."""


def apply_to(base: Sequence[Call], tokens: Sequence[Token], situation: Situation) -> Composition | None:
    """The calls with the things that the tokens name; None when they name nothing that fits."""
    applied = [_applied(call, tokens, situation) for call in base]
    question = next((question for _, question in applied if question), None)
    if question:
        return asking(question, base[0])
    if not any(made for made, _ in applied):
        return None
    calls = [each for call, (made, _) in zip(base, applied, strict=True) for each in made or [call]]
    for call in calls:
        absent = next((name for name in situation.required(call.tool) if name not in call.args), None)
        if absent:
            return asking(missing(call.tool, absent, call.args, situation), call)
    return planned(calls, situation)


def _applied(call: Call, tokens: Sequence[Token], situation: Situation) -> Applied:
    things = situation.things(mark_things(tokens))
    calls = [Call(tool=call.tool, args=dict(call.args))]
    changed = False
    for name, slot in situation.slots(call.tool).items():
        filler = FILLERS.get(slot.kind)
        if filler is None or (slot.kind == "thread" and not things.tagged("id")):
            continue
        found = filler(things)
        question = _question(call, name, slot.kind, found, situation)
        if question:
            return [], question
        if found.values:
            changed = True
            calls = _replaced(calls, name, slot.kind, found, situation)
    if not changed and any(
        token.text in ("all", "everyone", "everybody") or token.has("everything") for token in tokens
    ):
        changed = _for_everybody(calls, situation)
    return (calls if changed else []), None


def _question(call: Call, name: str, kind: str, found: Found, situation: Situation) -> str | None:
    """Which name was meant, when that isn't clear and the call wants one."""
    if found.unclear:
        return unclear(found.unclear)
    wanted = name in call.args or name in situation.required(call.tool)
    if found.unknown and not found.values and wanted and kind_of(kind) in ("stack", "competitor"):
        return unknown(found.unknown, kind_of(kind), situation)
    return None


def _replaced(calls: list[Call], name: str, kind: str, found: Found, situation: Situation) -> list[Call]:
    if kind == "competitors":
        return [Call(tool=call.tool, args=call.args | {name: list(found.values)}) for call in calls]
    made = [Call(tool=call.tool, args=call.args | {name: value}) for call in calls for value in found.values]
    for call in made:
        url = call.args.get("url")
        wants_aspect = "aspect" in situation.slots(call.tool) and "aspect" not in call.args
        if kind == "url" and isinstance(url, str) and wants_aspect and (aspect := aspect_of_url(url)):
            call.args["aspect"] = aspect
    return made


def _for_everybody(calls: Sequence[Call], situation: Situation) -> bool:
    """`all of them`: no competitor in particular."""
    found = False
    for call in calls:
        if "competitors" in situation.slots(call.tool):
            call.args.pop("competitors", None)
            found = True
    return found
