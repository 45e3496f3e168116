"""`sophia eval --model`: the suite `requests` planned by a real model, several times, and a table of those tried.

What is kept of a model is keyed by a digest of its name, its server's address, the prompts, the tool catalogue and the
suite. When one of them changes, the row is stale, and says so. The offline planner's row is computed anew; it is what a
model's row is to be compared with.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from agent.errors import RequesterMustFix
from agent.planning.model import model_planner
from agent.planning.offline import OfflinePlanner
from agent.planning.planner import Planner
from agent.settings import Settings
from agent.settings import load as load_settings
from agent.terminal.catalogue import describe
from evals.requests.scorer import score_planner
from evals.suite import CaseResult
from memory.spend import Bound, Kind, SetAside, Used
from prompts import templates
from tools.registry import discover

__all__ = ["Row", "digest_of", "evaluate_model", "measured", "table"]

_KEPT = Path(__file__).parent / "requests" / "models.json"
_CONFIDENCE = 0.95


class Row(BaseModel):
    """What a planner achieved over several runs."""

    model_config = ConfigDict(frozen=True)

    planner: str
    address: str = ""
    """The model's server, by which its digest can be computed anew whatever is configured then."""
    digest: str
    times: int
    cases: int
    right: float
    """The share of all plans that were right."""
    right_between: tuple[float, float]
    """A 95 % interval of it: cases drawn anew, each with all of its runs."""
    always: float
    """The share of cases that were right every time: pass^k."""
    always_between: tuple[float, float]
    wrong_effects: float
    """Plans in one run, on average, that would change, send or destroy something that was not asked for."""
    tokens: int
    dollars: float
    at: datetime


_ROWS = TypeAdapter(list[Row])
_SUITE = Path(__file__).with_name("requests")


@dataclass
class _Paid:
    """Adds up what a model cost."""

    amounts: dict[str, Decimal] = field(default_factory=dict)
    _kinds: list[Kind] = field(default_factory=list)

    async def set_aside(
        self,
        kind: Kind,
        amount: float,
        turn: str,
        person: str,
        bounds: Sequence[Bound],
        at: datetime,
        *,
        least: float | None = None,
        note: str = "",
    ) -> SetAside:
        """An evaluation isn't held to a day's budget, but each of its plans to a turn's."""
        self._kinds.append(kind)
        return SetAside(id=len(self._kinds) - 1, amount=amount, kind=kind)

    async def settle(self, aside: SetAside, used: float, now: datetime) -> list[Used]:
        """Add it up."""
        kind = str(aside.kind)
        self.amounts[kind] = self.amounts.get(kind, Decimal()) + Decimal(str(used))
        return []

    async def left(self, kind: Kind, bounds: Sequence[Bound]) -> float:
        """What a turn may use: each plan is one."""
        return min((bound.most for bound in bounds if bound.turn is not None), default=float("inf"))


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def digest_of(model: str, address: str = "", suite: Path = _SUITE) -> str:
    """Names a model together with all that it is told (its server, the prompts, the catalogue) and asked."""
    told = {name: templates.load(name).digest for name in templates.names()}
    catalogue = [describe(tool) for _, tool in sorted(discover().items())]
    whole = json.dumps([model, address, told, catalogue, _asked(suite)], sort_keys=True, default=str)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def _asked(suite: Path) -> str:
    """Names the suite's own cases, and the source that says which plans are right."""
    files = sorted(path for path in suite.iterdir() if path.suffix in (".py", ".yaml"))
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()


async def measured(planner: Planner, digest: str, times: int, cases: Path | None, paid: _Paid | None = None) -> Row:
    """Plan all cases so often, and add up."""
    runs = [(await score_planner(planner, cases)).results for _ in range(times)]
    by_case = list(zip(*runs, strict=True))
    shares = [sum(result.passed for result in case) / times for case in by_case]
    always = sum(share == 1.0 for share in shares)
    amounts = paid.amounts if paid else {}
    return Row(
        planner=planner.name,
        digest=digest,
        times=times,
        cases=len(shares),
        right=sum(shares) / len(shares),
        right_between=_drawn_anew(shares),
        always=always / len(shares),
        always_between=_wilson(always, len(shares)),
        wrong_effects=sum(_wrong(run) for run in runs) / times,
        tokens=int(amounts.get(Kind.TOKENS, Decimal())),
        dollars=float(amounts.get(Kind.MONEY, Decimal())),
        at=_Clock().now(),
    )


