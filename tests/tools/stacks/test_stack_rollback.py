from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tools.errors import ToolError

SMALL = "sophia-ai-modernized"
DEVELOPMENT = "development"


async def test_a_release_that_fails_its_health_check_is_taken_back(world):
    """What the executor does with an automatic undo: a failed verification, then the declared rollback."""
    await world.do("stack_up", stack=DEVELOPMENT)
    ledger = world.lab.root / DEVELOPMENT / "databases" / "ledger.sqlite3"
    with closing(sqlite3.connect(ledger)) as connection, connection:
        connection.execute("INSERT INTO balances (resident, cents) VALUES ('Ada', 1200)")

    world.config(DEVELOPMENT, version="2.0.0-broken", instance_count=2, ledger_columns="tier")
    preview = await world.preview("stack_up", stack=DEVELOPMENT)
    assert "this approval also covers going back" in preview.undo
    result = await world.run("stack_up", preview, stack=DEVELOPMENT)
    assert result.succeeded
    assert not result.healthy
    assert "self-test of release 2.0.0-broken failed" in result.summary
    verification = await world.verify("stack_up", result, stack=DEVELOPMENT)
    assert not verification.ok

    undo = world.tool("stack_up").undo
    assert undo.automatic
    assert undo.tool == "stack_rollback"
    back = await world.do("stack_rollback", stack=DEVELOPMENT, checkpoint=result.checkpoint)
    assert back.healthy
    assert back.to == result.checkpoint
    running = world.count(DEVELOPMENT).services
    assert {(service.version, service.replicas) for service in running} == {("1.4.2", 1)}
    with closing(sqlite3.connect(ledger)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(balances)")]
        rows = connection.execute("SELECT resident, cents FROM balances").fetchall()
    assert columns == ["id", "cents", "resident", "unit"]
    assert rows == [("Ada", 1200)]
    assert (await world.preview("stack_up", stack=DEVELOPMENT)).nothing_to_do

    diagnosed = await world.run("stack_diagnose", stack=DEVELOPMENT)
    assert diagnosed.causes[0].kind == "self-test failed"
    assert "health check" in diagnosed.causes[0].evidence[0]
    assert diagnosed.causes[0].past, "it was, and isn't any more"
    assert diagnosed.since.startswith("It was rolled back at ")
    assert "Nobody holds the lock of development." in diagnosed.summary


async def test_the_first_deploy_is_taken_back_but_data_stays(deployed, new_world):
    first = deployed.stacks.checkpoints(SMALL)[-1]
    declared = deployed.stacks.declaration(SMALL).model_copy(update={"protected": True})
    with pytest.raises(ToolError, match=r"is protected, and at .* there was nothing of it"):
        await new_world((declared,)).preview("stack_rollback", stack=SMALL, checkpoint=first.id)
    preview = await deployed.preview("stack_rollback", stack=SMALL, checkpoint=first.id)
    assert any("threads (Database)" in line and "kept" in line for line in preview.details)
    assert "there was nothing at that time" in preview.risk
    result = await deployed.run("stack_rollback", preview, stack=SMALL, checkpoint=first.id)
    assert result.succeeded
    assert result.kept == ["threads (Database)"]
    assert "Kept, because they hold data" in result.summary
    assert result.url == "", "what answered there is gone"
    counted = deployed.count()
    assert (counted.services, counted.databases) == ((), (f"{SMALL}/threads",))


async def test_checkpoints_are_found_by_name_id_and_meaning(deployed):
    kept = await deployed.do("stack_checkpoint", stack=SMALL, name="before lunch")
    assert kept.healthy
    assert "before lunch" in kept.summary
    for words in ("before lunch", "Before Lunch", kept.checkpoint):
        assert deployed.stacks.checkpoint(SMALL, words).id == kept.checkpoint
    with pytest.raises(ToolError, match=r"no checkpoint 'before launch'.*Nearest: before lunch"):
        await deployed.preview("stack_rollback", stack=SMALL, checkpoint="before launch")

    part = deployed.home / "infra" / "checkpoints" / SMALL / kept.checkpoint / "config.yaml"
    part.write_text("config:\n  sophia-lab:version: 9.9.9\n")
    with pytest.raises(ToolError, match=r"is damaged: config.yaml isn't what was written"):
        await deployed.preview("stack_rollback", stack=SMALL, checkpoint="before lunch")


async def test_a_deploy_that_fails_half_way_is_a_result_and_taken_back(world):
    blocked = world.lab.root / DEVELOPMENT / "buckets"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("in the way of the bucket's folder")
    preview = await world.preview("stack_up", stack=DEVELOPMENT)
    result = await world.run("stack_up", preview, stack=DEVELOPMENT)
    assert not result.succeeded
    assert "was not deployed" in result.summary
    assert "NotADirectoryError" in result.problem
    verification = await world.verify("stack_up", result, stack=DEVELOPMENT)
    assert not verification.ok
    assert world.count(DEVELOPMENT).databases == ("development/ledger",)

    back = await world.do("stack_rollback", stack=DEVELOPMENT, checkpoint=result.checkpoint)
    assert back.kept == ["ledger (Database)"], "what holds data stays"
    assert world.count(DEVELOPMENT).services == ()
    diagnosed = await world.run("stack_diagnose", stack=DEVELOPMENT)
    assert diagnosed.causes[0].kind == "in the way"
    assert "NotADirectoryError" in diagnosed.causes[0].evidence[0]


@pytest.mark.timeout(600)
async def test_a_part_goes_back_alone_and_is_repaired_to_what_it_went_back_to(deployed):
    def versions() -> dict[str, str]:
        return {service.name: service.version for service in deployed.count().services}

    deployed.config(SMALL, version="1.5.0")
    await deployed.do("stack_up", stack=SMALL)
    card = await deployed.preview("stack_rollback", stack=SMALL, only=["gateway service"])
    assert card.summary.startswith("go back with only gateway (Service) to ")
    assert "the next deploy of all of" in card.risk
    back = await deployed.run("stack_rollback", card, stack=SMALL, only=["gateway service"])
    assert (await deployed.verify("stack_rollback", back, stack=SMALL)).ok
    assert versions() == {"gateway": "1.4.2", "agents": "1.5.0"}
    with pytest.raises(ToolError, match=r"no resource called .gatway.*There are: gateway"):
        await deployed.preview("stack_rollback", stack=SMALL, only=["gatway"])

    for name in ("gateway", "agents"):
        deployed.lab.kill_service(SMALL, name)
    mended = await deployed.preview("stack_repair", stack=SMALL, only=["gateway"])
    assert (await deployed.run("stack_repair", mended, stack=SMALL, only=["gateway"])).repaired == 1
    assert versions() == {"gateway": "1.4.2"}, "it alone, and to what it had gone back to"
