"""Turning text into vectors: the interface, and the implementation that needs no network.

A vector's meaning depends on the embedder, so each has a name that changes with its model; vectors of different names
are never mixed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Embedder", "Vectors", "WordLlama"]

Vectors = Sequence[Sequence[float]]


class Embedder(Protocol):
    """Makes vectors of one dimension. An implementation may be remote."""

    @property
    def name(self) -> str:
        """The model, and whatever else its vectors depend on."""
        ...

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """A vector for each text, in order."""
        ...


class WordLlama:
    """WordLlama's 256 dimensions, from weights that come with the package: 25,000 sentences a second, no network."""

    name = "wordllama-256"

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """A vector of length 1 for each text. The first call loads the weights (half a second)."""
        return await asyncio.to_thread(self._embed, list(texts))

    def _embed(self, texts: list[str]) -> Vectors:
        import numpy as np

        if not texts:
            return []
        found: NDArray[np.float32] = self._model.embed([text or " " for text in texts])
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        unit = np.divide(found, lengths, out=np.zeros_like(found), where=lengths > 0)
        unit[lengths[:, 0] == 0, 0] = 1.0  # nothing but unknown words: far from everything, but a direction
        vectors: Vectors = unit.tolist()
        return vectors

    @cached_property
    def _model(self) -> _Model:
        with _logging_untouched():
            import wordllama

            folder = Path(wordllama.__file__).parent
            model: _Model = wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
        return model


class _Model(Protocol):
    def embed(self, texts: list[str]) -> NDArray[np.float32]: ...


@contextmanager
def _logging_untouched() -> Iterator[None]:
    """Importing wordllama configures the root logger to print everything; undo that."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
