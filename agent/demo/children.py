"""Sophia in a process of her own: the same program that a person starts, with the demo's configuration."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Self

__all__ = ["Child"]

_PATIENCE_SECONDS = 5.0


class Child:
    """`sophia WORDS…`, started and ended by `async with`. Each line that it says is handed to `hear`."""

    def __init__(self, words: Sequence[str], environ: Mapping[str, str], hear: Callable[[str], None]) -> None:
        self._words, self._environ, self._hear = words, environ, hear
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self.lines: list[str] = []

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "agent",
            *self._words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=dict(self._environ),
            start_new_session=True,
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        process = self._process
        assert process is not None
        if process.returncode is None:
            self._send(signal.SIGTERM)
            with suppress(
                TimeoutError
            ):  # asyncio.wait_for of Python 3.11 loses a Ctrl-C that comes as the process ends
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await process.wait()
        if process.returncode is None:
            self.kill()
            await process.wait()
        assert self._reading is not None
        self._reading.cancel()
        await asyncio.wait({self._reading})  # to wait for it by itself would take a Ctrl-C for its end

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self._process is not None and self._process.returncode is None

    async def ended(self) -> int:
        """Wait for its end and for all that it said; the exit status, negative for a signal."""
        assert self._process is not None
        assert self._reading is not None
        status = await self._process.wait()
        await asyncio.wait({self._reading}, timeout=_PATIENCE_SECONDS)
        return status

    def kill(self) -> None:
        """SIGKILL: it gets no chance to finish anything."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        assert self._process is not None
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for raw in self._process.stdout:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            self.lines.append(line)
            self._hear(line)
