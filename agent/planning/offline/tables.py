"""Tables written as text: one row a line, long rows continued on indented lines."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["rows"]


def rows(table: str) -> Iterator[str]:
    """The rows of a table. A line that ends with `|` is continued without a space."""
    row = ""
    for line in table.strip("\n").splitlines():
        if line.startswith(" ") and row:
            row += ("" if row.endswith("|") else " ") + line.strip()
            continue
        if row:
            yield row
        row = line.strip()
    if row:
        yield row
