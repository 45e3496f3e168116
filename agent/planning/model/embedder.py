"""Vectors from an OpenAI-compatible server, for whoever configures one; without it the embedded embedder does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.errors import OperatorMustAct

if TYPE_CHECKING:
    import openai

    from agent.settings import Settings

__all__ = ["RemoteEmbedder", "remote_embedder"]

BATCH = 128
"""Texts a request; servers commonly take 2,048, small ones fewer."""
SECONDS = 30.0


class RemoteEmbedder:
    """Asks one server for vectors. Its name holds the model and the dimension, so that vectors are never mixed."""

    def __init__(self, model: str, base_url: str | None, key: str | None, dimension: int | None) -> None:
        self._model, self._base_url, self._key, self._dimension = model, base_url, key, dimension
        self._client: openai.AsyncOpenAI | None = None

    @property
    def name(self) -> str:
        """Model and dimension."""
        return f"{self._model}-{self._dimension or 'default'}"

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """A vector for each text, in order. Raises OperatorMustAct when the server can't be asked."""
        import openai

        vectors: list[list[float]] = []
        problem = ""
        try:
            for start in range(0, len(texts), BATCH):
                vectors += await self._batch([text or " " for text in texts[start : start + BATCH]])
        except openai.APIStatusError as error:
            problem = f"answered {error.status_code}"
        except openai.OpenAIError as error:
            problem = f"can't be reached ({type(error).__name__})"
        if problem or len(vectors) != len(texts):
            raise OperatorMustAct(
                f"The embedder {self._model} {problem or 'gave another number of vectors than texts'}.",
                not_done="Nothing was searched by meaning.",
                to_do="Check [embedder] in sophia.toml and SOPHIA_EMBEDDER_API_KEY; sophia doctor shows what is set.",
            )
        return vectors

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    async def _batch(self, texts: list[str]) -> list[list[float]]:
        import openai

        if self._client is None:
            self._client = openai.AsyncOpenAI(
                base_url=self._base_url, api_key=self._key or "none", timeout=SECONDS, max_retries=2
            )
        answer = await self._client.embeddings.create(
            model=self._model,
            input=texts,
            encoding_format="float",
            dimensions=self._dimension or openai.omit,
        )
        return [list(item.embedding) for item in sorted(answer.data, key=lambda item: item.index)]


def remote_embedder(settings: Settings, model: str) -> RemoteEmbedder:
    """The configured embedder; without an address of its own, at the planner's server with its key."""
    chosen = settings.embedder
    own = chosen.base_url is not None
    key = chosen.api_key or (None if own else settings.model.api_key)
    return RemoteEmbedder(
        model,
        chosen.base_url or settings.model.base_url,
        key.get_secret_value() if key else None,
        chosen.dimension,
    )
