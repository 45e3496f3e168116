from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import text

from memory.database import Database
from memory.errors import NotFound
from memory.labels import WEB, Envelope, Provenance
from memory.results import Results


def envelope(now: datetime, value) -> Envelope:
    provenance = Provenance.observed("https://a.example/", now, "GET 200")
    return Envelope(value=value, label=WEB.with_source("https://a.example/"), provenance=provenance)


@pytest.mark.parametrize(
    "value", [None, 1.5, "ü\0\ud800", [], {"a": [1, {"b": None}]}, "x" * 50_000, 2**70], ids=lambda v: str(v)[:9]
)
async def test_an_envelope_comes_back_as_it_was(database: Database, now: datetime, value) -> None:
    results = Results(database)
    ref = await results.put("t_1", "s1", envelope(now, value), now)
    assert await results.get(ref) == envelope(now, value)


async def test_results_are_listed_by_step(database: Database, now: datetime) -> None:
    results = Results(database)
    refs = [await results.put("t_1", step, envelope(now, n), now) for n, step in enumerate(["s1", "s2", "s1"])]
    await results.put("t_2", "s1", envelope(now, "other"), now)
    assert await results.of_turn("t_1") == {"s1": (refs[0], refs[2]), "s2": (refs[1],)}
    assert await results.of_turn("t_3") == {}
    with pytest.raises(NotFound):
        await results.get("r_none")


async def test_large_results_are_packed(database: Database, now: datetime) -> None:
    await Results(database).put("t_1", "s1", envelope(now, "same " * 20_000), now)
    stored = await database.read(lambda c: c.execute(text("SELECT length(envelope) FROM results")).scalar())
    assert stored < 2000
