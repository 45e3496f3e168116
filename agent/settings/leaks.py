"""Secrets that somebody wrote into the file: by the name of the key, and by how the value looks.

No secret that is found is ever repeated in what this module returns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agent.settings.positions import Path
from infra.secret_shapes import kind_of_secret, names_a_secret

__all__ = ["leaks"]

Known = Callable[[Path], bool]


def leaks(document: object, harmless: Known, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The path of every secret in a parsed document, and what it is.

    `harmless` says of a path that its key is known and holds no secret, whatever it is called.
    """
    if isinstance(document, dict):
        for key, value in document.items():
            yield from leaks(value, harmless, (*path, key))
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from leaks(value, harmless, (*path, number))
    elif isinstance(document, str | int) and not isinstance(document, bool) and document != "":
        kind = kind_of_secret(str(document))
        if kind is None and _keyed(path) and not harmless(path):
            kind = "a secret, by the name of its key"
        if kind:
            yield path, kind


def _keyed(path: Path) -> bool:
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    return names_a_secret(key)
