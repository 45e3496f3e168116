"""The closed grammar of conditions: what a step may wait for besides its needs.

condition  := disjunct ("or" disjunct)*
disjunct   := term ("and" term)*
term       := "not" term | "(" condition ")" | atom
atom       := STEP ("succeeded" | "failed" | "skipped")
            | STEP "." FIELD ("=" | "!=" | "<" | "<=" | ">" | ">=") LITERAL
LITERAL    := JSON number, true, false, null, a JSON string, or a bare word
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import JsonValue

__all__ = ["Comparison", "Condition", "ConditionError", "Junction", "Negation", "StatusIs", "parse", "same"]

Status = Literal["succeeded", "failed", "skipped"]
_TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<operator><=|>=|!=|=|<|>)|(?P<paren>[()])|(?P<word>[^\s()<>=!"]+))'
)
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class ConditionError(ValueError):
    """A condition that isn't in the grammar, or that compares what can't be compared."""


@dataclass(frozen=True)
class StatusIs:
    """`s1 succeeded`."""

    step: str
    status: Status

    def holds(self, statuses: Mapping[str, str], fields: Mapping[str, JsonValue]) -> bool:
        """Whether the step ended so."""
        return statuses.get(self.step) == self.status

    def references(self) -> Iterator[tuple[str, str | None]]:
        """The step; no field."""
        yield self.step, None


@dataclass(frozen=True)
class Comparison:
    """`s1.drifted = true`. A field of a step that wasn't run compares as false, whatever the operator."""

    step: str
    field: str
    operator: str
    literal: JsonValue

    def holds(self, statuses: Mapping[str, str], fields: Mapping[str, JsonValue]) -> bool:
        """Whether the field compares so. Raises ConditionError for values without an order."""
        name = f"{self.step}.{self.field}"
        if name not in fields:
            return False
        found = fields[name]
        if isinstance(found, bool) is not isinstance(self.literal, bool):
            return self.operator == "!="
        try:
            return _OPERATORS[self.operator](found, self.literal)
        except TypeError as error:
            raise ConditionError(f"{name} is {found!r} and can't be compared with {self.literal!r}") from error

    def references(self) -> Iterator[tuple[str, str | None]]:
        """The step and the field."""
        yield self.step, self.field


@dataclass(frozen=True)
class Negation:
    """`not …`."""

    term: Condition

    def holds(self, statuses: Mapping[str, str], fields: Mapping[str, JsonValue]) -> bool:
        """Whether the term doesn't hold."""
        return not self.term.holds(statuses, fields)

    def references(self) -> Iterator[tuple[str, str | None]]:
        """Those of the term."""
        yield from self.term.references()


@dataclass(frozen=True)
class Junction:
    """`… and …`, `… or …`."""

    every: bool
    terms: tuple[Condition, ...]

    def holds(self, statuses: Mapping[str, str], fields: Mapping[str, JsonValue]) -> bool:
        """Whether all, or any, of the terms hold."""
        return (all if self.every else any)(term.holds(statuses, fields) for term in self.terms)

    def references(self) -> Iterator[tuple[str, str | None]]:
        """Those of all terms."""
        for term in self.terms:
            yield from term.references()


Condition = StatusIs | Comparison | Negation | Junction


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._split(text))
        self._at = 0

    @staticmethod
    def _split(text: str) -> Iterator[str]:
        at = 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if not found:
                raise ConditionError(f"can't read the condition {text!r} from {text[at:]!r} on")
            yield found.group().strip()
            at = found.end()

    def parse(self) -> Condition:
        condition = self._junction("or", lambda: self._junction("and", self._term))
        if self._at < len(self._tokens):
            raise ConditionError(f"{self._text!r}: didn't expect {self._tokens[self._at]!r}")
        return condition

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise ConditionError(f"{self._text!r} ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _accept(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == word:
            self._at += 1
            return True
        return False

    def _junction(self, word: str, part: Callable[[], Condition]) -> Condition:
        terms = [part()]
        while self._accept(word):
            terms.append(part())
        return terms[0] if len(terms) == 1 else Junction(word == "and", tuple(terms))

    def _term(self) -> Condition:
        if self._accept("not"):
            return Negation(self._term())
        if self._accept("("):
            inner = self._junction("or", lambda: self._junction("and", self._term))
            if not self._accept(")"):
                raise ConditionError(f"{self._text!r}: a parenthesis isn't closed")
            return inner
        return self._atom()

    def _atom(self) -> Condition:
        step, dot, field = self._next().partition(".")
        word = self._next()
        if not dot and word in ("succeeded", "failed", "skipped"):
            return StatusIs(step, word)  # type: ignore[arg-type]
        if not (dot and field) or word not in _OPERATORS:
            raise ConditionError(f"{self._text!r}: write `STEP succeeded|failed|skipped` or `STEP.FIELD = LITERAL`")
        return Comparison(step, field, word, _literal(self._next()))


def _literal(token: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(token)
    except ValueError:
        return token
    return value


def parse(text: str) -> Condition:
    """Read a condition. Raises ConditionError with what wasn't understood."""
    if len(text) > 1000:
        raise ConditionError("a condition has at most 1,000 characters")
    try:
        return _Parser(text).parse()
    except RecursionError as error:
        raise ConditionError("the condition is nested too deeply") from error


def same(one: Condition, other: Condition, names: Mapping[str, str]) -> bool:
    """Whether both say the same, when each step of `one` has the name that `names` gives it in `other`."""
    match one, other:
        case StatusIs(), StatusIs():
            return (names.get(one.step), one.status) == (other.step, other.status)
        case Comparison(), Comparison():
            return (names.get(one.step), one.field, one.operator, one.literal) == (
                other.step,
                other.field,
                other.operator,
                other.literal,
            )
        case Negation(), Negation():
            return same(one.term, other.term, names)
        case Junction(), Junction():
            return (one.every, len(one.terms)) == (other.every, len(other.terms)) and all(
                same(mine, theirs, names) for mine, theirs in zip(one.terms, other.terms, strict=True)
            )
    return False
