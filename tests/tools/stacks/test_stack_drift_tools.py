from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

import infra.lab

SMALL = "sophia-ai-modernized"
DEVELOPMENT = "development"


async def test_drift_is_found_without_false_alarms_and_repaired(world):
    await world.do("stack_up", stack=DEVELOPMENT)
    for _ in range(2):
        quiet = await world.run("stack_drift", stack=DEVELOPMENT)
        assert quiet.clean
        assert not quiet.drifted
    churning = {line.resource for line in (*quiet.routine, *quiet.undeclared)}
    assert churning == {"traffic (Metrics)", "edge (Distribution)"}

    world.lab.kill_service(DEVELOPMENT, "web")
    world.lab.edit_version(DEVELOPMENT, "api", "0.9.0")
    found = await world.run("stack_drift", stack="dev")
    assert sorted((line.resource, line.property, line.expected, line.found) for line in found.drift) == [
        ("api (Service)", "version", "1.4.2", "0.9.0"),
        ("web (Service)", "running", True, False),
    ]
    assert not (await world.run("stack_health", stack=DEVELOPMENT)).healthy

    world.config(DEVELOPMENT, instance_count=3)
    repaired = await world.do("stack_repair", stack=DEVELOPMENT)
    assert repaired.repaired == 2
    assert repaired.counts == {"update": 2}
    running = world.count(DEVELOPMENT).services
    assert [(service.name, service.version, service.replicas) for service in running] == [
        ("api", "1.4.2", 1), ("web", "1.4.2", 1), ("worker", "1.4.2", 1),
    ]  # fmt: skip
    assert (await world.preview("stack_repair", stack=DEVELOPMENT)).nothing_to_do


async def test_drift_that_comes_back_is_a_pattern_that_no_grant_covers(deployed):
    for version in ("0.9.0", "1.4.2", "0.9.0", "1.4.2"):
        deployed.lab.edit_version(SMALL, "gateway", version)
        await deployed.run("stack_drift", stack=SMALL)
    deployed.lab.edit_version(SMALL, "gateway", "0.9.0")
    preview = await deployed.preview("stack_repair", stack=SMALL)
    assert preview.kinds == ["Service.version"], "a grant may name it"
    assert "the same drifted 2 times before within a week, a pattern" in preview.risk
    await deployed.run("stack_repair", preview, stack=SMALL)

    deployed.lab.edit_version(SMALL, "gateway", "0.9.0")
    found = await deployed.run("stack_drift", stack=SMALL)
    assert found.repeated == 3, "although no check in between found it as it should be"
    assert "a pattern: something keeps changing it" in found.summary
    preview = await deployed.preview("stack_repair", stack=SMALL)
    assert "the same came back 3 times within a week" in preview.kinds, "no grant can name that"
    assert "setting it back doesn't help" in preview.risk


async def test_a_resource_that_is_gone_is_drift_and_made_again(deployed):
    (deployed.lab.root / SMALL / "databases" / "threads.sqlite3").unlink()
    found = await deployed.run("stack_drift", stack=SMALL)
    assert [line.sentence for line in found.drift] == ["threads (Database) is gone."]
    await deployed.do("stack_repair", stack=SMALL)
    assert deployed.count().databases == (f"{SMALL}/threads",)


async def test_a_service_that_another_installation_started_is_the_same_service(deployed, tmp_path):
    program = shutil.copy(Path(infra.lab.__file__).parent / "site" / "sophia_lab" / "service.py", tmp_path)
    gateway = next(service for service in deployed.count().services if service.name == "gateway")
    deployed.lab.kill_service(SMALL, "gateway")
    command = [sys.executable, "-I", "-S", program, str(deployed.lab.root), SMALL, "gateway", gateway.version]
    started = await asyncio.create_subprocess_exec(*command, str(gateway.replicas), str(gateway.ports[0]), "0")
    assert await started.wait() == 0
    while "gateway" not in {service.name for service in deployed.count().services}:  # noqa: ASYNC110 - it detaches
        await asyncio.sleep(0.05)
    assert not (await deployed.run("stack_drift", stack=SMALL)).drifted

    deployed.config(SMALL, version="1.5.0")
    assert (await deployed.do("stack_up", stack=SMALL)).succeeded
    assert {service.name: service.version for service in deployed.count().services}["gateway"] == "1.5.0"
