"""Reading a model's answer: tolerant of its form, strict about its content.

Models wrap JSON in fences and prose, think aloud first, answer with calls instead of text, leave out what is empty and
number steps in their own way. All that is read. What can be read in two ways isn't: it is one of the problems that the
answer comes back with.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import JsonValue

from agent.plan import LARGEST_INTEGER, Plan, Problem, Step
from agent.planning.model.chat import Answer
from agent.planning.model.pieces import ToolCall
from agent.planning.planner import Call
from agent.untrusted_text import visible
from tools.declaration import Tool

__all__ = ["Reading", "UnreadableError", "documents", "read_plan"]

_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_NUMBER = re.compile(r"(?:s|step)?[ _-]?([1-9]\d{0,3})", re.IGNORECASE)
_TRIES = 40
_LONGEST_QUESTION, _LONGEST_WHY = 600, 300
_ARGUMENT_KEYS = ("args", "arguments", "parameters")
_STEP_KEYS = frozenset({"id", "type", "tool", "name", "function", "needs", "when", "why", *_ARGUMENT_KEYS})
"""Anything else could mean something, a condition even, so it isn't passed over."""
_KINDS = ("plan", "clarify", "refuse")


class UnreadableError(Exception):
    """An answer that isn't what was asked for. `problems` say why, in words that help to mend it."""

    def __init__(self, message: str, *, step: str | None = None, formless: bool = False) -> None:
        """`formless` when there was nothing of the asked-for form at all, so that the server can't have enforced it."""
        super().__init__(message)
        self.problems = (Problem(step=step, message=message),)
        self.formless = formless


@dataclass(frozen=True)
class Reading:
    """What an answer says."""

    kind: Literal["plan", "clarify", "refuse"]
    plan: Plan | None = None
    question: str | None = None
    pending: Call | None = None


def documents(text: str) -> Iterator[Any]:
    """The JSON objects and lists in a text, outermost only, in order."""
    text = _THOUGHT.sub(" ", text).strip().lstrip("\ufeff")
    at, tries = 0, 0
    while tries < _TRIES and (found := re.compile(r"[{\[]").search(text, at)):
        tries += 1
        document, at = _document(text, found.start())
        if document is not None:
            yield document


def _document(text: str, start: int) -> tuple[Any, int]:
    """The document that begins here and where it ends; None and the next place to look when there is none."""
    for candidate in (text, _TRAILING_COMMA.sub(lambda found: " " + found[1], text)):
        try:
            document, end = _DECODER.raw_decode(candidate, start)
        except RecursionError:
            raise UnreadableError("it is nested too deeply") from None
        except ValueError:
            continue
        return document, end
    return None, start + 1


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableError("it gives the same key twice in one object")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise UnreadableError("it has a number without bounds")
    return number


def _storable(text: str) -> int:
    number = int(text) if len(text) < _LONGEST_INTEGER else LARGEST_INTEGER + 1
    if abs(number) > LARGEST_INTEGER:
        raise UnreadableError("it has a number that is too large")
    return number


_LONGEST_INTEGER = 30
_DECODER = json.JSONDecoder(
    object_pairs_hook=_without_repetition, parse_float=_finite, parse_constant=_finite, parse_int=_storable
)


def read_plan(answer: Answer, tools: Mapping[str, Tool], form: str) -> Reading:
    """What the answer says. Raises UnreadableError. `form` is the name under which the schema was given."""
    readings: list[Reading] = []
    for candidate in _candidates(answer, form):
        reading = _reading(candidate, tools)
        if reading not in readings:
            readings.append(reading)
    if not readings:
        raise UnreadableError("it holds no JSON object with kind and steps", formless=True)
    if len(readings) > 1:
        raise UnreadableError("it holds several different plans; give exactly one")
    return readings[0]


def _candidates(answer: Answer, form: str) -> Iterator[Mapping[str, Any]]:
    """The objects that could be the answer: from the call that was asked for, from other calls, else from the text."""
    ours = [call for call in answer.calls if call.name == form]
    if ours:
        for call in ours:
            yield from _plans(documents(call.arguments))
    elif answer.calls:
        yield {"steps": [_called(place, call) for place, call in enumerate(answer.calls, 1)]}
    else:
        yield from _plans(documents(answer.text))


def _called(place: int, call: ToolCall) -> dict[str, Any]:
    """A tool that was called outright, as the step that was meant."""
    arguments: Any = next(documents(call.arguments), {})
    needs = [f"s{place - 1}"] if place > 1 else []
    return {"id": f"s{place}", "tool": call.name, "args": arguments, "needs": needs}


