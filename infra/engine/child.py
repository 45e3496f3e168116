"""The child process: reads a workspace and then jobs, one JSON object a line, and answers likewise.

When its standard input closes (its parent died or is done) while a job runs, it asks the CLI to stop, which lets
operations that are under way finish and gives the lock back, and then ends.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
from typing import IO, Any

import psutil

__all__ = ["main"]

_GRACE_SECONDS = 20.0
_LONGEST_ERROR = 100_000
"""Letters of what the command line printed before it failed, with its reason at the end."""


class _Output:
    """Writes whole lines; the program's own prints go elsewhere."""

    def __init__(self) -> None:
        self._stream: IO[str] = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        self._lock = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        with self._lock:
            try:
                self._stream.write(json.dumps(message, default=str) + "\n")
                self._stream.flush()
            except BrokenPipeError:
                return

    def event(self, event: dict[str, Any]) -> None:
        self.send({"event": event})


def _commands() -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children():
        try:
            if process.name() == "pulumi":
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def interrupt_commands() -> None:
    """Ask every running CLI to stop what it can stop safely."""
    for process in _commands():
        try:
            process.send_signal(signal.SIGINT)
        except psutil.NoSuchProcess:
            continue


def _end() -> None:
    interrupt_commands()
    deadline = time.monotonic() + _GRACE_SECONDS
    while _commands() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _listen(jobs: queue.Queue[dict[str, Any]]) -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if message.get("interrupt"):
            interrupt_commands()
        else:
            jobs.put(message)
    _end()


def _kind(error: Exception) -> str:
    return str(getattr(error, "name", type(error).__name__))


def main() -> None:
    """Serve until standard input closes."""
    output = _Output()
    jobs: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    from infra.engine.events import Recorder
    from infra.engine.jobs import open_stack, run_job, secrets_of
    from infra.engine.sayings import cut

    stack: Any = None
    workspace = jobs.get()

    def learn() -> None:
        if stack is not None:
            output.send({"secrets": secrets_of(stack, workspace["state_file"])})

    while True:
        job = jobs.get()
        recorder = Recorder(output.event, learn)
        try:
            stack = stack or open_stack(workspace)
            answer = run_job(stack, job["op"], job["arguments"], recorder)
            output.send({"result": {**recorder.result(), **(answer or {})}})
        except Exception as error:  # noqa: BLE001 - the child's outermost edge: the parent gets it as data
            result = recorder.result()
            output.send({"error": {"kind": _kind(error), "message": cut(str(error), _LONGEST_ERROR)}, "result": result})
