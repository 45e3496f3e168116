"""kill -9 before, while and after each tool changes the world, then going on: nothing lost, nothing twice.

What is there is counted by the lab's inventory, which knows processes and folders and nothing of Pulumi.
"""

from __future__ import annotations

import json
import signal
import socket
import uuid
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from infra.lab import Inventory
from infra.runs import Runs

SMALL = "sophia-ai-modernized"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
BEFORE, DURING, AFTER = "redeemed", "resource.started", "probed"


def versions(counted: Inventory) -> dict[str, str]:
    return {service.name: service.version for service in counted.services}


async def steady(world) -> None:
    """Nothing twice, nothing half done: no drift, nothing to deploy, no pending operation, no lock."""
    assert world.count().doubled == ()
    assert not (await world.run("stack_drift", stack=SMALL)).drifted
    line = next(item for item in (await world.run("stack_list")).stacks if item.name == SMALL)
    assert (line.pending, line.lock) == (0, "")


async def test_a_first_deploy_goes_on_after_kill(world):
    await world.cut_off("stack_up", "e_first", f"{DURING} create gateway", "gateway", stack=SMALL)
    found, result = await world.go_on("stack_up", "e_first", stack=SMALL)
    assert found.outcome == "partial"
    assert result.continued
    assert result.resources == 4
    assert versions(world.count()) == {"gateway": "1.4.2", "agents": "1.4.2"}
    assert world.count().databases == (f"{SMALL}/threads",)
    await steady(world)


async def test_a_deploy_goes_on_after_kill(deployed):
    world = deployed
    moments = [(BEFORE, "redeemed", "not_happened"), (DURING, "", "partial"), (AFTER, "probed", "happened")]
    for number, (line, pause, outcome) in enumerate(moments):
        version = f"1.5.{number}"
        world.config(SMALL, version=version)
        if line == DURING:
            await world.cut_off("stack_up", f"e_up{number}", f"{DURING} update gateway", "gateway", stack=SMALL)
        else:
            await world.killed("stack_up", f"e_up{number}", line, pause, stack=SMALL)
        found, result = await world.go_on("stack_up", f"e_up{number}", stack=SMALL)
        assert (found.outcome, result.succeeded, result.healthy) == (outcome, True, True)
        assert versions(world.count()) == {"gateway": version, "agents": version}
    await steady(world)
    await deploy_ends_by_itself(world)
    entries = await world.stacks.history(SMALL)
    deploys = [
        (entry.permit, entry.result) for entry in entries if entry.kind == "deploy" and entry.result == "succeeded"
    ]
    assert [permit for permit, _ in deploys] == ["e_alone", "e_up2", "e_up1", "e_up0", "e_1"]


async def deploy_ends_by_itself(world):
    """Only Sophia is killed: her engine lets end what is under way, which is a part of it or all."""
    world.config(SMALL, version="1.5.9", warmup=1)
    await world.killed("stack_up", "e_alone", f"{DURING} update", stack=SMALL)
    found, result = await world.go_on("stack_up", "e_alone", stack=SMALL)
    assert found.outcome in ("partial", "happened")
    assert (result.succeeded, result.healthy) == (True, True)
    assert versions(world.count()) == {"gateway": "1.5.9", "agents": "1.5.9"}
    await steady(world)


@pytest.mark.parametrize("victim", ["pulumi", "engine", "provider"])
async def test_a_deploy_survives_the_end_of_the_cli_the_engine_or_the_provider(deployed, victim):
    deployed.config(SMALL, version="1.5.0")
    preview = await deployed.preview("stack_up", stack=SMALL)
    killed: list[int] = []
    with ExitStack() as held:
        held.enter_context(deployed.lab.held(SMALL, "gateway"))

        def on_event(event) -> None:
            if f"{event.kind} {event.text}".startswith(f"{DURING} update gateway") and not killed:
                process = _victim(victim)
                killed.append(process.pid)
                process.kill()
                held.close()

        deployed.heard = type("Kill", (list,), {"append": lambda _, event: on_event(event)})()
        result = await deployed.run("stack_up", preview, stack=SMALL)
    assert killed
    if victim == "provider" and not result.succeeded:
        assert not (await deployed.verify("stack_up", result, stack=SMALL)).ok
        deployed.heard = []
        await deployed.do("stack_rollback", stack=SMALL, checkpoint=result.checkpoint)
        assert set(versions(deployed.count()).values()) == {"1.4.2"}
    else:
        assert result.succeeded
        assert result.continued
        assert set(versions(deployed.count()).values()) == {"1.5.0"}
    await steady(deployed)


