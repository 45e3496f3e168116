"""`sophia eval`: run evaluation suites. They are loaded only when somebody asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Asked", "evaluate"]


@dataclass(frozen=True)
class Asked:
    """The command line, as it was given."""

    suites: tuple[str, ...] = ()
    cases: Path | None = None
    baseline: Path | None = None
    quick: bool = False
    results: Path | None = None
    write_baseline: bool = False
    as_json: bool = False
    model_times: int = 0
    """How often a model plans all requests; 0: no model is asked."""


async def evaluate(asked: Asked) -> int:
    """Do what was asked, print what came of it, and give the exit status."""
    if asked.suites[:1] == ("add",):
        return await _propose(asked.suites[1:])
    if asked.model_times:
        from evals.model_runs import evaluate_model

        return await evaluate_model(asked.model_times, asked.cases, as_json=asked.as_json)
    from evals.harness import Options
    from evals.harness import evaluate as run

    options = Options(
        cases=asked.cases,
        baseline=asked.baseline,
        quick=asked.quick,
        results=asked.results,
        write_baseline=asked.write_baseline,
        as_json=asked.as_json,
    )
    return await run(asked.suites, options=options)


async def _propose(threads: tuple[str, ...]) -> int:
    from agent.errors import RequesterMustFix
    from evals.proposing import propose

    if len(threads) != 1:
        raise RequesterMustFix("One thread is proposed at a time.", to_do="sophia eval add THREAD")
    return await propose(threads[0])
