"""Saying something in a channel."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from memory.labels import Provenance
from tools.declaration import (
    Attempt,
    Effect,
    Outcome,
    Permit,
    Preview,
    Reconciliation,
    Role,
    Slot,
    Verification,
    tool,
)
from tools.delivery import Delivered, Delivery
from tools.errors import NotNow, ToolError
from tools.result import Finding, Result, Weight


class NotifyArguments(BaseModel):
    """A channel and what is said there."""

    model_config = ConfigDict(extra="forbid")

    channel: Annotated[str, Slot(Role.DESTINATION, "channel")] = Field(pattern=r"^#?[\w\-.]+$", max_length=80)
    content: Annotated[str, Slot(Role.PAYLOAD, "content")] = Field(min_length=1, max_length=20_000)


class Notified(Result):
    """What was said where."""

    message: Delivered

    def findings(self) -> list[Finding]:
        """That it was said, and where it can be seen; or that it waits, and for what."""
        said = self.message
        sentence, weight = f"Told {said.channel} ({said.where}).", Weight.DONE
        if said.kept:
            why = said.kept.rstrip(".")
            sentence = (
                f"{said.channel} isn't told yet: {why}. The message is kept, and goes out once, as soon as it can."
            )
            weight = Weight.WARNING
        return [
            Finding(
                weight=weight,
                sentence=sentence,
                facts={"channel": said.channel, "where": said.where},
                provenance=Provenance.observed(said.where, said.at, "kept" if said.kept else "delivered"),
            )
        ]


async def preview(arguments: NotifyArguments, *, delivery: Delivery) -> Preview:
    """The exact text and where it would appear."""
    places = await delivery.places(arguments.channel)
    return Preview(
        summary=f"say this in {arguments.channel}",
        details=[*arguments.content.splitlines(), f"appears in: {', '.join(places)}"],
        risk="Everybody who can see the channel sees it.",
        undo="A message that was read can't be unread.",
    )


async def verify(arguments: NotifyArguments, result: Notified, *, delivery: Delivery) -> Verification:
    """Look the message up in the channel itself, or among those that are kept."""
    try:
        found = await delivery.find(arguments.channel, result.message.effect)
    except NotNow as error:
        told = f"The message was taken as {result.message.where}; it can't be read again now: {error.tried}"
        return Verification(ok=not result.message.kept, evidence=[told])
    same = found is not None and found.says(arguments.content)
    there = result.message.where if found and found.kept else f"in {result.message.where}"
    return Verification(ok=same, evidence=[f"The message {'is' if same else 'is not'} {there}."])


async def reconcile(arguments: NotifyArguments, attempt: Attempt, *, delivery: Delivery) -> Reconciliation:
    """Look in the channel for a message with this effect's id.

    Where the channel doesn't answer, delivering goes on: what is delivered later is looked for before it is posted.
    """
    try:
        found = await delivery.find(arguments.channel, attempt.permit_id)
    except NotNow as error:
        return Reconciliation(outcome=Outcome.PARTIAL, evidence=error.tried)
    except ToolError as error:
        where = f"Look into {arguments.channel} whether it says this, and ask again if it doesn't."
        return Reconciliation(outcome=Outcome.UNKNOWN, evidence=f"{error.tried} {where}")
    if found is None:
        return Reconciliation(outcome=Outcome.NOT_HAPPENED, evidence=f"No such message is in {arguments.channel}.")
    return Reconciliation(
        outcome=Outcome.HAPPENED, result=Notified(message=found), evidence=f"The message is in {found.where}."
    )


@tool(
    effect=Effect.EGRESS,
    phrases=("tell {channel} {content}", "notify {channel}", "post {content} in {channel}", "let {channel} know"),
    preview=preview,
    verify=verify,
    reconcile=reconcile,
    irreversible="what people have read they have read",
)
async def notify(arguments: NotifyArguments, *, permit: Permit, delivery: Delivery) -> Notified:
    """Say something in a channel."""
    return Notified(message=await delivery.deliver(permit, arguments.channel, arguments.content))
