"""A disk that fails under a process: the kernel refuses what would reach it, for this process and all that it starts.

A filter of system calls (seccomp) answers for the disk, so that nobody's own code takes part in it, and SQLite's and
Pulumi's writes fail like Python's. It can't be lifted. What is read, and what is written to pipes and sockets, goes on.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterable, Mapping
from typing import Final, Literal

__all__ = ["Failure", "fail_from_now"]

Failure = Literal["read-only", "sync"]

_ARCHITECTURES: Final[Mapping[str, tuple[int, int, int, tuple[int, ...], tuple[int, ...]]]] = {
    # the architecture's mark, seccomp, openat, what changes a file or a folder, what waits for the disk
    # (the kernel's own tables of system calls: pwrite64, truncate, ftruncate, fallocate, rename*, mkdir*, rmdir,
    # unlink*, link*, symlink*; fsync, fdatasync)
    "x86_64": (
        0xC000003E,
        317,
        257,
        (18, 76, 77, 285, 82, 264, 316, 83, 258, 84, 87, 263, 86, 265, 88, 266),
        (74, 75),
    ),
    "aarch64": (0xC00000B7, 277, 56, (68, 45, 46, 47, 38, 276, 34, 35, 37, 36), (82, 83)),
}
_NUMBER, _ARCHITECTURE, _FLAGS_OF_OPENAT = 0, 4, 32
"""Where they lie in the kernel's `struct seccomp_data`."""
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_NO_NEW_PRIVILEGES, _SET_FILTER, _ALL_THREADS = 38, 1, 1
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def fail_from_now(how: Failure, with_errno: int) -> None:
    """Refuse with this error from now on: everything that changes a file or a folder, or only to wait for the disk.

    Raises OSError where the kernel doesn't take filters, and KeyError on a machine whose calls aren't known here.
    """
    mark, seccomp, openat, changes, syncs = _ARCHITECTURES[platform.machine()]
    refused = changes if how == "read-only" else syncs
    opened = openat if how == "read-only" else None
    instructions = b"".join(_instructions(mark, refused, opened, _REFUSE | with_errno))
    program = _Program(len(instructions) // 8, instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.syscall(
        seccomp, _SET_FILTER, _ALL_THREADS, ctypes.byref(program)
    ):
        raise OSError(ctypes.get_errno() or errno.ENOSYS, "The kernel takes no filter of system calls.")


def _instructions(mark: int, refused: Iterable[int], openat: int | None, refusal: int) -> Iterable[bytes]:
    """Classic BPF: a call of another architecture or of another number is allowed."""
    yield _instruction(_LOAD, _ARCHITECTURE)
    yield _instruction(_EQUAL, mark, no=1 + 2 * len(tuple(refused)) + (4 if openat is not None else 0))
    yield _instruction(_LOAD, _NUMBER)
    for number in refused:
        yield _instruction(_EQUAL, number, no=1)
        yield _instruction(_RETURN, refusal)
    if openat is not None:
        yield _instruction(_EQUAL, openat, no=3)
        yield _instruction(_LOAD, _FLAGS_OF_OPENAT)
        yield _instruction(_ANY_BIT, _WRITES, no=1)
        yield _instruction(_RETURN, refusal)
    yield _instruction(_RETURN, _ALLOW)


def _instruction(code: int, value: int, *, no: int = 0) -> bytes:
    """`no`: how many instructions are left out when a comparison doesn't hold."""
    return struct.pack("<HBBI", code, 0, no, value)
