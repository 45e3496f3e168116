"""What a request says of a call, read without a model: the tool that it asks for, and each of its arguments.

A value is said when it stands in the requester's own words, as a date or a number in any of the usual ways of writing
it, or as the one thing that a look-up of their own words found (the event called so, the largest file). Everything
else is somebody's else: the planner's, or that of a text that it read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import JsonValue

from agent.plan import Plan, Problem, Step
from agent.planning.planner import Planning, PlanningRequest
from agent.planning.quotation import own_words
from evals.injection.declared import Declared, declarations
from tools.declaration import Tool

__all__ = ["Found", "Reader", "asks_for", "says", "stands"]

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_DAY = re.compile(
    rf"\b(?:({'|'.join(_MONTHS)})\s+(\d{{1,2}})(?:st|nd|rd|th)?|(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?"
    rf"({'|'.join(_MONTHS)}))\b",
    re.IGNORECASE,
)
_ISO = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_LENGTH = re.compile(r"\b(\d+|an?|one|two|three|four|five|six)[\s-]hours?\b", re.IGNORECASE)
_HOURS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w]|\.\d)")
_BEGINS = re.compile(r"\b(?:starting|starts|beginning|begins)\s+with\s+['\"“]?([\w-]+)", re.IGNORECASE)
_LONG_ENOUGH = 8
"""Characters of a look-up that can mean one thing only; a shorter one finds something by chance."""


@dataclass
class Found:
    """What was looked up for this request so far: by kind, the ids and names of what its own words point at."""

    ids: dict[str, set[str]] = field(default_factory=dict)
    addresses: set[str] = field(default_factory=set)
    lengths: list[timedelta] = field(default_factory=list)

    def note(self, call: Step, result: Any, request: str) -> None:
        """Take in what a read found, if the request's own words were what was looked for."""
        entry = declarations()[call.tool]
        if entry.returns is None:
            return
        records = list(_records(result))
        if entry.returns.called == "":
            self.addresses |= _begun(request, [str(record) for record in records])
            return
        for record in _meant(entry, call, records, request):
            self._point(entry, record)

    def _point(self, entry: Declared, record: Mapping[str, Any]) -> None:
        assert entry.returns is not None
        known = str(record.get(entry.returns.id, ""))
        self.ids.setdefault(entry.returns.of, set()).add(known)
        if entry.own:
            self.addresses.add(known.casefold())
        start, end = record.get("start_time"), record.get("end_time")
        if isinstance(start, datetime) and isinstance(end, datetime):
            self.lengths.append(end - start)


def _records(result: Any) -> Iterable[Any]:
    for each in result if isinstance(result, list) else [result]:
        yield each.model_dump() if hasattr(each, "model_dump") else each


def _meant(entry: Declared, call: Step, records: Sequence[Any], request: str) -> list[Mapping[str, Any]]:
    """The records that the request's words point at: the one that its own look-up found, the most of a measure."""
    known = [record for record in records if isinstance(record, dict)]
    meant = [
        max(known, key=lambda record: record[measure])
        for word, measure in entry.most.items()
        if known and stands(word, request)
    ]
    sought = "".join(str(value) for value in call.args.values())
    said = all(_said(entry.kinds()[name][1], value, request, Found()) for name, value in call.args.items())
    if len(known) == 1 and said and len(sought) >= _LONG_ENOUGH:
        meant += known
    return meant + _called(entry, known, request)


def _called(entry: Declared, records: Sequence[Mapping[str, Any]], request: str) -> list[Mapping[str, Any]]:
    """The one record whose name is in the request."""
    assert entry.returns is not None
    name = entry.returns.called
    named = [record for record in records if record.get(name) and stands(str(record[name]), request)]
    return named if len(named) == 1 else []


def _begun(request: str, names: Sequence[str]) -> set[str]:
    """Names of which a request says how they begin, where that is one name only."""
    begun: set[str] = set()
    for beginning in _BEGINS.findall(request):
        found = [name for name in names if name.casefold().startswith(beginning.casefold())]
        begun |= {name.casefold() for name in found if len(found) == 1}
    return begun


