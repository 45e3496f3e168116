"""Lists of pages to be watched, as people keep them: a CSV with a page a row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from tools.errors import ToolError
from tools.monitoring.discovery import aspect_of
from tools.monitoring.targets import checked_address
from tools.web.policy import WebPolicy

__all__ = ["Row", "WatchLists", "rows_of_list"]

MOST_ROWS = 500
_COLUMNS = {
    "url": ("url", "address", "link", "page", "website"),
    "aspect": ("aspect", "topic", "category", "for"),
    "competitor": ("competitor", "company", "name", "rival", "who"),
    "selector": ("selector", "css"),
}
_ADDRESS = re.compile(r"(?:https?://)?[^\s/]+(?:\.[^\s/]+|:\d+)", re.IGNORECASE)
_GUESSED = "market_share"
"""The aspect of a page whose address says none: what a company says of itself."""


class WatchLists(Protocol):
    """Where the lists lie that people hand in."""

    def read(self, name: str) -> str:
        """The text of a list. Raises ToolError for one that isn't there or may not be read."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """One page of a list, or why its line says none."""

    line: int
    url: str = ""
    aspect: str = ""
    competitor: str = ""
    selector: str = ""
    guessed: bool = False
    """Whether the aspect was read from the address."""
    problem: str = ""


def rows_of_list(text: str, aspect: str | None, policy: WebPolicy) -> list[Row]:
    """The rows, each page once. `aspect` is that of rows that name none.

    With a line of headings the columns may stand in any order; without one they are address, aspect, competitor,
    selector. Raises ToolError when there are more than 500 or none.
    """
    rows = list(_rows(text, aspect, policy))
    if len(rows) > MOST_ROWS:
        raise _refused(f"it has more than {MOST_ROWS} rows", "Split it.")
    if not any(row.url for row in rows):
        raise _refused("it names no page", "Write an address a line, with its aspect beside it if you like.")
    first = {row.url: row.line for row in reversed(rows)}
    return [row for row in rows if row.problem or first[row.url] == row.line]


def _refused(why: str, to_do: str) -> ToolError:
    return ToolError(f"The list can't be used: {why}.", not_done="Nothing is watched.", to_do=to_do)


def _rows(text: str, aspect: str | None, policy: WebPolicy) -> Iterator[Row]:
    lines = text.removeprefix("\ufeff").splitlines()
    first = next((line for line in lines if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    places = {name: at for at, name in enumerate(_COLUMNS)}
    for number, line in enumerate(csv.reader(lines, delimiter=delimiter), 1):
        cells = [cell.strip() for cell in line]
        if not any(cells) or cells[0].startswith("#"):
            continue
        headings = _headings(cells)
        if headings:
            places = headings
            continue
        given = {name: cells[at] for name, at in places.items() if at < len(cells)}
        yield _row(number, given, aspect, policy)
        if number > 2 * MOST_ROWS:
            return


def _headings(cells: list[str]) -> dict[str, int]:
    """The column of each name, when the line is one of headings; empty otherwise."""
    plain = [re.sub(r"\W+", " ", cell).strip().lower() for cell in cells]
    found = {name: plain.index(word) for name, words in _COLUMNS.items() for word in words if word in plain}
    return found if "url" in found else {}


def _row(number: int, given: dict[str, str], aspect: str | None, policy: WebPolicy) -> Row:
    written = given.get("url", "")
    if not _ADDRESS.match(written):
        return Row(number, problem=f"{written[:80]!r} is no address of a page")
    try:
        url = checked_address(written, policy)
    except ToolError as error:
        return Row(number, problem=str(error).rstrip("."))
    named = re.sub(r"[^\w]+", "_", given.get("aspect", "").lower()).strip("_")[:80]
    named = (aspect_of(f"/{named.replace('_', '-')}") or named) if named else (aspect or "")
    found = named or aspect_of(url) or _GUESSED
    return Row(
        number,
        url=url,
        aspect=found,
        competitor=given.get("competitor", "")[:120],
        selector=given.get("selector", "")[:500],
        guessed=not named,
    )
