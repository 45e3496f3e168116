"""The lists of pages that people hand in: files of a folder of Sophia's, and of the one she was started in."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from tools.errors import ToolError

__all__ = ["MOST_BYTES", "FolderOfLists", "handed_in", "kept_list"]

_ENDINGS = frozenset({".csv", ".tsv", ".txt"})
MOST_BYTES = 1_000_000


class FolderOfLists:
    """Reads lists from these folders, the first that has one of the name, and nothing else."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)

    def read(self, name: str) -> str:
        """The text of a list. Raises ToolError for one that isn't there, isn't a list, or lies elsewhere."""
        if Path(name).suffix.lower() not in _ENDINGS:
            raise _refused(name, "isn't a .csv, .tsv or .txt file")
        for folder in self._folders:
            path = (folder / name).resolve()
            if path.is_relative_to(folder.resolve()) and path.is_file():
                return _text(path, name)
        raise _refused(name, "isn't there")

    def __repr__(self) -> str:
        return f"FolderOfLists({', '.join(map(str, self._folders))})"


def _text(path: Path, name: str) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _refused(name, "is larger than 1 MB")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = "isn't UTF-8 text" if isinstance(error, UnicodeDecodeError) else f"can't be read: {error.strerror}"
        raise _refused(name, why) from error


def _refused(name: str, why: str) -> ToolError:
    return ToolError(
        f"The list {name[:200]!r} {why}.",
        not_done="Nothing is watched.",
        to_do="Hand it in with `sophia watch FILE.csv`, or name one in the folder that Sophia was started in.",
    )


def handed_in(home: Path, file: Path) -> str:
    """Keep a copy of the file among the lists of this data folder; the name by which it is read. Raises OSError."""
    shutil.copyfile(file, _lists(home) / file.name)
    return file.name


def kept_list(home: Path, name: str, content: bytes) -> str:
    """The same for what was handed in elsewhere than by a file of this machine."""
    (_lists(home) / name).write_bytes(content)
    return name


def _lists(home: Path) -> Path:
    folder = home / "lists"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
