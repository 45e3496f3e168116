"""Storing a batch of observations in one transaction with few statements, whatever its size."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table, bindparam, insert, select, update

from memory.errors import NotFound
from memory.pages import Capture, Change, Observation, Version, captures, changes, pages, terms, to_millis, versions
from memory.schema import new_id

__all__ = ["known_digests", "packed", "record_in"]

HTML_LEVEL, TEXT_LEVEL = 6, 9
_CHUNK = 400
_PAGE = update(pages).where(pages.c.id == bindparam("this"))


def packed(version: Version) -> dict[str, Any]:
    """A version as it is stored, compressed (which is why this is done before the transaction)."""
    import zstandard

    text = zstandard.ZstdCompressor(level=TEXT_LEVEL)
    return {
        "digest": version.digest,
        "url": version.url,
        "title": version.title,
        "text": text.compress(version.text.encode("utf-8", "surrogatepass")),
        "blocks": text.compress(json.dumps(version.blocks, separators=(",", ":")).encode()),
        "html": zstandard.ZstdCompressor(level=HTML_LEVEL).compress(version.html) if version.html else b"",
    }


def known_digests(connection: Connection, digests: Iterable[str]) -> dict[str, int]:
    """The numbers of those versions that are stored."""
    return _numbers(connection, versions, versions.c.digest, digests)


def record_in(
    connection: Connection, observations: Sequence[Observation], fresh: dict[str, dict[str, Any]]
) -> list[Change]:
    """Store the batch; the changes that were new. `fresh` holds packed versions by digest. Raises NotFound."""
    standing = _standing(connection, {observation.capture.url for observation in observations})
    words = _terms(connection, observations)
    new = list(_not_yet(connection, observations, standing, words))
    numbers = _store_versions(connection, new, fresh)
    rows = [_row(observation, standing[observation.capture.url], words, numbers) for observation in new]
    if not rows:
        return []
    statement = insert(captures).returning(captures.c.id, sort_by_parameter_order=True)
    ids = connection.execute(statement, rows).scalars().all()
    _update_pages(connection, new, standing, ids)
    return _store_changes(connection, new, standing)


def _chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    every = list(values)
    for start in range(0, len(every), _CHUNK):
        yield every[start : start + _CHUNK]


def _numbers(connection: Connection, table: Table, key: Column[str], values: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in _chunks(sorted(set(values))):
        found |= {name: number for number, name in connection.execute(select(table.c.id, key).where(key.in_(some)))}
    return found


def _standing(connection: Connection, urls: set[str]) -> dict[str, dict[str, Any]]:
    columns = (pages.c.id, pages.c.url, pages.c.etag, pages.c.last_modified)
    found: dict[str, dict[str, Any]] = {}
    for some in _chunks(sorted(urls)):
        query = select(*columns).where(pages.c.url.in_(some)).order_by(pages.c.id).with_for_update()
        found |= {row.url: row._asdict() for row in connection.execute(query)}
    for url in sorted(urls - found.keys()):
        raise NotFound("watched page", url)
    return found


def _terms(connection: Connection, observations: Sequence[Observation]) -> dict[str, int]:
    words = {observation.capture.state for observation in observations}
    words |= {observation.capture.effect for observation in observations if observation.capture.effect}
    return _made_if_missing(connection, terms, "term", words, [{"term": word} for word in sorted(words)])


def _made_if_missing(
    connection: Connection, table: Table, key: str, values: set[str], rows: list[dict[str, Any]]
) -> dict[str, int]:
    found = _numbers(connection, table, table.c[key], values)
    missing = [row for row in rows if row[key] not in found]
    if not missing:
        return found
    if connection.dialect.name == "sqlite":
        connection.execute(insert(table), missing)
    else:
        from sqlalchemy.dialects.postgresql import insert as insert_or_not

        connection.execute(insert_or_not(table).on_conflict_do_nothing(), missing)
    return found | _numbers(connection, table, table.c[key], [row[key] for row in missing])


def _not_yet(
    connection: Connection,
    observations: Sequence[Observation],
    standing: dict[str, dict[str, Any]],
    words: dict[str, int],
) -> Iterator[Observation]:
    """Those that weren't stored before: a sweep that is resumed stores each page once."""
    effects = {words[observation.capture.effect] for observation in observations if observation.capture.effect}
    query = select(captures.c.effect, captures.c.page).where(captures.c.effect.in_(effects))
    seen = {(effect, page) for effect, page in connection.execute(query)} if effects else set()
    for observation in observations:
        effect = words.get(observation.capture.effect) if observation.capture.effect else None
        key = (effect, standing[observation.capture.url]["id"])
        if effect is not None and key in seen:
            continue
        seen.add(key)
        yield observation


def _store_versions(
    connection: Connection, observations: Sequence[Observation], fresh: dict[str, dict[str, Any]]
) -> dict[str, int]:
    digests = {observation.capture.version for observation in observations if observation.capture.version}
    rows = {
        version.digest: {**fresh[version.digest], "first_at": to_millis(version.first_at or observation.capture.at)}
        for observation in reversed(observations)
        if (version := observation.version) and version.digest in fresh
    }
    numbers = _made_if_missing(connection, versions, "digest", digests | rows.keys(), list(rows.values()))
    for digest in sorted(digests - numbers.keys()):
        raise NotFound("version", digest)
    return numbers


def _row(
    observation: Observation, page: dict[str, Any], words: dict[str, int], numbers: dict[str, int]
) -> dict[str, Any]:
    capture: Capture = observation.capture
    row = {
        "at": to_millis(capture.at),
        "page": page["id"],
        "millis": capture.millis,
        "size": capture.size,
        "version": numbers[capture.version] if capture.version else None,
        "effect": words[capture.effect] if capture.effect else None,
        "state": words[capture.state],
        "status": capture.status,
        "final_url": capture.final_url if capture.final_url != capture.url else None,
        "etag": capture.etag if capture.etag != page["etag"] else None,
        "last_modified": capture.last_modified if capture.last_modified != page["last_modified"] else None,
        "note": capture.note or None,
    }
    page |= {"etag": observation.etag, "last_modified": observation.last_modified}
    return row


def _update_pages(
    connection: Connection,
    observations: Sequence[Observation],
    standing: dict[str, dict[str, Any]],
    ids: Sequence[int],
) -> None:
    """One update a page, of its last observation; what only some of them carry is the last that was carried."""
    latest: dict[str, dict[str, Any]] = {}
    optional: dict[str, dict[str, dict[str, Any]]] = {"learned": {}, "ok_capture": {}}
    for observation, number in zip(observations, ids, strict=True):
        url = observation.capture.url
        this = {"this": standing[url]["id"]}
        latest[url] = this | {
            "etag": observation.etag,
            "last_modified": observation.last_modified,
            "bad_streak": observation.bad_streak,
            "degraded": observation.degraded,
            "last_capture": number,
        }
        if observation.learned is not None:
            optional["learned"][url] = this | {"learned": observation.learned}
        if observation.capture.version:
            optional["ok_capture"][url] = this | {"ok_capture": number}
    for updates in (latest, *optional.values()):
        if updates:
            connection.execute(_PAGE, list(updates.values()))


def _store_changes(
    connection: Connection, observations: Sequence[Observation], standing: dict[str, dict[str, Any]]
) -> list[Change]:
    made = [
        change if change.id else change.model_copy(update={"id": new_id("c")})
        for observation in observations
        if (change := observation.change)
    ]
    if made:
        rows = [{**change.model_dump(exclude={"url"}), "page": standing[change.url]["id"]} for change in made]
        connection.execute(insert(changes), rows)
    return made
