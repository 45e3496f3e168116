from __future__ import annotations

import asyncio
import os
import signal
from datetime import UTC, datetime

import psutil
import pytest

from tools.detection.extraction import Extractor, Job
from tools.detection.job import read
from tools.detection.page import PageState

PAGE = b"<title>Plans</title><main><h1>Plans</h1><p>" + "Wörter über Preise. ".encode() * 50 + b"</p></main>"


def job() -> Job:
    return Job(content_type="text/html; charset=utf-8", status=200, at=datetime(2026, 3, 2, tzinfo=UTC))


@pytest.fixture
async def extractor():
    extractor = Extractor(processes=2, seconds=5)
    yield extractor
    await extractor.aclose()


def workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "tools.detection.worker" in child.cmdline()]


async def test_a_process_reads_as_we_do_and_few_pages_start_none(extractor):
    expected = read(job(), PAGE)
    assert expected.page.blocks
    assert await extractor.read(job(), PAGE) == expected
    assert workers() == []
    readings = await asyncio.gather(*(extractor.read(job(), PAGE) for _ in range(20)))
    assert all(reading == expected for reading in readings)
    assert len(workers()) == 2


async def test_a_process_knows_nothing_of_our_environment(extractor, monkeypatch):
    monkeypatch.setenv("SOPHIA_API_KEY", "hidden")
    await asyncio.gather(*(extractor.read(job(), PAGE) for _ in range(10)))
    assert all("SOPHIA_API_KEY" not in worker.environ() for worker in workers())


async def test_a_process_that_dies_costs_one_page(extractor):
    await asyncio.gather(*(extractor.read(job(), PAGE) for _ in range(10)))
    for worker in workers():
        os.kill(worker.pid, signal.SIGKILL)
    states = [(await extractor.read(job(), PAGE)).state for _ in range(4)]
    assert states.count(PageState.OK) >= 2
    assert states[-1] is PageState.OK


async def test_a_page_that_takes_too_long_is_given_up_and_holds_nobody_up():
    extractor = Extractor(processes=1, seconds=0.0001)
    reading = await extractor.read(job(), PAGE + b" " * 200_000)
    assert reading.state is PageState.ERROR
    assert workers() == []


async def test_ends_its_processes(extractor):
    await asyncio.gather(*(extractor.read(job(), PAGE) for _ in range(10)))
    await extractor.aclose()
    assert workers() == []
