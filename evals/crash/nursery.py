"""Starts processes of Sophia that may die: by forking one in which everything is loaded, which saves a second each.

    python -m evals.crash.nursery

reads jobs, a JSON line each, and answers with each child's pid, and with how it ended once it has. The other half of
this file is who talks to it.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import signal
import sys
import traceback
from collections import deque
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import BaseModel

from agent.settings import own_environment
from evals.crash.carrying import Carried, Job, carry

__all__ = ["Child", "Ended", "Nursery"]

_LOADED = (
    "agent.driver",
    "agent.turn.graph",
    "agent.turn.approving",
    "agent.turn.preparation",
    "agent.turn.undoing",
    "agent.turn.stages",
    "agent.turn.execution",
    "agent.turn.planning",
    "agent.turn.reporting",
    "agent.browsers",
    "agent.declarations",
    "agent.scheduling.runner",
    "agent.serving.process",
    "agent.serving.durable",
    "agent.slack.ports",
    "agent.slack.door",
    "agent.planning.offline",
    "agent.ports",
    "infra.stacks",
    "infra.lab.inventory",
    "infra.lab.declarations",
    "tools.detection.reading",
    "tools.detection.seen",
    "tools.web.fetching",
    "tools.web.probe",
    "tools.web.transport",
    "alembic.command",
    "httpcore",
    "h2.connection",
    "anyio._backends._asyncio",
    "croniter",
    "memory.competitors",
    "langgraph.checkpoint.sqlite",
    "langgraph.checkpoint.postgres",
    "psycopg_pool",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "dateparser",
)


class Ended(BaseModel):
    """How a process ended."""

    signal: int = 0
    status: int = 0
    carried: Carried | None = None
    problem: str = ""
    """Its last words, where it ended by an error."""


class Child:
    """A process that works on a job."""

    def __init__(self, pid: int, answer: asyncio.Future[Ended]) -> None:
        self.pid = pid
        self._answer = answer

    async def stopped(self) -> None:
        """Wait until it is stopped, or has ended."""
        while not self._answer.done() and not self._is_stopped():  # noqa: ASYNC110 - nobody tells when a process stops
            await asyncio.sleep(0.02)

    def _is_stopped(self) -> bool:
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        return state in "TZ"

    def wake(self) -> None:
        """Let it go on after it was stopped."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)

    async def ended(self) -> Ended:
        """How it ended, once it has."""
        return await self._answer


class Nursery:
    """Starts children, as many at once as are wanted; the process that forks them is started for the first."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()
        self._begun: deque[asyncio.Future[Child]] = deque()
        """Who waits for a child, in the order in which they asked."""
        self._endings: dict[int, asyncio.Future[Ended]] = {}
        """Of the children that live: a later one may have the pid of one that has ended."""
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        with suppress(ProcessLookupError):
            if error is not None:
                process.kill()
        await process.wait()
        if self._listening is not None:
            await self._listening

    async def begin(self, job: Job) -> Child:
        """Start a process for the job."""
        async with self._starting:
            process = self._process = self._process or await self._started()
        assert process.stdin is not None
        begun: asyncio.Future[Child] = asyncio.get_running_loop().create_future()
        self._begun.append(begun)
        process.stdin.write(job.model_dump_json().encode() + b"\n")
        await process.stdin.drain()
        return await begun

    async def carry(self, job: Job) -> Ended:
        """Start it and wait for its end."""
        return await (await self.begin(job)).ended()

    async def _started(self) -> asyncio.subprocess.Process:
        root = Path(__file__).parents[2]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "evals.crash.nursery",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=root,
            env={**own_environment(), "PYTHONPATH": str(root)},
            limit=2**24,
        )
        assert process.stdout is not None
        self._listening = asyncio.create_task(self._listen(process.stdout))
        return process

    async def _listen(self, out: asyncio.StreamReader) -> None:
        """Hand on what is said of children, until the process that forks them ends."""
        async for line in out:
            said = _Said.model_validate_json(line)
            if said.ended is None:
                self._endings[said.pid] = asyncio.get_running_loop().create_future()
                begun = self._begun.popleft()
                if not begun.done():  # whoever waited may have given up
                    begun.set_result(Child(said.pid, self._endings[said.pid]))
            elif not (ending := self._endings.pop(said.pid)).done():
                ending.set_result(said.ended)
        ended = RuntimeError("The process that starts others has ended.")
        left: list[asyncio.Future[Any]] = [*self._begun, *self._endings.values()]
        for waiting in left:
            if not waiting.done():
                waiting.set_exception(ended)


class _Said(BaseModel):
    """Said of a child: that it was begun, or how it ended."""

    pid: int
    ended: Ended | None = None


def _work(job: Job, answer: int) -> None:
    """The child: never returns."""
    os.setsid()
    status = 0
    try:
        carried = asyncio.run(carry(job))
        said = Ended(carried=carried)
    except BaseException as error:  # noqa: BLE001 - the outermost edge of a process that is made to break
        status = 1
        said = Ended(problem=f"{type(error).__name__}: {error}\n{''.join(traceback.format_exception(error)[-6:])}")
    with os.fdopen(answer, "wb") as pipe:
        pipe.write(said.model_dump_json().encode())
    os._exit(status)


def _wait(pid: int, answer: int) -> _Said:
    """How a child ended that answers, or doesn't any more."""
    with os.fdopen(answer, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    found = Ended.model_validate_json(said) if said else Ended()
    if os.WIFSIGNALED(status):
        return _Said(pid=pid, ended=found.model_copy(update={"signal": os.WTERMSIG(status)}))
    return _Said(pid=pid, ended=found.model_copy(update={"status": os.WEXITSTATUS(status)}))


def serve() -> None:
    """Read jobs until there are no more; wait for the children meanwhile, and afterwards."""
    ears, children, rest = selectors.DefaultSelector(), dict[int, int](), b""
    ears.register(0, selectors.EVENT_READ)
    while ears.get_map():
        for key, _ in ears.select():
            if key.fd in children:
                ears.unregister(key.fd)
                _say(_wait(children.pop(key.fd), key.fd))
                continue
            heard = os.read(0, 2**16)
            if not heard:
                ears.unregister(0)
            *lines, rest = (rest + heard).split(b"\n")
            for pid, answer in map(_fork, lines):
                children[answer] = pid
                ears.register(answer, selectors.EVENT_READ)
                _say(_Said(pid=pid))


def _fork(line: bytes) -> tuple[int, int]:
    """Start a child for a job: its pid, and where it answers."""
    job = Job.model_validate_json(line)
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        sys.stdin.close()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        _work(job, write)
    os.close(write)
    return pid, read


def _say(what: _Said) -> None:
    sys.stdout.write(what.model_dump_json() + "\n")
    sys.stdout.flush()


def _load() -> None:
    import importlib

    from tools.registry import discover

    for name in _LOADED:
        importlib.import_module(name)
    discover()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _load()
    serve()
