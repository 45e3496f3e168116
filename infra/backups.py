"""Copies of checkpoints in a store elsewhere: made after the local one, compared, and brought back when missed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from infra.errors import InfraError
from infra.ports import ObjectStore
from infra.runs import write_whole

__all__ = ["Backups"]

_MANIFEST = "manifest.json"


class Backups:
    """The folder of checkpoints, mirrored. Without a store nothing is done."""

    def __init__(self, root: Path, store: ObjectStore | None) -> None:
        self._root = root
        self._store = store

    def keep(self, folder: Path, program: Path | None) -> None:
        """Copy a checkpoint, and its program once; the manifest goes last, so that half a copy is none.

        Raises InfraError when what was written doesn't read back.
        """
        if self._store is None:
            return
        files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        if program is not None and program.exists():
            known = self._store.get(f"{self._name(program)}.sha256")
            if known is None:
                self._copy(self._store, program)
                digest = hashlib.sha256(program.read_bytes()).hexdigest()
                self._store.put(f"{self._name(program)}.sha256", digest.encode())
        for path in sorted(files, key=lambda item: item.name == _MANIFEST):
            self._copy(self._store, path)

    def _copy(self, store: ObjectStore, path: Path) -> None:
        content, name = path.read_bytes(), self._name(path)
        store.put(name, content)
        if store.get(name) != content:
            raise InfraError(
                f"The backup store doesn't give back what was written to it ({name}).",
                not_done="Nothing was changed.",
                to_do="See to the store, or take it out of sophia.toml.",
            )

    def _name(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()

    def forget(self, folder: Path) -> None:
        """Remove a copy, the manifest first."""
        if self._store is None:
            return
        names = self._store.names(f"{self._name(folder)}/")
        for name in sorted(names, key=lambda item: not item.endswith(_MANIFEST)):
            self._store.delete(name)

    def recall(self, stack: str) -> bool:
        """Bring back every whole checkpoint of a stack that isn't here, with the programs; whether there was any."""
        if self._store is None:
            return False
        found = False
        for name in self._store.names(f"{stack}/"):
            if name.endswith(f"/{_MANIFEST}") and not (self._root / name).exists():
                folder = name.removesuffix(_MANIFEST)
                others = [item for item in self._store.names(folder) if item != name]
                for item in [*others, name]:
                    self._fetch(self._store, item)
                found = True
        if found:
            for name in self._store.names("programs/"):
                if name.endswith(".tar") and not (self._root / name).exists():
                    self._fetch(self._store, name)
        return found

    def _fetch(self, store: ObjectStore, name: str) -> None:
        path = (self._root / name).resolve()
        content = store.get(name)
        if content is None or not path.is_relative_to(self._root.resolve()):
            return
        if path.suffix == ".tar":
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".part")
            draft.write_bytes(content)
            draft.replace(path)
        else:
            write_whole(path, content.decode())
