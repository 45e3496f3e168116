"""State and backups in an S3-compatible store: moto's server on loopback, and the real command line."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime

import httpx
import pytest
from moto.server import ThreadedMotoServer

from infra.errors import InfraError, UnknownCheckpoint
from infra.lab import lab_declarations
from infra.stacks import Stacks
from tools.errors import ToolError
from tools.web.objects import S3Objects
from tools.web.probe import HttpxProbe

SMALL = "sophia-ai-modernized"
KEYS = {"AWS_ACCESS_KEY_ID": "lab", "AWS_SECRET_ACCESS_KEY": "lab", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    for bucket in ("states", "backups"):
        httpx.put(f"{address}/{bucket}", trust_env=False).raise_for_status()
    yield address
    server.stop()


def objects(endpoint: str, bucket: str = "backups") -> S3Objects:
    url = f"s3://{bucket}/sophia?endpoint={endpoint}&region=us-east-1"
    return S3Objects(url, KEYS, lambda: datetime.now(UTC))


def test_objects_are_put_listed_got_and_deleted(endpoint):
    store = objects(endpoint)
    names = [f"a b/{number:02}+ü.json" for number in range(3)]
    for name in names:
        store.put(name, name.encode())
    assert store.names("a b/") == names
    assert store.get(names[1]) == names[1].encode()
    assert store.get("a b/none") is None
    store.delete(names[1])
    store.delete(names[1])
    assert store.names("a b/") == [names[0], names[2]]
    with pytest.raises(InfraError, match=r"s3://nowhere/sophia answers 404 \(NoSuchBucket\)"):
        objects(endpoint, "nowhere").get("x")
    with pytest.raises(InfraError, match=r"can't be reached"):
        objects("http://127.0.0.1:9").put("x", b"")


@pytest.mark.slow
async def test_a_stack_whose_state_and_backups_are_elsewhere(new_world, tmp_path, endpoint):
    declared = next(item for item in lab_declarations() if item.name == SMALL)
    elsewhere = f"s3://states?endpoint={endpoint}&s3ForcePathStyle=true&region=us-east-1"
    declared = declared.model_copy(update={"backend": elsewhere})
    world = new_world((declared,))

    def again(store: S3Objects) -> None:
        world.stacks = Stacks(
            declarations=(declared,),
            home=tmp_path,
            environ={**os.environ, **KEYS},
            clock=world.clock,
            permits=world.desk,
            probe=HttpxProbe(),
            backups=store,
        )

    await world.stacks.aclose()
    again(objects("http://127.0.0.1:9"))
    preview = await world.preview("stack_up", stack=SMALL)
    with pytest.raises(Exception, match="Without a backup nothing is changed"):
        await world.run("stack_up", preview, stack=SMALL)
    assert world.count().services == ()
    await world.stacks.aclose()

    again(objects(endpoint))
    deployed = await world.run("stack_up", preview, stack=SMALL)
    assert (deployed.succeeded, deployed.resources) == (True, 4)
    kept = await world.do("stack_checkpoint", stack=SMALL, name="good")
    shutil.rmtree(tmp_path / "infra" / "checkpoints")
    back = world.stacks.checkpoint(SMALL, "good")
    assert back.id == kept.checkpoint
    world.stacks.verify_checkpoint(back)
    with pytest.raises(UnknownCheckpoint):
        world.stacks.checkpoint(SMALL, "bad")
    entries = await world.stacks.history(SMALL)
    assert [entry.kind for entry in entries if entry.result == "succeeded"] == ["deploy"]
    await world.stacks.aclose()


class Road:
    """The way to a server, which can be closed: what is under way on it ends, and nothing new gets through."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.open = True
        self._writers: set[asyncio.StreamWriter] = set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.open:
            writer.close()
            return
        onward = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers |= {writer, onward[1]}
        await asyncio.gather(self._pipe(reader, onward[1]), self._pipe(onward[0], writer))
        self._writers -= {writer, onward[1]}

    @staticmethod
    async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(2**16):
                writer.write(data)
                await writer.drain()
        writer.close()

    def close(self) -> None:
        self.open = False
        for writer in self._writers:
            writer.transport.abort()


@pytest.fixture
async def road(endpoint) -> AsyncIterator[tuple[Road, str]]:
    made = Road(int(endpoint.rpartition(":")[2]))
    server = await asyncio.start_server(made.carry, "127.0.0.1", 0)
    yield made, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    made.close()
    server.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_backend_that_goes_away_in_the_middle_leaves_the_stack_known_and_it_goes_on(new_world, endpoint, road):
    way, address = road
    declared = next(item for item in lab_declarations() if item.name == SMALL)
    elsewhere = f"s3://states/away?endpoint={address}&s3ForcePathStyle=true&region=us-east-1"
    world = new_world((declared.model_copy(update={"backend": elsewhere}),), **KEYS)
    preview = await world.preview("stack_up", stack=SMALL)
    with ExitStack() as held:
        held.enter_context(world.lab.held(SMALL, "gateway"))

        def on_event(event) -> None:
            if f"{event.kind} {event.text}".startswith("resource.started create gateway"):
                way.close()
                held.close()

        world.heard = type("Close", (list,), {"append": lambda _, event: on_event(event)})()
        result = await world.run("stack_up", preview, world.permit("e_away"), stack=SMALL)
    assert not result.succeeded
    assert "the backend that keeps its state can't be reached" in result.problem
    with pytest.raises(ToolError, match=f"backend that keeps the state.*Bring it back, then say “deploy {SMALL}”"):
        await world.reconcile("stack_up", "e_away", preview, stack=SMALL)

    way.open = True
    world.heard = []
    found = await world.reconcile("stack_up", "e_away", preview, stack=SMALL)
    assert (found.outcome, found.result.succeeded) == ("happened", False), "it ended, and how is known"
    states = S3Objects(f"s3://states/away?endpoint={endpoint}&region=us-east-1", KEYS, lambda: datetime.now(UTC))
    assert states.names(".pulumi/locks/"), "the command line couldn't give its lock back"
    again = await world.do("stack_up", stack=SMALL)
    assert again.resources == 4
    counted = world.count()
    assert (len(counted.services), counted.databases, counted.doubled) == (2, (f"{SMALL}/threads",), ())


async def test_a_backend_that_accepts_and_never_answers_is_said_to_do_so_and_reading_it_is_bounded(new_world):
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read()
        finally:
            writer.transport.abort()

    declared = next(item for item in lab_declarations() if item.name == SMALL)
    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        elsewhere = f"s3://states/silent?endpoint={address}&s3ForcePathStyle=true&region=us-east-1"
        limited = {"backend": elsewhere, "time_limit_seconds": 3.0}
        world = new_world((declared.model_copy(update=limited),), **KEYS)
        with pytest.raises(ToolError, match="wasn't to be had within 3 s from s3://states/silent: whatever"):
            await world.run("stack_outputs", stack=SMALL)
