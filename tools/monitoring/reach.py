"""How far a change reaches: how many of the competitor's pages carry it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from memory.competitors import Change
from tools.detection.significance import reaching
from tools.monitoring.changes import alert_of
from tools.monitoring.lines import ASKED, TOLD

__all__ = ["spread"]


def spread(together: Sequence[Change], thresholds: Mapping[str, str]) -> Iterator[Change]:
    """The changes of one cluster that count otherwise now: by how many pages say the same, and whether that was told.

    What another page says of an announcement that was told at once isn't news again.
    """
    pages = len({change.url for change in together})
    told = next((alert for alert in (TOLD, ASKED) if any(change.alert == alert for change in together)), None)
    for change in together:
        reach = change.explanation.get("pages", 1)
        before = reach if isinstance(reach, int) else 1
        if pages <= before and not (told and change.alert not in (TOLD, ASKED)):
            continue
        alone = change.explanation.get("alone", change.significance)
        value = reaching(alone if isinstance(alone, float) else change.significance, pages)
        because = str(change.explanation.get("significance", "")).partition("; it is on ")[0]
        explanation = {
            **change.explanation,
            "pages": pages,
            "alone": alone,
            "significance": f"{because}; it is on {pages} pages",
        }
        open_ = change.alert in ("instant", "digest") and change.url in thresholds
        alert = told or (alert_of(thresholds[change.url], value) if open_ else change.alert)
        yield change.model_copy(update={"significance": value, "explanation": explanation, "alert": alert})
