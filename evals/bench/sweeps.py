"""Sweeps: how long many pages take beside trafilatura alone, how much memory, and what an unchanged page costs."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from statistics import median

import psutil
from aiohttp import web
from pydantic import JsonValue

from agent.settings import process_environment
from evals.bench.measuring import Figure
from evals.rivals import ABILITIES, KINDS, Frame, first_content, render

__all__ = ["measure_sweep"]

_ROOT = Path(__file__).parents[2]
_COUNT, _MANY = 300, 10_000
_QUESTIONS = 20
_AGAIN = 3
"""Sweeps over which the bytes of an unchanged capture are averaged: a database grows by whole pages."""
_UNREAD = 0.05
"""The share of real pages that may be walls or shells."""
_PARAGRAPHS = 120
"""So that an invented page is as large as a real one: about 70 kB, of which a third is text."""
_EXTRACT = """
import sys, time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
def extract(file):
    import trafilatura
    return len(trafilatura.extract(Path(file).read_bytes(), favor_recall=True, include_comments=False) or "")
if __name__ == "__main__":
    files = sorted(map(str, Path(sys.argv[1]).glob("*.html")))[: int(sys.argv[2])]
    started = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(extract, files, chunksize=8))
    print(time.perf_counter() - started)
"""


@dataclass
class _Site:
    """Serves the files of a folder, round and round, each number with a page of its own; with or without 304."""

    files: Sequence[Path]
    conditional: bool = True
    origin: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        """The page with this number."""
        if not request.path.strip("/").isdigit():
            return web.Response(status=404)
        number = int(request.path.strip("/"))
        body = self.files[number % len(self.files)].read_bytes()
        if number >= len(self.files):
            body += f"<!-- {number} --><p>Page {number} of many.</p>".encode()
        etag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
        if self.conditional and request.headers.get("if-none-match") == etag:
            return web.Response(status=304)
        headers = {"etag": etag} if self.conditional else {}
        return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)


@asynccontextmanager
async def _serving(files: Sequence[Path]) -> AsyncIterator[_Site]:
    site = _Site(files)
    application = web.Application()
    application.router.add_get("/{path:.*}", site.answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield site
    finally:
        await runner.cleanup()


def _files(pages: Path | None, folder: Path, count: int) -> list[Path]:
    folder.mkdir()
    return sorted(pages.glob("*.html"))[:count] if pages else _invented(folder, count)


def _invented(folder: Path, count: int) -> list[Path]:
    """Pages as large as real ones."""
    files = []
    for number in range(count):
        pick = random.Random(number)
        kind = KINDS[number % len(KINDS)]
        words = " ".join(ABILITIES).split()
        said = (" ".join(pick.choices(words, k=30)) for _ in range(_PARAGRAPHS))
        more = "".join(
            f"<div class='c{n * 7919:x} grid col-{n % 12}'><p>{text}.</p></div>" for n, text in enumerate(said)
        )
        scripts = f"<script>window.data={json.dumps(pick.choices(words, k=4000))}</script>"
        body = render(first_content(kind, number), Frame(nonce=number))
        file = folder / f"{number:05}.html"
        file.write_bytes(body.replace(b"</main>", (more + scripts).encode() + b"</main>"))
        files.append(file)
    return files


async def _swept(site: _Site, count: int, folder: Path, name: str) -> tuple[dict[str, float], float]:
    """What the sweeper said, and the most memory that its processes took together, in megabytes."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "evals.bench.sweeper", site.origin, str(count), str(folder), name,
        cwd=_ROOT, env=process_environment(), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said = asyncio.create_task(process.communicate())
    peak = 0
    while not said.done():
        peak = max(peak, await asyncio.to_thread(_memory, process.pid))
        await asyncio.wait([said], timeout=0.1)
    out, _ = await said
    if process.returncode:
        raise RuntimeError(f"the sweep {name} failed")
    found: dict[str, float] = json.loads(out)
    if found["captures"] != count or found["unread"] > count * _UNREAD:
        raise RuntimeError(f"the sweep {name} read {found['captures'] - found['unread']} of {count} pages")
    return found, peak / 1e6


