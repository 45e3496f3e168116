"""A real language model on loopback: small, quick, and mostly wrong, which is what is wanted here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.model.serving import KEY, NAME


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="write the recordings of the ordinary suite anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.model)
        item.add_marker(pytest.mark.timeout(1200))


@pytest.fixture(scope="session")
def model_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of the model server."""
    log = tmp_path_factory.mktemp("model") / "log"
    serving = Path(__file__).with_name("serving.py")
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [sys.executable, serving], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as server,
    ):
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:"), log.read_text(errors="replace")[-2000:]
        yield url
        server.terminate()


@pytest.fixture
def model_settings(model_url: str) -> dict[str, object]:
    """What the configuration says of it."""
    return {"name": NAME, "base_url": model_url, "api_key": KEY, "timeout_seconds": 300.0, "max_output_tokens": 300}
