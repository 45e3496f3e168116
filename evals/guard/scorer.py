"""The guard against an independent statement of its rules, over every input that there is.

A case is one call in words with what must be answered; or a sweep of the whole input space, against the statement
(`statement.py`) or along one fact that gets worse, which must never allow more; or wrong guards of a kind
(`mutating.py`), each of which must be noticed by what the sweep looks at. Metrics: `verdicts`, how many inputs there
are; `disagreements` with the statement; `laxer`, pairs of which the worse is allowed more; `mutants` and how many
`survived`; and `right`, the share of the calls in words.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from pydantic import JsonValue

from agent import guard
from agent.guard import Answer, Facts
from evals.guard import mutating
from evals.guard.cases import Example, Mutated, Swept, load
from evals.guard.mutating import Decide, Mutant
from evals.guard.statement import SPACE, WORSE, every, stated, untrusted_is_named
from evals.suite import CaseResult, Outcome, SuiteError

__all__ = ["LOWER_IS_BETTER", "score"]

LOWER_IS_BETTER = frozenset({"disagreements", "laxer", "survived"})
_MUTANTS: Final = {
    "switched off": mutating.switched_off,
    "weakened": mutating.weakened,
    "source": mutating.changed_source,
}
_SAMPLE, _SEED = 4_000, 11
"""Inputs by which wrong guards are told: a hundredth of the whole, drawn once."""
_SHOWN = 10
"""Inputs that are shown of those that are wrong."""


async def score(cases: Path | None = None) -> Outcome:
    """Run the suite's own cases, or those of a YAML file. Raises SuiteError."""
    return await asyncio.to_thread(_Scoring().all, load(cases))


class _Scoring:
    """One run: the whole space is decided once, and looked at by several cases."""

    def __init__(self) -> None:
        self._ranks = b""
        self._counts: Counter[str] = Counter()

    def all(self, cases: Sequence[Example | Swept | Mutated]) -> Outcome:
        """What comes of all cases."""
        results = [result for case in cases for result in self._timed(case)]
        examples = [result.passed for result in results if (result.model_extra or {}).get("kind") == "example"]
        metrics = {name: float(count) for name, count in sorted(self._counts.items())}
        if examples:
            metrics["right"] = round(sum(examples) / len(examples), 4)
        return Outcome(results=results, metrics=metrics)

    def _timed(self, case: Example | Swept | Mutated) -> list[CaseResult]:
        begun = time.perf_counter()
        match case:
            case Example():
                found = [_example(case)]
            case Swept(sweep="statement"):
                found = [self._statement()]
            case Swept():
                found = [self._along(case.sweep)]
            case _:
                found = list(self._mutants(case.mutants))
        took: JsonValue = [{"what": "all of this", "seconds": round(time.perf_counter() - begun, 3)}]
        return [result.model_copy(update={"timings": took}) for result in found]

    def _all_ranks(self) -> bytes:
        """The rank of each verdict, in the order of the space."""
        if not self._ranks:
            self._ranks = bytes(guard.decide(facts).answer.rank for facts in every())
            self._counts["verdicts"] = len(self._ranks)
        return self._ranks

    def _statement(self) -> CaseResult:
        answers: Counter[int] = Counter()
        wrong: list[JsonValue] = []
        count = 0
        for facts, rank in zip(every(), self._all_ranks(), strict=True):
            said = stated(facts)
            answers[rank] += 1
            if rank != said:
                count += 1
                wrong += [_told(facts, rank, said)] if len(wrong) < _SHOWN else []
        self._counts["disagreements"] += count
        actual: JsonValue = {answer.value: answers[answer.rank] for answer in Answer}
        return _result("every verdict is the one that is stated", not count, actual, f"{count} are not", wrong)

    def _along(self, fact: str) -> CaseResult:
        """Compare all pairs of inputs that differ in this fact alone, the second being the worse."""
        if fact not in WORSE:
            raise SuiteError(f"There is no sweep {fact!r}. There are: statement, {', '.join(WORSE)}.")
        pairs = laxer = 0
        wrong: list[JsonValue] = []
        ranks, values, stride = self._all_ranks(), SPACE[fact], _stride(fact)
        for milder, worse in WORSE[fact]:
            step = (values.index(worse) - values.index(milder)) * stride
            for block in range(values.index(milder) * stride, len(ranks), stride * len(values)):
                before, after = ranks[block : block + stride], ranks[block + step : block + step + stride]
                found = [block + at for at, (one, other) in enumerate(zip(before, after, strict=True)) if other < one]
                pairs, laxer = pairs + stride, laxer + len(found)
                wrong += [_told(_at(at), ranks[at], ranks[at + step]) for at in found[: _SHOWN - len(wrong)]]
        self._counts["laxer"] += laxer
        name = f"nothing is allowed more when {fact} is worse"
        return _result(name, not laxer, {"pairs": pairs}, f"{laxer} are", wrong)

    def _mutants(self, kind: str) -> Iterator[CaseResult]:
        """A result for each rule or function that is made wrong in this way."""
        sample = _sample()
        noticed = _disordered if kind == "exchanged" else _differs
        if noticed(guard.decide, sample):
            raise SuiteError("The guard itself isn't what is stated, so that no wrong one can be told from it.")
        parts: defaultdict[str, list[Mutant]] = defaultdict(list)
        for mutant in mutating.exchanged(_equals(sample)) if kind == "exchanged" else _MUTANTS[kind]():
            parts[mutant.part].append(mutant)
        for part, mutants in parts.items():
            survived = [mutant.what for mutant in mutants if not noticed(mutant.decide, sample)]
            self._counts["mutants"] += len(mutants)
            self._counts["survived"] += len(survived)
            actual: JsonValue = {"mutants": [mutant.what for mutant in mutants]}
            yield _result(f"{part}, {kind}", not survived, actual, f"nobody notices {survived}", list(survived))