def _memory(pid: int) -> int:
    """Of the process and its children, resident, in bytes; what they share counts for each."""
    try:
        parent = psutil.Process(pid)
        return sum(process.memory_info().rss for process in (parent, *parent.children(recursive=True)))
    except psutil.Error:
        return 0


def _stored(folder: Path) -> int:
    """Bytes in use, without what the database has set aside."""
    with closing(sqlite3.connect(folder / "sophia.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
    return int((pages - free) * size)


async def _asked(folder: Path) -> Figure:
    """A question about what was swept, in a process that has just started."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "evals.bench.asker", str(folder), str(_QUESTIONS),
        cwd=_ROOT, env=process_environment(), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    found: dict[str, float] = json.loads(out)
    beside: dict[str, JsonValue] = {"ms for the first question, which loads the index": round(found["first"], 1)}
    return Figure("sweep.recall_ms", found["after"], "ms a question from memory", at_most=50.0, beside=beside)


async def _alone(folder: Path, count: int) -> float:
    """Seconds that trafilatura takes for the files over two processes."""
    program = folder.parent / "extract.py"
    await asyncio.to_thread(program.write_text, _EXTRACT)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(program), str(folder), str(count),
        env=process_environment(), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    return float(out)


async def measure_sweep(runs: int, pages: Path | None = None, count: int = _COUNT, many: int = _MANY) -> list[Figure]:
    """A sweep of pages, invented ones or those of a folder: cold, unchanged with and without 304, and of many pages."""
    with tempfile.TemporaryDirectory(prefix="sophia-bench-") as name:
        folder = Path(name)
        files = await asyncio.to_thread(_files, pages, folder / "pages", count)
        if not files:
            raise OSError(f"{pages} holds no .html files")
        async with _serving(files) as site:
            alone = [await _alone(files[0].parent, len(files)) for _ in range(runs)]
            cold = [await _fresh(site, len(files), folder / f"cold{n}") for n in range(runs)]
            figures = _cold_figures(alone, cold)
            figures += await _unchanged(site, len(files), folder / "cold0")
            figures.append(await _asked(folder / "cold0"))
            _, large = await _fresh(site, many, folder / "many")
        return [*figures, _flat(cold[0][1], large, len(files), many)]


async def _fresh(site: _Site, count: int, folder: Path) -> tuple[float, float]:
    await asyncio.to_thread(folder.mkdir)
    found, peak = await _swept(site, count, folder, "first")
    return found["seconds"], peak


def _cold_figures(alone: Sequence[float], cold: Sequence[tuple[float, float]]) -> list[Figure]:
    seconds, base = median(each for each, _ in cold), median(alone)
    beside: dict[str, JsonValue] = {"seconds": round(seconds, 2), "trafilatura over two processes": round(base, 2)}
    return [
        Figure("sweep.cold_ratio", seconds / base, "× trafilatura over two processes", at_most=1.15, beside=beside),
        Figure("sweep.megabytes", max(peak for _, peak in cold), "MB, all processes together", at_most=300.0),
    ]


async def _unchanged(site: _Site, count: int, folder: Path) -> list[Figure]:
    """The same pages again: where the server knows 304, and where it doesn't."""
    warm, _ = await _swept(site, count, folder, "again")
    before = _stored(folder)
    for number in range(_AGAIN):
        await _swept(site, count, folder, f"again {number}")
    grown = (_stored(folder) - before) / count / _AGAIN
    site.conditional = False
    plain, _ = await _swept(site, count, folder, "without 304")
    site.conditional = True
    return [
        Figure("sweep.unchanged_seconds", warm["seconds"], f"s for {count} pages with 304", at_most=0.4),
        Figure("sweep.unchanged_plain_seconds", plain["seconds"], f"s for {count} pages without 304", at_most=1.0),
        Figure("sweep.bytes", grown, "bytes for an unchanged capture", at_most=200.0),
    ]


def _flat(small: float, large: float, count: int, many: int) -> Figure:
    beside: dict[str, JsonValue] = {f"MB at {count} pages": round(small, 1), f"MB at {many} pages": round(large, 1)}
    return Figure(
        "sweep.growth", large / small, f"× the memory, {many} pages beside {count}", at_most=1.15, beside=beside
    )
