"""Writes the report's pages, and the results of every case as JSON lines beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.untrusted_text import visible
from evals.comparing import Comparison, state_of
from evals.reporting.charts import counts_chart, shares_chart
from evals.traces import PARTS

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["write_report"]

_WORST = 25
_ORDER = {"error": 0, "failed": 1, "passed": 2}
_KNOWN = ("case", "passed", "error", "actual")

Judged = tuple[Mapping[str, Any], Comparison, Sequence[str]]
"""A run, what it is beside its baseline, and why it fails."""


def write_report(folder: Path, found: Sequence[Judged]) -> Path:
    """Write everything into the folder; the page to begin with."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = _templates()
    suites = [_suite(folder, pages, *each) for each in found]
    index = folder / "index.html"
    chart = counts_chart([run for run, _, _ in found])
    text = pages.get_template("index.html.jinja").render(suites=suites, chart=chart)
    index.write_text(text, encoding="utf-8")
    return index


def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(loader=PackageLoader("evals.reporting", "templates"), autoescape=True, undefined=StrictUndefined)


def _suite(
    folder: Path, pages: Environment, run: Mapping[str, Any], comparison: Comparison, wrong: Sequence[str]
) -> dict[str, Any]:
    """Write one suite's results and the pages of its cases; what the first page says of it."""
    name = str(run["suite"])
    place = folder / name
    place.mkdir(exist_ok=True)
    with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as lines:
        for result in run["results"]:
            lines.write(json.dumps(result, ensure_ascii=False) + "\n")
    cases = [_case(place, pages, name, number, result) for number, result in enumerate(run["results"], 1)]
    badness = [-float(result.get("badness") or 0.0) for result in run["results"]]
    ranked = sorted(zip(cases, badness, strict=True), key=lambda each: (_ORDER[each[0]["state"]], each[1]))
    worst = [case for case, _ in ranked][:_WORST]
    return {
        "run": run,
        "comparison": comparison,
        "wrong": wrong,
        "chart": shares_chart(run["metrics"], comparison.before),
        "worst": [case for case in worst if case["state"] != "passed"],
        "cases": cases,
    }


def _case(place: Path, pages: Environment, suite: str, number: int, result: Mapping[str, Any]) -> dict[str, str]:
    """Write the page of one case: the plan, labels, verdicts and timings, as far as its suite tells them."""
    state, file = state_of(result), f"{number:04}.html"
    shown = (*_KNOWN, *PARTS)
    parts = {key: _pretty(value) for key, value in result.items() if key not in shown and value not in (None, "", [])}
    text = pages.get_template("case.html.jinja").render(
        suite=suite,
        name=visible(str(result["case"])),
        error=visible(str(result.get("error") or "")),
        state=state,
        actual=_pretty(result.get("actual")),
        parts=parts,
        tables={part: _table(result[part]) for part in PARTS if result.get(part)},
    )
    (place / file).write_text(text, encoding="utf-8")
    return {"name": visible(str(result["case"])), "state": state, "href": f"{place.name}/{file}"}


def _table(rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """The rows under the names of their columns, in the order in which these first come up."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return [columns, *([_cell(row.get(name)) for name in columns] for row in rows)]


def _cell(value: Any) -> str:
    return "" if value is None else _pretty(value)


def _pretty(value: Any) -> str:
    """As text in which nothing hides: cases quote what attackers wrote."""
    return visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2))
