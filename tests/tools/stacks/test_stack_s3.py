"""State and backups in an S3-compatible store: moto's server on loopback, and the real command line."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from moto.server import ThreadedMotoServer

from infra.errors import InfraError, UnknownCheckpoint
from infra.lab import lab_declarations
from infra.stacks import Stacks
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
    assert store.names("") == [names[0], names[2]]
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
