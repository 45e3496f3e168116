"""Time zones as people name them: `Europe/Berlin`, `eastern`, `PT`, `London time`."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from tools.errors import ToolError

__all__ = ["called", "exact", "known", "leading", "nearly", "unknown"]

_SLASHED = re.compile(r"[A-Z][a-z]+(?:/[A-Z][A-Za-z_+\-]+)+")
_CALLED = {
    "utc": "UTC",
    "gmt": "UTC",
    "zulu": "UTC",
    "eastern": "America/New_York",
    "et": "America/New_York",
    "est": "America/New_York",
    "edt": "America/New_York",
    "central": "America/Chicago",
    "ct": "America/Chicago",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "mountain": "America/Denver",
    "mt": "America/Denver",
    "mst": "America/Denver",
    "mdt": "America/Denver",
    "arizona": "America/Phoenix",
    "pacific": "America/Los_Angeles",
    "pt": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "cet": "Europe/Berlin",
    "cest": "Europe/Berlin",
    "central european": "Europe/Berlin",
    "eet": "Europe/Athens",
    "eest": "Europe/Athens",
    "bst": "Europe/London",
    "uk": "Europe/London",
    "jst": "Asia/Tokyo",
    "aest": "Australia/Sydney",
    "aedt": "Australia/Sydney",
}
"""What people say → the zone whose clocks they mean, summer time included: `EST` in July still means New York."""


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold().replace("_", " ")


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones() if not name.startswith(("posix", "right"))}


@cache
def _cities() -> dict[str, str]:
    """The last part of each zone's name; where two zones have the same city, neither counts."""
    found: dict[str, set[str]] = {}
    for name in _zones().values():
        area, _, city = name.rpartition("/")
        if area in ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"):
            found.setdefault(_plain(city), set()).add(name)
    return {city: next(iter(names)) for city, names in found.items() if len(names) == 1}


def exact(name: str) -> str | None:
    """The IANA name as it is spelled, whatever its case was; None when there is no such zone."""
    return _zones().get(name.casefold())


def called(words: str) -> str | None:
    """The zone that these words mean: an abbreviation, what its clocks are called, or a city of the IANA list."""
    plain = _plain(words)
    return _CALLED.get(plain) or _cities().get(plain)


def known(name: str) -> ZoneInfo:
    """The zone of this IANA name. Raises ToolError, which the requester can mend."""
    found = exact(name)
    if found is None:
        raise unknown(name)
    return ZoneInfo(found)


def leading(words: Sequence[str]) -> int:
    """How many words at the beginning name a zone beyond doubt: `eastern`, `London time`, `Europe/Berlin`.

    `Mars/Olympus` is meant to be one too.
    """
    if words and _SLASHED.fullmatch(words[0]):
        return 1
    for length in (3, 2, 1):
        name = _plain(" ".join(words[:length]))
        timed = len(words) > length and words[length].casefold() == "time"
        if len(words) >= length and (name in _CALLED or (timed and name in _cities())):
            return length + timed
    return 0


def nearly(word: str) -> str:
    """The word, if it is a misspelled name of a zone's clocks, such as `easterm`; otherwise nothing."""
    named = [name for name in _CALLED if len(name) > 4]
    plain = _plain(word)
    return word if plain not in named and difflib.get_close_matches(plain, named, n=1, cutoff=0.8) else ""


def unknown(words: str) -> ToolError:
    """The error for a time zone that doesn't exist, with the nearest that do."""
    near = [_CALLED[name].casefold() for name in difflib.get_close_matches(_plain(words), _CALLED, n=1, cutoff=0.8)]
    near = near or difflib.get_close_matches(words.casefold(), _zones(), n=3, cutoff=0.6)
    near = near or [_cities()[city].casefold() for city in difflib.get_close_matches(_plain(words), _cities(), n=3)]
    nearest = f" Near it are {', '.join(_zones()[name] for name in near)}." if near else ""
    return ToolError(
        f"There is no time zone “{words}”.{nearest}",
        not_done="No schedule was made.",
        to_do="Name one such as America/New_York, Europe/Berlin, eastern or UTC.",
    )
