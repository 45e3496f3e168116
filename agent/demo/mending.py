"""The fifth beat: drift is found and repaired, a bad version rolls itself back, and the audit log is verified."""

from __future__ import annotations

from agent.demo.stage import Showing, Stage
from infra.lab.inventory import Inventory

__all__ = ["break_and_mend"]

STACK = "development"
VICTIM = "worker"
BAD_VERSION = "1.6.0-broken"


async def break_and_mend(stage: Stage) -> None:
    """Break a service by hand, then deploy a release that is broken by itself."""
    if not _there(stage).services:
        await stage.approve(await stage.ask(f"deploy {STACK}", Showing.OUTCOME), Showing.OUTCOME)
    await _drift(stage)
    await _bad_version(stage)
    verified = await stage.ask("verify the audit log", Showing.REPORT)
    stage.check(verified.result("audit_verify").get("ok") is True, "The whole audit log is as it was written.")


async def _drift(stage: Stage) -> None:
    pid = stage.folder.lab.kill_service(STACK, VICTIM)
    stage.say(f"Process {pid}, the service {VICTIM} of {STACK}, was killed behind Pulumi's back.", "italic")
    left = _there(stage)
    found = await stage.ask(f"check {STACK} for drift")
    stage.check(
        found.result("stack_drift").get("drifted") is True, f"Found as drift. Counted without Pulumi: {left.sentence}."
    )
    repaired = await stage.approve(await stage.ask(f"repair {STACK}"))
    there = _there(stage)
    stage.check(
        repaired.status == "done" and len(there.services) == len(left.services) + 1,
        f"Repaired, and nothing but that. Counted without Pulumi: {there.sentence}.",
    )
    stage.check(_pids(left) <= _pids(there), "The other services are the same processes as before.")


async def _bad_version(stage: Stage) -> None:
    before = _there(stage)
    stage.say(f"Release {BAD_VERSION} starts, and its own self-test fails: its health endpoint answers 503.", "italic")
    asked = await stage.ask(f"set version to {BAD_VERSION} on {STACK}", Showing.OUTCOME)
    await stage.approve(asked, Showing.OUTCOME)
    deployed = await stage.approve(await stage.ask(f"deploy {STACK}"))
    after = _there(stage)
    taken_back = "taken back" in deployed.text
    stage.check(
        deployed.status == "failed" and taken_back, "The deploy failed its health check and was rolled back by itself."
    )
    stage.check(_versions(after) == _versions(before), f"Counted without Pulumi: {_described(after)}.")
    healthy = await stage.ask(f"is {STACK} healthy?", Showing.REPORT)
    stage.check(healthy.result("stack_health").get("healthy") is True, "Every service answers its health check again.")


def _there(stage: Stage) -> Inventory:
    return stage.folder.lab.inventory().of(STACK)


def _pids(inventory: Inventory) -> set[int]:
    return {service.pid for service in inventory.services}


def _versions(inventory: Inventory) -> list[tuple[str, str, int]]:
    return [(service.name, service.version, service.replicas) for service in inventory.services]


def _described(inventory: Inventory) -> str:
    return ", ".join(f"{service.name} {service.version}" for service in inventory.services)