def _example(case: Example) -> CaseResult:
    found = guard.decide(case.facts)
    right = (found.answer, found.rules) == (case.answer, case.rules)
    actual: JsonValue = {"answer": found.answer, "rules": list(found.rules)}
    result = _result(case.q, right, actual, f"{case.answer} by {', '.join(case.rules) or 'no rule'} is right", [])
    rows: JsonValue = [
        {"rule": rule, "reason": reason} for rule, reason in zip(found.rules, found.reasons, strict=True)
    ]
    return result.model_copy(update={"kind": "example", "facts": asdict(case.facts), "verdicts": rows})


def _result(name: str, passed: bool, actual: JsonValue, reason: str, wrong: list[JsonValue]) -> CaseResult:
    found = {"case": name, "passed": passed, "actual": actual, "reason": "" if passed else reason, "wrong": wrong}
    return CaseResult.model_validate(found)


def _told(facts: Facts, found: int, other: int) -> JsonValue:
    answers = list(Answer)
    return {"facts": asdict(facts), "answers": [answers[found].value, answers[other].value]}


def _stride(fact: str) -> int:
    """How far apart two inputs are that differ by one value of this fact."""
    stride = 1
    for name, values in reversed(list(SPACE.items())):
        if name == fact:
            return stride
        stride *= len(values)
    raise KeyError(fact)


def _at(number: int) -> Facts:
    """The input with this number."""
    return next(itertools.islice(every(), number, None))


def _sample() -> list[Facts]:
    """Inputs in no order."""
    choice = random.Random(_SEED)
    return [Facts(**{name: choice.choice(values) for name, values in SPACE.items()}) for _ in range(_SAMPLE)]


def _differs(decide: Decide, sample: Sequence[Facts]) -> bool:
    """Whether the statement tells that this guard is wrong."""
    try:
        verdicts = ((decide(facts), facts) for facts in sample)
        return any(
            found.answer.rank != stated(facts) or ("R4" in found.rules) is not untrusted_is_named(facts)
            for found, facts in verdicts
        )
    except (TypeError, IndexError):
        return True


def _disordered(decide: Decide, sample: Sequence[Facts]) -> bool:
    """Whether a verdict names its rules in another order: the strictest first, then that of the house."""
    return any(decide(facts).rules != tuple(name for name, _ in _insisting(facts)) for facts in sample)


def _insisting(facts: Facts) -> list[tuple[str, int]]:
    """The rules that insist on something, and the rank of what: the strictest first, then by their names."""
    found = [(name, said[0].rank) for name, rule in sorted(guard.RULES.items()) if (said := rule(facts))]
    return sorted(found, key=lambda each: -each[1])


def _equals(sample: Sequence[Facts]) -> frozenset[frozenset[str]]:
    """Pairs of rules that insist on the same for some input: only of these it matters which comes first."""
    found: set[frozenset[str]] = set()
    for facts in sample:
        for (one, rank), (other, others) in itertools.combinations(_insisting(facts), 2):
            found |= {frozenset({one, other})} if rank == others else set()
    return frozenset(found)
