from __future__ import annotations

import json
import stat
import subprocess
import sys
import textwrap
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion
from sqlalchemy import delete, insert, select, text, update

import memory
from memory.audit import Audit, NewEntry
from memory.database import Database
from memory.entries import entries, leaf_data, leaf_of, tree
from memory.errors import NotFound
from memory.merkle import (
    EMPTY,
    Frontier,
    consistency_path,
    inclusion_path,
    leaf_hash,
    proves_consistency,
    proves_inclusion,
    root_of,
)
from memory.verification import Damage
from memory.witness import EVERY

ROOT = Path(memory.__file__).parent.parent


def news(now: datetime, *numbers: int) -> list[NewEntry]:
    return [NewEntry(kind="request", payload={"n": n}, actor="ann", at=now + timedelta(seconds=n)) for n in numbers]


# the tree, against an implementation by others


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=70), st.data())
@settings(max_examples=60, deadline=None)
def test_roots_and_proofs_are_those_of_rfc_6962(data: list[bytes], draw: st.DataObject) -> None:
    other = InmemoryTree(algorithm="sha256")
    for value in data:
        other.append_entry(value)
    leaves = [leaf_hash(value) for value in data]
    root = root_of(leaves)
    assert root == other.get_state()
    index = draw.draw(st.integers(0, len(data) - 1))
    proof = other.prove_inclusion(index + 1)
    verify_inclusion(leaves[index], root, proof)
    assert set(inclusion_path(leaves, index)) <= set(proof.path)
    assert proves_inclusion(leaves[index], index, len(leaves), inclusion_path(leaves, index), root)
    old = draw.draw(st.integers(1, len(data)))
    old_root = root_of(leaves[:old])
    assert old_root == other.get_state(old)
    verify_consistency(old_root, root, other.prove_consistency(old, len(data)))
    assert proves_consistency(old, len(leaves), old_root, root, consistency_path(leaves, old))


@given(st.integers(1, 40), st.data())
@settings(max_examples=60, deadline=None)
def test_no_proof_holds_for_anything_else(size: int, draw: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    root, index = root_of(leaves), draw.draw(st.integers(0, size - 1))
    path = inclusion_path(leaves, index)
    wrong = leaf_hash(b"something else")
    assert not proves_inclusion(wrong, index, size, path, root)
    assert not proves_inclusion(leaves[index], index, size, [*path, wrong], root)
    assert not proves_inclusion(leaves[index], size, size, path, root)
    for other in set(range(size)) - {index}:
        assert not proves_inclusion(leaves[index], other, size, path, root)
    old = draw.draw(st.integers(1, size))
    proof = consistency_path(leaves, old)
    assert not proves_consistency(old, size, wrong, root, proof)
    assert not proves_consistency(old, size, root_of(leaves[:old]), wrong, proof)
    assert not proves_consistency(old, size, root_of(leaves[:old]), root, [*proof, wrong])
    assert not proves_consistency(size + 1, size, root, root, proof)
    if proof:
        assert not proves_consistency(old, size, root_of(leaves[:old]), root, proof[:-1])


def test_the_frontier_survives_being_stored() -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(50)]
    frontier = Frontier()
    assert frontier.root() == EMPTY
    for size, leaf in enumerate(leaves, 1):
        frontier = Frontier.unpack(frontier.size, frontier.pack())
        frontier.append(leaf)
        assert frontier.root() == root_of(leaves[:size])
    with pytest.raises(ValueError, match="frontier"):
        Frontier.unpack(3, b"\0" * 32)


# appending and reading


async def test_what_was_appended_is_read_back(audit: Audit, now: datetime) -> None:
    first = await audit.append("request", {"text": "ü\0\ud800", "n": 1.5}, "ann", now)
    second = await audit.append("effect.done", {"b": 1, "a": [None]}, "sophia", now + timedelta(1), stack="dev")
    assert (first.index, second.index) == (0, 1)
    assert await audit.entries() == [first, second]
    assert await audit.entries(kinds=["effect.done"]) == [second]
    assert await audit.entries(stack="dev", actor="sophia", since=now + timedelta(hours=1)) == [second]
    assert await audit.entries(until=now + timedelta(hours=1)) == [first]
    assert await audit.entries(limit=1) == [second]
    assert (await audit.head()).size == 2
    assert (await audit.head()).root == second.root
    assert (await audit.verify()).ok