def _wrong(results: Sequence[CaseResult]) -> int:
    return sum(bool((result.model_extra or {})["wrong_effects"]) for result in results)


def _drawn_anew(shares: Sequence[float]) -> tuple[float, float]:
    """The percentile bootstrap of the mean. Of shares that are all the same there is nothing to draw."""
    if len(set(shares)) < 2:
        return (shares[0], shares[0])
    from scipy.stats import bootstrap

    found = bootstrap((shares,), _mean, confidence_level=_CONFIDENCE, method="percentile", rng=7)
    return (float(found.confidence_interval.low), float(found.confidence_interval.high))


def _mean(values: Any, axis: int = -1) -> Any:
    return values.mean(axis=axis)


def _wilson(right: int, of: int) -> tuple[float, float]:
    from scipy.stats import binomtest

    found = binomtest(right, of).proportion_ci(confidence_level=_CONFIDENCE, method="wilson")
    return (float(found.low), float(found.high))


def kept(file: Path = _KEPT) -> list[Row]:
    """The rows of models that were tried."""
    return _ROWS.validate_json(file.read_bytes()) if file.is_file() else []


def keep(row: Row, file: Path = _KEPT) -> None:
    """Put a row in the place of the model's earlier one."""
    rows = [other for other in kept(file) if other.planner != row.planner] + [row]
    file.write_text(_ROWS.dump_json(sorted(rows, key=lambda each: each.planner), indent=1).decode() + "\n")


def table(offline: Row, rows: Sequence[Row], current: Mapping[str, str]) -> str:
    """A Markdown table. `current` gives each model's digest as it would be now."""
    head = (
        "| planner | right | right every time | wrong effects | tokens | cost | runs |\n|---|---|---|---|---|---|---|"
    )
    lines = [head, _line(offline, "")]
    lines += [_line(row, "" if current.get(row.planner) == row.digest else "stale") for row in rows]
    if not rows:
        lines.append("| a model | not run | not run | not run | not run | not run | 0 |")
    return "\n".join(lines)


def _line(row: Row, note: str) -> str:
    right = f"{row.right:.2f} ({row.right_between[0]:.2f} to {row.right_between[1]:.2f})"
    always = f"{row.always:.2f} ({row.always_between[0]:.2f} to {row.always_between[1]:.2f})"
    name = f"{row.planner} ({note})" if note else row.planner
    cost = f"${row.dollars:.2f}" if row.dollars else "–"
    return f"| {name} | {right} | {always} | {row.wrong_effects:.1f} | {row.tokens:,} | {cost} | {row.times} |"


async def evaluate_model(times: int, cases: Path | None, *, as_json: bool) -> int:
    """Run the configured model, keep its row when the cases are the suite's own, print the table."""
    settings = load_settings()
    offline = await measured(OfflinePlanner(), digest_of("offline"), 1, cases)
    rows = kept() if cases is None else []
    if settings.model.configured:
        row = await _model_row(settings, times, cases)
        if cases is None:
            keep(row)
        rows = [other for other in rows if other.planner != row.planner] + [row]
    current = {row.planner: digest_of(row.planner, row.address) for row in rows}
    if as_json:
        document = [each.model_dump(mode="json") | {"stale": each.digest != current[each.planner]} for each in rows]
        sys.stdout.write(json.dumps({"offline": offline.model_dump(mode="json"), "models": document}, indent=2) + "\n")
    else:
        sys.stdout.write(table(offline, rows, current) + "\n")
    if not settings.model.configured:
        raise RequesterMustFix(
            "No model is configured, so none was run.",
            to_do="Export SOPHIA_MODEL, and SOPHIA_BASE_URL or SOPHIA_API_KEY, then run it again.",
        )
    return 0


async def _model_row(settings: Settings, times: int, cases: Path | None) -> Row:
    paid = _Paid()
    planner = model_planner(settings, paid, _Clock())
    try:
        name = str(settings.model.name)
        address = settings.model.base_url or ""
        row = await measured(planner, digest_of(name, address), times, cases, paid)
        return row.model_copy(update={"planner": name, "address": address})
    finally:
        await planner.aclose()
