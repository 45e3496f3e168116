from __future__ import annotations

import asyncio

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
    assert result.succeeded and result.healthy and result.changed == 4
    assert {event.kind for event in world.heard} >= {"resource.started", "resource.finished"}
    assert [service.name for service in world.count().services] == ["agents", "gateway"]
    assert world.count().databases == (f"{SMALL}/threads",)
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{result.url}/health")).json()["version"] == "1.4.2"

    verification = await world.verify("stack_up", result, stack=SMALL)
    assert verification.ok and len(verification.evidence) == 3
    assert "deployed" in result.summary and str(result.resources) in result.summary
    again = await world.preview("stack_up", stack=SMALL)
    assert again.nothing_to_do


async def test_what_was_deployed_can_be_asked_for(deployed):
    outputs = await deployed.run("stack_outputs", stack="modernized", key="api url")
    assert outputs.stack == SMALL and outputs.url.startswith("http://127.0.0.1:")
    with pytest.raises(ToolError, match="no key 'apiurk'.*Nearest: api_url"):
        await deployed.run("stack_outputs", stack=SMALL, key="apiurk")

    listed = await deployed.run("stack_list")
    line = next(item for item in listed.stacks if item.name == SMALL)
    assert line.deployed and line.resources == 4 and line.last_by == "deploy by tom"
    health = await deployed.run("stack_health", stack=SMALL)
    assert health.healthy and len(health.checks) == 2

    preview = await deployed.run("stack_preview", stack=SMALL)
    assert preview.clean and preview.changes == 0


async def test_more_replicas_really_run(deployed):
    await deployed.do("stack_config_set", stack=SMALL, key="instance_count", value="3")
    await deployed.do("stack_up", stack=SMALL)
    assert [service.replicas for service in deployed.count().services] == [3, 3]


async def test_a_deploy_is_refused_when_the_configuration_changed_since_its_preview(deployed):
    deployed.config(SMALL, version="1.5.0")
    preview = await deployed.preview("stack_up", stack=SMALL)
    deployed.config(SMALL, version="1.6.0")
    with pytest.raises(StateMoved, match="configuration was changed in between"):
        await deployed.run("stack_up", preview, stack=SMALL)
    assert {service.version for service in deployed.count().services} == {"1.4.2"}
    assert [entry[2] for entry in deployed.desk.redeemed] == ["stack_up"]


async def test_a_deploy_is_refused_when_somebody_else_deployed_since_its_preview(deployed):
    deployed.config(SMALL, version="1.5.0")
    mine = await deployed.preview("stack_up", stack=SMALL)
    theirs = await deployed.preview("stack_up", stack=SMALL)
    await deployed.run("stack_up", theirs, stack=SMALL)
    with pytest.raises(StateMoved, match="changed from elsewhere in between.*Preview"):
        await deployed.run("stack_up", mine, stack=SMALL)


async def test_a_deploy_is_refused_when_the_world_changed_since_its_preview(deployed):
    deployed.config(SMALL, version="1.5.0")
    preview = await deployed.preview("stack_up", stack=SMALL)
    deployed.lab.kill_service(SMALL, "agents")
    with pytest.raises(StateMoved, match="behind Pulumi's back in between"):
        await deployed.run("stack_up", preview, stack=SMALL)


async def test_a_tampered_plan_is_refused(deployed):
    deployed.config(SMALL, version="1.5.0")
    preview = await deployed.preview("stack_up", stack=SMALL)
    with open(preview.bound["plan"], "a") as plan:
        plan.write(" ")
    with pytest.raises(StateMoved, match="plan that was approved.*altered"):
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
    assert "omebody else is deploying" in str(refused[0])
    assert deployed.count().doubled == ()


async def test_destroy_takes_everything_away_and_says_what_data_goes(deployed):
    preview = await deployed.preview("stack_destroy", stack=SMALL)
    assert "DATA IS LOST in threads (Database)" in preview.risk
    result = await deployed.do("stack_destroy", stack=SMALL)
    assert result.changed == 4
    assert deployed.count() == type(deployed.count())()
    with pytest.raises(ToolError, match="isn't deployed"):
        await deployed.run("stack_outputs", stack=SMALL)


async def test_a_protected_stack_is_not_destroyed(world):
    with pytest.raises(ToolError, match="production is protected and can't be destroyed"):
        await world.preview("stack_destroy", stack="production")


async def test_an_unknown_stack_is_answered_with_the_nearest(world):
    with pytest.raises(ToolError, match="no stack 'developmnet'.*Nearest: development") as caught:
        await world.preview("stack_up", stack="developmnet")
    assert caught.value.acts == "requester"
