"""Where output goes: to a terminal, to a pipe whose reader may have left, onto a full disk, nowhere."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["flush", "opened"]


@contextmanager
def opened() -> Iterator[None]:
    """Run a command with outlets that take every text. An outlet that takes nothing more ends it with a sentence."""
    _prepare()
    try:
        yield
    except OSError as error:
        if not _broken(error):
            raise
        raise SystemExit(_given_up(error)) from error
    finally:
        flush()


def flush() -> None:
    """Let out what is held back. What can't be let out is dropped, as whoever was to read it can't."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _drop(stream)


def _prepare() -> None:
    """What is closed becomes nowhere; a letter that an encoding lacks becomes a question mark instead of an error."""
    nowhere = open(os.devnull, "r+", encoding="utf-8")  # noqa: SIM115, PTH123 - open for as long as the program runs
    sys.stdin = sys.stdin or nowhere
    sys.stdout = sys.stdout or nowhere
    sys.stderr = sys.stderr or nowhere
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _broken(error: OSError) -> bool:
    """Whether it is the outlet that fails: files that can't be written name themselves."""
    return error.filename is None and error.errno in (errno.EPIPE, errno.ENOSPC, errno.EIO)


def _given_up(error: OSError) -> int:
    _drop(sys.stdout)
    if error.errno == errno.EPIPE:
        return 1
    with contextlib.suppress(OSError):
        sys.stderr.write(f"The output can't be written: {error.strerror}.\n")
    return 1


def _drop(stream: object) -> None:
    """Send what a stream still holds, and what comes, nowhere: the interpreter tries once more when it ends."""
    if isinstance(stream, io.TextIOWrapper):
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
