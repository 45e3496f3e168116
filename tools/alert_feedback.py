"""What people think of alerts, and what follows from it for the page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from memory.competitors import Change, Competitors, Feedback
from memory.labels import Provenance
from tools.declaration import (
    Attempt,
    Clock,
    Effect,
    Outcome,
    Permit,
    Preview,
    Reconciliation,
    Requester,
    Role,
    Slot,
    Undo,
    Verification,
    tool,
)
from tools.errors import ToolError
from tools.monitoring.verdicts import pattern_of, places_of, verdict_of
from tools.permits import PermitDesk
from tools.result import Finding, Result, Weight

Verdict = Literal["interesting", "not interesting", "retract"]


class AlertFeedbackArguments(BaseModel):
    """Which change, and whether such things are to be told."""

    model_config = ConfigDict(extra="forbid")

    alert: Annotated[str, Slot(Role.TARGET, "alert")] = Field(min_length=1, max_length=80)
    verdict: Annotated[str, Slot(Role.OPTION, "verdict")] = Field(min_length=1, max_length=200)

    @field_validator("verdict")
    @classmethod
    def one_word_for_each(cls, said: str) -> str:
        """The words that mean the same are the same; what is no verdict is left for the tool to refuse."""
        try:
            return verdict_of(said)
        except ToolError:
            return said


class AlertFeedback(Result):
    """What was noted, and what it does."""

    alert: str
    url: str
    verdict: Verdict
    previous: Verdict
    places: list[str]
    at: datetime

    def findings(self) -> list[Finding]:
        """What follows from it."""
        where = f" under {', '.join(f'“{place}”' for place in self.places[:3])}" if any(self.places) else ""
        told = {
            "not interesting": f"Changes like this one{where} on {self.url} are no longer told.",
            "interesting": f"Changes like this one{where} on {self.url} are always told.",
            "retract": f"What was said of {self.alert} is taken back.",
        }[self.verdict]
        provenance = Provenance.observed("sophia", self.at, "feedback")
        return [Finding(weight=Weight.DONE, sentence=told, facts={"alert": self.alert}, provenance=provenance)]


async def _change(alert: str, memory: Competitors) -> Change:
    change = await memory.change(alert)
    if change is None:
        recent = ", ".join(f"{item.id} ({item.summary[:40]})" for item in await memory.changes(limit=5)) or "none"
        raise ToolError(
            f"There is no alert {alert!r}.", not_done="Nothing was noted.", to_do=f"The latest are: {recent}."
        )
    return change


async def _standing(change: Change, memory: Competitors) -> Feedback | None:
    given = [item for item in await memory.feedback(change.url) if item.change == change.id]
    return given[-1] if given else None


def _as_verdict(feedback: Feedback | None) -> Verdict:
    if feedback is None:
        return "retract"
    return "interesting" if feedback.verdict == "interesting" else "not interesting"


async def preview(arguments: AlertFeedbackArguments, *, memory: Competitors) -> Preview:
    """The change that is meant and what would follow."""
    change, verdict = await _change(arguments.alert, memory), verdict_of(arguments.verdict)
    standing = await _standing(change, memory)
    return Preview(
        summary=f"note that {change.id} ({change.summary[:80]}) is {verdict}"
        if verdict != "retract"
        else f"take back what was said of {change.id}",
        details=[f"page: {change.url}"],
        undo="It can be taken back.",
        nothing_to_do=_as_verdict(standing) == verdict,
        state_version=standing.id if standing else "nothing said",
    )


async def verify(arguments: AlertFeedbackArguments, result: AlertFeedback, *, memory: Competitors) -> Verification:
    """Look what is noted for the change."""
    standing = await _standing(await _change(result.alert, memory), memory)
    same = _as_verdict(standing) == result.verdict
    return Verification(ok=same, evidence=[f"{result.alert} is noted as {_as_verdict(standing)}."])


async def reconcile(
    arguments: AlertFeedbackArguments, attempt: Attempt, *, memory: Competitors, clock: Clock
) -> Reconciliation:
    """Look what is noted for the change."""
    change, verdict = await _change(arguments.alert, memory), verdict_of(arguments.verdict)
    if _as_verdict(await _standing(change, memory)) != verdict:
        return Reconciliation(outcome=Outcome.NOT_HAPPENED, evidence="It isn't noted.")
    pattern = pattern_of(change)
    result = AlertFeedback(
        alert=change.id, url=change.url, verdict=verdict, previous="retract", places=places_of(pattern), at=clock.now()
    )
    return Reconciliation(outcome=Outcome.HAPPENED, result=result, evidence="It is noted.")


@tool(
    effect=Effect.CHANGE,
    phrases=(
        "{alert} is not interesting",
        "tell me more things like {alert}",
        "mark {alert} as {verdict}",
        "ignore such alerts as {alert}",
        "take back what was said of {alert}",
    ),
    preview=preview,
    verify=verify,
    reconcile=reconcile,
    undo=Undo("alert_feedback", {"alert": "arguments.alert", "verdict": "result.previous"}),
)
async def alert_feedback(
    arguments: AlertFeedbackArguments,
    *,
    memory: Competitors,
    desk: PermitDesk,
    clock: Clock,
    requester: Requester,
    permit: Permit,
) -> AlertFeedback:
    """Note whether such changes are to be told from now on."""
    change, verdict = await _change(arguments.alert, memory), verdict_of(arguments.verdict)
    await desk.redeem(permit.id, permit.token, tool="alert_feedback")
    standing, pattern, now = await _standing(change, memory), pattern_of(change), clock.now()
    if standing:
        await memory.retract_feedback(standing.id)
    if verdict != "retract":
        await memory.add_feedback(change.id, change.url, verdict, requester.person, now, pattern)
    return AlertFeedback(
        alert=change.id,
        url=change.url,
        verdict=verdict,
        previous=_as_verdict(standing),
        places=places_of(pattern),
        at=now,
    )
