"""Every small change of the guard's rules is noticed: its source, mutated, against the independent statement."""

from __future__ import annotations

import ast
import copy
import itertools
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent import guard
from agent.guard import Answer, Facts, Integrity, Origin, Standing
from memory.labels import Confidentiality
from tests.agent.test_guard import SPACE, stated
from tools.declaration import Effect, Gate

SOURCE = Path(guard.__file__).read_text(encoding="utf-8")
NAMES = {enum.__name__: enum for enum in (Answer, Confidentiality, Effect, Gate, Integrity, Origin, Standing)}
OTHER = {
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Gt: ast.GtE,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


def functions(tree: ast.Module) -> list[ast.FunctionDef]:
    """The rules, what they share, and the decision."""
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def mutations(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], None]]]:
    """What can be changed at this place, each as a change to make to a copy of it."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in OTHER:
        yield "comparison", lambda n: n.ops.__setitem__(0, OTHER[type(n.ops[0])]())
    if isinstance(node, ast.BoolOp):
        yield "junction", lambda n: setattr(n, "op", OTHER[type(n.op)]())
        for place in range(len(node.values)):
            neutral = ast.Constant(isinstance(node.op, ast.And))
            yield f"without part {place}", lambda n, place=place, neutral=neutral: n.values.__setitem__(place, neutral)
    if isinstance(node, ast.If | ast.IfExp):
        yield "negated", lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
        yield "always", lambda n: setattr(n, "test", ast.Constant(True))
        yield "never", lambda n: setattr(n, "test", ast.Constant(False))
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in NAMES:
        for name in NAMES[node.value.id].__members__:
            if name != node.attr:
                yield f"{node.value.id}.{name}", lambda n, name=name: setattr(n, "attr", name)


def mutants() -> Iterator[tuple[str, ast.Module]]:
    tree = ast.parse(SOURCE)
    places = [(f.name, node) for f in functions(tree) for node in ast.walk(f)]
    silent = {id(part) for _, node in places if isinstance(node, ast.MatchOr) for part in ast.walk(node)}
    for number, (function, node) in enumerate(places):
        if id(node) in silent:  # the alternatives that say nothing: what falls through them says nothing either
            continue
        for what, change in mutations(node):
            mutant = copy.deepcopy(tree)
            target = [node for f in functions(mutant) for node in ast.walk(f)][number]
            change(target)
            yield f"{function}:{getattr(node, 'lineno', '')} {what}", ast.fix_missing_locations(mutant)


def decision(tree: ast.Module) -> Callable[[Facts], guard.Verdict]:
    """`decide` of a mutated source, over the real enumerations and facts."""
    rules = [node for node in tree.body if isinstance(node, ast.AnnAssign) and node.target.id == "RULES"]
    namespace = dict(vars(guard))
    exec(compile(ast.Module([*functions(tree), *rules], []), "<mutant>", "exec"), namespace)  # noqa: S102 - our source
    return namespace["decide"]


@pytest.fixture(scope="module")
def sample() -> list[tuple[Facts, int]]:
    """A hundredth of the whole space, in no order, with what is stated of it; the whole is swept in `test_guard`."""
    choice = random.Random(11)
    facts = [Facts(**{name: choice.choice(values) for name, values in SPACE.items()}) for _ in range(4_000)]
    return [(each, stated(each)) for each in facts]


def untrusted_is_named(f: Facts) -> bool:
    """Whether R4 must be among the reasons: what was read steers an effect that no grant speaks for."""
    grant = f.standing == "within" and f.effect in ("egress", "change") and not f.rotates and not f.protected
    return f.effect != "read" and f.influence == "untrusted" and not grant


def noticed(decide: Callable[[Facts], guard.Verdict], sample: list[tuple[Facts, int]]) -> bool:
    try:
        verdicts = ((decide(facts), facts, rank) for facts, rank in sample)
        return any(
            found.answer.rank != rank or ("R4" in found.rules) is not untrusted_is_named(facts)
            for found, facts, rank in verdicts
        )
    except (TypeError, IndexError):
        return True


def test_every_mutant_of_the_rules_is_noticed(sample):
    assert not noticed(guard.decide, sample)
    found = {name: noticed(decision(tree), sample) for name, tree in mutants()}
    assert len(found) > 100
    assert [name for name, seen in found.items() if not seen] == []


def test_no_two_rules_can_change_places_unnoticed(sample):
    """A verdict names the strictest rules first and, of equally strict ones, in the order of the house."""

    def named(facts: Facts) -> tuple[str, ...]:
        firing = [(name, rule(facts)) for name, rule in sorted(guard.RULES.items())]
        return tuple(name for name, said in sorted(((n, s) for n, s in firing if s), key=lambda x: -x[1][0].rank))

    assert all(guard.decide(facts).rules == named(facts) for facts, _ in sample)
    original = dict(guard.RULES)
    try:
        for one, other in itertools.combinations(original, 2):
            order = [{one: other, other: one}.get(name, name) for name in original]
            guard.RULES.clear()
            guard.RULES.update({name: original[name] for name in order})
            together = [facts for facts, _ in sample[:600] if original[one](facts) and original[other](facts)]
            equal = [f for f in together if original[one](f)[0] is original[other](f)[0]]
            assert not equal or any(guard.decide(facts).rules != named(facts) for facts in equal), (one, other)
    finally:
        guard.RULES.clear()
        guard.RULES.update(original)
