from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from tools.errors import StateMoved, ToolError

SMALL = "sophia-ai-modernized"


async def test_a_deploy_is_previewed_made_and_verified(world):
    preview = await world.preview("stack_up", stack=SMALL)
    assert "create 4" in preview.summary
    assert any(line.startswith("create gateway") for line in preview.details)
    assert world.count().services == ()

    result = await world.run("stack_up", preview, stack=SMALL)
    assert result.succeeded
    assert result.healthy
    assert result.changed == 4
    assert {event.kind for event in world.heard} >= {"resource.started", "resource.finished"}
    assert [service.name for service in world.count().services] == ["agents", "gateway"]
    assert world.count().databases == (f"{SMALL}/threads",)
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{result.url}/health")).json()["version"] == "1.4.2"

    verification = await world.verify("stack_up", result, stack=SMALL)
    assert verification.ok
    assert len(verification.evidence) == 3
    assert "deployed" in result.summary
    assert str(result.resources) in result.summary
    again = await world.preview("stack_up", stack=SMALL)
    assert again.nothing_to_do


async def test_what_was_deployed_can_be_asked_for(deployed):
    outputs = await deployed.run("stack_outputs", stack="modernized", key="api url")
    assert outputs.stack == SMALL
    assert outputs.url.startswith("http://127.0.0.1:")
    with pytest.raises(ToolError, match=r"no key 'apiurk'.*Nearest: api_url"):
        await deployed.run("stack_outputs", stack=SMALL, key="apiurk")

    listed = await deployed.run("stack_list")
    line = next(item for item in listed.stacks if item.name == SMALL)
    assert line.deployed
    assert line.resources == 4
    assert line.last_by == "deploy by tom"
    health = await deployed.run("stack_health", stack=SMALL)
    assert health.healthy
    assert len(health.checks) == 2

    preview = await deployed.run("stack_preview", stack=SMALL)
    assert preview.clean
    assert preview.changes == 0

    await deployed.do("stack_config_set", stack=SMALL, key="instance_count", value="3")
    await deployed.do("stack_up", stack=SMALL)
    assert [service.replicas for service in deployed.count().services] == [3, 3]

    back = await deployed.run("stack_preview", stack=SMALL, action="rollback")
    assert back.counts == {"update": 2}
    gone = await deployed.run("stack_preview", stack=SMALL, action="destroy")
    assert gone.counts == {"delete": 4}
    assert gone.data_lost
    assert gone.findings()[0].sentence.startswith("Data would be lost in ")
    assert (await deployed.run("stack_health", stack=SMALL)).healthy


def tamper(plan: str) -> None:
    Path(plan).write_text(Path(plan).read_text() + " ")


async def test_a_deploy_is_refused_when_anything_changed_since_its_preview(deployed):
    deployed.config(SMALL, version="1.5.0")
    preview = await deployed.preview("stack_up", stack=SMALL)
    deployed.config(SMALL, version="1.6.0")
    with pytest.raises(StateMoved, match="configuration was changed in between"):
        await deployed.run("stack_up", preview, stack=SMALL)

    deployed.config(SMALL, version="1.5.0")
    deployed.lab.kill_service(SMALL, "agents")
    with pytest.raises(StateMoved, match="behind Pulumi's back in between"):
        await deployed.run("stack_up", preview, stack=SMALL)
    assert [entry[2] for entry in deployed.desk.redeemed] == ["stack_up"], "no permit is used up by a refusal"
    assert {service.version for service in deployed.count().services} == {"1.4.2"}

    mine = await deployed.preview("stack_up", stack=SMALL)
    await deployed.do("stack_up", stack=SMALL)
    with pytest.raises(StateMoved, match=f"changed from elsewhere in between.*Say “deploy {SMALL}”: what"):
        await deployed.run("stack_up", mine, stack=SMALL)

    deployed.config(SMALL, version="1.7.0")
    preview = await deployed.preview("stack_up", stack=SMALL)
    tamper(preview.bound["plan"])
    with pytest.raises(StateMoved, match=r"plan that was approved.*altered"):
        await deployed.run("stack_up", preview, stack=SMALL)


async def test_two_people_deploying_at_once_don_t_get_in_each_other_s_way(deployed):
    deployed.config(SMALL, version="1.5.0", warmup=1)
    first, second = await asyncio.gather(*(deployed.preview("stack_up", stack=SMALL) for _ in range(2)))
    outcomes = await asyncio.gather(
        *(deployed.run("stack_up", preview, stack=SMALL) for preview in (first, second)), return_exceptions=True
    )
    done = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, ToolError)]
    assert len(done) == len(refused) == 1
    assert done[0].succeeded
    assert re.search("omebody else is deploying|was changed from elsewhere", str(refused[0]))
    assert deployed.count().doubled == ()


async def test_destroy_takes_everything_away_and_says_what_data_goes(deployed):
    preview = await deployed.preview("stack_destroy", stack=SMALL)
    assert "DATA IS LOST in threads (Database)" in preview.risk
    result = await deployed.do("stack_destroy", stack=SMALL)
    assert result.changed == 4
    assert deployed.count() == type(deployed.count())()
    with pytest.raises(ToolError, match="has no resources"):
        await deployed.run("stack_outputs", stack=SMALL)


async def test_a_protected_stack_is_not_destroyed(world):
    with pytest.raises(ToolError, match="production is protected and can't be destroyed"):
        await world.preview("stack_destroy", stack="production")


async def test_an_unknown_stack_is_answered_with_the_nearest(world):
    with pytest.raises(ToolError, match=r"no stack 'developmnet'.*Nearest: development") as caught:
        await world.preview("stack_up", stack="developmnet")
    assert caught.value.acts == "requester"
