"""The rules of the house once more, written by somebody who didn't look at the guard's, and all that they speak of.

What the guard decides is compared with `stated` for every input that there is. Neither imports anything of how the
guard comes to its verdict: only the names of its inputs are shared.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from agent.guard import Facts, Origin, Standing
from memory.labels import Confidentiality, Integrity
from tools.declaration import Effect, Gate

__all__ = ["SPACE", "WORSE", "every", "stated", "untrusted_is_named"]

SPACE: Final[Mapping[str, Sequence[Any]]] = {
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
"""Every value of every fact; the last one changes fastest."""

WORSE: Final[Mapping[str, Sequence[tuple[Any, Any]]]] = {
    "destination": [("trusted", "untrusted")],
    "influence": [("trusted", "untrusted")],
    "confidentiality": [("public", "internal"), ("internal", "secret")],
    "clearance": [("internal", "public"), ("secret", "internal")],
    "halted": [(False, True)],
    "attended": [(True, False)],
    "protected": [(False, True)],
    "gate": [("none", "one"), ("one", "two")],
    "rotates": [(False, True)],
    "control": [(True, False)],
    "standing": [("within", "none"), ("within", "exceeded")],
    "declared": [(True, False)],
}
"""Pairs of which the second may never be allowed more than the first, all else being equal."""


def every() -> Iterator[Facts]:
    """The whole input space of the guard, in the order of SPACE."""
    for values in itertools.product(*SPACE.values()):
        yield Facts(**dict(zip(SPACE, values, strict=True)))


def stated(f: Facts) -> int:
    """What is to be answered: 0 allow, 1 and 2 people, 3 deny."""
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


def untrusted_is_named(f: Facts) -> bool:
    """Whether R4 must be among the reasons: what was read steers an effect that no grant speaks for."""
    grant = f.standing == "within" and f.effect in ("egress", "change") and not f.rotates and not f.protected
    return f.effect != "read" and f.influence == "untrusted" and not grant