def _plans(found: Iterator[Any]) -> Iterator[Mapping[str, Any]]:
    for document in found:
        if isinstance(document, list) and document and all(isinstance(part, dict) for part in document):
            yield {"steps": document}
        elif isinstance(document, dict):
            inner = document.get("plan")
            whole = {**document, **inner} if isinstance(inner, dict) else document
            if "steps" in whole or whole.get("kind") in _KINDS:
                yield whole
            elif "tool" in whole:
                yield {"steps": [whole]}


def _reading(document: Mapping[str, Any], tools: Mapping[str, Tool]) -> Reading:
    raw = document.get("steps") or []
    if not isinstance(raw, list) or not all(isinstance(step, dict) for step in raw):
        raise UnreadableError("steps is a list of objects")
    question = _text(document.get("question"), _LONGEST_QUESTION)
    kind = document.get("kind") or ("plan" if raw else "clarify")
    if kind not in _KINDS:
        raise UnreadableError('kind is "plan", "clarify" or "refuse"')
    steps = [_step(place, step) for place, step in enumerate(raw, 1)]
    if kind == "plan":
        return _planned(steps, document)
    if not question:
        raise UnreadableError(f'kind "{kind}" comes with a question')
    pending = next((Call(tool=step.tool, args=step.args) for step in steps if step.tool in tools), None)
    return Reading("clarify" if kind == "clarify" else "refuse", question=question, pending=pending)


def _planned(steps: list[Step], document: Mapping[str, Any]) -> Reading:
    if not steps:
        raise UnreadableError('kind "plan" comes with steps')
    on_failure = document.get("on_failure") or "stop"
    if on_failure not in ("stop", "undo"):
        raise UnreadableError('on_failure is "stop" or "undo"')
    return Reading("plan", plan=Plan(steps=steps, on_failure="undo" if on_failure == "undo" else "stop"))


def _step(place: int, raw: Mapping[str, Any]) -> Step:
    function = raw.get("function")
    raw = {**raw, **function} if isinstance(function, dict) else raw
    step_id = _id(raw.get("id", place))
    unknown = sorted(set(map(str, raw)) - _STEP_KEYS)
    if unknown:
        raise UnreadableError(f"a step has no {', '.join(map(_word, unknown))}", step=step_id)
    when, needs = raw.get("when"), raw.get("needs") or []
    if not isinstance(when, str | None):
        raise UnreadableError("when is null or a text", step=step_id)
    args = _arguments(raw, step_id)
    return Step(
        id=step_id,
        tool=_word(raw.get("tool", raw.get("name"))),
        args={_word(name): _clean(value) for name, value in args.items() if value is not None},
        needs=[_id(need) for need in (needs if isinstance(needs, list) else [needs])],
        when=_text(when, 1000),
        why=_text(raw.get("why"), _LONGEST_WHY) or "",
    )


def _arguments(raw: Mapping[str, Any], step_id: str) -> dict[str, Any]:
    args: Any = next((raw[key] for key in _ARGUMENT_KEYS if raw.get(key)), {})
    if isinstance(args, str):
        args = next(documents(args), None)
    if not isinstance(args, dict):
        raise UnreadableError("args is an object", step=step_id)
    return args


def _id(raw: Any) -> str:
    """`s2` for 2, "2", "step 2" and "s2"; anything else as it is, for the check to complain of."""
    found = _NUMBER.fullmatch(str(raw).strip()) if not isinstance(raw, bool) else None
    return f"s{found[1]}" if found else _word(str(raw))


def _word(raw: Any) -> str:
    return visible(raw).strip()[:200] if isinstance(raw, str) else ""


def _text(raw: Any, longest: int) -> str | None:
    """One paragraph without anything hidden; None for nothing."""
    if not isinstance(raw, str):
        return None
    text = visible(" ".join(raw.split()))
    return (text[: longest - 1] + "…" if len(text) > longest else text) or None


def _clean(value: Any) -> JsonValue:
    """An argument's value. Raises UnreadableError for text that can't be stored or shown as it is."""
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise UnreadableError("an argument holds characters that are no text")
        return value
    if isinstance(value, list):
        return [_clean(part) for part in value]
    if isinstance(value, dict):
        return {str(name): _clean(part) for name, part in value.items()}
    cleaned: JsonValue = value
    return cleaned
