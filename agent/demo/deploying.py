"""The third beat: preview, approve, deploy; and an approval that is refused once the stack was changed elsewhere."""

from __future__ import annotations

from agent.demo.stage import Showing, Stage, Told
from infra.lab.inventory import Inventory

__all__ = ["deploy_and_refuse"]

STACK = "development"


async def deploy_and_refuse(stage: Stage) -> None:
    """Deploy the development stack; then change it from another process while an approval waits."""
    await _deploy(stage)
    told = await _change_waiting(stage)
    if told.waiting:
        await _refused(stage, told)


async def _deploy(stage: Stage) -> None:
    previewed = await stage.ask(f"preview {STACK}", Showing.REPORT)
    stage.check(
        previewed.status == "done" and not _there(stage).services, "The preview changed nothing: no service runs."
    )
    asked = await stage.ask(f"deploy {STACK}")
    stage.check(
        asked.status == "waiting" and not _there(stage).services, "Nothing is deployed before somebody approves."
    )
    deployed = await stage.approve(asked)
    found = _there(stage)
    stage.check(
        deployed.status == "done" and len(found.services) == 3 and not found.doubled,
        f"Counted without Pulumi (processes and folders): {found.sentence}.",
    )


async def _change_waiting(stage: Stage) -> Told:
    """A second deploy that waits for its approval."""
    stage.say("A new version is to be deployed. While its approval waits, somebody else changes the stack.", "italic")
    asked = await stage.ask(f"set version to 1.5.0 on {STACK}", Showing.OUTCOME)
    await stage.approve(asked, Showing.OUTCOME)
    asked = await stage.ask(f"deploy {STACK}")
    stage.check(asked.status == "waiting", "The deploy of 1.5.0 waits for its approval.")
    return asked


async def _refused(stage: Stage, told: Told) -> None:
    before = _there(stage)
    await _elsewhere(stage)
    refused = await stage.approve(told)
    stage.check(
        refused.status == "waiting",
        "The approval was given, and refused: it was for another state. What would happen now waits for a new one.",
    )
    stage.check(_there(stage) == before, "The same processes run as before, and nothing else was touched.")
    await stage.deny(refused, "the story goes on without it")


async def _elsewhere(stage: Stage) -> None:
    """Somebody else's Sophia, a process of its own, sets another configuration by Pulumi."""
    words = f"set instance_count to 2 on {STACK}"
    async with stage.child("ask", words, "--thread", "somebody-else", showing=Showing.OUTCOME) as child:
        status = await child.ended()
    asked = await stage.latest("somebody-else")
    stage.outcome(asked)
    for approval in asked.waiting:
        async with stage.child("approvals", "approve", approval.id, showing=Showing.OUTCOME) as child:
            await child.ended()
    changed = await stage.latest("somebody-else")
    stage.outcome(changed)
    stage.check(
        status == 3 and changed.status == "done", "Another process of Sophia's changed the stack's configuration."
    )


def _there(stage: Stage) -> Inventory:
    return stage.folder.lab.inventory().of(STACK)
