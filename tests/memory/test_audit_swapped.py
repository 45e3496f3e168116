"""Two logs whose parts were exchanged: each is whole in itself, and neither is what was signed beside it."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from memory.audit import Audit, NewEntry
from memory.database import Database
from memory.verification import Damage


@pytest.mark.parametrize(
    "others, damage",
    [(12, Damage.TRUNCATED), (20, Damage.FORKED), (31, Damage.FORKED)],
    ids=["shorter", "same", "longer"],
)
async def test_the_database_of_another_log_is_found(
    database: Database, audit: Audit, tmp_path: Path, migrated_file: Path, now: datetime, others: int, damage: Damage
) -> None:
    await _written(audit, "ours", 20, now)
    other = await Database.open(shutil.copy(migrated_file, tmp_path / "other.db"))
    async with other:
        theirs = Audit(other, tmp_path / "other-audit")
        await _written(theirs, "theirs", others, now)
        assert (await theirs.verify()).ok
        exchanged = await Audit(other, audit.witness.folder).verify()
        assert [problem.damage for problem in exchanged.problems][:1] == [damage]


@pytest.mark.parametrize("taken", ["head.json", "heads.jsonl", "key"])
async def test_signed_heads_and_keys_of_another_log_are_found(
    database: Database, audit: Audit, tmp_path: Path, migrated_file: Path, now: datetime, taken: str
) -> None:
    await _written(audit, "ours", 300, now)
    async with await Database.open(shutil.copy(migrated_file, tmp_path / "other.db")) as other:
        theirs = Audit(other, tmp_path / "other-audit")
        await _written(theirs, "theirs", 300, now)
    shutil.copy(theirs.witness.folder / taken, audit.witness.folder / taken)
    report = await Audit(database, audit.witness.folder).verify()
    assert not report.ok
    assert report.problems[0].damage in (Damage.UNSIGNED, Damage.FORKED)


async def _written(log: Audit, what: str, count: int, now: datetime) -> None:
    at = [now + timedelta(seconds=number) for number in range(count)]
    await log.append_many([NewEntry(kind="request", payload={what: n}, actor="ann", at=at[n]) for n in range(count)])
    await log.settle()
