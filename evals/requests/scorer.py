"""Plans every request with the offline planner, over the registered tools and the built-in names, and scores the plans.

Metrics: `right`, the share that is right in kind, tool, steps and arguments; `wrong_effects`, how many would change,
send or destroy something that was not asked for; both also by file (`right.third_author`) and by group (`right.typo`).
Whoever tuned the planner has looked at every file here, whatever it is called: these figures say that nothing got
worse. What an unseen set comes to is measured by `--cases`, once, before the set is added here. How long a plan took is
told with its case: it differs from run to run, so it is no metric that a baseline could hold.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from agent.errors import SophiaError
from agent.names import names_of
from agent.plan import check
from agent.planning.offline import OfflinePlanner
from agent.planning.planner import Planner, Planning, PlanningRequest
from agent.settings import Settings
from agent.settings import load as load_settings
from evals.requests.cases import Case, load
from evals.requests.judging import judge, printed
from evals.suite import CaseResult, Outcome
from evals.traces import foreseen
from memory.schema import new_id
from tools.declaration import Tool
from tools.registry import discover

__all__ = ["LOWER_IS_BETTER", "QUICK", "score", "score_planner"]

LOWER_IS_BETTER = frozenset({"wrong_effects"})
QUICK = "held_out.yaml"
_HERE = Path(__file__).parent


async def score(cases: Path | None = None) -> Outcome:
    """Plan and judge all cases of this folder, or those at `cases`."""
    return await score_planner(OfflinePlanner(), cases)


async def score_planner(planner: Planner, cases: Path | None = None) -> Outcome:
    """The same with any planner. One that gives a case up, with an error that has a sentence, got it wrong."""
    tools, settings = discover(), _settings()
    results = [await _result(case, planner, tools, settings) for case in load(cases or _HERE)]
    return Outcome(results=results, metrics=_metrics(results))


def _settings() -> Settings:
    """Those that are built in, whatever is configured where this runs."""
    return load_settings(directory=_HERE, environ={"HOME": str(_HERE)})


async def _result(case: Case, planner: Planner, tools: Mapping[str, Tool], settings: Settings) -> CaseResult:
    request = PlanningRequest(
        text=case.q,
        now=case.moment,
        names=names_of(settings),
        context=case.context,
        turn=new_id("t"),
        person="evaluation",
    )
    started = time.perf_counter()
    try:
        planning = await planner.plan(request, tools)
    except SophiaError as error:
        planning = Planning(kind="clarify", question=str(error), planner=planner.name)
    took = (time.perf_counter() - started) * 1000
    verdict = judge(case, planning, tools)
    return CaseResult.model_validate(
        {
            "case": case.q,
            "passed": verdict.right,
            "actual": printed(planning, tools),
            "reasons": verdict.reasons,
            "wrong_effects": verdict.wrong_effects,
            "group": case.group,
            "source": case.source,
            "milliseconds": round(took, 2),
            "tokens": planning.tokens,
            "timings": [{"what": "planned", "milliseconds": round(took, 2)}],
        }
        | (foreseen(planning.plan, tools, settings) if planning.plan and not check(planning.plan, tools) else {})
    )


def _metrics(results: list[CaseResult]) -> dict[str, float]:
    if not results:
        return {}
    metrics = {
        "right": _right(results),
        "wrong_effects": float(_wrong(results)),
    }
    for name, part in _parts(results, "source"):
        metrics[f"right.{name}"] = _right(part)
        metrics[f"wrong_effects.{name}"] = float(_wrong(part))
    for name, part in _parts(results, "group"):
        metrics[f"right.{name}"] = _right(part)
    return metrics


def _parts(results: Iterable[CaseResult], by: str) -> Iterator[tuple[str, list[CaseResult]]]:
    parts: dict[str, list[CaseResult]] = {}
    for result in results:
        parts.setdefault(str((result.model_extra or {})[by]), []).append(result)
    yield from sorted(parts.items())


def _right(results: list[CaseResult]) -> float:
    return round(sum(result.passed for result in results) / len(results), 4)


def _wrong(results: Iterable[CaseResult]) -> int:
    return sum(bool((result.model_extra or {})["wrong_effects"]) for result in results)
