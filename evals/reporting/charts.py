"""Charts as SVG, drawn without a browser and without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["counts_chart", "shares_chart"]

_COLOURS = {"passed": "#2a9d8f", "failed": "#e9a23b", "errors": "#c8553d"}
_WIDTH = 520


def counts_chart(runs: Sequence[Mapping[str, Any]]) -> str:
    """A bar for each suite, divided into what passed, failed and could not be scored, as shares of its cases."""
    import altair as alt

    rows = [
        {"suite": run["suite"], "what": what, "share": run[what] / max(1, run["cases"]), "order": order}
        for run in runs
        for order, what in enumerate(_COLOURS)
    ]
    chart = (
        alt.Chart(alt.InlineData(rows))
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title="share of cases", axis=alt.Axis(format="%")),
            y=alt.Y("suite:N", title=None),
            color=alt.Color("what:N", title=None, scale=alt.Scale(domain=[*_COLOURS], range=[*_COLOURS.values()])),
            order="order:O",
        )
        .properties(width=_WIDTH)
    )
    return _svg(chart)


def shares_chart(metrics: Mapping[str, float], before: Mapping[str, float]) -> str:
    """Metrics between 0 and 1 as bars, with a tick where the baseline has them; empty when there are none."""
    import altair as alt

    shares = {name: value for name, value in metrics.items() if 0.0 <= value <= 1.0}
    if not shares:
        return ""
    rows = [{"metric": name, "now": value, "before": before.get(name)} for name, value in shares.items()]
    base = alt.Chart(alt.InlineData(rows)).encode(y=alt.Y("metric:N", title=None, sort=None))
    bars = base.mark_bar(color=_COLOURS["passed"]).encode(
        x=alt.X("now:Q", title="now; tick: baseline", scale=alt.Scale(domain=[0, 1]))
    )
    ticks = base.mark_tick(color="black", thickness=2).encode(x="before:Q")
    return _svg((bars + ticks).properties(width=_WIDTH))


def _svg(chart: Any) -> str:
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(chart.to_json())
    return drawn
