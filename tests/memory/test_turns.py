from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from memory.database import Database
from memory.errors import NotFound
from memory.turns import NewEvent, Status, Turns


@pytest.fixture
def turns(database: Database) -> Turns:
    return Turns(database)


async def begin(turns: Turns, now: datetime, request: str = "preview development", thread: str = "th", **more):
    return await turns.start(thread, request, "ann", "#ops", "terminal", now, **more)


async def test_a_turn_is_numbered_within_its_thread(turns: Turns, now: datetime) -> None:
    first = await begin(turns, now, context={"focus": {"stack": "dev"}})
    second = await begin(turns, now)
    other = await begin(turns, now, thread="other")
    assert [turn.seq for turn in (first, second, other)] == [1, 2, 1]
    assert await turns.get(first.id) == first
    assert first.status is Status.QUEUED
    assert not first.status.ended
    with pytest.raises(NotFound, match="t_none"):
        await turns.get("t_none")


async def test_turns_that_start_at_once_get_numbers_of_their_own(turns: Turns, now: datetime) -> None:
    started = await asyncio.gather(*(begin(turns, now, str(n)) for n in range(12)))
    assert sorted(turn.seq for turn in started) == list(range(1, 13))


async def test_the_first_who_uses_a_thread_owns_the_conversation(turns: Turns, now: datetime) -> None:
    await begin(turns, now)
    again = await turns.conversation("th", "bob", "#other", now + timedelta(1))
    assert (again.person, again.audience, again.created_at) == ("ann", "#ops", now)
    made = await turns.conversation("new", "bob", "bob", now)
    assert made.person == "bob"


@pytest.mark.parametrize("request_text", ["", "\0 binary \x01", "half \ud800 a pair", "日本語 🏢", "x" * 100_000])
async def test_any_text_can_be_asked(turns: Turns, now: datetime, request_text: str) -> None:
    turn = await begin(turns, now, request_text)
    expected = request_text.replace("\0", "\ufffd").replace("\ud800", "\ufffd" * 3)
    assert (await turns.get(turn.id)).request == expected


async def test_a_turn_goes_its_way(turns: Turns, now: datetime) -> None:
    turn = await begin(turns, now)
    await turns.update(turn.id, now, status=Status.RUNNING, planner="offline", plan={"steps": []})
    assert [found.id for found in await turns.running()] == [turn.id]
    later = now + timedelta(seconds=5)
    events = [NewEvent(kind="step", text="s1 done", data={"step": "s1"})]
    await turns.update(turn.id, later, status=Status.DONE, outcome={"findings": []}, events=events)
    found = await turns.get(turn.id)
    assert (found.status, found.planner, found.plan, found.outcome) == (
        Status.DONE,
        "offline",
        {"steps": []},
        {"findings": []},
    )
    assert (found.ended_at, found.updated_at, found.created_at) == (later, later, now)
    assert [event.text for event in await turns.events(turn.id)] == ["s1 done"]
    assert await turns.unfinished() == []
    with pytest.raises(NotFound):
        await turns.update("t_none", now, status=Status.DONE)


async def test_what_is_unfinished_comes_in_order(turns: Turns, now: datetime) -> None:
    started = [await begin(turns, now + timedelta(seconds=n), str(n)) for n in range(4)]
    await turns.update(started[1].id, now, status=Status.FAILED)
    await turns.update(started[2].id, now, status=Status.WAITING)
    await begin(turns, now + timedelta(minutes=1), "other", thread="other")
    assert [turn.request for turn in await turns.unfinished("th")] == ["0", "2", "3"]
    assert [turn.request for turn in await turns.unfinished()] == ["0", "2", "3", "other"]
    assert [turn.request for turn in await turns.latest("th", 2)] == ["2", "3"]
    assert await turns.latest("nothing") == []


async def test_events(turns: Turns, now: datetime) -> None:
    turn = await begin(turns, now, events=[NewEvent(kind="begin", text="asked")])
    half = NewEvent(kind="progress", text="half", data={"percent": 50})
    assert await turns.add_events(turn.id, [half], now) == [2]
    assert await turns.add_events(turn.id, [NewEvent(kind="a", text="b"), NewEvent(kind="c", text="d")], now) == [3, 4]
    assert [event.seq for event in await turns.events(turn.id)] == [1, 2, 3, 4]
    newer = await turns.events(turn.id, after=1)
    assert newer[0].data == {"percent": 50}
    assert [event.kind for event in newer] == ["progress", "a", "c"]
    with pytest.raises(NotFound):
        await turns.add_events("t_none", [half], now)


async def test_events_from_many_sides_are_all_kept(turns: Turns, now: datetime) -> None:
    turn = await begin(turns, now)
    await asyncio.gather(*(turns.add_events(turn.id, [NewEvent(kind="progress", text=str(n))], now) for n in range(20)))
    found = await turns.events(turn.id)
    assert [event.seq for event in found] == list(range(1, 21))
    assert {event.text for event in found} == {str(n) for n in range(20)}


async def test_cancelling(turns: Turns, now: datetime) -> None:
    turn = await begin(turns, now)
    assert not await turns.cancel_requested(turn.id)
    assert await turns.request_cancel(turn.id, "bob", now)
    assert await turns.request_cancel(turn.id, "carol", now)
    assert await turns.cancel_requested(turn.id)
    assert (await turns.get(turn.id)).cancel_by == "bob"
    await turns.update(turn.id, now, status=Status.CANCELLED)
    assert not await turns.request_cancel(turn.id, "bob", now)
    assert not await turns.cancel_requested("t_none")


async def test_a_naive_time_is_refused(turns: Turns) -> None:
    with pytest.raises(Exception, match="no time zone"):
        await begin(turns, datetime(2026, 1, 1))  # noqa: DTZ001