def _victim(name: str) -> psutil.Process:
    for process in psutil.Process().children(recursive=True):
        line = " ".join(process.cmdline())
        if name == "pulumi" and process.name() == "pulumi":
            return process
        if name == "engine" and "infra.engine.child" in line:
            return process
        if name == "provider" and "pulumi.dynamic" in line:
            return process
    raise AssertionError(f"no {name} runs")


async def test_a_destroy_goes_on_after_kill(deployed):
    world = deployed
    moments = [(BEFORE, "redeemed", "not_happened"), (f"{DURING} delete", "", "partial")]
    for number, (line, pause, outcome) in enumerate(moments):
        await world.killed("stack_destroy", f"e_down{number}", line, pause, stack=SMALL)
        found, result = await world.go_on("stack_destroy", f"e_down{number}", stack=SMALL)
        assert found.outcome == outcome or (outcome == "partial" and found.outcome == "happened")
        assert result.succeeded
        assert world.count() == Inventory()
        await world.do("stack_up", stack=SMALL)
    await world.killed("stack_destroy", "e_down", "done", "", stack=SMALL)
    found, _ = await world.go_on("stack_destroy", "e_down", stack=SMALL)
    assert found.outcome == "happened"
    assert world.count() == Inventory()


async def test_a_destroy_that_is_stopped_is_not_taken_for_done(deployed):
    """Pulumi's history calls it a success when it is asked to stop between two deletions."""
    world = deployed
    stopped: list[int] = []

    def stop(event) -> None:
        if event.kind == DURING and not stopped:
            process = _victim("pulumi")
            stopped.append(process.pid)
            process.send_signal(signal.SIGINT)

    bound = await world.preview("stack_destroy", stack=SMALL)
    world.heard = type("Stop", (list,), {"append": lambda _, event: stop(event)})()
    result = await world.run("stack_destroy", bound, world.permit("e_down"), stack=SMALL)
    assert stopped
    assert not result.succeeded
    assert "is still there" in result.problem
    assert world.count() != Inventory()

    world.heard = []
    runs = Runs(world.home / "infra")
    noted = runs.find(SMALL, "e_down")
    runs.put(noted.model_copy(update={"phase": "applying", "succeeded": None}))  # as if nobody had heard
    assert (await world.reconcile("stack_destroy", "e_down", bound, stack=SMALL)).outcome == "partial"
    result = await world.run("stack_destroy", bound, world.permit("e_down"), stack=SMALL)
    assert result.succeeded
    assert world.count() == Inventory()

    await world.do("stack_up", stack=SMALL)
    assert (await world.reconcile("stack_destroy", "e_down", bound, stack=SMALL)).outcome == "happened"
    await steady(world)


async def test_a_rollback_to_nothing_that_kept_data_is_done(deployed):
    world = deployed
    bound = await world.preview("stack_rollback", stack=SMALL)
    result = await world.run("stack_rollback", bound, world.permit("e_back"), stack=SMALL)
    assert result.succeeded
    assert world.count().services == ()
    assert world.count().databases == (f"{SMALL}/threads",)
    assert (await world.reconcile("stack_rollback", "e_back", bound, stack=SMALL)).outcome == "happened"


async def test_a_rollback_goes_on_after_kill(deployed):
    world = deployed
    moments = [(BEFORE, "redeemed", "not_happened"), (DURING, "", "partial"), (AFTER, "probed", "happened")]
    kept = await world.do("stack_checkpoint", stack=SMALL, name="good")
    for number, (line, pause, outcome) in enumerate(moments):
        world.config(SMALL, version=f"1.6.{number}")
        await world.do("stack_up", stack=SMALL)
        back = {"stack": SMALL, "checkpoint": "good"}
        if line == DURING:
            await world.cut_off("stack_rollback", f"e_back{number}", f"{DURING} update gateway", "gateway", **back)
        else:
            await world.killed("stack_rollback", f"e_back{number}", line, pause, **back)
        found, result = await world.go_on("stack_rollback", f"e_back{number}", **back)
        assert (found.outcome, result.to) == (outcome, kept.checkpoint)
        assert set(versions(world.count()).values()) == {"1.4.2"}
        assert world.stacks.config_value(SMALL, "sophia-lab:version") == "unset"
    await steady(world)


