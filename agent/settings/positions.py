"""In which line of a TOML document each key and each element stands.

The standard library's parser says nothing about positions. This scanner reads a document that the parser has
already accepted, so it only has to follow its structure and never to judge it.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator

__all__ = ["Positions"]

Path = tuple[str | int, ...]
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_COMMENT = re.compile(r"#[^\n]*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+')
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}' r"|'''(?:[^']|'(?!''))*'{3,5}" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'", re.DOTALL
)
_BARE = re.compile(r"[^,\]}#\n]*")


class Positions:
    """The lines of a document that `tomllib` accepts; lines count from 1."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._starts = [match.end() for match in re.finditer("\n", text)]
        self._lines: dict[Path, int] = {}
        self._elements: dict[Path, int] = {}
        self.comments: list[tuple[int, str]] = []
        """Line and text of every comment, in order."""
        self._document()

    def __iter__(self) -> Iterator[Path]:
        """Every path: keys by name, elements of lists by number."""
        return iter(self._lines)

    def line(self, path: Path) -> int | None:
        """The line of the path, or of the nearest thing around it that the document has."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        return None

    def _line(self, at: int) -> int:
        return bisect_right(self._starts, at) + 1

    def _note(self, path: Path, at: int) -> None:
        for length in range(1, len(path) + 1):
            self._lines.setdefault(path[:length], self._line(at))

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _skip_blank(self) -> None:
        begins = self._at
        self._skip(_BLANK)
        for comment in _COMMENT.finditer(self._text, begins, self._at):
            self.comments.append((self._line(comment.start()), comment.group()))

    def _peek(self, what: str) -> bool:
        return self._text.startswith(what, self._at)

    def _document(self) -> None:
        table: Path = ()
        self._skip_blank()
        while self._at < len(self._text):
            if self._peek("["):
                table = self._heading()
            else:
                self._pair(table)
            self._skip_blank()

    def _heading(self) -> Path:
        begins, element = self._at, self._peek("[[")
        self._at += 2 if element else 1
        path: Path = ()
        keys = self._keys()
        for key in keys:
            path = (*path, key)
            if path in self._elements and (len(path) < len(keys) or not element):
                path = (*path, self._elements[path])
        if element:
            self._elements[path] = self._elements.get(path, -1) + 1
            path = (*path, self._elements[path])
        self._note(path, begins)
        self._at += 2 if element else 1
        return path

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while True:
            self._skip(_SPACE)
            found = _KEY.match(self._text, self._at)
            if not found:
                return keys
            self._at = found.end()
            keys.append(_plain(found.group()))
            self._skip(_SPACE)
            if not self._peek("."):
                return keys
            self._at += 1

    def _pair(self, table: Path) -> None:
        begins = self._at
        path = (*table, *self._keys())
        self._note(path, begins)
        self._at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._peek("["):
            self._list(path)
        elif self._peek("{"):
            self._inline_table(path)
        elif self._peek('"') or self._peek("'"):
            self._skip(_STRING)
        else:
            self._skip(_BARE)

    def _list(self, path: Path) -> None:
        self._at += 1
        number = 0
        self._skip_blank()
        while not self._peek("]"):
            self._note((*path, number), self._at)
            self._value((*path, number))
            self._skip_blank()
            self._at += self._peek(",")
            self._skip_blank()
            number += 1
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        self._skip_blank()
        while not self._peek("}"):
            self._pair(path)
            self._skip_blank()
            self._at += self._peek(",")
            self._skip_blank()
        self._at += 1


def _plain(key: str) -> str:
    if key.startswith("'"):
        return key[1:-1]
    if key.startswith('"'):
        return str(tomllib.loads(f"key = {key}")["key"])
    return key
