"""Starting, finding and stopping lab services. Every operation may be repeated without doing its work twice."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

__all__ = ["Service", "ServiceError", "Wanted", "find", "read", "start", "stop"]

PROGRAM = Path(__file__).with_name("service.py")
_START_SECONDS = 15.0
_STOP_SECONDS = 5.0


class ServiceError(Exception):
    """A service didn't start or didn't stop."""


@dataclass(frozen=True)
class Wanted:
    """What a service should be."""

    root: str
    stack: str
    name: str
    version: str
    replicas: int
    warmup: float = 0.0

    @property
    def folder(self) -> Path:
        """Where the stack's services keep their records."""
        return Path(self.root) / self.stack / "services"


@dataclass(frozen=True)
class Service:
    """What a service is."""

    pid: int
    port: int
    version: str
    replicas: int
    running: bool

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"


def find(root: str, stack: str, name: str) -> list[psutil.Process]:
    """The running main processes of that name (at most one, the lock sees to it); replicas are left out."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        line = process.info["cmdline"] or []
        if _serves(line, root, stack, name) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    pids = {process.pid for process in found}
    return [process for process in found if _parent(process) not in pids]


def _serves(line: list[str], root: str, stack: str, name: str) -> bool:
    """By the place that it serves, whichever installation started it: another one's goes on after an upgrade."""
    return line[4:7] == [root, stack, name] and Path(line[3]).name == PROGRAM.name


def _parent(process: psutil.Process) -> int:
    try:
        return int(process.ppid())
    except psutil.NoSuchProcess:
        return 0


def _alive(record: dict[str, Any], root: str, stack: str, name: str) -> bool:
    try:
        process = psutil.Process(int(record["pid"]))
        line = process.cmdline()
        return _serves(line, root, stack, name) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def read(root: str, stack: str, name: str) -> Service | None:
    """The service as it is, running or not; None when it was never made or was removed."""
    path = Path(root) / stack / "services" / f"{name}.json"
    try:
        record = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return Service(
        pid=int(record["pid"]),
        port=int(record["port"]),
        version=str(record["version"]),
        replicas=int(record["replicas"]),
        running=_alive(record, root, stack, name),
    )


def start(wanted: Wanted) -> Service:
    """Make the service be as wanted: adopt it when it already is, replace it when it differs, else start it."""
    wanted.folder.mkdir(parents=True, exist_ok=True)
    before = read(wanted.root, wanted.stack, wanted.name)
    if before and before.running and (before.version, before.replicas) == (wanted.version, wanted.replicas):
        return before
    if before is None or before.running or find(wanted.root, wanted.stack, wanted.name):
        _stop_processes(wanted.root, wanted.stack, wanted.name)
    return _launch(wanted, before.port if before else 0, before.pid if before else 0)


def _launch(wanted: Wanted, port: int, old_pid: int) -> Service:
    command = [sys.executable, "-I", "-S", str(PROGRAM), wanted.root, wanted.stack, wanted.name]
    command += [wanted.version, str(wanted.replicas), str(port), str(wanted.warmup)]
    with (wanted.folder / f"{wanted.name}.log").open("ab") as log:
        subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True, cwd="/", start_new_session=True
        )
    deadline = time.monotonic() + _START_SECONDS + wanted.warmup
    while time.monotonic() < deadline:
        service = read(wanted.root, wanted.stack, wanted.name)
        if service and service.running and service.pid != old_pid:
            return service
        time.sleep(0.01)
    raise ServiceError(f"service {wanted.name} of {wanted.stack} didn't start within {_START_SECONDS:.0f} s")


def _stop_processes(root: str, stack: str, name: str) -> None:
    processes = find(root, stack, name)
    for process in processes:
        try:
            process.terminate()
        except psutil.NoSuchProcess:
            continue
    deadline = time.monotonic() + _STOP_SECONDS
    while find(root, stack, name) and time.monotonic() < deadline:
        time.sleep(0.01)
    for process in find(root, stack, name):
        process.kill()


def stop(root: str, stack: str, name: str) -> None:
    """End the service and forget it."""
    _stop_processes(root, stack, name)
    folder = Path(root) / stack / "services"
    for suffix in ("json", "lock", "log"):
        (folder / f"{name}.{suffix}").unlink(missing_ok=True)