async def test_leaves_are_canonical_json_that_others_can_hash(database: Database, audit: Audit, now: datetime) -> None:
    await audit.append("request", {"z": "ü", "a": 1}, "ann", now, stack='de"v')
    row = (await database.read(lambda c: c.execute(select(entries)).one()))._asdict()
    entry = {**row, "payload": json.loads(row["payload"]), "previous": row["previous"].hex()}
    del entry["root"]
    canonical = json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()
    del row["root"]
    assert leaf_data(**row) == canonical


async def test_an_entry_is_kept_with_its_transaction_or_not_at_all(
    database: Database, audit: Audit, now: datetime
) -> None:
    def fails(connection) -> None:
        audit.append_in(connection, *news(now, 1))
        raise RuntimeError("in between")

    await audit.append_many(news(now, 0))
    with pytest.raises(RuntimeError):
        await database.write(fails)
    assert [entry.payload for entry in await audit.entries()] == [{"n": 0}]
    report = await audit.verify()
    assert (report.ok, report.size, report.unsigned) == (True, 1, 0)


async def test_proofs(audit: Audit, now: datetime) -> None:
    await audit.append_many(news(now, *range(37)))
    head = await audit.head()
    for index in (0, 17, 36):
        proof = await audit.prove_inclusion(index)
        assert proof.holds()
        assert proof.root == head.root
        assert not proof.model_copy(update={"leaf": "00" * 32}).holds()
    early = await audit.prove_inclusion(3, size=20)
    consistency = await audit.prove_consistency(20)
    assert consistency.holds()
    assert (consistency.old_root, consistency.new_root) == (early.root, head.root)
    assert not consistency.model_copy(update={"old_root": head.root}).holds()
    with pytest.raises(NotFound):
        await audit.prove_inclusion(37)
    with pytest.raises(NotFound):
        await audit.prove_consistency(38)


async def test_pymerkle_accepts_our_log(database: Database, audit: Audit, now: datetime) -> None:
    await audit.append_many(news(now, *range(23)))
    rows = await database.read(lambda c: c.execute(select(entries).order_by(entries.c.index)).all())
    other = InmemoryTree(algorithm="sha256")
    for row in rows:
        values = row._asdict()
        del values["root"]
        other.append_entry(leaf_data(**values))
    assert other.get_state().hex() == (await audit.head()).root
    verify_inclusion(leaf_of(rows[5]), other.get_state(), other.prove_inclusion(6))


async def test_thousands_of_entries_in_batches(audit: Audit, now: datetime) -> None:
    batches = [news(now, *range(start, start + 500)) for start in range(0, 4000, 500)]
    for batch in batches:
        await audit.append_many(batch)
    report = await audit.verify()
    assert (report.ok, report.size) == (True, 4000)


async def test_signed_heads_are_private_and_few(audit: Audit, now: datetime) -> None:
    for start in range(0, 3 * EVERY, 50):
        await audit.append_many(news(now, *range(start, start + 50)))
        await audit.settle()
    folder = audit.witness.folder
    assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len((folder / "heads.jsonl").read_text().splitlines()) == 3
    report = await audit.verify()
    assert (report.ok, report.heads, report.unsigned) == (True, 4, 0)


# tampering: as whoever can write to the database, but hasn't the key


async def tampered(database: Database, *statements) -> None:
    def work(connection) -> None:
        for statement in statements:
            connection.execute(statement)

    await database.write(work)


@pytest.fixture
async def log(audit: Audit, now: datetime) -> Audit:
    await audit.append_many(news(now, *range(20)))
    await audit.settle()
    return audit


@pytest.mark.parametrize("column", ["at", "kind", "actor", "stack", "payload", "previous", "root"])
async def test_an_edit_is_found_where_it_is(database: Database, log: Audit, column: str) -> None:
    value: object = b"\1" * 32 if column in ("previous", "root") else '{"n":7000}'
    await tampered(database, update(entries).where(entries.c.index == 7).values({column: value}))
    report = await log.verify()
    assert not report.ok
    assert report.problems[0].index == 7
    assert report.problems[0].damage in (Damage.EDITED, Damage.OUT_OF_PLACE)
    assert report.size == 7