def stands(value: str, request: str) -> bool:
    """Whether the value stands in the request, whole: no longer word or number has it as its part."""
    wanted = " ".join(value.casefold().split())
    return bool(wanted) and bool(
        re.search(rf"(?<![\w@]){re.escape(wanted)}(?![\w@]|\.\w)", " ".join(request.casefold().split()))
    )


def asks_for(entry: Declared, request: str) -> bool:
    """Whether the request has the words of one of the tool's phrases, in any order."""
    return any(all(_word_stands(word, request) for word in phrase.split()) for phrase in entry.phrases)


def _word_stands(word: str, request: str) -> bool:
    return bool(re.search(rf"\b{re.escape(word)}(?:s|ed|ing|e)?\b", request, re.IGNORECASE))


def says(entry: Declared, args: Mapping[str, JsonValue], request: str, found: Found) -> bool:
    """Whether the request asks for the tool and says every argument."""
    kinds = entry.kinds()
    if not asks_for(entry, request):
        return False
    return all(
        _said(kinds[name][1], value, request, found) or (kinds[name][1] == "time" and _ends(args, request, found))
        for name, value in args.items()
    )


def _said(kind: str, value: JsonValue, request: str, found: Found) -> bool:
    if value in (None, "", [], False):
        return True
    if isinstance(value, list):
        return all(_said(kind, each, request, found) for each in value)
    text = str(value)
    match kind:
        case "time":
            return _time_said(text, request)
        case "number":
            return _number_said(text, request)
        case "address":
            return stands(text, request) or text.casefold() in found.addresses
        case "text" | "content" | "url":
            return stands(text, request)
        case _:
            return text in found.ids.get(kind, set())


def _number_said(text: str, request: str) -> bool:
    try:
        wanted = Decimal(text)
    except InvalidOperation:
        return False
    return any(Decimal(number) == wanted for number in _NUMBER.findall(request))


def _days(request: str) -> set[tuple[int, int]]:
    """Month and day of every date in the request."""
    spoken = {
        (_MONTHS.index((before or after).casefold()) + 1, int(day or other))
        for before, day, other, after in _DAY.findall(request)
    }
    return spoken | {(int(month), int(day)) for _, month, day in _ISO.findall(request)}


def _time_said(text: str, request: str) -> bool:
    """A day whose date is in the request, in its year if the request has any; with a time of day that is in it too."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    years = {int(year) for year in _YEAR.findall(request)}
    day = (moment.month, moment.day) in _days(request) and (not years or moment.year in years)
    return day and (" " not in text or stands(moment.strftime("%H:%M"), request))


def _ends(args: Mapping[str, JsonValue], request: str, found: Found) -> bool:
    """Whether the call has a start that is said, and an end as long after it as is said or as it was before."""
    start = next((str(value) for name, value in args.items() if "start" in name), "")
    end = next((str(value) for name, value in args.items() if "end" in name), "")
    if not _time_said(start, request):
        return False
    lengths = {timedelta(hours=_HOURS.get(word.casefold()) or int(word)) for word in _LENGTH.findall(request)}
    try:
        return datetime.fromisoformat(end) - datetime.fromisoformat(start) in lengths | set(found.lengths)
    except ValueError:
        return False


class Reader:
    """The planner without a model that Sophia's corroboration compares with.

    It plans the proposed step again, if the request says it, and nothing otherwise.
    """

    name = "reader"

    def __init__(self, proposed: Step, found: Found) -> None:
        self._proposed = proposed
        self._found = found

    async def plan(
        self, request: PlanningRequest, catalogue: Mapping[str, Tool], problems: Sequence[Problem] = ()
    ) -> Planning:
        """The proposed step, or a question."""
        del catalogue, problems
        entry = declarations()[self._proposed.tool]
        if says(entry, self._proposed.args, own_words(request.text).own, self._found):
            return Planning(kind="plan", plan=Plan(steps=[self._proposed]), planner=self.name)
        return Planning(kind="clarify", planner=self.name)
