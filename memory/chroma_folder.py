"""The only place that knows Chroma: a folder of our own or a server, and one collection in it.

All of it blocks. Chroma is imported when a folder is first opened (one to two seconds).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from memory.embedders import Vectors
from memory.errors import IndexBroken
from memory.passages import Entry, Filter

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

__all__ = ["Collection", "Folder", "Server"]

PREFIX = "passages-"
_UPTO, _PROBES = "upto", "probes"
_CONFIGURATION: Any = {"hnsw": {"space": "cosine", "ef_search": 400}}
"""Searched four times as wide as usual: filtered searches and near-duplicates need it."""


@contextmanager
def _faults() -> Iterator[None]:
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, OSError, ValueError, AttributeError) as error:
        # AttributeError is what a client raises whose opening failed half-way.
        raise IndexBroken(f"The search index failed ({type(error).__name__}: {error}).") from error


class Collection:
    """The vectors of one embedder. Its own metadata says up to which passage it is complete."""

    def __init__(self, found: Any) -> None:
        self.name: str = found.name
        self._found = found
        self.upto = int((found.metadata or {}).get(_UPTO, 0))

    def add(self, entries: Sequence[Entry], vectors: Vectors, upto: int) -> None:
        """Add vectors; the collection is complete up to this passage then."""
        with _faults():
            self._found.upsert(
                ids=[entry.id for entry in entries],
                embeddings=[list(vector) for vector in vectors],
                metadatas=[_metadata(entry) for entry in entries],
            )
            before = (self._found.metadata or {}).get(_PROBES, "")
            probes = [probe for probe in str(before).split("\n") if probe][-8:]
            self._found.modify(metadata={_UPTO: upto, _PROBES: "\n".join([*probes, entries[-1].id])})
        self.upto = upto

    def nearest(self, vector: Sequence[float], wanted: Filter, n: int) -> dict[str, float]:
        """The nearest that pass, each with its cosine similarity."""
        with _faults():
            found = self._found.query(
                query_embeddings=[list(vector)], n_results=n, where=_where(wanted), include=["distances"]
            )
        return {key: 1 - distance for key, distance in zip(found["ids"][0], found["distances"][0], strict=True)}

    def delete(self, ids: Sequence[str]) -> None:
        """Drop the vectors of these passages."""
        with _faults():
            self._found.delete(ids=list(ids))

    def check(self) -> None:
        """Read a few vectors that must be here. Raises IndexBroken when one is missing or nothing but zeros."""
        probes = [probe for probe in str((self._found.metadata or {}).get(_PROBES, "")).split("\n") if probe]
        if self.upto and not self._found.count():
            raise IndexBroken("The search index is empty and shouldn't be.")
        with _faults():
            found = self._found.get(ids=probes, include=["embeddings"]) if probes else {"ids": [], "embeddings": []}
        if any(not any(vector) for vector in found["embeddings"]):
            raise IndexBroken("The search index holds vectors of nothing but zeros.")


class Folder:
    """An embedded Chroma folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._client: ClientAPI | None = None

    def open(self, name: str, *, again: bool) -> Collection:
        """The collection, made if missing. With `again` everything is read anew from the folder. Raises IndexBroken."""
        if again:
            self.close()
        if self._client is None:
            self._client = self._connect()
        with _faults():
            collection = Collection(_made(self._client, name))
            collection.check()
        return collection

    def drop_others(self, name: str) -> None:
        """Delete the collections of other embedders."""
        if self._client:
            with _faults():
                _drop_others(self._client, name)

    def destroy(self) -> None:
        """Delete the folder."""
        self.close()
        with _faults():
            if self._path.is_dir():
                shutil.rmtree(self._path)
            else:
                self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the folder."""
        client, self._client = self._client, None
        if client is not None:
            client.close()  # type: ignore[attr-defined]

    def _connect(self) -> ClientAPI:
        import chromadb
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.config import Settings

        try:
            with _faults():
                return chromadb.PersistentClient(str(self._path), settings=Settings(anonymized_telemetry=False))
        except IndexBroken:
            SharedSystemClient.clear_system_cache()  # it keeps the half-open one under this path otherwise
            raise


class Server:
    """A Chroma server, which many may use at once."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._client: ClientAPI | None = None

    def open(self, name: str, *, again: bool) -> Collection:
        """The collection, made if it isn't there. Raises IndexBroken."""
        if self._client is None:
            self._client = self._connect()
        with _faults():
            return Collection(_made(self._client, name))

    def drop_others(self, name: str) -> None:
        """Nothing: others may still use them."""

    def destroy(self) -> None:
        """Delete our collections, and nothing else of the server's."""
        if self._client:
            with _faults():
                _drop_others(self._client, "")

    def close(self) -> None:
        """Let go of the server."""
        self._client = None

    def _connect(self) -> ClientAPI:
        import chromadb
        from chromadb.config import Settings

        with _faults():
            return chromadb.HttpClient(
                host=self._url.hostname or "localhost",
                port=self._url.port or (443 if self._url.scheme == "https" else 8000),
                ssl=self._url.scheme == "https",
                settings=Settings(anonymized_telemetry=False),
            )


def _made(client: ClientAPI, name: str) -> Any:
    return client.get_or_create_collection(name, embedding_function=None, configuration=_CONFIGURATION)


def _drop_others(client: ClientAPI, name: str) -> None:
    for other in client.list_collections():
        if other.name.startswith(PREFIX) and other.name != name:
            client.delete_collection(other.name)


def _metadata(entry: Entry) -> dict[str, str | float]:
    return {
        "competitor": entry.competitor,
        "aspect": entry.aspect,
        "kind": entry.kind,
        "at": entry.at.timestamp(),
    }


def _where(wanted: Filter) -> Any:
    conditions: list[dict[str, Any]] = []
    if wanted.competitors is not None:
        conditions.append({"competitor": {"$in": list(wanted.competitors)}})
    if wanted.aspect is not None:
        conditions.append({"aspect": wanted.aspect})
    if wanted.kinds is not None:
        conditions.append({"kind": {"$in": list(wanted.kinds)}})
    if wanted.since is not None:
        conditions.append({"at": {"$gte": wanted.since.timestamp()}})
    if wanted.until is not None:
        conditions.append({"at": {"$lt": wanted.until.timestamp()}})
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return {"$and": conditions}
