"""`sophia ask` and `sophia resume`: one request, worked on until it ends or waits for a person."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from agent.errors import RequesterMustFix
from agent.plan import Plan
from agent.report import Report, revive
from agent.terminal.cards import show_card
from agent.terminal.console import PlainConsole
from agent.terminal.session import Session, new_thread, opened
from memory.turns import Turn

__all__ = ["ask", "command", "plan_only", "resume", "show_turn"]


async def ask(text: str, thread: str | None, act_as: str | None, as_json: bool) -> int:
    """Work on a request; the exit status says what it came to."""
    console = PlainConsole(stderr=as_json)
    async with opened(act_as, console) as session:
        turn = await session.sophia.receive(
            text, session.person, thread=thread or new_thread(), surface="terminal", audience=session.audience
        )
        return await work_on(turn.id, session, console, as_json)


async def command(text: str, plan: Plan, as_json: bool) -> int:
    """Work on a command that says exactly what it means, as a turn like any other."""
    console = PlainConsole(stderr=as_json)
    async with opened(None, console) as session:
        turn = await session.sophia.receive(
            text, session.person, thread=new_thread(), surface="terminal", audience=session.audience, plan=plan
        )
        return await work_on(turn.id, session, console, as_json)


async def resume(turn: str | None, as_json: bool) -> int:
    """Go on with a turn that was interrupted; without an id, with all of this person's."""
    console = PlainConsole(stderr=as_json)
    async with opened(None, console) as session:
        turns = await _interrupted(turn, session)
        if not turns:
            console.print("Nothing was interrupted.")
            return 0
        statuses = [await work_on(found.id, session, console, as_json) for found in turns]
        return max(statuses)


async def _interrupted(turn: str | None, session: Session) -> list[Turn]:
    if turn is not None:
        return [await session.sophia.turns.get(turn)]
    unfinished = await session.sophia.turns.unfinished()
    return [found for found in unfinished if found.audience == session.audience]


async def work_on(turn: str, session: Session, console: PlainConsole, as_json: bool) -> int:
    """Drive a turn, with Ctrl-C stopping it between steps, and show what it came to."""
    with _stoppable(session):
        found = await session.sophia.drive(turn)
    return await show_turn(found, session, console, as_json)


@contextmanager
def _stoppable(session: Session) -> Iterator[None]:
    """The first Ctrl-C stops after the step that runs, the second at once."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def interrupted() -> None:
        if session.sophia.driver.stopping and task is not None:
            task.cancel()
        session.sophia.driver.stop()
        sys.stderr.write("\nStopping after this step; Ctrl-C again stops at once.\n")

    loop.add_signal_handler(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)


async def show_turn(turn: Turn, session: Session, console: PlainConsole, as_json: bool) -> int:
    """Show the report of a turn that ended, the cards of one that waits, or how to go on with one that was stopped."""
    if turn.status.ended:
        report = await session.sophia.report(turn.id)
        if as_json:
            _print_json(report.as_json())
        else:
            console.print(report.as_terminal(await _renderables(report, session)))
        return report.exit_status
    if turn.status != "waiting":
        console.print(
            Text(f"Stopped between steps. Go on: sophia resume {turn.id}\nGive up: sophia ask 'cancel {turn.id}'")
        )
        return 1
    waiting = [found for found in await session.sophia.approvals.of_turn(turn.id) if found.status == "waiting"]
    if as_json:
        _print_json(_waiting_json(turn, [found.model_dump(mode="json") for found in waiting]))
    else:
        for approval in waiting:
            show_card(approval, session, console)
    return 3


def _waiting_json(turn: Turn, approvals: list[dict[str, Any]]) -> dict[str, Any]:
    return {"turn": turn.id, "thread": turn.thread, "status": "waiting", "exit_status": 3, "approvals": approvals}


async def _renderables(report: Report, session: Session) -> list[RenderableType]:
    """The tools' own tables and trees."""
    found = []
    results = await session.sophia.driver.results(report.turn)
    for step in report.steps:
        envelope = results.get(step.id)
        if envelope is not None and step.tool in session.sophia.tools:
            shown = revive(step.tool, envelope, session.sophia.tools).as_terminal()
            if shown is not None:
                found.append(shown)
    return found


def _print_json(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


async def plan_only(text: str, thread: str | None, act_as: str | None, as_json: bool) -> int:
    """Plan a request and show the plan, without any effect and without storing anything."""
    from agent.composition import plan_without_effect
    from agent.plan import worst_effect
    from agent.requests import accept
    from agent.settings import load
    from tools.registry import discover

    if act_as is not None:
        raise RequesterMustFix("--as has no meaning with --plan-only.", to_do="Leave one of them out.")
    planning = await plan_without_effect(load(), accept(text), thread)
    tools = discover()
    steps = planning.plan.steps if planning.plan else []
    if as_json:
        _print_json(
            {
                "kind": planning.kind,
                "effect": worst_effect(steps, tools),
                "steps": [step.model_dump(mode="json") for step in steps],
                "question": planning.question,
            }
        )
    else:
        from agent.terminal.rendering import plan_as_tree

        PlainConsole().print(plan_as_tree(planning.plan, tools) if planning.plan else Text(planning.question or ""))
    return {"plan": 0, "refuse": 4, "clarify": 5}[planning.kind]
