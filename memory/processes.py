"""Which process this is, in words that other processes on other machines can compare, and whether another one lives."""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

__all__ = ["ProcessIdentity", "this_process"]


class ProcessIdentity(BaseModel):
    """A process: its machine (and the space of process ids within it), its id there, and when it started."""

    model_config = ConfigDict(frozen=True)

    machine: str
    pid: int
    started: str
    """Ids are used again; together with the start they aren't."""

    @property
    def is_here(self) -> bool:
        """Whether it is one of this machine."""
        return self.machine == _machine()

    def is_dead(self) -> bool:
        """True when it is certain that the process has ended: it was one of this machine, and isn't there any more."""
        return self.is_here and _started(self.pid) != self.started


def this_process() -> ProcessIdentity:
    """The process that asks."""
    return _living(os.getpid())


@cache
def _living(pid: int) -> ProcessIdentity:
    return ProcessIdentity(machine=_machine(), pid=pid, started=_started(pid))


@cache
def _machine() -> str:
    """Host, boot and process-id namespace: containers may share the first two, and ids mean nothing across them."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        namespace = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - it isn't a path, only a name
    except OSError:
        boot = namespace = ""
    return f"{socket.gethostname()}/{boot}/{namespace}"


def _started(pid: int) -> str:
    """When the process started, in the system's own unit; empty when there is none (or only its remains)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _started_elsewhere(pid)
    return "" if fields[0] in "ZX" else fields[19]


def _started_elsewhere(pid: int) -> str:
    import psutil

    try:
        return str(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return ""
