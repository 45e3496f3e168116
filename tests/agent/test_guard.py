"""What a verdict says of its reasons. That it is the right one, for every input, is the suite `guard`."""

from __future__ import annotations

from agent.guard import Answer, Facts, Origin, Standing, decide
from memory.labels import Confidentiality, Integrity
from tools.declaration import Effect, Gate


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
