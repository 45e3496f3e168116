"""The matrix as it is printed: a line for each workflow on each database, a column for each kind of moment."""

from __future__ import annotations

from collections.abc import Sequence

from evals.crash.crashing import Crash

__all__ = ["matrix"]


def matrix(crashes: Sequence[Crash]) -> str:
    """`12` for twelve crashes that were survived, `11/12` where one wasn't, `·` where there was none."""
    columns = list(dict.fromkeys(crash.kind for crash in sorted(crashes, key=lambda crash: crash.how != "kill")))
    lines = [["workflow", "database", *columns]]
    for workflow, database in dict.fromkeys((crash.workflow, crash.database) for crash in crashes):
        row = [crash for crash in crashes if (crash.workflow, crash.database) == (workflow, database)]
        cells = [_cell([crash for crash in row if crash.kind == column]) for column in columns]
        lines.append([workflow, database, *cells])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _cell(crashes: Sequence[Crash]) -> str:
    if not crashes:
        return "·"
    safe = sum(crash.safe for crash in crashes)
    return str(safe) if safe == len(crashes) else f"{safe}/{len(crashes)}"
