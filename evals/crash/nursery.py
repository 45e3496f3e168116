"""Starts processes of Sophia that may die: by forking one in which everything is loaded, which saves a second each.

    python -m evals.crash.nursery

reads jobs, a JSON line each, and answers with the child's pid, then with how it ended. The other half of this file is
who talks to it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

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
    """Starts one child after the other."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        return self

    async def _running(self) -> asyncio.subprocess.Process:
        """The process that forks; it is started when it is first needed, as it loads for a while."""
        if self._process is None:
            self._process = await self._started()
        return self._process

    async def _started(self) -> asyncio.subprocess.Process:
        root = Path(__file__).parents[2]
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "evals.crash.nursery",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=root,
            env={**own_environment(), "PYTHONPATH": str(root)},
            limit=2**24,
        )

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

    async def begin(self, job: Job) -> Child:
        """Start a process for the job. The one before must have ended."""
        process = await self._running()
        assert process.stdin is not None
        process.stdin.write(job.model_dump_json().encode() + b"\n")
        await process.stdin.drain()
        pid = int((await self._line())["pid"])
        return Child(pid, asyncio.ensure_future(self._ending()))

    async def carry(self, job: Job) -> Ended:
        """Start it and wait for its end."""
        return await (await self.begin(job)).ended()

    async def _ending(self) -> Ended:
        return Ended.model_validate(await self._line())

    async def _line(self) -> dict[str, str]:
        out = (await self._running()).stdout
        assert out is not None
        line = await out.readline()
        if not line:
            raise RuntimeError("The process that starts others has ended.")
        found: dict[str, str] = json.loads(line)
        return found


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


def _wait(pid: int, answer: int) -> Ended:
    with os.fdopen(answer, "rb") as pipe:
        said = pipe.read()
    _, ended = os.waitpid(pid, 0)
    found = Ended.model_validate_json(said) if said else Ended()
    if os.WIFSIGNALED(ended):
        return found.model_copy(update={"signal": os.WTERMSIG(ended)})
    return found.model_copy(update={"status": os.WEXITSTATUS(ended)})


def serve() -> None:
    """Read jobs until there are no more."""
    for line in sys.stdin:
        job = Job.model_validate_json(line)
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            sys.stdin.close()
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            _work(job, write)
        os.close(write)
        _say({"pid": str(pid)})
        _say(_wait(pid, read).model_dump())


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
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