@pytest.mark.parametrize("index", [0, 7, 18])
async def test_a_dropped_entry_is_found(database: Database, log: Audit, index: int) -> None:
    await tampered(database, delete(entries).where(entries.c.index == index))
    problem = (await log.verify()).problems[0]
    assert (problem.index, problem.damage) == (index, Damage.MISSING)


async def test_a_dropped_entry_is_found_when_the_rest_is_renumbered(database: Database, log: Audit) -> None:
    shift = [update(entries).where(entries.c.index == n).values(index=n - 1) for n in range(8, 20)]
    await tampered(database, delete(entries).where(entries.c.index == 7), *shift, update(tree).values(size=19))
    problem = (await log.verify()).problems[0]
    assert (problem.index, problem.damage) == (7, Damage.OUT_OF_PLACE)


async def test_two_swapped_entries_are_found(database: Database, log: Audit) -> None:
    moves = [(7, 1000), (12, 7), (1000, 12)]
    await tampered(database, *(update(entries).where(entries.c.index == old).values(index=new) for old, new in moves))
    problem = (await log.verify()).problems[0]
    assert (problem.index, problem.damage) == (7, Damage.OUT_OF_PLACE)


async def test_an_inserted_entry_is_found(database: Database, log: Audit) -> None:
    row = (await database.read(lambda c: c.execute(select(entries).where(entries.c.index == 7)).one()))._asdict()
    shift = [update(entries).where(entries.c.index == n).values(index=n + 1) for n in range(19, 6, -1)]
    forged = insert(entries).values({**row, "payload": '{"n":-1}'})
    await tampered(database, *shift, forged, update(tree).values(size=21))
    problem = (await log.verify()).problems[0]
    assert problem.index == 7


async def test_an_entry_behind_the_end_is_found(database: Database, log: Audit) -> None:
    row = (await database.read(lambda c: c.execute(select(entries).where(entries.c.index == 19)).one()))._asdict()
    await tampered(database, insert(entries).values({**row, "index": 20}))
    problem = (await log.verify()).problems[0]
    assert (problem.index, problem.damage) == (20, Damage.INSERTED)


async def test_a_cut_off_end_is_found(database: Database, log: Audit) -> None:
    await tampered(database, delete(entries).where(entries.c.index >= 15))
    problem = (await log.verify()).problems[0]
    assert (problem.index, problem.damage) == (15, Damage.TRUNCATED)


@pytest.mark.parametrize("length", [0, 1, 15, 19])
async def test_an_end_that_is_cut_off_without_a_trace_is_found_by_the_signed_head(
    database: Database, log: Audit, length: int
) -> None:
    await tampered(database, *_rewritten(await _rows(database), length))
    problem = (await log.verify()).problems[0]
    assert (problem.index, problem.damage) == (length, Damage.TRUNCATED)


@pytest.mark.parametrize("length", [20, 25])
async def test_a_fork_that_is_consistent_with_itself_is_found_by_the_signed_head(
    database: Database, log: Audit, length: int
) -> None:
    rows = await _rows(database)
    rows[7]["payload"] = '{"n":7000}'
    rows += [{**rows[-1], "index": n} for n in range(20, length)]
    await tampered(database, *_rewritten(rows, length))
    report = await log.verify()
    assert [problem.damage for problem in report.problems] == [Damage.FORKED]
    assert report.problems[0].index == 0  # somewhere from the last head that agrees on
    assert report.size == length


async def test_a_fork_is_narrowed_down_by_earlier_heads(database: Database, log: Audit, now: datetime) -> None:
    for start in range(20, 3 * EVERY, 20):
        await log.append_many(news(now, *range(start, start + 20)))
        await log.settle()
    kept = [head.size for head in log.witness.heads() if head]
    rows = await _rows(database)
    rows[2 * EVERY + 30]["actor"] = "nobody"
    await tampered(database, *_rewritten(rows, len(rows)))
    problem = (await log.verify()).problems[0]
    assert problem.damage is Damage.FORKED
    assert problem.index == max(size for size in kept if size <= 2 * EVERY + 30)


