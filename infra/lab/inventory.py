"""What is really there, counted without Pulumi and without the lab's own records: processes and folders.

Also the means to break a service behind Pulumi's back and to stop everything that the lab has started here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

__all__ = ["Inventory", "Lab", "RunningService"]

_PROGRAM = "service.py"
_STOP_SECONDS = 5.0


@dataclass(frozen=True)
class RunningService:
    """A service's main process with its replicas."""

    stack: str
    name: str
    version: str
    pid: int
    started: float
    replicas: int
    """Worker processes that run."""
    ports: tuple[int, ...] = ()


@dataclass(frozen=True)
class Inventory:
    """What is there."""

    services: tuple[RunningService, ...] = ()
    databases: tuple[str, ...] = ()
    """STACK/NAME of each file."""
    buckets: tuple[str, ...] = ()
    doubled: tuple[str, ...] = field(default=())
    """STACK/NAME of services with more than one main process. Always empty, unless something is wrong."""

    def of(self, stack: str) -> Inventory:
        """The part that belongs to one stack."""
        return Inventory(
            tuple(item for item in self.services if item.stack == stack),
            tuple(item for item in self.databases if item.startswith(f"{stack}/")),
            tuple(item for item in self.buckets if item.startswith(f"{stack}/")),
            tuple(item for item in self.doubled if item.startswith(f"{stack}/")),
        )

    @property
    def sentence(self) -> str:
        """The count in words."""
        replicas = sum(item.replicas for item in self.services)
        return (
            f"{len(self.services)} services ({replicas} replicas), {len(self.databases)} databases, "
            f"{len(self.buckets)} buckets, nothing twice" + (f" BUT: {', '.join(self.doubled)}" if self.doubled else "")
        )


class Lab:
    """The lab in a data folder, seen from outside of Pulumi."""

    def __init__(self, home: Path) -> None:
        self.root = home / "infra" / "lab"

    def inventory(self) -> Inventory:
        """Count processes and folders."""
        services = self._services()
        names = [f"{item.stack}/{item.name}" for item in services]
        return Inventory(
            services=tuple(sorted(services, key=lambda item: (item.stack, item.name))),
            databases=self._found("databases/*.sqlite3"),
            buckets=self._found("buckets/*"),
            doubled=tuple(sorted({name for name in names if names.count(name) > 1})),
        )

    def _found(self, pattern: str) -> tuple[str, ...]:
        paths = self.root.glob(f"*/{pattern}") if self.root.is_dir() else ()
        return tuple(sorted(f"{path.parts[-3]}/{path.name.removesuffix('.sqlite3')}" for path in paths))

    def _processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter(["cmdline", "status", "ppid", "create_time"]):
            line = process.info["cmdline"] or []
            ours = line[4:5] == [str(self.root)] and Path(line[3]).name == _PROGRAM
            if ours and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process)
        return found

    def _services(self) -> list[RunningService]:
        processes = self._processes()
        pids = {process.pid for process in processes}
        found = []
        for process in processes:
            if process.info["ppid"] in pids:
                continue
            line = process.info["cmdline"]
            workers = sum(1 for other in processes if other.info["ppid"] == process.pid)
            found.append(
                RunningService(
                    line[5], line[6], line[7], process.pid, process.info["create_time"], workers, _ports(process)
                )
            )
        return found

    def kill_service(self, stack: str, name: str) -> int:
        """End a service behind Pulumi's back, as a crash would; its pid."""
        victim = next(item for item in self._services() if (item.stack, item.name) == (stack, name))
        gone = self._members(victim)
        os.kill(victim.pid, signal.SIGKILL)
        self._wait_gone(gone)
        return victim.pid

    @contextmanager
    def held(self, stack: str, name: str) -> Iterator[None]:
        """Within it, a service that is started stays in the middle of starting, as one does that waits for others."""
        path = self.root / stack / "services" / f"{name}.hold"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        try:
            yield
        finally:
            path.unlink(missing_ok=True)

    def _members(self, service: RunningService) -> set[int]:
        """The pids of its main process and its replicas."""
        replicas = {process.pid for process in self._processes() if process.info["ppid"] == service.pid}
        return {service.pid, *replicas}

    def edit_version(self, stack: str, name: str, version: str) -> None:
        """Run another version of a service behind Pulumi's back, as somebody with a shell would."""
        victim = next(item for item in self._services() if (item.stack, item.name) == (stack, name))
        line = psutil.Process(victim.pid).cmdline()
        gone = self._members(victim)
        os.kill(victim.pid, signal.SIGTERM)
        self._wait_gone(gone)
        port = str(victim.ports[0]) if victim.ports else "0"
        command = [sys.executable, "-I", "-S", *line[3:7], version, line[8], port, "0"]
        log = self.root / stack / "services" / f"{name}.log"
        with log.open("ab") as stream:
            subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, check=True, start_new_session=True
            )
        deadline = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < deadline:
            if any((item.stack, item.name, bool(item.ports)) == (stack, name, True) for item in self._services()):
                return
            time.sleep(0.02)

    def stop_all(self) -> int:
        """Stop every service of this lab, main processes and replicas, and nothing else; how many services ran."""
        services = self._services()
        processes = self._processes()
        for process in processes:
            try:
                process.terminate()
            except psutil.NoSuchProcess:
                continue
        _, alive = psutil.wait_procs(processes, timeout=_STOP_SECONDS)
        for process in alive:
            process.kill()
        return len(services)

    def _wait_gone(self, pids: set[int]) -> None:
        deadline = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < deadline and any(process.pid in pids for process in self._processes()):
            time.sleep(0.01)


def _ports(process: psutil.Process) -> tuple[int, ...]:
    try:
        return tuple(sorted(item.laddr.port for item in process.net_connections("tcp") if item.status == "LISTEN"))
    except psutil.Error:
        return ()
