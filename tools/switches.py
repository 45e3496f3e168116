"""Pausing everything that has an effect, and going on."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from memory.labels import Provenance
from memory.switches import Switch, Switches
from tools.declaration import Clock, Effect, Permit, Preview, Requester, Undo, Verification, tool
from tools.permits import PermitDesk
from tools.repeatable import repeatable
from tools.result import Finding, Result, Weight


class PauseArguments(BaseModel):
    """Nothing: it is about everything."""

    model_config = ConfigDict(extra="forbid")


class Paused(Result):
    """Whether effects are paused now."""

    paused: bool
    by: str
    at: datetime

    def findings(self) -> list[Finding]:
        """What holds now."""
        sentence = (
            "Everything that has an effect is paused; reads, cancelling and revoking still work."
            if self.paused
            else "Nothing is paused any more."
        )
        return [
            Finding(
                weight=Weight.DONE,
                sentence=sentence,
                facts={"paused": self.paused, "by": self.by},
                provenance=Provenance.observed("sophia", self.at, "the switch was read back"),
            )
        ]


async def preview_pause(arguments: PauseArguments, *, switches: Switches) -> Preview:
    """What holds now and what would hold."""
    state = await switches.state()
    return Preview(
        summary="pause everything that has an effect, for everybody"
        + (" (it is paused already)" if state.paused else ""),
        risk="Deployments, alerts and schedules stop before their next effect.",
        undo="resume_all",
    )


async def preview_resume(arguments: PauseArguments, *, switches: Switches) -> Preview:
    """What holds now and what would hold."""
    state = await switches.state()
    return Preview(
        summary="let effects happen again" + ("" if state.paused else " (nothing is paused)"),
        risk="What waited for an approval can be approved and done.",
        undo="pause_all",
    )


async def verify_pause(arguments: PauseArguments, result: Paused, *, switches: Switches) -> Verification:
    """Read the switch back."""
    state = await switches.state()
    return Verification(ok=state.paused == result.paused, evidence=[f"The switch says paused = {state.paused}."])


async def _set(on: bool, switches: Switches, who: str, clock: Clock) -> Paused:
    await switches.set(Switch.PAUSED, on, who, f"asked for by {who}", clock.now())
    return Paused(paused=(await switches.state()).paused, by=who, at=clock.now())


@tool(
    effect=Effect.CHANGE,
    control=True,
    phrases=("pause everything", "stop everything", "freeze all effects", "read-only from now on"),
    preview=preview_pause,
    verify=verify_pause,
    reconcile=repeatable("setting the switch twice is the same as once"),
    undo=Undo("resume_all", {}),
)
async def pause_all(
    arguments: PauseArguments,
    *,
    switches: Switches,
    permit: Permit,
    desk: PermitDesk,
    requester: Requester,
    clock: Clock,
) -> Paused:
    """Stop every effect at once, for everybody, until it is resumed."""
    await desk.redeem(permit.id, permit.token, tool="pause_all")
    return await _set(True, switches, requester.person, clock)


@tool(
    effect=Effect.CHANGE,
    control=True,
    phrases=("resume everything", "unpause", "go on with everything", "lift the pause"),
    preview=preview_resume,
    verify=verify_pause,
    reconcile=repeatable("setting the switch twice is the same as once"),
    undo=Undo("pause_all", {}),
)
async def resume_all(
    arguments: PauseArguments,
    *,
    switches: Switches,
    permit: Permit,
    desk: PermitDesk,
    requester: Requester,
    clock: Clock,
) -> Paused:
    """Let effects happen again after a pause."""
    await desk.redeem(permit.id, permit.token, tool="resume_all")
    return await _set(False, switches, requester.person, clock)
