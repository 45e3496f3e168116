"""A lock on a file, waited for with an end: who holds it may be stopped, and would stop everybody else for ever."""

from __future__ import annotations

import fcntl
import time
from typing import IO, Any

__all__ = ["lock_in_time"]

_PAUSE_SECONDS = 0.01


def lock_in_time(file: IO[Any], seconds: float) -> None:
    """Lock the file until it is closed. Raises TimeoutError (an OSError) when somebody else holds it for too long."""
    give_up = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() > give_up:
                raise TimeoutError(f"Another process holds {file.name} for longer than {seconds:.0f} s.") from error
        time.sleep(_PAUSE_SECONDS)
