"""The process that pages are read in: jobs on standard input, readings on standard output, one after the other.

It is started without our environment, holds no secret and opens nothing, so a page that breaks the parser breaks a
process that has nothing and is replaced. It ends when its input does.
"""

from __future__ import annotations

import resource
import struct
import sys
from typing import BinaryIO

from tools.detection.job import Job, read

__all__ = ["LENGTHS", "main"]

LENGTHS = struct.Struct(">II")
"""Of the job's JSON and of the body; of an answer's JSON and 0."""
_MEMORY = 1 << 30


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def main(jobs: BinaryIO, readings: BinaryIO) -> None:
    """Serve until the input ends."""
    while True:
        try:
            head, size = LENGTHS.unpack(_exactly(jobs, LENGTHS.size))
            job, body = Job.model_validate_json(_exactly(jobs, head)), _exactly(jobs, size)
        except EOFError:
            return
        answer = read(job, body).model_dump_json().encode("utf-8", "surrogatepass")
        readings.write(LENGTHS.pack(len(answer), 0) + answer)
        readings.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    main(sys.stdin.buffer, sys.stdout.buffer)
