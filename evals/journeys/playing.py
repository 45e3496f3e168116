"""Plays a conversation on real parts, Sophia starting anew for each step, and says what was not as it should be."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from agent.approval import Card
from agent.composition import open_sophia
from agent.errors import SophiaError
from agent.people import Person
from agent.sophia import Sophia
from evals.crash.carrying import Job, WorldClock, run_schedule, settings_of
from evals.crash.cases import Act
from evals.crash.judging import Place, messages, services
from evals.crash.nursery import Nursery
from evals.crash.site import Site
from evals.journeys.cases import Journey, Step
from evals.traces import Rows, lived
from infra.lab.inventory import Lab
from memory.turns import Turn

__all__ = ["Played", "play"]

_MADE = "SELECT tool FROM effects WHERE status IN ('done', 'undone')"
_ASKED = "SELECT count(*) FROM approvals"
_QUESTIONS = "SELECT count(*) FROM turns WHERE status = 'question'"
_OPEN = "SELECT tool, status FROM effects WHERE status IN ('intended', 'started')"
_WATCHED = "SELECT url FROM pages WHERE active"


@dataclass
class Played:
    """What a conversation came to."""

    wrong: list[str] = field(default_factory=list)
    said: list[JsonValue] = field(default_factory=list)
    """Each step with what it came to, to be read."""
    questions: int = 0
    trace: dict[str, Rows] = field(default_factory=dict)
    timings: Rows = field(default_factory=list)


async def play(journey: Journey, folder: Path, nursery: Nursery, site: Site) -> Played:
    """Play it in a folder that is made for it."""
    site.says = Site.beginning
    played = _Player(journey, folder, nursery, site)
    try:
        for number, step in enumerate(journey.steps, 1):
            await played.step(number, step)
        played.look_back()
    finally:
        await asyncio.to_thread(Lab(folder / "home").stop_all)
    return played.played


@dataclass
class _Said:
    """What a step came to."""

    status: str = ""
    text: str = ""
    card: str = ""


class _Player:
    def __init__(self, journey: Journey, folder: Path, nursery: Nursery, site: Site) -> None:
        self._journey, self._folder, self._nursery, self._site = journey, folder, nursery, site
        self._folder.mkdir(parents=True)
        self._seconds = 0.0
        self._turn = ""
        self._turns: dict[str, str] = {}
        """Thread → its newest turn."""
        self.played = Played()

    async def step(self, number: int, step: Step) -> None:
        """Do it, and compare what came of it with what should have."""
        self._seconds += 60.0
        started = time.perf_counter()
        said = await self._do(step)
        done = ", ".join(f"{name} {value}" for name, value in step.model_dump(exclude_defaults=True).items())
        seconds = round(time.perf_counter() - started, 2)
        self.played.timings.append({"step": number, "what": done[:120], "seconds": seconds})
        told: dict[str, JsonValue] = step.model_dump(exclude_defaults=True) | {
            "came to": said.status,
            "text": said.text,
        }
        self.played.said.append(told)
        self.played.wrong += [f"step {number}: {wrong}" for wrong in _compare(step, said)]

    async def _do(self, step: Step) -> _Said:
        if step.page is not None:
            self._site.says = step.page
            return _Said()
        if step.later is not None:
            self._seconds += step.later * 3600
            return _Said()
        if step.crash is not None:
            return await self._crash(step)
        settings = settings_of(self._job(step))
        async with open_sophia(settings, clock=WorldClock(self._seconds)) as sophia:
            try:
                turn = await self._act(sophia, step)
            except SophiaError as error:
                return _Said("not allowed", str(error))
            return await _said(sophia, turn)

    async def _act(self, sophia: Sophia, step: Step) -> Turn | None:
        if step.ask is not None:
            person = _person(sophia, step.by)
            words, audience = self._filled(step.ask), f"person:{step.by}"
            turn = await sophia.receive(words, person, thread=step.thread, surface="terminal", audience=audience)
            self._turn = self._turns[step.thread] = turn.id
            return await sophia.drive(turn.id)
        if step.schedule is not None:
            return await run_schedule(sophia, step.schedule)
        if step.resume:
            for turn in await sophia.turns.unfinished():
                self._turn = turn.id
                await sophia.drive(turn.id)
        else:
            if "thread" in step.model_fields_set:
                self._turn = self._turns[step.thread]
            await self._decide(sophia, step)
        return await sophia.turns.get(self._turn)

    async def _decide(self, sophia: Sophia, step: Step) -> None:
        person = _person(sophia, step.approve or step.deny or "")
        for approval in await sophia.approvals.of_turn(self._turn):
            if approval.status == "waiting":
                await sophia.decide(approval.id, person, approve=step.approve is not None, reason=step.reason)
        await sophia.drive(self._turn)

    async def _crash(self, step: Step) -> _Said:
        """A process of its own begins the request, everything is approved, and it is killed."""
        job = self._job(step).model_copy(update={"at_moment": step.crash, "number": step.thread.removeprefix("c_")})
        ended = await self._nursery.carry(job)
        return _Said("killed" if ended.signal else "not killed", ended.problem)

    def _job(self, step: Step) -> Job:
        return Job(
            folder=self._folder,
            site=self._site.origin,
            config=self._journey.config,
            act=Act(request=self._filled(step.ask)) if step.ask else None,
            seconds=self._seconds,
            log=self._folder / "moment",
        )

    def _filled(self, text: str) -> str:
        return text.replace("{site}", self._site.origin)

    def look_back(self) -> None:
        """Compare what is there in the end with what should be."""
        place, journey = Place(self._folder), self._journey
        asked = sum(int(str(place.query(query)[0][0])) for query in (_ASKED, _QUESTIONS))
        self.played.questions = asked
        self.played.trace = lived(place)
        self.played.wrong += list(_differences(place, journey, self._site.origin))
        if asked > journey.questions:
            self.played.wrong.append(f"people were asked {asked} times, and {journey.questions} is the most")


def _differences(place: Place, journey: Journey, origin: str) -> Iterator[str]:
    made = dict(Counter(str(row[0]) for row in place.query(_MADE)))
    if made != journey.effects:
        yield f"made: {made}, not {journey.effects}"
    if pending := place.query(_OPEN):
        yield f"of these nobody knows whether they happened: {pending}"
    files = sorted((place.home / "outbox").glob("*.jsonl"))
    outbox = {f"#{file.stem}": list(messages(file)) for file in files}
    if not _alike(outbox, journey.outbox):
        yield f"told: {outbox}, not {journey.outbox}"
    for stack, expected in journey.services.items():
        running = sorted(services(place, stack))
        if running != sorted(expected):
            yield f"running in {stack}: {running}, not {expected}"
    if journey.pages is not None:
        watched = sorted(str(row[0]).removeprefix(origin) for row in place.query(_WATCHED))
        if watched != sorted(journey.pages):
            yield f"watched: {watched}, not {journey.pages}"


def _alike(found: dict[str, list[str]], expected: dict[str, list[str]]) -> bool:
    return found.keys() == expected.keys() and all(
        len(found[channel]) == len(texts) and all(map(_fits, found[channel], texts))
        for channel, texts in expected.items()
    )


def _fits(found: str, expected: str) -> bool:
    return found.startswith(expected[:-1]) if expected.endswith("*") else found == expected


def _person(sophia: Sophia, name: str) -> Person:
    person = sophia.people.get(name)
    assert person is not None, f"{name} is nobody in these journeys"
    return person


async def _said(sophia: Sophia, turn: Turn | None) -> _Said:
    if turn is None:
        return _Said()
    cards = [
        _readable(Card.model_validate(found.card))
        for found in await sophia.approvals.of_turn(turn.id)
        if found.status == "waiting"
    ]
    text = (await sophia.report(turn.id)).as_text() if turn.outcome else ""
    return _Said(str(turn.status), text, "\n".join(cards))


def _readable(card: Card) -> str:
    lines = (card.title, card.summary, *card.details, card.risk, card.undo, *card.reasons, *card.sources)
    return "\n".join(line for line in lines if line)


def _compare(step: Step, said: _Said) -> Iterator[str]:
    if step.ends is not None and said.status != step.ends:
        yield f"it is {said.status or 'nothing'}, not {step.ends}: {said.text[:300]}"
    if step.crash is not None and said.status != "killed":
        yield f"it was not killed at {step.crash!r}: {said.text[:300]}"
    yield from _lacking("it doesn't say", step.says, said.text)
    yield from _lacking("the card doesn't say", step.card, said.card)
    for words in step.never:
        if words.casefold() in said.text.casefold():
            yield f"it says {words!r}: {said.text[:300]}"


def _lacking(what: str, wanted: Sequence[str], text: str) -> Iterator[str]:
    for words in wanted:
        if words.casefold() not in text.casefold():
            yield f"{what} {words!r}: {text[:300]}"
