"""Vectors of the passages: kept in the database, and indexed by Chroma, which can be made anew from there at any time.

What a question may find is compared exactly when it is little, and by Chroma when it is much. Chroma's embedded folder
has one owner at a time: whoever adds to it holds a lease, and raises a generation in the database when it is done;
others, whose open folder would miss the new vectors, open it again then. A folder that is broken, was lost, or belongs
to another embedder is made anew. What isn't in it yet, as somebody else is at it, is compared exactly.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import BigInteger, Column, Connection, Row, Select, Table, Text, delete, func, select, update

from memory.chroma_folder import Collection, Folder, Server
from memory.database import Database
from memory.effects import EPOCH
from memory.embedders import Embedder, Vectors
from memory.errors import IndexBroken
from memory.leases import Lease, Leases
from memory.ledger import Clock
from memory.passages import Filter, entry_of, passage_vectors, passages
from memory.schema import insert_or_not, metadata, new_id, plain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["EXACT", "UNOPENED", "VectorIndex", "collection_name"]

generations = Table(
    "vector_generations",
    metadata,
    Column("collection", Text, primary_key=True),
    Column("generation", BigInteger, nullable=False),
)
BATCH = 500
EXACT = 2_000
"""Up to so many candidates are compared exactly, without Chroma: as quick, and nothing is missed."""
BY_HAND = 50_000
"""So many are compared exactly, the newest, when they aren't in Chroma: half a second's work."""
UNOPENED = 50_000
"""Up to so many are compared exactly while Chroma isn't loaded: that takes seconds."""
PATIENCE = 3.0
"""Seconds for which a question waits for passages to get their vectors; the rest get theirs behind it, and are found by
their words until then."""
_PAUSE = 2.0
"""Seconds after a question until Chroma is loaded behind it: a program that only asked is gone by then."""
AT_ONCE = 500
"""So many are added to Chroma while somebody waits for an answer; more are added behind it, and compared exactly
until then. Chroma takes a millisecond for each, and a first sweep of much brings many thousands."""
PIECE = 100
"""So many are added behind a question before the next one may ask."""
_TTL = timedelta(minutes=2)
_LEASE = "vectors"
_log = logging.getLogger(__name__)
T = TypeVar("T")


