"""Which `sophia.toml` counts, and where the data folder is."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FILE_NAME", "Found", "find", "home_folder"]

FILE_NAME = "sophia.toml"
_MOST = 1_000_000


@dataclass(frozen=True)
class Found:
    """The file that counts, or why it can't be used; neither when there is none."""

    path: Path | None = None
    text: str | None = None
    line: int | None = None
    problem: str = ""
    instead: str = ""
    notices: tuple[str, ...] = ()


def find(directory: Path, environ: Mapping[str, str]) -> Found:
    """The file that SOPHIA_CONFIG names, or the first one in the folder and those above it."""
    named = environ.get("SOPHIA_CONFIG", "").strip()
    if named:
        path = directory / Path(named).expanduser()
        path = path / FILE_NAME if path.is_dir() else path
        return _read(path.resolve(), trusted=True)
    start = directory.resolve()
    candidates = (folder / FILE_NAME for folder in (start, *start.parents))
    nearest = next((candidate for candidate in candidates if _exists(candidate)), None)
    return _read(nearest, trusted=False) if nearest else Found()


def home_folder(directory: Path, environ: Mapping[str, str], source: Path | None) -> Path:
    """SOPHIA_HOME; else `.sophia` beside the file; else the user's own data folder."""
    named = environ.get("SOPHIA_HOME", "").strip()
    if named:
        return (directory / Path(named).expanduser()).resolve()
    if source:
        return source.parent / ".sophia"
    from platformdirs import user_data_path

    return user_data_path("sophia", appauthor=False)


def _exists(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _read(path: Path, *, trusted: bool) -> Found:
    try:
        with path.open("rb") as file:
            owner = os.fstat(file.fileno())
            if not (trusted or _ours(owner.st_uid)):
                return _foreign(path, owner.st_uid)
            content = file.read(_MOST + 1)
    except OSError as error:
        told = "Correct SOPHIA_CONFIG, or write the file with `sophia init`." if trusted else "Make it readable."
        return Found(path, problem=f"can't be read: {error.strerror or error}.", instead=told)
    if len(content) > _MOST:
        return Found(path, problem="is larger than a megabyte.", instead="That can't be a configuration: move it away.")
    return _decoded(path, content, tuple(_notices(path, owner)))


def _decoded(path: Path, content: bytes, notices: tuple[str, ...]) -> Found:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Found(path, line=line, problem="This isn't text in UTF-8.", instead="Save the file in UTF-8.")
    return Found(path, text.replace("\r\n", "\n"), notices=notices)


def _ours(owner: int) -> bool:
    return owner in (os.geteuid(), 0)


def _foreign(path: Path, owner: int) -> Found:
    return Found(
        path,
        problem=f"belongs to user number {owner}, and it says who may do what.",
        instead=f"If you trust it, name it: SOPHIA_CONFIG={path}",
    )


def _notices(path: Path, status: os.stat_result) -> Iterator[str]:
    if status.st_mode & stat.S_IWOTH:
        yield f"Anybody on this machine may change {path}, and with it who may do what: chmod o-w it."
