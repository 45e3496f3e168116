"""The parent's side: starts a child for a stack, hands it jobs, hears its events, and stops it when it must."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.engine.failures import failure_of
from infra.engine.masking import Masks
from infra.engine.protocol import Job, Workspace
from infra.errors import EngineFailure, EngineHung
from infra.models import EngineEvent
from infra.ports import Listener

__all__ = ["Session", "start"]

_LINE_LIMIT = 256 * 1024 * 1024
_LONGEST_LINE = 16_000
"""Of what the child prints by itself, in bytes."""
_STOP_SECONDS = 20.0
_READ = "cli_json"
_READ_SECONDS = 60.0
"""So long reading a state may take, which waits for no provider."""
_TOLD_AFTER_SECONDS = (20, 40, 120, 420)
"""Of silence, each after the one before."""
_BOOTSTRAP = "import sys; sys.path.insert(0, sys.argv[1]); from infra.engine.child import main; main()"
_ROOT = str(Path(__file__).resolve().parents[2])


class Session:
    """A running child that works on one stack, one job at a time."""

    def __init__(
        self, process: asyncio.subprocess.Process, stack: str, seconds: float, masks: Masks, kept_in: str
    ) -> None:
        """`kept_in` is where its state is, when that isn't a folder."""
        self._process = process
        self._masks = masks
        self._kept_in = kept_in
        self._stack = stack
        self._seconds = seconds
        self._log: deque[str] = deque(maxlen=500)
        self._busy = False
        self.tell: Listener | None = None
        """Who is told of a long silence in jobs that nobody listens to."""
        self._reader = asyncio.create_task(self._read_log())

    @property
    def pid(self) -> int:
        """The child's pid, which is also its process group."""
        return self._process.pid

    @property
    def idle(self) -> bool:
        """It runs and does nothing: it may be given another job."""
        return not self._busy and self._process.returncode is None

    async def _read_log(self) -> None:
        assert self._process.stderr is not None
        while line := await self._process.stderr.readline():
            self._log.append(self._masks.text(line[:_LONGEST_LINE].decode(errors="replace").rstrip()))

    async def send(self, message: Mapping[str, Any]) -> None:
        """Give the child a line; one that has ended hears nothing."""
        assert self._process.stdin is not None
        with suppress(ConnectionError):
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            await self._process.stdin.drain()

    async def run(self, job: Job, listen: Listener | None = None) -> dict[str, Any]:
        """Do one job and return its result.

        Raises EngineFailure (or a narrower error) with what the engine said, EngineHung when it took too long.
        When the caller is cancelled, the engine is asked to stop and waited for, so that no run is left behind.
        """
        self._busy = True
        self._log.clear()
        await self.send(job.to_json())
        answer = asyncio.ensure_future(self._answer(listen))
        seconds = min(self._seconds, _READ_SECONDS) if job.op == _READ else self._seconds
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(answer)
        except TimeoutError as error:
            await self._stop(answer, wait=job.op != _READ)
            raise self._hung(job.op, seconds) from error
        except asyncio.CancelledError:
            await self._stop(answer)
            raise

    def _hung(self, op: str, seconds: float) -> EngineHung:
        if op == _READ:
            return EngineHung(
                f"The state of {self._stack} wasn't to be had within {seconds:.0f} s from "
                f"{self._kept_in or 'its folder'}: whatever keeps it accepts the question and doesn't answer.",
                not_done="Nothing was changed.",
                to_do="See whether it can be reached from here, then ask again.",
            )
        looked = op.startswith("preview")
        return EngineHung(
            f"`{op}` on {self._stack} didn't end within {seconds:.0f} s and was stopped.",
            not_done="Nothing was changed." if looked else "What it had begun may be half done.",
            to_do=f"Look with `diagnose {self._stack}`"
            + ("." if looked else "; the next deploy goes on from what is there."),
        )

    async def _line(self, listen: Listener | None) -> bytes:
        """The child's next line. Where its state is kept elsewhere, a long silence is told: the command line says
        nothing while it tries a backend again that is away.
        """
        assert self._process.stdout is not None
        silent = 0
        tell = listen or self.tell
        for pause in _TOLD_AFTER_SECONDS if self._kept_in and tell else ():
            try:
                async with asyncio.timeout(pause):
                    return await self._process.stdout.readline()
            except TimeoutError:
                silent += pause
                if tell:
                    tell(EngineEvent(kind="said", severity="warning", message=self._silence(silent)))
        return await self._process.stdout.readline()

    def _silence(self, seconds: int) -> str:
        return (
            f"nothing was heard from the engine for {seconds} s; it keeps the state in {self._kept_in}, and a backend "
            f"that doesn't answer looks like this. It is stopped after {self._seconds:.0f} s"
        )

    async def _answer(self, listen: Listener | None) -> dict[str, Any]:
        while line := await self._line(listen):
            message = json.loads(line)
            if "secrets" in message:
                self._masks.learn(message["secrets"])
            elif "event" in message:
                if listen:
                    listen(EngineEvent.model_validate(self._masks.event(message["event"])))
            elif "error" in message:
                self._busy = False
                error, result = self._masks.event(message["error"]), self._masks.result(message.get("result", {}))
                raise failure_of(self._stack, error, result, list(self._log))
            else:
                self._busy = False
                return self._masks.result(message["result"])
        await self._process.wait()
        raise EngineFailure(
            f"The engine for {self._stack} ended unexpectedly (status {self._process.returncode}).",
            kind="killed",
            log=list(self._log),
            to_do="Ask again: what was begun is looked at first.",
        )

    async def _stop(self, answer: asyncio.Future[dict[str, Any]], *, wait: bool = True) -> None:
        if wait:
            await self.send({"interrupt": True})
            with suppress(TimeoutError, EngineFailure, asyncio.CancelledError):
                async with asyncio.timeout(_STOP_SECONDS):
                    await asyncio.shield(answer)
        await self.close()
        with suppress(EngineFailure, asyncio.CancelledError):
            await answer

    async def close(self) -> None:
        """End the child and all that it started."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await self._reader
        transport = getattr(self._process, "_transport", None)
        if transport is not None:
            transport.close()


async def start(
    name: str, workspace: Workspace, environ: Mapping[str, str], seconds: float, credentials: Iterable[str] = ()
) -> Session:
    """A child for the stack of that name. Its environment is exactly `environ`, its directory nobody's packages.

    `credentials` are the variables that hold some, whatever they are called.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-c",
        _BOOTSTRAP,
        _ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(environ),
        cwd="/",
        start_new_session=True,
        limit=_LINE_LIMIT,
    )
    kept_in = "" if workspace.state_file else environ.get("PULUMI_BACKEND_URL", "its backend").partition("?")[0]
    child = Session(process, name, seconds, Masks(environ, credentials), kept_in)
    await child.send(workspace.to_json())
    return child
