"""Real captures of real pages from a folder: served in their order, a bounded number of them."""

from __future__ import annotations

import json
import re
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.demo.serving import Answer
from agent.demo.watched import RealChange, WatchedCompetitor, WatchedPage
from agent.errors import RequesterMustFix

__all__ = ["CapturedPages", "captured_pages"]

MOST = 450
"""Captures that are swept, so that the demo stays within its minute."""
_INDEX = "index.jsonl"
_ARCHIVE = "stream.tar.xz"
_LARGEST = 20_000_000


class _Row(BaseModel):
    """A line of the index."""

    model_config = ConfigDict(frozen=True)

    document: str
    captured: datetime
    file: str
    change: bool = False
    unlabelled: bool = False


@dataclass
class _Document:
    """A page with its captures in order."""

    name: str
    number: int
    rows: list[_Row] = field(default_factory=list)

    @property
    def owner(self) -> str:
        return self.name.partition("/")[0]

    @property
    def path(self) -> str:
        """Its address on our server. Two names may look the same there but for the number."""
        return f"/{self.number}/" + "/".join(_slug(part) for part in self.name.split("/"))

    @property
    def aspect(self) -> str:
        return _slug(self.name.rpartition("/")[2]).replace("-", "_")


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.casefold()).strip("-") or "page"


class CapturedPages:
    """The first captures of every page, one of each in a round."""

    def __init__(self, where: Path, documents: Sequence[_Document], folder: Path, all_captures: int) -> None:
        """`folder` holds the files that `documents` name; `all_captures` is how many there would be."""
        self._documents = documents
        self._folder = folder
        self._round = 1
        self._paths = {document.path: document for document in documents}
        used = sum(len(document.rows) for document in documents)
        self._described = (
            f"{used} real captures of {len(documents)} pages from {where}: the first {self.rounds} of each; "
            f"{all_captures - used} more are left out to stay within the minute. The captures of a round are taken as "
            "made at the same time, six hours after the round before. Every change of these is worth an alert."
        )

    @property
    def described(self) -> str:
        """What they are and how many are used."""
        return self._described

    @property
    def interval(self) -> timedelta:
        """About what it really was."""
        return timedelta(hours=6)

    @property
    def rounds(self) -> int:
        """How many captures there are of a page, at most."""
        return max(len(document.rows) for document in self._documents)

    @property
    def changes(self) -> Sequence[RealChange]:
        """The captures that are labelled as changes."""
        return [
            RealChange(page=document.path, round=number, about=f"{document.name} changed")
            for document in self._documents
            for number, row in enumerate(document.rows, 1)
            if row.change and not row.unlabelled and number > 1
        ]

    @property
    def labelled(self) -> bool:
        """Whether somebody has said which captures are changes."""
        return any(row.change or row.unlabelled for document in self._documents for row in document.rows)

    @property
    def unscored(self) -> set[tuple[str, int]]:
        """Page and round of captures whose label says neither change nor noise."""
        return {
            (document.path, number)
            for document in self._documents
            for number, row in enumerate(document.rows, 1)
            if row.unlabelled
        }

    def competitors(self) -> Sequence[WatchedCompetitor]:
        """The owners of the pages. Of terms and policies every change is worth an alert."""
        owners: dict[str, list[WatchedPage]] = {}
        for document in self._documents:
            page = WatchedPage(path=document.path, aspect=document.aspect)
            owners.setdefault(document.owner, []).append(page)
        return [WatchedCompetitor(name=name, alert=0.0, pages=tuple(pages)) for name, pages in owners.items()]

    def set_round(self, number: int, at: datetime) -> None:
        """From now on the pages are those of this round; their times are what they were captured at."""
        self._round = number

    def answer(self, path: str) -> Answer | None:
        """The page's capture of this round, or its last one."""
        document = self._paths.get(path)
        if document is None:
            return None
        row = document.rows[min(self._round, len(document.rows)) - 1]
        return Answer((self._folder / row.file).read_bytes())


@contextmanager
def captured_pages(where: Path) -> Iterator[CapturedPages]:
    """The captures of a folder that holds an index, or `stream.tar.xz`, which is unpacked as far as it is needed.

    Raises RequesterMustFix when there is neither, or nothing that can be read.
    """
    with tempfile.TemporaryDirectory(prefix="sophia-demo-") as scratch:
        try:
            yield _read(where.expanduser(), Path(scratch))
        except (tarfile.TarError, EOFError, UnicodeDecodeError) as error:
            raise _unreadable(where, str(error)) from error


def _read(where: Path, scratch: Path) -> CapturedPages:
    for folder in (where, where / "stream"):
        if (folder / _INDEX).is_file():
            documents, all_captures = _documents((folder / _INDEX).read_text(encoding="utf-8"), where)
            _all_there(documents, folder)
            return CapturedPages(where, documents, folder, all_captures)
    archive = where if where.name.endswith(".tar.xz") else where / _ARCHIVE
    if not archive.is_file():
        raise _unreadable(where, f"neither {_INDEX} nor {_ARCHIVE} is there")
    documents, all_captures = _documents(_index_of(archive), where)
    wanted = {row.file for document in documents for row in document.rows}
    _unpack(archive, wanted, scratch)
    _all_there(documents, scratch)
    return CapturedPages(where, documents, scratch, all_captures)


def _documents(index: str, where: Path) -> tuple[list[_Document], int]:
    """The pages with as many of their first captures as the bound leaves to each, and how many captures there are."""
    found: dict[str, _Document] = {}
    try:
        rows = [_Row.model_validate(json.loads(line)) for line in index.splitlines() if line.strip()]
    except (ValueError, ValidationError) as error:
        raise _unreadable(where, f"its {_INDEX} isn't one of a stream of captures") from error
    for row in rows:
        found.setdefault(row.document, _Document(row.document, len(found) + 1)).rows.append(row)
    if not found:
        raise _unreadable(where, f"its {_INDEX} is empty")
    each = max(2, MOST // len(found))
    documents = [replace(page, rows=sorted(page.rows, key=_when)[:each]) for page in found.values()][: MOST // 2]
    return documents, len(rows)


def _when(row: _Row) -> datetime:
    return row.captured


def _index_of(archive: Path) -> str:
    for name, content in _members(archive):
        if name == _INDEX:
            return content.decode("utf-8")
    raise _unreadable(archive, f"it holds no {_INDEX}")


def _unpack(archive: Path, wanted: Iterable[str], folder: Path) -> None:
    missing = set(wanted)
    for name, content in _members(archive):
        if name in missing:
            (folder / name).write_bytes(content)
            missing.discard(name)
            if not missing:
                return


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """The plain files in the archive by their bare names; what is larger than any page is cut off."""
    with tarfile.open(archive, "r:xz") as packed:
        for member in packed:
            stream = packed.extractfile(member) if member.isfile() else None
            if stream is not None:
                yield PurePosixPath(member.name).name, stream.read(_LARGEST)


def _all_there(documents: Iterable[_Document], folder: Path) -> None:
    for document in documents:
        for row in document.rows:
            if PurePosixPath(row.file).name != row.file or not (folder / row.file).is_file():
                raise _unreadable(folder, f"the index names {row.file[:80]!r}, which isn't there")


def _unreadable(where: Path, why: str) -> RequesterMustFix:
    return RequesterMustFix(
        f"There are no captures to be read in {where}: {why}.",
        not_done="Nothing was started.",
        to_do=f"Name a folder with {_ARCHIVE}, or with {_INDEX} and the files that it names.",
    )
