"""The moments at which a crash could leave something half done, found by watching a process and not by listing them.

A moment is just before anything that outlives the process: a commit, a position that is kept or dropped, a file that is
opened for writing, synced, renamed or removed, a folder that is made, a program that is started, a connection that is
opened, a word to Slack. Whatever lies between two of them is lost with the process, so that dying before each is dying
everywhere.
"""

from __future__ import annotations

import functools
import os
import re
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from agent.slack.door import SlackDoor
from evals.crash.records import before_other_commits
from memory.checkpoints import Positions
from memory.database import Database

__all__ = ["Boundaries", "kind_of"]

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
_ONLY_READS = frozenset({"list", "info", "members", "history", "replies", "test", "open"})
_FOR_A_WHILE = re.compile(r"^(\..+|replaced)[-.]\w+$")
_MOUTHS = frozenset({"agent.slack.door", "agent.slack.posting", "agent.slack.files"})
"""They speak for others."""


def kind_of(moment: str) -> str:
    """`commit` of `commit memory.ledger.Ledger.mint`."""
    return moment.partition(" ")[0]


class Boundaries:
    """Counts the moments of this process, and does something at one of them."""

    def __init__(
        self, folder: Path, at: str | None, strike: Callable[[str], None], *, nth: int = 0, outside: bool = False
    ) -> None:
        """`strike` is called with the moment's name when it begins with `at`, and `nth` such came before.

        Only files under `folder` count, which is all that this Sophia keeps. `outside`: a commit's moment comes right
        behind it, as whoever falls asleep before it only keeps everybody else from writing.
        """
        self._folder = str(folder)
        self._at = at
        self._left = nth
        self._strike = strike
        self._outside = outside
        self._lock = threading.RLock()
        self._striking = False
        self.seen: list[str] = []
        self.kept: Callable[[Path | None], None] = lambda _: None
        """Told of everything that a disk has from now on: a file, or None for the database."""

    def reach(self, moment: str) -> None:
        """Something that outlives this process comes next."""
        with self._lock:
            if self._striking:
                return
            self.seen.append(moment)
            if self._is_it(moment):
                self._at = None
                self._striking = True
                try:
                    self._strike(moment)
                finally:
                    self._striking = False

    def _is_it(self, moment: str) -> bool:
        if self._at is None or not moment.startswith(self._at):
            return False
        self._left -= 1
        return self._left < 0

    def watch(self) -> None:
        """Begin. It can't be ended: the process is made for it."""
        self._watch_commits()
        self._watch_positions()
        self._watch_syncs()
        before_other_commits(lambda: self.reach("commit work"))
        sys.addaudithook(self._heard)

    def _watch_commits(self) -> None:
        write = Database.write

        async def watched(database: Database, function: Callable[..., Any], **how: Any) -> Any:
            @functools.wraps(function)
            def then_commit(connection: Any) -> Any:
                result = function(connection)
                if not self._outside:
                    self.reach(f"commit {_name(function)}")
                return result

            written = await write(database, then_commit, **how)
            if self._outside:
                self.reach(f"commit {_name(function)}")
            if how.get("durable"):
                self.kept(None)
            return written

        Database.write = watched  # type: ignore[assignment]

    def watch_words(self) -> None:
        """Begin with Slack, too: each call that isn't mere reading, by the part that speaks."""
        call = SlackDoor.call

        async def announced(door: SlackDoor, method: str, **arguments: Any) -> Any:
            if method.partition(".")[2] not in _ONLY_READS:
                self.reach(f"slack {method} {_speaker()}")
            return await call(door, method, **arguments)

        SlackDoor.call = announced  # type: ignore[assignment, method-assign]

    def _watch_positions(self) -> None:
        for name in ("aput", "aput_writes", "adelete_thread"):
            setattr(Positions, name, self._announced(getattr(Positions, name), f"position {name.removeprefix('a')}"))

    def _announced(self, method: Callable[..., Any], moment: str) -> Callable[..., Any]:
        @functools.wraps(method)
        async def announced(*arguments: Any, **named: Any) -> Any:
            self.reach(moment)
            return await method(*arguments, **named)

        return announced

    def _watch_syncs(self) -> None:
        sync = os.fsync

        def synced(file: Any) -> None:
            path = _path_of(file)
            if self._ours(path):
                self.reach(f"sync {_place(path, self._folder)}")
            sync(file)
            if self._ours(path):
                self.kept(Path(path))

        os.fsync = synced  # type: ignore[assignment]

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITES and self._ours(path):
                self.reach(f"open {_place(str(path), self._folder)}")
        elif event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate"):
            path = arguments[0]
            if self._ours(path) and not (event == "os.mkdir" and Path(path).is_dir()):
                self.reach(f"{event.removeprefix('os.')} {_place(str(path), self._folder)}")
        elif event == "subprocess.Popen":
            self.reach(f"start {Path(str(arguments[0])).name}")
        elif event == "socket.connect" and _goes_out(arguments[0]):
            self.reach("connect")

    def _ours(self, path: object) -> bool:
        return isinstance(path, str | os.PathLike) and str(path).startswith(self._folder)


def _goes_out(connection: object) -> bool:
    return isinstance(connection, socket.socket) and connection.family in (socket.AF_INET, socket.AF_INET6)


def _speaker() -> str:
    """The part of Slack's surface on whose behalf this is: whoever awaits is above on the stack."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - there is no public way that is as cheap
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith("agent.slack.") and name not in _MOUTHS:
            return name.removeprefix("agent.slack.")
        frame = frame.f_back
    return "?"


def _path_of(file: Any) -> str:
    number = file if isinstance(file, int) else file.fileno()
    try:
        return str(Path(f"/proc/self/fd/{number}").readlink())
    except OSError:
        return ""


def _name(function: Callable[..., Any]) -> str:
    module, name = getattr(function, "__module__", "?"), getattr(function, "__qualname__", "?")
    return f"{module}.{name}".replace(".<locals>", "").removesuffix(".<lambda>").removesuffix(".work")


def _place(path: str, folder: str) -> str:
    """The first parts below the folder, without what differs from run to run: the end of a name that is for a while."""
    parts = path.removeprefix(folder).strip("/").split("/")[:3]
    return "/".join(_FOR_A_WHILE.sub(r"\1*", part) for part in parts)
