from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import TypedDict

import psycopg
import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from memory.checkpoints import delete_turn, open_checkpointer
from memory.engines import location_of
from memory.errors import DatabaseBroken, DatabaseUnreachable
from memory.faults import explain


class State(TypedDict):
    count: int


def _graph() -> StateGraph:
    graph = StateGraph(State)
    graph.add_node("add", lambda state: {"count": state["count"] + 1})
    graph.add_edge(START, "add")
    graph.add_edge("add", END)
    return graph


@pytest.fixture
def place(location: str, tmp_path: Path) -> str:
    return location if location.startswith("postgres") else str(tmp_path / "new" / "checkpoints.db")


async def test_a_position_outlives_the_process_until_the_turn_ends(place: str) -> None:
    of_turn = {"configurable": {"thread_id": "t_1"}}
    async with open_checkpointer(place) as saver:
        graph = _graph().compile(checkpointer=saver)
        assert await graph.ainvoke({"count": 1}, of_turn, durability="sync") == {"count": 2}
    async with open_checkpointer(place) as saver:
        graph = _graph().compile(checkpointer=saver)
        assert (await graph.aget_state(of_turn)).values == {"count": 2}
        await delete_turn(saver, "t_1")
        assert (await graph.aget_state(of_turn)).values == {}


async def test_a_file_that_is_no_database_and_a_server_that_goes_away_are_said(
    tmp_path: Path, postgresql_url: str
) -> None:
    (tmp_path / "checkpoints.db").write_bytes(b"nothing of SQLite's " * 400)
    with pytest.raises(DatabaseBroken, match="unfinished turns"):
        async with open_checkpointer(tmp_path / "checkpoints.db"):
            pass

    async with open_checkpointer(postgresql_url) as saver:
        graph = _graph().compile(checkpointer=saver)
        with psycopg.connect(postgresql_url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid() "
                "AND datname = current_database()"
            )
        with pytest.raises(DatabaseUnreachable, match="terminat"):
            await graph.ainvoke({"count": 1}, {"configurable": {"thread_id": "t_1"}}, durability="sync")


def test_a_connection_that_is_lost_without_a_word_of_the_server_is_told_from_a_wrong_statement() -> None:
    place = location_of("postgresql://db.example.com/sophia")
    lost = explain(psycopg.OperationalError("the connection is closed"), place)
    assert isinstance(lost, DatabaseUnreachable)
    wrong = psycopg.ProgrammingError("no such column")
    assert explain(wrong, place) is wrong


async def test_a_position_waits_for_another_process_that_writes(tmp_path: Path) -> None:
    async with open_checkpointer(tmp_path / "checkpoints.db") as saver:
        other = sqlite3.connect(tmp_path / "checkpoints.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        graph = _graph().compile(checkpointer=saver)
        running = asyncio.create_task(
            graph.ainvoke({"count": 1}, {"configurable": {"thread_id": "t_1"}}, durability="sync")
        )
        await asyncio.sleep(0.05)
        assert not running.done()
        other.execute("COMMIT")
        assert await running == {"count": 2}
        other.close()


async def test_what_a_stage_returned_is_kept_once_and_that_it_waits_is_kept_too(place: str) -> None:
    graph = StateGraph(State)
    graph.add_node("ask", lambda _: {"count": interrupt("how many?")})
    graph.add_edge(START, "ask")
    graph.add_edge("ask", END)
    of_turn = {"configurable": {"thread_id": "t_1"}}
    async with open_checkpointer(place) as saver:
        await graph.compile(checkpointer=saver).ainvoke({"count": 1}, of_turn, durability="sync")
    async with open_checkpointer(place) as saver:
        again = graph.compile(checkpointer=saver)
        assert [found.value for found in (await again.aget_state(of_turn)).interrupts] == ["how many?"]
        assert await again.ainvoke(Command(resume=3), of_turn, durability="sync") == {"count": 3}
        (newest,) = [found async for found in saver.alist(of_turn, limit=1)]
        assert newest.checkpoint["channel_values"]["count"] == 3


async def test_the_file_is_in_wal_mode(tmp_path: Path) -> None:
    async with open_checkpointer(tmp_path / "checkpoints.db"):
        connection = sqlite3.connect(tmp_path / "checkpoints.db")
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.close()
