"""`sophia chat`: a conversation. What is worked on doesn't keep the person from saying the next thing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

from rich.text import Text

from agent.terminal.asking import show_turn
from agent.terminal.console import PlainConsole
from agent.terminal.edge import show
from agent.terminal.session import Session, new_thread, opened

__all__ = ["chat"]

LOOK_EVERY_SECONDS = 0.5
_FAREWELLS = frozenset({"exit", "quit", "bye", ":q"})


async def chat(thread: str | None, act_as: str | None) -> int:
    """Talk until the person leaves; what waits for an approval goes on as soon as it is decided anywhere."""
    interactive = sys.stdin.isatty()
    console = PlainConsole()
    async with opened(act_as, console, alone=False) as session:
        conversation = _Conversation(session, console, thread or new_thread())
        console.print(Text(f"conversation {conversation.thread}; exit or Ctrl-D leaves", "dim"))
        lines = _typed() if interactive else _piped()
        try:
            await conversation.hold(lines, one_at_a_time=not interactive)
        finally:
            await conversation.leave()
    return 0


async def _typed() -> AsyncIterator[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.patch_stdout import patch_stdout

    prompt: PromptSession[str] = PromptSession()
    with patch_stdout(raw=True):
        while True:
            try:
                yield await prompt.prompt_async("you › ")
            except (EOFError, KeyboardInterrupt):
                return


async def _piped() -> AsyncIterator[str]:
    while line := await asyncio.to_thread(sys.stdin.readline):
        yield line


class _Conversation:
    def __init__(self, session: Session, console: PlainConsole, thread: str) -> None:
        self._session = session
        self._console = console
        self.thread = thread
        self._working: set[asyncio.Task[None]] = set()
        self._waiting: set[str] = set()

    async def hold(self, lines: AsyncIterator[str], *, one_at_a_time: bool) -> None:
        """Take lines until there are none; each is worked on beside the others unless they come from a pipe."""
        watch = asyncio.create_task(self._watch())
        try:
            async for line in lines:
                if line.strip().lower() in _FAREWELLS:
                    return
                if not line.strip():
                    continue
                task = asyncio.create_task(self._say(line))
                self._working.add(task)
                task.add_done_callback(self._working.discard)
                if one_at_a_time:
                    await task
        finally:
            watch.cancel()

    async def leave(self) -> None:
        """Stop between steps what is still worked on; it can be resumed."""
        if self._working:
            self._session.sophia.driver.stop()
            await asyncio.gather(*self._working, return_exceptions=True)
        for turn in sorted(self._waiting):
            self._console.print(Text(f"{turn} still waits for an approval; it goes on when that is given.", "dim"))

    async def _say(self, line: str) -> None:
        try:
            turn = await self._session.sophia.receive(
                line,
                self._session.person,
                thread=self.thread,
                surface="terminal",
                audience=self._session.audience,
            )
            await self._work_on(turn.id)
        except Exception as error:  # noqa: BLE001 - the edge: one request's error doesn't end the conversation
            show(error)

    async def _work_on(self, turn: str) -> None:
        found = await self._session.sophia.drive(turn)
        if found.status == "waiting":
            self._waiting.add(turn)
        else:
            self._waiting.discard(turn)
        await show_turn(found, self._session, self._console, as_json=False)

    async def _watch(self) -> None:
        """Go on with what was decided, here or in another terminal."""
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            for turn in tuple(self._waiting):
                found = await self._session.sophia.turns.get(turn)
                approvals = await self._session.sophia.approvals.of_turn(turn)
                if found.status.ended or not any(approval.status == "waiting" for approval in approvals):
                    self._waiting.discard(turn)
                    await self._work_on(turn)