async def test_a_repair_goes_on_after_kill(deployed):
    world = deployed
    # Cut off while one of two is set back, the other may be done by then or not.
    moments = [
        (BEFORE, "redeemed", {"not_happened"}),
        (DURING, "", {"partial", "not_happened"}),
        (AFTER, "probed", {"happened"}),
    ]
    for number, (line, pause, outcomes) in enumerate(moments):
        world.lab.kill_service(SMALL, "agents")
        world.lab.edit_version(SMALL, "gateway", "0.9.0")
        if line == DURING:
            await world.cut_off("stack_repair", f"e_fix{number}", f"{DURING} update gateway", "gateway", stack=SMALL)
        else:
            await world.killed("stack_repair", f"e_fix{number}", line, pause, stack=SMALL)
        found, result = await world.go_on("stack_repair", f"e_fix{number}", stack=SMALL)
        assert found.outcome in outcomes
        assert result.repaired == 2
        assert versions(world.count()) == {"gateway": "1.4.2", "agents": "1.4.2"}
    await steady(world)


def strand_lock(home: Path, *, pid: int, host: str = "") -> Path:
    folder = home / "infra/lab-state/.pulumi/locks/organization/sophia-lab" / SMALL
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4()}.json"
    lock = {
        "pid": pid,
        "username": "tom",
        "hostname": host or socket.gethostname(),
        "timestamp": "2026-01-01T00:00:00Z",
    }
    path.write_text(json.dumps(lock))
    return path


async def test_what_the_engine_isn_t_needed_for_goes_on_after_kill(deployed):
    await checkpoint_goes_on(deployed)
    await key_goes_on(deployed)
    await unlock_goes_on(deployed)
    await dead_lock_is_no_hindrance(deployed)


async def checkpoint_goes_on(world):
    await world.killed("stack_checkpoint", "e_keep1", "redeemed", "redeemed", stack=SMALL, name="one")
    found, _ = await world.go_on("stack_checkpoint", "e_keep1", stack=SMALL, name="one")
    assert found.outcome == "not_happened"
    await world.killed("stack_checkpoint", "e_keep2", "done", "", stack=SMALL, name="two")
    found, _ = await world.go_on("stack_checkpoint", "e_keep2", stack=SMALL, name="two")
    assert found.outcome == "happened"
    half_written = world.home / "infra" / "checkpoints" / SMALL / "c_20260101T000000_abcdef"
    half_written.mkdir()
    (half_written / "state.json").write_text("{")
    assert [item.name for item in world.stacks.checkpoints(SMALL) if item.name] == ["two", "one"]


async def key_goes_on(world):
    key = {"stack": SMALL, "key": "instance_count"}
    await world.killed("stack_config_set", "e_set1", "redeemed", "redeemed", **key, value="2")
    found, _ = await world.go_on("stack_config_set", "e_set1", **key, value="2")
    assert found.outcome == "not_happened"
    await world.killed("stack_config_set", "e_set2", "done", "", **key, value="3")
    found, result = await world.go_on("stack_config_set", "e_set2", **key, value="3")
    assert (found.outcome, result.previous, result.value) == ("happened", "2", "3")
    assert world.stacks.config_value(SMALL, "sophia-lab:instance_count") == "3"
    await world.killed("stack_config_unset", "e_unset1", "redeemed", "redeemed", **key)
    found, _ = await world.go_on("stack_config_unset", "e_unset1", **key)
    assert found.outcome == "not_happened"
    assert world.stacks.config_value(SMALL, "sophia-lab:instance_count") == "unset"
    await world.do("stack_config_set", **key, value="2")
    await world.killed("stack_config_unset", "e_unset2", "done", "", **key)
    found, _ = await world.go_on("stack_config_unset", "e_unset2", **key)
    assert found.outcome == "happened"
    assert world.stacks.config_value(SMALL, "sophia-lab:instance_count") == "unset"


async def unlock_goes_on(world):
    lock = strand_lock(world.home, pid=2**22 - 1)
    await world.killed("stack_unlock", "e_free1", "redeemed", "redeemed", stack=SMALL)
    assert lock.exists()
    found, _ = await world.go_on("stack_unlock", "e_free1", stack=SMALL)
    assert (found.outcome, lock.exists()) == ("not_happened", False)
    lock = strand_lock(world.home, pid=2**22 - 1)
    await world.killed("stack_unlock", "e_free2", "done", "", stack=SMALL)
    found, _ = await world.go_on("stack_unlock", "e_free2", stack=SMALL)
    assert (found.outcome, lock.exists()) == ("happened", False)


async def dead_lock_is_no_hindrance(world):
    strand_lock(world.home, pid=2**22 - 1)
    # As a command line leaves it that is killed between the state and what it notes about it.
    torn = world.home / "infra/lab-state/.pulumi/stacks/sophia-lab" / f"{SMALL}.json.attrs"
    assert torn.exists()
    torn.write_bytes(b"")
    preview = await world.preview("stack_up", stack=SMALL)
    assert "which is dead" in preview.risk
    assert (await world.run("stack_up", preview, stack=SMALL)).succeeded
