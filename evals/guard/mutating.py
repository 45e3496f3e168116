"""The guard made wrong: its rules switched off, weakened and exchanged, and every small change of their source."""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from agent import guard
from agent.guard import Answer, Facts, Origin, Rule, Standing, Verdict
from memory.labels import Confidentiality, Integrity
from tools.declaration import Effect, Gate

__all__ = ["Decide", "Mutant", "changed_source", "exchanged", "switched_off", "weakened"]

Decide = Callable[[Facts], Verdict]
_Change = Callable[[Any], None]
_NAMES: Final = {each.__name__: each for each in (Answer, Confidentiality, Effect, Gate, Integrity, Origin, Standing)}
_OTHER: Final[Mapping[type[ast.AST], type[ast.AST]]] = {
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Gt: ast.GtE,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


class Mutant(NamedTuple):
    """One way in which the guard is wrong."""

    part: str
    """The rule, or the function of its source."""
    what: str
    decide: Decide


def switched_off() -> Iterator[Mutant]:
    """Each rule, insisting on nothing."""
    for name in guard.RULES:
        yield Mutant(name, "switched off", _deciding({**guard.RULES, name: lambda _: None}))


def weakened() -> Iterator[Mutant]:
    """Each rule, insisting on the next milder answer."""
    for name, rule in guard.RULES.items():
        yield Mutant(name, "weakened", _deciding({**guard.RULES, name: _milder(rule)}))


def exchanged(pairs: Collection[frozenset[str]]) -> Iterator[Mutant]:
    """The rules of each pair in each other's place: the answer stays, but not what is said to be its reason."""
    for one, other in itertools.combinations(guard.RULES, 2):
        if frozenset({one, other}) not in pairs:
            continue
        places = {one: other, other: one}
        order = [places.get(name, name) for name in guard.RULES]
        yield Mutant(one, f"exchanged with {other}", _deciding({name: guard.RULES[name] for name in order}))


def changed_source() -> Iterator[Mutant]:
    """Every small change of the source of the rules, of what they share, and of the decision."""
    tree = ast.parse(Path(guard.__file__).read_text(encoding="utf-8"))
    places = [(function.name, node) for function in _functions(tree) for node in ast.walk(function)]
    silent = {id(part) for _, node in places if isinstance(node, ast.MatchOr) for part in ast.walk(node)}
    for number, (function, node) in enumerate(places):
        if id(node) in silent:  # the alternatives that say nothing: what falls through them says nothing either
            continue
        for what, change in _changes(node):
            mutant = copy.deepcopy(tree)
            change([each for part in _functions(mutant) for each in ast.walk(part)][number])
            yield Mutant(function, f"line {getattr(node, 'lineno', '')}: {what}", _decision(mutant))


def _milder(rule: Rule) -> Rule:
    def said(facts: Facts) -> tuple[Answer, str] | None:
        found = rule(facts)
        return (list(Answer)[found[0].rank - 1], found[1]) if found and found[0].rank > 1 else None

    return said


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def _changes(node: ast.AST) -> Iterator[tuple[str, _Change]]:
    """What can be changed at this place, each as a change to make to a copy of it."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _OTHER:
        yield "comparison", lambda n: n.ops.__setitem__(0, _OTHER[type(n.ops[0])]())
    if isinstance(node, ast.BoolOp):
        yield "junction", lambda n: setattr(n, "op", _OTHER[type(n.op)]())
        for place in range(len(node.values)):
            yield f"without part {place}", _without(place, ast.Constant(isinstance(node.op, ast.And)))
    if isinstance(node, ast.If | ast.IfExp):
        yield "negated", lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
        yield "always", lambda n: setattr(n, "test", ast.Constant(True))
        yield "never", lambda n: setattr(n, "test", ast.Constant(False))
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in _NAMES:
        for name in _NAMES[node.value.id].__members__:
            if name != node.attr:
                yield f"{node.value.id}.{name}", _named(name)


def _without(place: int, neutral: ast.Constant) -> _Change:
    return lambda n: n.values.__setitem__(place, neutral)


def _named(name: str) -> _Change:
    return lambda n: setattr(n, "attr", name)


def _decision(tree: ast.Module) -> Decide:
    """`decide` of a mutated source, over the real enumerations and facts."""
    rules = [node for node in tree.body if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "RULES"]
    module = ast.fix_missing_locations(ast.Module([*_functions(tree), *rules], []))
    return _executed(compile(module, "<mutant>", "exec"))


def _deciding(rules: Mapping[str, Rule]) -> Decide:
    """`decide` by other rules. Its source is taken again, so that the guard in use stays as it is."""
    tree = ast.parse(Path(guard.__file__).read_text(encoding="utf-8"))
    decision = [function for function in _functions(tree) if function.name == "decide"]
    return _executed(compile(ast.Module(list(decision), []), "<mutant>", "exec"), RULES=dict(rules))


def _executed(code: Any, **names: Any) -> Decide:
    namespace: dict[str, Any] = {**vars(guard), **names}
    exec(code, namespace)  # noqa: S102 - our own source
    made: Decide = namespace["decide"]
    return made
