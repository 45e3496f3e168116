"""Precision and recall of instant alerts on changes that were labelled twice by `rubric.md`.

Two halves: one may be looked at when the scorer is made, the other is only ever scored. A case counts for precision and
recall where both labels agree on whether it is to be told at once; how often they do is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from evals.captures import share, side_by_side
from evals.suite import CaseResult, Outcome, SuiteError
from memory.competitors import Capture, Change, Page, Version
from tools.detection.job import Job, Known, Reading, read
from tools.detection.learning import Learned
from tools.detection.page import PageState
from tools.detection.significance import Past
from tools.monitoring.changes import SIGNIFICANT, change_of

__all__ = ["LOWER_IS_BETTER", "QUICK", "Labelled", "load", "score"]

LOWER_IS_BETTER = frozenset[str]()
QUICK = "unseen.yaml"
_CURVE = (0.25, 0.35, 0.4, 0.45, 0.5, 0.55, 0.65)
_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
Label = Literal["none", "digest", "instant"]


class Labelled(BaseModel):
    """A page before and after, and what two people made of it."""

    model_config = ConfigDict(extra="ignore")

    id: str
    competitor: str
    url: str
    aspect: str
    before: str
    after: str
    first: Label
    second: Label
    half: str = ""

    @property
    def instant(self) -> bool | None:
        """Whether it is to be told at once; None where the two don't agree."""
        one, other = self.first == "instant", self.second == "instant"
        return one if one is other else None


@dataclass(frozen=True)
class _Weighed:
    value: float
    words: str


_CASES = TypeAdapter(list[Labelled])


def load(cases: Path | None) -> list[Labelled]:
    """Those of a YAML file or a folder of them, each file a half. Raises SuiteError."""
    where = cases or Path(__file__).parent
    files = sorted(where.glob("*.yaml")) if where.is_dir() else [where]
    found: list[Labelled] = []
    for file in files:
        try:
            rows = _CASES.validate_python(yaml.safe_load(file.read_text(encoding="utf-8")) or [])
        except (OSError, yaml.YAMLError, ValidationError) as error:
            raise SuiteError(f"{file} can't be read: {error}") from error
        found += [row.model_copy(update={"half": file.stem}) for row in rows]
    return found


def _read(html: str, at: datetime, aspect: str, known: Known | None, learned: Learned) -> Reading:
    job = Job(content_type="text/html; charset=utf-8", status=200, at=at, aspect=aspect, known=known, learned=learned)
    return read(job, html.encode())


def _weigh(case: Labelled) -> _Weighed:
    """As a sweep would: read both, judge, weigh. What isn't a change weighs nothing."""
    first = _read(case.before, _AT, case.aspect, None, Learned())
    if first.state is not PageState.OK:
        return _Weighed(0.0, f"before: {first.state}, {first.note}")
    known = Known(title=first.page.title, blocks=list(first.page.blocks), at=_AT)
    second = _read(case.after, _AT + timedelta(days=1), case.aspect, known, first.learned)
    if second.judgement is None or not second.judgement.changed:
        ignored = second.judgement.reasons() if second.judgement else {}
        return _Weighed(0.0, f"after: {second.state}, {second.note or ignored or 'no difference'}")
    change = _change(case, second)
    return _Weighed(change.significance, f"{change.summary} ({change.explanation['significance']})")


def _change(case: Labelled, after: Reading) -> Change:
    page = Page(url=case.url, competitor=case.competitor, aspect=case.aspect, added_at=_AT)
    ok = Capture(url=case.url, at=_AT, state="ok", version="before")
    version = Version(digest="after", url=case.url, title=after.page.title, text=after.page.text)
    assert after.judgement is not None
    return change_of(page, ok, version, after.judgement, Past(), _AT + timedelta(days=1), "evaluation")


async def score(cases: Path | None) -> Outcome:
    """Weigh every change. Raises SuiteError."""
    labelled = load(cases)
    weighed = await side_by_side(_weigh, labelled)
    pairs = list(zip(labelled, weighed, strict=True))
    results = [_result(case, found) for case, found in pairs]
    metrics = _rates(pairs) | {"agreement": share(case.first == case.second for case in labelled)}
    metrics["agreement.instant"] = share(case.instant is not None for case in labelled)
    for half in sorted({case.half for case in labelled}):
        metrics |= _rates([pair for pair in pairs if pair[0].half == half], f".{half}")
    for least in _CURVE:
        metrics |= _rates(pairs, f".from_{least}", least)
    return Outcome(results=results, metrics=metrics)


def _rates(
    pairs: Sequence[tuple[Labelled, _Weighed]], suffix: str = "", least: float = SIGNIFICANT
) -> dict[str, float]:
    agreed = [(case.instant, found.value >= least) for case, found in pairs if case.instant is not None]
    return {
        f"precision{suffix}": share(wanted for wanted, told in agreed if told),
        f"recall{suffix}": share(told for wanted, told in agreed if wanted),
    }


def _result(case: Labelled, found: _Weighed) -> CaseResult:
    told = found.value >= SIGNIFICANT
    right = case.instant in (None, told)
    row = {
        "case": case.id,
        "passed": right,
        "actual": {"instant": told, "significance": found.value, "words": found.words[:300]},
        "half": case.half,
    }
    if right:
        return CaseResult.model_validate(row)
    wanted = "to be told at once" if case.instant else "not to be told at once"
    reason = f"{wanted}, but weighs {found.value:g}" + (f": {found.words[:200]}" if case.half != "unseen" else "")
    return CaseResult.model_validate(row | {"reason": reason, "badness": abs(found.value - SIGNIFICANT)})
