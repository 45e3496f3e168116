"""Digests that an approval is bound to: of the state, of the configuration, of the program."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.backend import Deployment, masked
from infra.repository import git

__all__ = ["Source", "config_digest", "declared_digest", "digest", "program_files", "program_source", "state_digest"]

_EXCLUDED = frozenset(
    {
        ".git",
        ".venv",
        "venv",
        "env",
        "node_modules",
        "__pycache__",
        ".pulumi",
        ".mypy_cache",
        ".ruff_cache",
        "bin",
        "obj",
    }
)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":"), default=str).encode()).hexdigest()


def _unordered(value: Any) -> Any:
    if isinstance(value, list):
        return sorted((_unordered(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, dict):
        return {name: _unordered(part) for name, part in value.items()}
    return value


def state_digest(deployment: Deployment | None) -> str:
    """Of what the state declares: identities, inputs, and those outputs that answer an input.

    A stack that doesn't exist yet counts as an empty one. Computed outputs and the order of lists are left out,
    because providers change them at every refresh.
    """
    deployment = deployment or Deployment()
    rows = []
    for item in deployment.resources:
        inputs = {name: value for name, value in (item.get("inputs") or {}).items() if name != "__provider"}
        outputs = {name: value for name, value in (item.get("outputs") or {}).items() if name in inputs}
        rows.append(
            [item["urn"], item.get("id", ""), _unordered(inputs), _unordered(outputs), bool(item.get("delete"))]
        )
    return digest([sorted(rows, key=lambda row: str(row[0])), sorted(deployment.pending_creates())])


def declared_digest(deployment: Deployment | None, *, only: Collection[str] = ()) -> str:
    """Of the resources' inputs alone; of `only` some resources, where they are named.

    Of what is secret only that it is there: the engine encrypts it anew, and so differently, each time it writes it.
    """
    rows = {
        item["urn"]: _unordered(
            {name: masked(value) for name, value in (item.get("inputs") or {}).items() if name != "__provider"}
        )
        for item in (deployment.real if deployment else ())
        if not only or item["urn"] in only
    }
    return digest(rows)


def config_digest(text: str) -> str:
    """Of the stack's configuration file as it is."""
    return hashlib.sha256(text.encode()).hexdigest()


def program_files(directory: Path) -> Iterator[Path]:
    """The program's files in a stable order, without environments, caches and stack configuration."""
    for path in sorted(directory.iterdir()):
        if path.name in _EXCLUDED or path.name.endswith((".pyc", ".pyo")):
            continue
        if path.is_symlink():
            continue
        if path.is_dir():
            if not (path / "pyvenv.cfg").exists():
                yield from program_files(path)
        elif not (path.name.startswith("Pulumi.") and path.name.count(".") > 1):
            yield path


@dataclass(frozen=True)
class Source:
    """A program as it is on disk."""

    digest: str
    commit: str = ""
    """The git commit, empty outside of a repository."""
    uncommitted: bool = False

    @property
    def sentence(self) -> str:
        """For a card."""
        if not self.commit and not self.digest:
            return ""
        if not self.commit:
            return f"program {self.digest[:12]}"
        return f"commit {self.commit[:12]}" + (" with uncommitted changes" if self.uncommitted else "")


def _hash_files(base: Path, files: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for path in files:
        whole.update(str(path.relative_to(base)).encode() + b"\0")
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def program_source(directory: Path, *, versioned: bool = True) -> Source:
    """Read the program in a directory; `versioned` asks git for its commit."""
    found = _hash_files(directory, program_files(directory))
    commit = git(directory, "rev-parse", "HEAD") if versioned else None
    if not commit:
        return Source(found)
    return Source(found, commit.strip(), bool((git(directory, "status", "--porcelain", "--", ".") or "").strip()))
