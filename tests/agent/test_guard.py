"""The guard against an independent statement of its rules, over its whole input space."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from agent import guard
from agent.guard import Answer, Facts, Origin, Standing, decide
from memory.labels import Confidentiality, Integrity
from tools.declaration import Effect, Gate

SPACE = {
    "declared": [True, False],
    "effect": list(Effect),
    "gate": list(Gate),
    "rotates": [False, True],
    "control": [False, True],
    "origin": list(Origin),
    "destination": list(Integrity),
    "influence": list(Integrity),
    "confidentiality": list(Confidentiality),
    "clearance": list(Confidentiality),
    "attended": [True, False],
    "halted": [False, True],
    "standing": list(Standing),
    "protected": [False, True],
}


def every() -> Iterator[Facts]:
    for values in itertools.product(*SPACE.values()):
        yield Facts(**dict(zip(SPACE, values, strict=True)))


def stated(f: Facts) -> int:
    """The rules of the house once more, written as one table of numbers: 0 allow, 1 and 2 people, 3 deny."""
    tainted = f.influence == "untrusted"
    ruins = f.effect == "destroy" or f.rotates
    grant = f.standing == "within" and not ruins and not f.protected and f.effect in ("egress", "change")
    secrecy = {"public": 0, "internal": 1, "secret": 2}
    deny = (
        not f.declared
        or f.origin in ("foreign", "private")
        or (f.origin != "none" and f.confidentiality == "secret")
        or (f.origin != "none" and f.destination == "untrusted" and not f.attended)
        or (ruins and (tainted or f.destination == "untrusted" or not f.attended))
        or (f.halted and f.effect != "read" and not f.control)
    )
    if deny:
        return 3
    if ruins or f.gate == "two":
        return 2
    ask = (
        f.origin == "named"
        or (f.origin != "none" and secrecy[f.confidentiality] > secrecy[f.clearance])
        or (f.origin != "none" and f.destination == "untrusted")
        or (f.effect != "read" and tainted and not grant)
        or (f.gate == "one" and not grant)
    )
    return int(ask)


def _disagreements(limit: int = 1) -> list[Facts]:
    return list(itertools.islice((f for f in every() if decide(f).answer.rank != stated(f)), limit))


def test_every_verdict_is_the_one_that_the_rules_state() -> None:
    assert _disagreements() == []


WORSE = {
    "destination": [("trusted", "untrusted")],
    "influence": [("trusted", "untrusted")],
    "confidentiality": [("public", "internal"), ("internal", "secret")],
    "halted": [(False, True)],
    "attended": [(True, False)],
    "protected": [(False, True)],
    "gate": [("none", "one"), ("one", "two")],
    "declared": [(True, False)],
}


def test_nothing_becomes_more_allowed_by_more_taint_or_more_secrecy() -> None:
    ranks = bytes(decide(facts).answer.rank for facts in every())
    stride = len(ranks)
    for name, values in SPACE.items():
        stride //= len(values)
        for milder, worse in WORSE.get(name, []):
            step = (values.index(worse) - values.index(milder)) * stride
            period = stride * len(values)
            first = values.index(milder) * stride
            for block in range(first, len(ranks), period):
                for at in range(block, block + stride):
                    assert ranks[at + step] >= ranks[at], (name, milder, worse, at)


@pytest.mark.parametrize("name", list(guard.RULES))
def test_no_rule_can_be_switched_off_unnoticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(guard.RULES, name, lambda _: None)
    assert _disagreements(), f"{name} can be switched off and nobody notices"


@pytest.mark.parametrize("name", list(guard.RULES))
def test_no_rule_can_be_weakened_unnoticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = guard.RULES[name]

    def weakened(facts: Facts) -> tuple[Answer, str] | None:
        found = rule(facts)
        return (list(Answer)[found[0].rank - 1], found[1]) if found and found[0].rank > 1 else None

    monkeypatch.setitem(guard.RULES, name, weakened)
    assert _disagreements()


def test_a_verdict_names_its_rules_the_strictest_first() -> None:
    facts = Facts(
        declared=True,
        effect=Effect.DESTROY,
        gate=Gate.TWO,
        rotates=False,
        control=False,
        origin=Origin.NONE,
        destination=Integrity.TRUSTED,
        influence=Integrity.UNTRUSTED,
        confidentiality=Confidentiality.PUBLIC,
        clearance=Confidentiality.PUBLIC,
        attended=True,
        halted=False,
        standing=Standing.WITHIN,
        protected=False,
    )
    verdict = decide(facts)
    assert verdict.answer is Answer.DENY
    assert verdict.rules[0] == "R5"
    assert set(verdict.rules) == {"R4", "R5", "R6"}
    assert len(verdict.reasons) == len(verdict.rules)
