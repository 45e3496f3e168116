"""What may follow an effect under its own approval: taking it back, and telling people that this was done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from agent.calls import Call, resolve
from agent.plan import Plan, Step
from agent.untrusted_text import visible
from memory.labels import Envelope
from memory.turns import Turn
from tools.declaration import Tool

__all__ = ["covered_by", "tell_call", "undo_call", "undo_sentences"]

_TELLING: Final = "notify"
_LONGEST = 1500
"""Characters of a message: more is in the report."""
_SLOT: Final = re.compile(r"\{(\w+)\}")


def covered_by(declared: Tool) -> list[str]:
    """The tools that an approval of this one covers besides."""
    if declared.undo is None:
        return []
    return [declared.undo.tool, *([_TELLING] if declared.undo.tells else [])]


def undo_call(call: Call, result: Envelope, tools: Mapping[str, Tool]) -> Call | None:
    """The call that takes this one back, from its arguments and its result; None when it can't be taken back."""
    undo = call.tool.undo
    if undo is None or not isinstance(result.value, dict):
        return None
    sources = {"arguments": call.values, "result": result.value}
    args = {name: sources[path.partition(".")[0]][path.partition(".")[2]] for name, path in undo.arguments.items()}
    if any(value in (None, "") for value in args.values()):
        return None
    step = Step(id=f"{call.step.id}-undo", tool=undo.tool, args=args, why=f"takes back {call.step.id}")
    return resolve(step, Plan(steps=[step], label=call.influence), tools, {})


def undo_sentences(undoing: Call) -> list[str]:
    """The phrases of the tool that takes a call back, filled in; those that say most of what must be said come first.

    A phrase may say a part of it by its own words, so that what it means has to be seen by reading it.
    """
    said = {name: str(value) for name, value in undoing.step.args.items()}
    fitting = [phrase for phrase in undoing.tool.phrases if said.keys() >= {*_SLOT.findall(phrase)}]
    return [phrase.format(**said) for phrase in sorted(fitting, key=lambda each: -len(_SLOT.findall(each)))]


def tell_call(
    call: Call, result: Envelope, problem: Mapping[str, str], turn: Turn, tools: Mapping[str, Tool]
) -> Call | None:
    """The call that tells people of a failed effect; None when nobody is to be told."""
    undo = call.tool.undo
    channel = result.value.get(undo.tells) if undo and undo.tells and isinstance(result.value, dict) else None
    if not channel or _TELLING not in tools:
        return None
    said = [f"{turn.person} asked: “{turn.request}”.", problem["tried"], problem["not_done"], problem.get("to_do", "")]
    text = visible(" ".join(" ".join(said).split()))
    content = (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…") + f" ({turn.id})"
    args: dict[str, JsonValue] = {"channel": str(channel), "content": content}
    step = Step(id=f"{call.step.id}-told", tool=_TELLING, args=args, why=f"tells of {call.step.id}")
    return resolve(step, Plan(steps=[step], label=call.influence), tools, {})
