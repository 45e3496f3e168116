"""What a process that stays logs, and what is written down of a bug: without secrets, whoever says them and however."""

from __future__ import annotations

import logging
import tempfile
import urllib.parse
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.serving.logs import log_lines
from agent.terminal import edge
from infra.engine.masking import Masks

PLANTED = {
    "SOPHIA_API_KEY": "canary-model-1f",
    "SOPHIA_DATABASE_URL": "postgresql://sophia:canary%2Fdata+2f@db/sophia",
    "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer canary-collector-3f,x-team=canary-team-4f",
    "SHOP_PASSPHRASE": "canary-shop-5f",
}
WORDS = ("canary-model-1f", "canary/data+2f", "canary-collector-3f", "canary-team-4f", "canary-shop-5f")


@pytest.fixture
def logged() -> Iterator[None]:
    """Whatever is set up for logging here is gone afterwards."""
    root, levels = logging.getLogger(), {name: logging.getLogger(name).level for name in ("httpx", "alembic", "dbos")}
    handlers, level = list(root.handlers), root.level
    yield
    logging.captureWarnings(False)
    root.handlers, root.level = handlers, level
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def broken() -> Exception:
    """An error with a cause, and a cause of the cause, each of which tells something."""
    try:
        try:
            try:
                raise OSError(f"no way to {PLANTED['SOPHIA_DATABASE_URL']} with {WORDS[1]}")
            except OSError as error:
                raise ValueError({"headers": {"authorization": f"Bearer {WORDS[2]}", "x-team": WORDS[3]}}) from error
        except ValueError:
            raise RuntimeError(f"key={urllib.parse.quote(WORDS[0])} {WORDS[4].encode().hex()}")  # noqa: B904 - as a context
    except RuntimeError as error:
        error.add_note(f"it said {WORDS[4]}")
        return error


@pytest.mark.usefixtures("logged")
def test_no_line_of_the_log_has_one(capsys: pytest.CaptureFixture[str]) -> None:
    log_lines(Masks(PLANTED))
    log = logging.getLogger("agent.serving")
    log.info("connected with %s", WORDS[0])
    log.error("it broke: %r", broken(), exc_info=broken())
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"{PLANTED['SOPHIA_DATABASE_URL']} is slow", stacklevel=1)
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 3
    assert "connected with [secret]" in said
    for word in (*WORDS, "canary%2Fdata", WORDS[4].encode().hex()):
        assert word not in said


def test_what_is_written_down_of_a_bug_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in PLANTED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert edge.show(broken()) == 1
    (file,) = tmp_path.glob("sophia-error-*.log")
    said = file.read_text() + capsys.readouterr().err
    assert "RuntimeError" in said
    assert not any(word in said for word in WORDS)
