"""One lab service: a process that outlives its starter and answers `GET /health` with its version and replicas.

Run as `python -I -S service.py ROOT STACK NAME VERSION REPLICAS PORT WARMUP`. It detaches, takes the lock of its name
(so that two of one name can't run), waits while NAME.hold lies beside it, binds the port (any free one when the wanted
port is 0 or taken), starts one worker process a replica on the shared socket, and writes its record last. Standard
library only, to start fast.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path

__all__ = ["main"]

BROKEN_SUFFIX = "-broken"
"""A release whose self-test fails: it runs, and answers 503."""
_NO_PAGE: dict[str, object] = {"error": "no such page"}
HELD = 3
"""Exit status when another process holds the name."""


def answer(request: bytes, health: dict[str, object]) -> bytes:
    """The HTTP response to a raw request."""
    parts = request.split(b" ", 2)
    if len(parts) < 2 or parts[1].split(b"?")[0] not in (b"/health", b"/"):
        status, body = b"404 Not Found", _NO_PAGE
    else:
        status = b"200 OK" if health["healthy"] else b"503 Service Unavailable"
        body = {**health, "pid": os.getpid()}
    content = json.dumps(body).encode()
    head = b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
    return head + str(len(content)).encode() + b"\r\n\r\n" + content


def serve_one(connection: socket.socket, health: dict[str, object]) -> None:
    """Answer one connection; a slow or broken client costs at most two seconds."""
    with connection:
        connection.settimeout(2)
        try:
            request = b""
            while b"\r\n\r\n" not in request and len(request) < 8192:
                part = connection.recv(4096)
                if not part:
                    return
                request += part
            connection.sendall(answer(request, health))
        except OSError:
            return


def work(listener: socket.socket, parent: int, health: dict[str, object]) -> None:
    """A replica: serve until the parent's end of the pipe closes."""
    listener.setblocking(False)
    while True:
        ready = select.select([listener.fileno(), parent], [], [])[0]
        if parent in ready:
            return
        try:
            connection, _ = listener.accept()
        except OSError:
            continue
        serve_one(connection, health)


def fork_worker(listener: socket.socket, lock: int, pipe: tuple[int, int], health: dict[str, object]) -> int:
    """Start a replica and return its pid."""
    pid = os.fork()
    if pid:
        return pid
    os.close(lock)
    os.close(pipe[1])
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    work(listener, pipe[0], health)
    os._exit(0)


def bind(port: int) -> socket.socket:
    """A listening socket on the wanted port, or on any free one."""
    for candidate in (port, 0):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", candidate))
        except OSError:
            listener.close()
            continue
        listener.listen(128)
        return listener
    raise OSError("no port is free on the loopback interface")


def detach() -> None:
    """Leave the starter's session, so that its end isn't ours."""
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)


def write_record(path: Path, record: dict[str, object]) -> None:
    """Replace the record in one step."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(record))
    draft.replace(path)


def supervise(listener: socket.socket, lock: int, health: dict[str, object], replicas: int) -> None:
    """Keep the replicas running for ever."""
    pipe = os.pipe()
    for _ in range(replicas):
        fork_worker(listener, lock, pipe, health)
    while True:
        os.wait()
        time.sleep(0.1)
        fork_worker(listener, lock, pipe, health)


def main(arguments: list[str]) -> None:
    """Run the service until it is told to stop."""
    root, stack, name, version, replicas, port, warmup = arguments
    folder = Path(root) / stack / "services"
    detach()
    lock = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os._exit(HELD)
    time.sleep(float(warmup))
    while (folder / f"{name}.hold").exists():
        time.sleep(0.02)
    listener = bind(int(port))
    health: dict[str, object] = {
        "name": name,
        "stack": stack,
        "version": version,
        "replicas": int(replicas),
        "healthy": not version.endswith(BROKEN_SUFFIX),
    }
    if not health["healthy"]:
        health["error"] = f"self-test of release {version} failed: the balances endpoint answers 500"
    record = {**health, "pid": os.getpid(), "port": listener.getsockname()[1], "started": time.time()}
    write_record(folder / f"{name}.json", record)
    supervise(listener, lock, health, int(replicas))


if __name__ == "__main__":
    main(sys.argv[1:])
