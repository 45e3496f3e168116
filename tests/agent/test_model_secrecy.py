"""The key goes to the configured address and nowhere else; nothing that a server says finds its way out."""

from __future__ import annotations

import io
import logging
import re
import socket
import traceback
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from rich.console import Console
from rich.traceback import Traceback

from agent.errors import SophiaError
from agent.planning.model import ChatModel, ModelPlanner, SpendingLimits
from agent.planning.planner import PlanningRequest
from agent.settings.machine import Limits, Model
from tests.agent.example_tools import TOOLS
from tests.agent.model_server import (
    ModelServer,
    body,
    chunk,
    echoes,
    endless,
    event,
    hangs_up,
    picky,
    refuses,
    says,
    silent,
    status,
    stream,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = "sk-canary-6f1d0a"
PLAN = '{"kind": "plan", "steps": [{"id": "s1", "tool": "stack_drift", "args": {"stack": "development"}}]}'


class Clock:
    def now(self):
        return NOW


async def no_sleep(seconds):
    """Waiting is no matter here."""


@pytest.fixture
async def server():
    async with ModelServer() as running:
        yield running


def planner_of(server, **settings):
    given = {"name": "m", "base_url": server.url, "api_key": SecretStr(KEY), "timeout_seconds": 30.0, "retries": 1}
    model = Model.model_validate(given | settings)
    return ModelPlanner(ChatModel(model, SpendingLimits(Limits(), Clock()), sleep=no_sleep))


async def plan(planner):
    return await planner.plan(PlanningRequest(text="check development for drift", now=NOW), TOOLS)


TROUBLES = {
    **{f"echo with {code}": echoes(code) for code in (400, 401, 403, 404, 429, 500)},
    "no connection": hangs_up(),
    "no time": silent(),
    "no form that it takes": picky("messages", says(PLAN)),
    "refusal with the key": refuses(KEY),
    "error in the stream": stream([b'data: {"error": {"message": "' + KEY.encode() + b'"}}\n\n']),
    "prose with the key": says(f"the key is {KEY}"),
    "flood": endless(b"data: " + b"x" * 50_000),
    "nonsense": body(KEY.encode()),
    "odd chunk": stream([event(chunk({"content": 7}) | {"choices": [{"delta": {"content": {"a": KEY}}}]})]),
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_no_error_log_or_traceback_shows_the_key(server, trouble, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx2", "httpcore2", "langchain_openai"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    server.answers(TROUBLES[trouble])
    planner = planner_of(server, timeout_seconds=1.0 if trouble == "no time" else 30.0)
    with pytest.raises(SophiaError) as caught:
        await plan(planner)
    error = caught.value
    assert error.__traceback__
    ours = error.__traceback__.tb_next  # from the planner on: the test itself holds the server, and so the key
    shown = io.StringIO()
    Console(file=shown, width=400).print(
        Traceback.from_exception(type(error), error, ours, show_locals=True, locals_max_string=None)
    )
    seen = "\n".join(
        [
            shown.getvalue(),
            "".join(traceback.format_exception(error)),
            repr(error), str(error), repr(vars(error)), repr(vars(planner)), repr(vars(planner._model)), caplog.text,
            *(str(record.__dict__) for record in caplog.records),
        ]
    )  # fmt: skip
    assert server.received or trouble == "no connection"
    assert KEY not in seen
    assert error.__cause__ is None
    assert error.__context__ is None


async def test_the_key_goes_out_in_one_header_and_little_else_does(server, monkeypatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-canary")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-canary")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other-canary")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/canary")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-canary: canary")
    server.answers(says(PLAN))
    await plan(planner_of(server))
    (received,) = server.received
    assert received.method == "POST"
    assert received.path == "/v1/chat/completions"
    assert received.headers.pop("authorization") == f"Bearer {KEY}"
    assert set(received.headers) == {
        "host",
        "accept",
        "accept-encoding",
        "content-type",
        "content-length",
        "user-agent",
    }
    assert "canary" not in received.body.decode() + repr(received.headers)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"])
async def test_no_proxy_of_the_environment_is_used(server, monkeypatch, variable):
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    server.answers(says(PLAN))
    assert (await plan(planner_of(server))).kind == "plan"


async def test_no_tracing_service_is_told(server, monkeypatch):
    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING_V2"):
        monkeypatch.setenv(name, "true")
    monkeypatch.setenv("LANGSMITH_API_KEY", "ls-canary")
    monkeypatch.setenv("LANGSMITH_GATEWAY", "true")
    async with ModelServer() as tracing:
        monkeypatch.setenv("LANGSMITH_ENDPOINT", tracing.url)
        tracing.answers(status(200, b"{}"))
        server.answers(says(PLAN))
        await plan(planner_of(server))
        assert tracing.received == []
    assert len(server.received) == 1


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(server, code):
    async with ModelServer() as elsewhere:
        elsewhere.answers(says(PLAN))
        server.answers(status(code, location=f"{elsewhere.url}/chat/completions"))
        with pytest.raises(SophiaError, match="redirects elsewhere"):
            await plan(planner_of(server))
        assert elsewhere.received == []


async def test_only_one_address_is_ever_looked_up(server, monkeypatch):
    looked_up = []
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: looked_up.append(host) or real(host, *rest, **more)
    )
    server.answers(says(PLAN))
    await plan(planner_of(server))
    assert set(looked_up) <= {"127.0.0.1", b"127.0.0.1"}


async def test_pieces_of_an_answer_are_handed_on_harmless(server):
    server.answers(says("\x1b[2J\u202e" + PLAN))
    heard = []
    model = Model(name="m", base_url=server.url, api_key=SecretStr(KEY))
    planner = ModelPlanner(
        ChatModel(model, SpendingLimits(Limits(), Clock())), listener=lambda _: lambda *told: heard.append(told)
    )
    await plan(planner)
    assert not re.search("[\x1b\u202e]", "".join(text for _, text in heard))
