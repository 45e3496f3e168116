"""What a model is told of a request: the person's own words, names and handles. What others wrote comes fenced."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from agent.planning.model.errors import PromptTooLong
from agent.planning.planner import Call, Learned, Names, PastTurn, PlanningRequest
from agent.planning.quotation import OwnWords, own_words
from agent.settings.focus import ASPECTS
from memory.labels import UNKNOWN, Label
from prompts.templates import fenced

__all__ = ["Briefing", "brief", "names_text"]

LONGEST_REQUEST = 8_000
_LONGEST_QUOTE, _LONGEST_PAST, _LONGEST_LIST = 4_000, 500, 60
_PLAIN = re.compile(r"[\w.:/#@+\-]{1,80}")


@dataclass(frozen=True)
class Briefing:
    """The parts of a prompt that differ from request to request, and the label of whoever reads them."""

    context: str
    request: str
    quoted: str
    label: Label


def brief(request: PlanningRequest) -> Briefing:
    """The briefing for this request. Raises PromptTooLong when the person's own words don't fit."""
    words = own_words(request.text)
    if len(words.own) > LONGEST_REQUEST:
        raise PromptTooLong(f"{len(words.own):,} characters; {LONGEST_REQUEST:,} is the most")
    label = words.label(request.person)
    past = [own_words(turn.q) for turn in request.context.turns]
    if request.context.open_question and past:
        label = label.join(past[-1].label(request.person))
    if any(step.problem for step in request.learned):
        label = label.join(UNKNOWN)  # whose words are in what went wrong, nobody keeps
    return Briefing(
        context="\n".join(_context(request, past)), request=words.own or "(nothing)", quoted=_quoted(words), label=label
    )


def names_text(names: Names) -> str:
    """The names that the configuration knows, with what else they are called."""
    lines = [
        f"Stacks: {_with_aliases(names.stacks)}",
        f"Competitors: {_with_aliases(names.competitors)}",
        f"Aspects of competitors: {_list(ASPECTS)}",
        f"Channels: {_list(names.channels)}",
        f"People: {_list(names.people)}",
    ]
    if names.pages:
        lines.append(f"Watched pages: {_list(f'{url} ({page.competitor})' for url, page in names.pages.items())}")
    return "\n".join(lines)


def _list(names: Iterable[str]) -> str:
    found = list(names)
    more = f" and {len(found) - _LONGEST_LIST} more" if len(found) > _LONGEST_LIST else ""
    return (", ".join(found[:_LONGEST_LIST]) or "none") + more


def _with_aliases(names: Mapping[str, list[str]]) -> str:
    return _list(f"{name} ({', '.join(others[:6])})" if others else name for name, others in names.items())


def _quoted(words: OwnWords) -> str:
    parts = []
    for number, text in enumerate(words.quoted, 1):
        more = f"\n[{len(text) - _LONGEST_QUOTE:,} more characters]" if len(text) > _LONGEST_QUOTE else ""
        parts.append(f"[quoted text {number}]\n{fenced(text[:_LONGEST_QUOTE] + more)}")
    rest = f"\n[{len(parts) - 5} more quoted texts]" if len(parts) > 5 else ""
    return "\n".join(parts[:5]) + rest


def _context(request: PlanningRequest, past: list[OwnWords]) -> Iterable[str]:
    context, known = request.context, _known(request.names)
    yield f"Present time: {request.now.isoformat(timespec='minutes')} ({request.now:%A}), zone {request.zone}."
    if context.focus:
        focus = (f"{kind} {_handle(value, known)}" for kind, value in context.focus.items())
        yield f"In focus: {', '.join(focus)}."
    if context.turns:
        yield "Earlier in this conversation:"
        yield from (_past(turn, words, known) for turn, words in zip(context.turns, past, strict=True))
    if context.open_question:
        yield f"You asked, and the request may answer it:\n{fenced(context.open_question[:_LONGEST_PAST])}"
    if context.pending:
        yield f"That is about: {_call(context.pending, known)}"
    if request.learned:
        yield "Steps of this turn that have ended; plan only what is still to do:"
        yield from (_learned(step, known) for step in request.learned)
        numbers = [int(step.step[1:]) for step in request.learned if re.fullmatch(r"s[1-9]\d{0,3}", step.step)]
        yield f"New ids begin with s{max(numbers, default=0) + 1}."


def _known(names: Names) -> frozenset[str]:
    return frozenset([*names.stacks, *names.competitors, *names.channels, *names.people, *names.pages])


def _past(turn: PastTurn, words: OwnWords, known: frozenset[str]) -> str:
    calls = "; ".join(_call(call, known) for call in turn.steps) or "no plan"
    return f"- {json.dumps(words.own[:_LONGEST_PAST], ensure_ascii=False)} -> {calls}: {turn.outcome or 'unknown'}"


def _call(call: Call, known: frozenset[str]) -> str:
    arguments = ", ".join(f"{name}={_handle(value, known)}" for name, value in call.args.items())
    return f"{call.tool}({arguments})"


def _learned(step: Learned, known: frozenset[str]) -> str:
    facts = ", ".join(f"{name}={_handle(value, known)}" for name, value in step.facts.items())
    problem = " ".join(own_words(step.problem).own.split())[:200]
    return (
        f"- {step.step} {step.tool} {step.status}" + (f" ({facts})" if facts else "") + (f": {problem}" * bool(problem))
    )


def _handle(value: JsonValue, known: frozenset[str]) -> str:
    """The value where it is a name, a number or a reference; else only that there is one."""
    if isinstance(value, list):
        return "[" + ", ".join(_handle(part, known) for part in value[:20]) + "]"
    if isinstance(value, dict):
        source = value.get("$from")
        return json.dumps({"$from": source}) if isinstance(source, str) and _PLAIN.fullmatch(source) else "(an object)"
    if isinstance(value, str) and value not in known and not _PLAIN.fullmatch(value):
        return f"(a text of {len(value)} characters)"
    return json.dumps(value, ensure_ascii=False)
