"""`sophia eval add THREAD`: a case of the suite `requests` from a turn that was recorded, to be read and put right.

What was planned is written down as if it were right. Whoever adds the case says what should have been planned.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from agent.conversation import Conversations
from agent.errors import NotAllowed, RequesterMustFix
from agent.people import Role
from agent.plan import Plan, worst_effect
from agent.planning.planner import ConversationContext
from agent.terminal.session import Session, opened
from memory.turns import Status, Turn
from tools.declaration import Effect

__all__ = ["case_of", "propose"]

_PLACE = Path(__file__).parent / "requests"


async def propose(thread: str) -> int:
    """Print the case of the thread's newest turn. Raises RequesterMustFix and NotAllowed."""
    async with opened(None, None) as session:
        turns = await session.sophia.turns.latest(thread, 1)
        if not turns:
            raise RequesterMustFix(
                f"There is no thread {thread}.", to_do="The last line of an answer names its thread."
            )
        case = await case_of(session, turns[-1])
    sys.stdout.write(yaml.safe_dump([case], allow_unicode=True, sort_keys=False, width=110))
    sys.stderr.write(
        "Read it: names and numbers of people don't belong in a case. Put right what was planned wrong, then add it to "
        f"a file in {_PLACE}, or run it from elsewhere: sophia eval requests --cases FILE\n"
    )
    return 0


async def case_of(session: Session, turn: Turn) -> dict[str, Any]:
    """The turn as an entry of the suite. Raises NotAllowed when its answers are for somebody else."""
    if turn.audience != session.audience and not session.person.can(Role.OPERATOR):
        raise NotAllowed(f"{turn.thread} is for {turn.audience}.", not_done="No case was made of it.")
    plan = Plan.model_validate(turn.plan) if turn.plan else Plan(steps=[])
    found: dict[str, Any] = {"q": turn.request, "kind": _kind(turn, plan, session)}
    steps = plan.steps
    if len(steps) == 1:
        found |= {"family": steps[0].tool, "args": steps[0].args}
    elif steps:
        found |= {"steps": [step.tool for step in steps]}
    context = await Conversations(session.sophia.turns, session.sophia.tools).context(turn)
    found["now"] = turn.created_at.isoformat(timespec="seconds")
    if context != ConversationContext():
        found["context"] = context.model_dump(mode="json", exclude_defaults=True)
    found["note"] = f"recorded, planned by {turn.planner or 'nobody'}"
    return {key: value for key, value in found.items() if value not in ({}, [])}


def _kind(turn: Turn, plan: Plan, session: Session) -> str:
    if not plan.steps:
        return "refuse" if turn.status is Status.REFUSED else "clarify"
    effect = worst_effect(plan.steps, session.sophia.tools)
    return "read" if effect in (None, Effect.READ) else "write"
