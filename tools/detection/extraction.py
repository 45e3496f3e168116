"""Where pages are read: a few small ones in a thread, many or large ones in processes that can be killed."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tools.detection.job import Job, Known, Reading, read
from tools.detection.page import PageState

__all__ = ["Extractor", "Job", "Known", "Reading"]

_ROOT = Path(__file__).resolve().parents[2]
_SMALL = 150_000
"""Bytes of a body that is read in a thread while there are few."""
_FEW = 6
_LARGE = 700_000
"""Bytes from which on a body is read in a process for such bodies: no other page waits behind it."""


class _Worker:
    """One process. Whoever holds it has it alone."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls) -> _Worker:
        flags = ["-B"] if sys.dont_write_bytecode else []
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *flags,
            "-m",
            "tools.detection.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=_ROOT,
            env={"LC_ALL": "C.UTF-8"},
            limit=1 << 20,
        )
        _widen(process)
        return cls(process)

    async def read(self, job: Job, body: bytes) -> Reading:
        """Raises OSError and asyncio.IncompleteReadError when the process is gone."""
        from tools.detection.worker import LENGTHS

        into, out = self._process.stdin, self._process.stdout
        assert into is not None
        assert out is not None
        head = job.model_dump_json().encode("utf-8", "surrogatepass")
        into.writelines((LENGTHS.pack(len(head), len(body)), head, body))
        await into.drain()
        size, _ = LENGTHS.unpack(await out.readexactly(LENGTHS.size))
        return Reading.model_validate_json(await out.readexactly(size))

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def end(self) -> None:
        if self.alive:
            self._process.kill()
        await self._process.wait()


def _widen(process: asyncio.subprocess.Process) -> None:
    """Let a page fit into the pipe as a whole, where the system lets us: fewer turns of the loop for each."""
    assert process.stdin is not None
    with contextlib.suppress(OSError, AttributeError):
        fcntl.fcntl(process.stdin.transport.get_extra_info("pipe").fileno(), fcntl.F_SETPIPE_SZ, 1 << 20)


class _Lane:
    """Some processes, and those who wait for one of them."""

    def __init__(self, processes: int) -> None:
        self._places = asyncio.Semaphore(processes)
        self._idle: list[_Worker] = []

    @property
    def started(self) -> bool:
        return bool(self._idle)

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[_Worker]:
        async with self._places:
            worker = self._idle.pop() if self._idle else await _Worker.start()
            kept = False
            try:
                yield worker
                kept = worker.alive
            finally:
                if kept:
                    self._idle.append(worker)
                else:
                    await worker.end()

    async def aclose(self) -> None:
        while self._idle:
            await self._idle.pop().end()


class Extractor:
    """Reads pages. Starts nothing before there is much to read; one for the whole program."""

    def __init__(self, processes: int | None = None, seconds: float = 20.0) -> None:
        """One process for each core but ours, up to three, unless a number is given; and one for large bodies."""
        self._seconds = seconds
        self._usual = _Lane(processes or min(3, max(1, (os.cpu_count() or 2) - 1)))
        self._large = _Lane(1)
        self._read = 0

    async def read(self, job: Job, body: bytes) -> Reading:
        """Read one answer. What can't be read in time, or breaks the reader, is a page in state error."""
        self._read += 1
        if len(body) <= _SMALL and self._read <= _FEW and not self._usual.started:
            return await asyncio.to_thread(read, job, body)
        lane = self._large if len(body) >= _LARGE else self._usual
        try:
            async with lane.worker() as worker, asyncio.timeout(self._seconds):
                return await worker.read(job, body)
        except TimeoutError:
            note = f"it couldn't be read within {self._seconds:g} s"
        except (OSError, asyncio.IncompleteReadError, ValueError):
            note = "reading it broke the reader"
        return Reading(state=PageState.ERROR, note=note, learned=job.learned)

    async def aclose(self) -> None:
        """End the processes."""
        await self._usual.aclose()
        await self._large.aclose()
