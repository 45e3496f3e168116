"""What a job board says as a whole: how many postings are open, of which teams and in which places."""

from __future__ import annotations

from collections import Counter

from memory.competitors import Version
from tools.detection.postings import place_of_job
from tools.monitoring.versions import rows_of

__all__ = ["mix_of", "postings_of"]

_NAMED = 5


def postings_of(version: Version) -> list[tuple[str, str]]:
    """The line and the team of each posting of a stored board; none for a page."""
    return [(line, under) for line, (kind, _, under) in rows_of(version) if kind == "posting"]


def mix_of(version: Version) -> str:
    """`27 postings are open: 12 Sales, 8 Engineering; in Austin 9, Remote 7`; empty for a page that is no board."""
    postings = postings_of(version)
    if not postings:
        return ""
    teams = Counter(team for _, team in postings if team)
    places = Counter(place for line, team in postings if (place := place_of_job(line, team)))
    count = len(postings)
    told = [f"{count} posting{' is' if count == 1 else 's are'} open"]
    if teams:
        told.append(": " + ", ".join(f"{many} {team}" for team, many in teams.most_common(_NAMED)))
    if places:
        told.append("; by place: " + ", ".join(f"{place} {many}" for place, many in places.most_common(_NAMED)))
    return "".join(told)
