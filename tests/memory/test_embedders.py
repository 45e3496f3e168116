from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import memory
from memory.embedders import WordLlama

ROOT = Path(memory.__file__).parent.parent


def _python(program: str) -> str:
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_wordllama_needs_no_network_and_leaves_logging_alone() -> None:
    program = """
        import asyncio, logging, socket
        def refuse(*_): raise AssertionError("the network was used")
        socket.socket.connect = refuse
        from memory.embedders import WordLlama
        vectors = asyncio.run(WordLlama().embed(["rent", "", "\\u2603" * 3, "rents"]))
        print([len(vector) for vector in vectors], [round(sum(x * x for x in v), 4) for v in vectors])
        print(logging.getLogger().handlers, logging.getLogger().level)
    """
    assert _python(program).splitlines() == ["[256, 256, 256, 256] [1.0, 1.0, 1.0, 1.0]", "[] 30"]


async def test_wordllama_knows_what_is_alike() -> None:
    words = WordLlama()
    vectors = await words.embed(["the rent goes up", "rental prices increase", "a recipe for soup"])
    alike, other = (sum(a * b for a, b in zip(vectors[0], vectors[n], strict=True)) for n in (1, 2))
    assert alike > other + 0.1
    assert await words.embed([]) == []
