"""Exchanges with a real model server, and where their recordings are kept.

Each is carried out twice: against the server itself by `make test-model`, which writes the recording with `--record`,
and from the recording in the ordinary suite, where nothing but loopback may be reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import vcr
from pydantic import SecretStr

from agent.planning.model import ChatModel, ModelPlanner, SpendingLimits, errors
from agent.planning.model.dialect import Dialect, RememberedDialects, Structure
from agent.planning.planner import Names, Planning, PlanningRequest
from agent.settings.machine import Limits, Model
from tests.agent.example_tools import TOOLS

__all__ = ["EXCHANGES", "FOLDER", "NOW", "Exchange", "Outcome", "recorder"]

FOLDER = Path(__file__).with_name("cassettes")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_NAMES = Names(stacks={"development": ["dev"], "production": []}, competitors={"RealPage": []}, channels=["#ops"])

Outcome = Planning | type[Exception]


class _Clock:
    def now(self) -> datetime:
        return NOW


async def _no_sleep(_: float) -> None:
    return None


@dataclass(frozen=True)
class Exchange:
    """One request to plan, and what it is allowed to come to."""

    text: str
    dialect: Dialect = field(default_factory=Dialect)
    may_fail_with: tuple[type[Exception], ...] = ()
    tools: int = 1
    """How many times over the tools are described."""
    settings: Mapping[str, Any] | None = None

    async def carry_out(self, settings: Mapping[str, Any]) -> Outcome:
        """Ask the model; the planning, or the type of the error with a name."""
        given = Model.model_validate({**settings, **(self.settings or {})})
        known = RememberedDialects({f"{given.base_url} {given.name}": self.dialect})
        model = ChatModel(
            given, SpendingLimits(Limits(seconds_per_turn=900), _Clock()), dialects=known, sleep=_no_sleep
        )
        tools = {f"{name}{'_' * copy}": tool for copy in range(self.tools) for name, tool in TOOLS.items()}
        try:
            return await ModelPlanner(model).plan(
                PlanningRequest(text=self.text, now=NOW, person="ada", names=_NAMES), tools
            )
        except self.may_fail_with as error:
            return type(error)
        finally:
            await model.aclose()


EXCHANGES: Mapping[str, Exchange] = {
    "by_schema": Exchange("check development for drift"),
    "by_schema_compound": Exchange("deploy development and then tell #ops about it"),
    "by_tool": Exchange(
        "check development for drift",
        Dialect(structure=Structure.TOOL),
        (errors.NotAnAnswer, errors.AnswerTruncated),
        settings={"max_output_tokens": 64},
    ),
    "prompted": Exchange(
        "check development for drift",
        Dialect(structure=Structure.PROMPTED),
        (errors.NotAnAnswer, errors.AnswerTruncated),
        settings={"max_output_tokens": 64},
    ),
    "truncated": Exchange(
        "check development for drift", may_fail_with=(errors.AnswerTruncated,), settings={"max_output_tokens": 64}
    ),
    "too_long": Exchange("check development for drift", may_fail_with=(errors.PromptTooLong,), tools=40),
    "refused_key": Exchange(
        "check development for drift", may_fail_with=(errors.KeyRefused,), settings={"api_key": SecretStr("wrong")}
    ),
    "missing_key": Exchange(
        "check development for drift", may_fail_with=(errors.MissingKey,), settings={"api_key": None}
    ),
}


def recorder(folder: Path) -> vcr.VCR:
    """Records and replays; the key is left out, and so is the port that the server happened to have."""
    return vcr.VCR(
        cassette_library_dir=str(folder),
        path_transformer=vcr.VCR.ensure_suffix(".yaml"),
        filter_headers=["authorization", "user-agent", "host"],
        match_on=["method", "path", "body"],
        before_record_request=_at_a_port_of_its_own,
        before_record_response=_without_chance,
    )


def _at_a_port_of_its_own(request: Any) -> Any:
    request.uri = "http://127.0.0.1:1/v1/chat/completions"
    return request


def _without_chance(response: dict[str, Any]) -> dict[str, Any]:
    response["headers"] = {
        name: value for name, value in response["headers"].items() if name.lower() in ("content-type", "retry-after")
    }
    return response