class VectorIndex:
    """The index. Its work on the folder is done in one thread of its own."""

    def __init__(
        self,
        database: Database,
        place: str | Path,
        embedder: Embedder,
        clock: Clock,
        *,
        exact: int = EXACT,
        unopened: int = UNOPENED,
    ) -> None:
        """`place` is a folder, or the URL of a Chroma server; up to `exact` candidates are compared without it,

        and up to `unopened` while it isn't loaded.
        """
        self._database, self._embedder, self._clock = database, embedder, clock
        self._exact, self._unopened = exact, max(exact, unopened)
        self._leases = Leases(database)
        self._store: Folder | Server = Server(str(place)) if "://" in str(place) else Folder(Path(place))
        self._collection: Collection | None = None
        self._generation = 0
        self._thread = ThreadPoolExecutor(1, "sophia-vectors")
        self._alone = asyncio.Lock()
        self._holder = new_id("v")
        self._behind: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Close the folder and end the thread. What is still to be added waits for the next question."""
        await self._stop_catching_up()
        await self._run(self._store.close)
        self._thread.shutdown()

    async def settle(self) -> None:
        """Wait until what is added behind a question is added."""
        while self._behind is not None and not self._behind.done():
            await self._behind

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts, by the index's embedder."""
        return await self._embedder.embed([plain(text) for text in texts])

    async def nearest(self, vector: Sequence[float], wanted: Filter, n: int) -> dict[str, float]:
        """The ids of the `n` nearest passages that pass, with their cosine similarities. Some may be removed by now."""
        name = collection_name(self._embedder.name, len(vector))
        async with self._alone:
            await self._embed_missing(name)
            least = self._unopened if self._collection is None else self._exact
            if await self._database.read(lambda c: c.execute(_count(wanted, least)).scalar() or 0) <= least:
                found = await self._exactly(vector, _kept(name, wanted))
                await self._open_behind(name, wanted)
            else:
                found = await self._approximately(vector, name, wanted, n)
        return dict(sorted(found.items(), key=lambda item: -item[1])[:n])

    async def similarities(self, vector: Sequence[float], ids: Sequence[str]) -> dict[str, float]:
        """The cosine similarities of these passages, as far as they are there."""
        name = collection_name(self._embedder.name, len(vector))
        return await self._exactly(vector, _kept(name, Filter()).where(passages.c.id.in_(ids)))

    async def forget(self, ids: Sequence[str]) -> bool:
        """Drop what Chroma has of passages that were removed; False when that can't be done now."""
        async with self._alone:
            lease = await self._acquire()
            if lease is None or self._collection is None:
                return False
            collection = self._collection
            try:
                await self._run(lambda: collection.delete(ids))
            except IndexBroken:
                self._collection = None
                return False
            finally:
                await self._done(lease, collection.name)
            return True

    async def _embed_missing(self, name: str) -> None:
        """Give passages their vectors, for as long as a question has patience; behind it all of them."""
        until = time.monotonic() + PATIENCE
        while await self._embed_some(name):
            if time.monotonic() > until:
                if not self._catching_up:
                    self._behind = asyncio.create_task(self._embed_rest(name))
                return

    async def _embed_rest(self, name: str) -> None:
        more = True
        while more:
            async with self._alone:
                more = await self._embed_some(name)

    async def _embed_some(self, name: str) -> bool:
        """A batch; False when there is none. Several processes may do so at once; the first one's is kept."""
        rows = await self._database.read(lambda c: c.execute(_without_vector(name)).all())
        if not rows:
            return False
        vectors = await self.embed([entry_of(row).text for row in rows])
        kept = [_row(name, row.number, vector) for row, vector in zip(rows, vectors, strict=True)]
        await self._database.write(lambda c: _keep(c, kept))
        return True

    async def _exactly(self, vector: Sequence[float], query: Select[Any]) -> dict[str, float]:
        rows = await self._database.read(lambda c: c.execute(query).all())
        return _cosines(vector, rows)

    async def _approximately(self, vector: Sequence[float], name: str, wanted: Filter, n: int) -> dict[str, float]:
        """By Chroma, and exactly for what isn't in it."""
        try:
            found = await self._ask(name, lambda collection: collection.nearest(vector, wanted, n))
        except IndexBroken as error:
            _log.warning("%s The newest passages are compared without it.", error.tried)
            found, self._collection = {}, None
        upto = self._collection.upto if self._collection and len(found) == n else 0
        rest = _kept(name, wanted).where(passages.c.number > upto).order_by(passages.c.number.desc()).limit(BY_HAND)
        return found | await self._exactly(vector, rest)

    async def _ask(self, name: str, ask: Callable[[Collection], T]) -> T:
        """Ask Chroma, which is brought up to date first, and made anew when it is broken. Raises IndexBroken."""
        try:
            return await self._ask_collection(await self._up_to_date(name), ask)
        except IndexBroken as error:
            _log.warning("%s It is made anew.", error.tried)
        return await self._ask_collection(await self._anew(name), ask)

    async def _ask_collection(self, collection: Collection, ask: Callable[[Collection], T]) -> T:
        return await self._run(lambda: ask(collection))

    async def _up_to_date(self, name: str) -> Collection:
        """The collection, opened again if others added to it; what is new is added unless somebody is at it.

        Little is added at once, much behind the question that finds it missing.
        """
        index, generation, newest = await self._database.read(lambda c: _standing(c, name))
        collection = self._collection
        if collection is None or collection.name != index or generation != self._generation:
            self._collection = None
            collection = self._collection = await self._run(lambda: self._store.open(index, again=True))
            self._generation = generation
        if collection.upto >= newest or self._catching_up:
            return collection
        lease = await self._acquire()
        if lease is None:
            return collection
        if newest - collection.upto <= AT_ONCE:
            return await self._extend(lease, name, index)
        self._behind = asyncio.create_task(self._catch_up(lease, name, index))
        return collection

    @property
    def _catching_up(self) -> bool:
        return self._behind is not None and not self._behind.done()

    async def _catch_up(self, lease: Lease, name: str, index: str) -> None:
        """Add what isn't in the collection yet, a piece at a time, so that questions are answered in between."""
        try:
            more = True
            while more and await self._leases.renew(lease, _TTL, self._clock.now()):
                more = await self._add_piece(name)
            if not more and self._collection is not None:
                await self._run(lambda: self._store.drop_others(index))
                await self._database.write(lambda c: _drop_other_vectors(c, name))
        except IndexBroken as error:
            _log.warning("%s It is made anew when it is next asked.", error.tried)
        finally:
            await self._done(lease, index)

    async def _open_behind(self, name: str, wanted: Filter) -> None:
        """Load Chroma after this question, when the next one had better ask it."""
        if self._collection is not None or self._catching_up:
            return
        count = await self._database.read(lambda c: c.execute(_count(wanted, self._exact)).scalar() or 0)
        if count > self._exact:
            self._behind = asyncio.create_task(self._prepare(name))

    async def _prepare(self, name: str) -> None:
        await asyncio.sleep(_PAUSE)
        try:
            async with self._alone:
                collection = await self._ask(name, lambda collection: collection)
        except IndexBroken as error:
            _log.warning("%s The passages are compared without it.", error.tried)
            return
        lease = await self._acquire() if self._behind is asyncio.current_task() else None
        if lease:
            await self._catch_up(lease, name, collection.name)

    async def _stop_catching_up(self) -> None:
        if self._behind is not None and self._behind is not asyncio.current_task():
            self._behind.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._behind

    async def _add_piece(self, name: str) -> bool:
        async with self._alone:
            return self._collection is not None and await self._add_batch(self._collection, name, PIECE)

    async def _anew(self, name: str) -> Collection:
        self._collection = None
        await self._stop_catching_up()
        index, _, _ = await self._database.read(lambda c: _standing(c, name))
        lease = await self._acquire()
        if lease is None:
            raise IndexBroken("Another process makes the search index anew.")
        try:
            await self._run(self._store.destroy)
        except IndexBroken:
            await self._leases.release(lease)
            raise
        collection = self._collection = await self._run(lambda: self._store.open(index, again=True))
        self._behind = asyncio.create_task(self._catch_up(lease, name, index))
        return collection

    async def _extend(self, lease: Lease, name: str, index: str) -> Collection:
        """Add what isn't in the collection yet, batch by batch, while we hold the lease."""
        try:
            collection = self._collection = await self._run(lambda: self._store.open(index, again=True))
            while await self._add_batch(collection, name, BATCH):
                if not await self._leases.renew(lease, _TTL, self._clock.now()):
                    return collection
            await self._run(lambda: self._store.drop_others(index))
            await self._database.write(lambda c: _drop_other_vectors(c, name))
        finally:
            await self._done(lease, index)
        return collection

    async def _add_batch(self, collection: Collection, name: str, most: int) -> bool:
        query = (
            select(passages, passage_vectors.c.vector)
            .join(passage_vectors, passage_vectors.c.number == passages.c.number)
            .where(passage_vectors.c.collection == name, passages.c.number > collection.upto)
            .order_by(passages.c.number)
            .limit(most)
        )
        rows = await self._database.read(lambda c: c.execute(query).all())
        if not rows:
            return False
        entries = [entry_of(row) for row in rows]
        vectors: Vectors = _unpacked([row.vector for row in rows]).tolist()
        await self._run(lambda: collection.add(entries, vectors, rows[-1].number))
        return True

    async def _acquire(self) -> Lease | None:
        return await self._leases.acquire(_LEASE, self._holder, _TTL, self._clock.now())

    async def _done(self, lease: Lease, index: str) -> None:
        self._generation = await self._database.write(lambda c: _raise_generation(c, index))
        await self._leases.release(lease)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def collection_name(embedder: str, dimension: int) -> str:
    """The name under which an embedder's vectors are kept, and no others."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", embedder).strip("-")[:60]
    return f"passages-{readable}-{hashlib.sha256(embedder.encode()).hexdigest()[:8]}-{dimension}"


def _count(wanted: Filter, enough: int) -> Select[Any]:
    some = select(passages.c.number).where(*wanted.conditions()).limit(enough + 1).subquery()
    return select(func.count()).select_from(some)


def _kept(name: str, wanted: Filter) -> Select[Any]:
    return (
        select(passages.c.id, passage_vectors.c.vector)
        .join(passage_vectors, passage_vectors.c.number == passages.c.number)
        .where(passage_vectors.c.collection == name, *wanted.conditions())
    )


def _without_vector(name: str) -> Select[Any]:
    last = select(func.coalesce(func.max(passage_vectors.c.number), 0)).where(passage_vectors.c.collection == name)
    return select(passages).where(passages.c.number > last.scalar_subquery()).order_by(passages.c.number).limit(BATCH)


def _row(name: str, number: int, vector: Sequence[float]) -> dict[str, Any]:
    import numpy as np

    return {"collection": name, "number": number, "vector": np.asarray(vector, dtype="<f2").tobytes()}


def _keep(connection: Connection, rows: list[dict[str, Any]]) -> None:
    connection.execute(insert_or_not(connection, passage_vectors), rows)


def _drop_other_vectors(connection: Connection, name: str) -> None:
    connection.execute(delete(passage_vectors).where(passage_vectors.c.collection != name))


def _unpacked(vectors: Iterable[bytes]) -> NDArray[np.float32]:
    import numpy as np

    return np.stack([np.frombuffer(vector, dtype="<f2") for vector in vectors]).astype(np.float32)


def _cosines(vector: Sequence[float], rows: Sequence[Row[Any]]) -> dict[str, float]:
    if not rows:
        return {}
    import numpy as np

    question, matrix = np.asarray(vector, dtype=np.float32), _unpacked(row.vector for row in rows)
    lengths = np.linalg.norm(matrix, axis=1) * np.linalg.norm(question)
    return dict(zip([row.id for row in rows], (matrix @ question / np.maximum(lengths, 1e-12)).tolist(), strict=True))


def _standing(connection: Connection, name: str) -> tuple[str, int, int]:
    """The name of Chroma's collection, its generation, and the number of the newest passage.

    After a restore from backup the numbers may mean other passages, so it is another collection.
    """
    index = f"{name}-{EPOCH.scalar(connection)}"
    generation = connection.execute(select(generations.c.generation).where(generations.c.collection == index)).scalar()
    return index, generation or 0, connection.execute(select(func.max(passages.c.number))).scalar() or 0


def _raise_generation(connection: Connection, index: str) -> int:
    this = generations.c.collection == index
    connection.execute(insert_or_not(connection, generations), {"collection": index, "generation": 0})
    connection.execute(update(generations).where(this).values(generation=generations.c.generation + 1))
    return connection.execute(select(generations.c.generation).where(this)).scalar() or 0
