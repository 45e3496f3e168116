"""Logs of a process that stays: a JSON object a line, with the conversation and the turn that it is about."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final

from infra.engine.masking import Masks

__all__ = ["about", "log_lines"]

about: Final[ContextVar[dict[str, str]]] = ContextVar("about", default={})  # noqa: B039 - never changed, only replaced
"""`thread` and `turn` of what this task works on."""
_QUIET = ("httpx", "aiohttp.access", "slack_bolt", "alembic", "dbos")


class _JsonLine(logging.Formatter):
    """Nothing that a person wrote is in a line but what an error's own sentence quotes; and no secret, whoever said it,
    as a library may that can't log in, or the cause of an error's cause.
    """

    def __init__(self, masks: Masks) -> None:
        super().__init__()
        self._masks = masks

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "at": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._masks.text(record.getMessage()),
        }
        line |= about.get()
        if record.exc_info:
            line["trace"] = self._masks.text("".join(traceback.format_exception(*record.exc_info)))
        return json.dumps(line, ensure_ascii=False)


def log_lines(masks: Masks) -> None:
    """Write what is logged to standard error, and what is warned of, without what the masks know or can tell."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLine(masks))
    logging.captureWarnings(True)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