async def _rows(database: Database) -> list[dict]:
    query = select(entries).order_by(entries.c.index)
    return [row._asdict() for row in await database.read(lambda c: c.execute(query).all())]


def _rewritten(rows: list[dict], length: int) -> list:
    """The statements of somebody who knows how the log is made, for all that is in the database."""
    frontier, forged = Frontier(), []
    for row in rows[:length]:
        leaf = {name: row[name] for name in ("at", "kind", "actor", "stack", "payload")}
        leaf |= {"index": frontier.size, "previous": frontier.root()}
        frontier.append(leaf_hash(leaf_data(**leaf)))
        forged.append(leaf | {"root": frontier.root()})
    state = {"size": length, "root": frontier.root(), "frontier": frontier.pack()}
    return [delete(entries), *(insert(entries).values(row) for row in forged), update(tree).values(state)]


async def test_a_forged_head_is_found(log: Audit) -> None:
    path = log.witness.folder / "head.json"
    head = json.loads(path.read_text())
    path.write_text(json.dumps({**head, "root": "00" * 32}))
    report = await log.verify()
    assert [problem.damage for problem in report.problems] == [Damage.UNSIGNED]


@pytest.mark.parametrize("content", ["", "{", '{"size": 1}'])
async def test_a_broken_head_is_found_and_appending_goes_on(log: Audit, now: datetime, content: str) -> None:
    (log.witness.folder / "head.json").write_text(content)
    assert [problem.damage for problem in (await log.verify()).problems] == [Damage.UNSIGNED]
    await log.append_many(news(now, 20))
    assert (await log.verify()).ok


async def test_heads_that_are_gone_are_missed(log: Audit) -> None:
    for path in log.witness.folder.glob("head*"):
        path.unlink()
    assert [problem.damage for problem in (await log.verify()).problems] == [Damage.UNSIGNED]


async def test_a_worker_that_never_appended_needs_no_heads(database: Database, log: Audit, tmp_path: Path) -> None:
    report = await Audit(database, tmp_path / "elsewhere").verify()
    assert report.ok == (database.kind == "postgresql")
    assert report.unsigned == 20


async def test_the_log_goes_on_after_a_crash_right_behind_a_commit(
    database: Database, log: Audit, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(log.witness, "sign", lambda *_: None)
        await log.append_many(news(now, 20, 21))
        await log.settle()
    report = await log.verify()
    assert (report.ok, report.unsigned) == (True, 2)
    await log.append_many(news(now, 22))
    report = await log.verify()
    assert (report.ok, report.unsigned) == (True, 0)


async def test_a_folder_that_cannot_be_written_stops_nothing(
    database: Database, tmp_path: Path, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    audit = Audit(database, tmp_path / "file" / "audit")
    await audit.append_many(news(now, 0))
    await audit.settle()
    assert (await audit.head()).size == 1
    assert "could not be signed" in caplog.text


async def test_verification_is_linear(database: Database, audit: Audit, now: datetime) -> None:
    seconds = []
    for more in (2_000, 8_000):
        await audit.append_many(news(now, *range(more)))
        begun = time.process_time()
        assert (await audit.verify()).ok
        seconds.append(time.process_time() - begun)
    assert seconds[1] < 12 * seconds[0]  # five times as many entries; a quadratic one would take 25 times as long
    assert (await database.read(lambda c: c.execute(text("SELECT count(*) FROM audit_entries")).scalar())) == 10_000


def test_the_last_head_is_signed_before_the_process_ends(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import asyncio, datetime, pathlib, sys
        from memory.audit import Audit
        from memory.database import Database
        async def main(home):
            async with await Database.open(home / "sophia.db") as database:
                audit = Audit(database, home / "audit")
                for n in range(5):
                    await audit.append("request", {}, "ann", datetime.datetime.now(datetime.UTC))
        asyncio.run(main(pathlib.Path(sys.argv[1])))
    """)
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, cwd=ROOT)
    assert json.loads((tmp_path / "audit" / "head.json").read_text())["size"] == 5
