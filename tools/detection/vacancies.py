"""Postings in the JSON of job boards, whatever a board calls its fields.

Greenhouse has `jobs` with title, location.name and departments; Lever a list with text and categories; Ashby `jobs`
with title, department and location; SmartRecruiters `content` with name, department.label and a city; Recruitee
`offers`; Workday `jobPostings` with title, locationsText and externalPath; BambooHR `result` with jobOpeningName and
departmentLabel; Workable `results`; Teamtailor `data` with attributes.
"""

from __future__ import annotations

from tools.detection.markup import clean
from tools.detection.page import Block, Form, Page, Zone

__all__ = ["read_postings"]

_LISTS = ("jobs", "postings", "offers", "openings", "positions", "jobPostings", "content", "results", "result", "data")
_TITLES = ("title", "text", "name", "jobOpeningName", "jobTitle", "position")
_TEAMS = ("department", "departmentLabel", "team", "function", "category")
_NAMES = ("name", "label", "city", "title")
_PLACE = ("city", "region", "state", "country")
_IDS = ("id", "uuid", "shortcode", "jobUrl", "absolute_url", "externalPath", "url")
_MOST = 2000


def read_postings(data: object) -> Page | None:
    """A page with a block for each posting; None for data that is no board's."""
    rows = _rows(data)
    if rows is None:
        return None
    found = [_posting(_flat(row)) for row in rows[:_MOST] if isinstance(row, dict)]
    named = [block for block in found if block.text]
    return Page(form=Form.BOARD, blocks=tuple(named)) if named or not rows else None


def _rows(data: object) -> list[object] | None:
    """The list of postings; one by a general name only when what is in it looks like postings."""
    if isinstance(data, list):
        return data if not data or any(_like_one(row) for row in data[:3]) else None
    if not isinstance(data, dict):
        return None
    for name in _LISTS:
        rows = data.get(name)
        if isinstance(rows, list) and (name == "jobs" or any(_like_one(row) for row in rows[:3])):
            return rows
    return None


def _like_one(row: object) -> bool:
    if not isinstance(row, dict):
        return False
    flat = _flat(row)
    placed = _located(flat) or any(flat.get(name) for name in (*_TEAMS, "city", "categories"))
    return bool(placed) and any(flat.get(name) for name in _TITLES)


def _located(item: dict[str, object]) -> object:
    """What a field says whose name has to do with a location: `location`, `locationsText`, `primaryLocation`."""
    for name in ("location", "locations"):
        if item.get(name):
            return item[name]
    return next((value for name, value in item.items() if value and "location" in name.lower()), None)


def _flat(row: dict[str, object]) -> dict[str, object]:
    """With JSON:API's attributes beside its id."""
    inside = row.get("attributes")
    return {**row, **inside} if isinstance(inside, dict) else row


def _posting(item: dict[str, object]) -> Block:
    title = next((text for name in _TITLES if (text := _text(item.get(name)))), "")
    categories = item.get("categories")
    inside = categories if isinstance(categories, dict) else {}
    team = _text(item.get("department") or inside.get("team") or inside.get("department"))
    team = team or next((text for name in _TEAMS if (text := _text(item.get(name)))), "")
    departments = item.get("departments")
    if not team and isinstance(departments, list) and departments:
        team = _text(departments[0])
    pay = item.get("compensation")
    wage = _text(pay.get("compensationTierSummary")) if isinstance(pay, dict) else ""
    parts = [title, team, _place(item, inside), wage]
    name = next((item[name] for name in _IDS if item.get(name)), "")
    return Block(
        text=" · ".join(part for part in parts if part) if title else "",
        kind="posting",
        zone=Zone.MAIN,
        under=team,
        id=str(name)[:200] if isinstance(name, str | int) else "",
    )


def _place(item: dict[str, object], inside: dict[str, object]) -> str:
    place = item.get("location") or inside.get("location") or _located(item)
    place = place[0] if isinstance(place, list) and place else place
    if isinstance(place, dict) and not place.get("name"):
        return ", ".join(dict.fromkeys(text for name in _PLACE if (text := _text(place.get(name)))))
    return _text(place) or ", ".join(dict.fromkeys(text for name in _PLACE if (text := _text(item.get(name)))))


def _text(value: object) -> str:
    if isinstance(value, dict):
        value = next((value[name] for name in _NAMES if value.get(name)), None)
    return clean(value)[:300] if isinstance(value, str) else ""
