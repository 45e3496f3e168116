"""The outermost edge of the terminal: every error becomes a sentence and an exit status, never a traceback."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from agent.terminal import outlets

__all__ = ["Shown", "finish", "run"]

_OF_FILES = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE),
        *(errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG),
    }
)
"""What the system says of files and disks: somebody has to see to it, and it is no bug."""
_EXIT_BY_ACTOR = {"requester": 2, "approver": 3, "operator": 1, "bug": 1}


@dataclass(frozen=True)
class Shown:
    """An error as a person is shown it."""

    sentence: str
    exit_status: int


def _known(error: BaseException) -> Shown | None:
    """Everything that Sophia raises on purpose has a sentence; who acts next decides the exit status."""
    from agent.errors import SophiaError
    from infra.errors import InfraError
    from memory.errors import RecordError, StoreError
    from tools.errors import ToolError

    if isinstance(error, SophiaError):
        return Shown(str(error), error.exit_status)
    if isinstance(error, ToolError | InfraError):
        return Shown(str(error), _EXIT_BY_ACTOR[error.acts])
    if isinstance(error, StoreError):
        return Shown(str(error), 1)
    if isinstance(error, RecordError):
        return Shown(str(error), 2)
    if isinstance(error, OSError) and error.errno in _OF_FILES:
        return Shown(
            f"{error.strerror}: {error.filename or 'the output or the data folder'}. Nothing more was done.", 1
        )
    return None


def _unknown(error: BaseException) -> Shown:
    """A bug: its trace goes to a file of this user's alone; a person can't act on it and an engineer needs it."""
    from agent.settings import own_environment
    from infra.engine.masking import Masks

    text = Masks(own_environment()).text("".join(traceback.format_exception(error)))
    try:
        handle, path = tempfile.mkstemp(prefix="sophia-error-", suffix=".log")
        with os.fdopen(handle, "w") as kept:
            kept.write(text)
        where = f"What happened is written down in {path}."
    except OSError:
        where = "It could not be written down."
    return Shown(f"Sophia has a bug ({type(error).__name__}). What was done so far is kept. {where}", 1)


def show(error: BaseException, *, as_json: bool = False) -> int:
    """Print the error and give the exit status."""
    if isinstance(error, KeyboardInterrupt | asyncio.CancelledError):
        shown = Shown("Stopped. What was begun goes on with: sophia resume", 1)
    else:
        shown = _known(error) or _unknown(error)
    if as_json:
        sys.stdout.write(json.dumps({"error": shown.sentence, "exit_status": shown.exit_status}) + "\n")
    else:
        from rich.text import Text

        from agent.terminal.console import PlainConsole
        from agent.untrusted_text import visible

        PlainConsole(stderr=True).print(Text(visible(shown.sentence), "red"))
    return shown.exit_status


def run(work: Callable[[], Coroutine[Any, Any, int]], *, as_json: bool = False) -> None:
    """Run a command to its exit status."""
    try:
        status = asyncio.run(work())
    except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001 - the outermost edge of this surface
        status = show(error, as_json=as_json)
    finish(status)


def finish(status: int) -> None:
    """Flush and leave with the status; a reader that went away is no error of ours."""
    outlets.flush()
    raise SystemExit(status)
