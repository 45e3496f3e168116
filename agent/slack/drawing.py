"""A number over time as a picture, drawn in a process of its own: what draws it takes 150 MB and half a second.

python -m agent.slack.drawing < series.json > chart.png
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from agent.untrusted_text import visible
from tools.result import Series

__all__ = ["ChartNotDrawn", "drawn"]

_LONGEST_SECONDS = 60.0
_WIDTH, _HEIGHT, _SCALE = 640, 280, 2.0


class ChartNotDrawn(Exception):
    """The picture could not be drawn; the sentences say the same."""


async def drawn(series: Series) -> bytes:
    """The chart as a PNG. Raises ChartNotDrawn."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "agent.slack.drawing",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        picture, said = await asyncio.wait_for(child.communicate(series.model_dump_json().encode()), _LONGEST_SECONDS)
    except TimeoutError:
        child.kill()
        await child.wait()
        raise ChartNotDrawn(f"it took longer than {_LONGEST_SECONDS:.0f} s") from None
    if child.returncode != 0:
        raise ChartNotDrawn(said.decode(errors="replace").strip().rpartition("\n")[2])
    return picture


def specification(series: Series) -> dict[str, Any]:
    """The chart in Vega-Lite's words: https://vega.github.io/vega-lite/docs/."""
    values = [{"day": day.isoformat(), "value": value} for day, value in series.points]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {"text": visible(series.title), "anchor": "start"},
        "width": _WIDTH,
        "height": _HEIGHT,
        "background": "white",
        "data": {"values": values},
        "mark": {"type": "bar", "color": "#2f6f9f"},
        "encoding": {
            "x": {
                "field": "day",
                "type": "temporal",
                "timeUnit": "utcyearmonthdate",
                "axis": {"format": "%b %-d", "title": None},
            },
            "y": {"field": "value", "type": "quantitative", "title": f"{visible(series.unit)} a day"},
        },
        "config": {"font": "sans-serif", "axis": {"labelFontSize": 12, "titleFontSize": 12}, "title": {"fontSize": 15}},
    }


def _main() -> None:
    import vl_convert

    series = Series.model_validate_json(sys.stdin.buffer.read())
    picture = vl_convert.vegalite_to_png(specification(series), scale=_SCALE, allowed_base_urls=[])
    sys.stdout.buffer.write(picture)


if __name__ == "__main__":
    _main()
