"""A configured embedder: a real client against a server on loopback."""

from __future__ import annotations

import json
import traceback
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from agent.errors import OperatorMustAct
from agent.planning.model.embedder import remote_embedder
from agent.settings import load

KEY = "sk-canary-77aa01"


class Server:
    def __init__(self) -> None:
        self.batches: list[int] = []
        self.keys: set[str] = set()
        self.status = 200

    async def embeddings(self, request: web.Request) -> web.Response:
        self.keys.add(request.headers["Authorization"])
        asked = json.loads(await request.text())
        self.batches.append(len(asked["input"]))
        if self.status != 200:
            return web.json_response({"error": {"message": f"no: {KEY}"}}, status=self.status)
        data = [
            {"object": "embedding", "index": number, "embedding": [float(len(text)), 1.0]}
            for number, text in enumerate(asked["input"])
        ]
        return web.json_response({"object": "list", "data": data[::-1], "model": asked["model"], "usage": {}})


@pytest.fixture
async def served() -> AsyncIterator[tuple[Server, str]]:
    server = Server()
    app = web.Application()
    app.router.add_post("/v1/embeddings", server.embeddings)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    yield server, f"http://127.0.0.1:{port}/v1"
    await runner.cleanup()


def embedder(url: str, tmp_path):
    settings = load(
        directory=tmp_path,
        environ={"SOPHIA_EMBEDDER_API_KEY": KEY},
        overrides={"embedder": {"model": "small", "base_url": url, "dimension": 8}},
    )
    return remote_embedder(settings, "small")


async def test_vectors_come_in_order_and_in_batches(served, tmp_path) -> None:
    server, url = served
    asked = embedder(url, tmp_path)
    vectors = await asked.embed(["x" * n for n in range(1, 301)])
    assert [vector[0] for vector in vectors] == [float(n) for n in range(1, 301)]
    assert server.batches == [128, 128, 44]
    assert server.keys == {f"Bearer {KEY}"}
    assert asked.name == "small-8"
    await asked.aclose()


async def test_a_server_that_fails_is_said_without_the_key(served, tmp_path) -> None:
    server, url = served
    server.status = 400
    asked = embedder(url, tmp_path)
    with pytest.raises(OperatorMustAct, match="answered 400") as caught:
        await asked.embed(["x"])
    assert KEY not in "".join(traceback.format_exception(caught.value, chain=False)) + str(caught.value)
    await asked.aclose()


async def test_a_server_that_is_not_there_is_said(tmp_path) -> None:
    asked = embedder("http://127.0.0.1:9/v1", tmp_path)
    with pytest.raises(OperatorMustAct, match="can't be reached"):
        await asked.embed(["x"])
    await asked.aclose()
