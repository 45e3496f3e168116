"""`sophia approvals`: what waits for a person, and deciding it."""

from __future__ import annotations

import json
import sys

from rich.table import Table
from rich.text import Text

from agent.approval import Card
from agent.delegating import person_meant
from agent.terminal.asking import work_on
from agent.terminal.cards import show_card
from agent.terminal.console import PlainConsole
from agent.terminal.session import opened
from agent.untrusted_text import visible

__all__ = ["decide", "delegate", "list_waiting", "show_one"]


async def list_waiting(as_json: bool) -> int:
    """What waits, oldest first."""
    async with opened(None, None) as session:
        await session.sophia.approvals.expire(session.sophia.clock.now())
        waiting = await session.sophia.approvals.waiting()
    if as_json:
        sys.stdout.write(json.dumps([found.model_dump(mode="json") for found in waiting]) + "\n")
        return 0
    if not waiting:
        PlainConsole().print("Nothing waits for an approval.")
        return 0
    table = Table("approval", "what", "asked by", "people", "expires (UTC)")
    for found in waiting:
        votes = sum(vote.approve for vote in found.votes)
        table.add_row(
            found.id,
            Text(visible(Card.model_validate(found.card).title)),
            found.requested_by,
            f"{votes} of {found.people}",
            f"{found.expires_at:%Y-%m-%d %H:%M}",
        )
    PlainConsole().print(table)
    return 0


async def show_one(ref: str, as_json: bool) -> int:
    """One approval: its card, its state, its votes."""
    async with opened(None, None) as session:
        approval = await session.sophia.door.show(ref)
        if as_json:
            sys.stdout.write(approval.model_dump_json() + "\n")
            return 0
        console = PlainConsole()
        show_card(approval, session, console)
        console.print(f"{approval.status}")
        for vote in approval.votes:
            word = "approved" if vote.approve else "denied"
            console.print(Text(visible(f"{word} by {vote.person}, {vote.at:%Y-%m-%d %H:%M} UTC {vote.reason}")))
        for each in approval.delegations:
            console.print(Text(visible(f"left by {each.person} to {each.to}, {each.at:%Y-%m-%d %H:%M} UTC")))
    return 0


async def delegate(ref: str, who: str, act_as: str | None) -> int:
    """Leave the decision to somebody who may make it."""
    async with opened(act_as, None) as session:
        to = person_meant(who, session.sophia.people)
        approval = await session.sophia.delegate(ref, session.person, to)
    PlainConsole().print(f"{approval.id} is left to {to.name}, who has to decide for themselves.")
    return 0


async def decide(ref: str, act_as: str | None, as_json: bool, *, approve: bool, reason: str) -> int:
    """Decide, then go on with the turn unless it still waits for somebody."""
    console = PlainConsole(stderr=as_json)
    async with opened(act_as, console) as session:
        approval = await session.sophia.decide(ref, session.person, approve=approve, reason=reason)
        votes = sum(vote.approve for vote in approval.votes)
        if approval.status == "waiting":
            console.print(f"{ref}: {votes} of {approval.people} approvals; a different person must give the next.")
            return 3
        console.print(f"{ref} is {approval.status} by {session.person.name}.")
        return await work_on(approval.turn, session, console, as_json)
