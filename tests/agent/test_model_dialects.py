"""One planner, many servers: whatever dialect a server speaks, a plan comes of it, or an error with a name."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from agent.errors import ModelCanFix, OperatorMustAct, RequesterMustFix, SophiaError
from agent.planning.model import ChatModel, ModelPlanner, SpendingLimits, errors
from agent.planning.model.dialect import Structure
from agent.planning.planner import PlanningRequest
from agent.settings.machine import Limits, Model
from tests.agent.example_tools import TOOLS
from tests.agent.model_server import (
    ModelServer,
    body,
    calls,
    chunk,
    endless,
    event,
    hangs_up,
    one_document,
    packed,
    picky,
    refuses,
    says,
    silent,
    status,
    stream,
    write,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PLAN = {
    "kind": "plan",
    "question": None,
    "steps": [
        {"id": "s1", "tool": "stack_drift", "args": {"stack": "development"}, "needs": [], "when": None, "why": "look"},
        {
            "id": "s2",
            "tool": "stack_up",
            "args": {"stack": "development"},
            "needs": [],
            "when": "s1.drifted = true",
            "why": "",
        },
    ],
    "on_failure": "stop",
}
TEXT = json.dumps(PLAN)
REQUEST = PlanningRequest(text="check development for drift and deploy it if it has drifted", now=NOW, person="ada")


class Clock:
    def now(self) -> datetime:
        return NOW


class Setting:
    """A planner, the server it asks, and how long it was told to wait."""

    def __init__(self, server: ModelServer) -> None:
        self.server = server
        self.waited: list[float] = []
        self.heard: list[tuple[str, str]] = []

    def planner(self, limits: Limits | None = None, **settings: object) -> ModelPlanner:
        given = {"name": "m", "base_url": self.server.url, "api_key": SecretStr("sk-test"), "timeout_seconds": 30.0}
        model = ChatModel(
            Model.model_validate(given | settings), SpendingLimits(limits or Limits(), Clock()), sleep=self._sleep
        )
        return ModelPlanner(model, listener=lambda _: lambda *heard: self.heard.append(heard))

    async def _sleep(self, seconds: float) -> None:
        self.waited.append(seconds)


@pytest.fixture
async def at():
    async with ModelServer() as server:
        yield Setting(server)


def fine(planning):
    assert planning.kind == "plan"
    assert [(step.id, step.tool, step.when) for step in planning.plan.steps] == [
        ("s1", "stack_drift", None),
        ("s2", "stack_up", "s1.drifted = true"),
    ]
    assert planning.planner == planning.plan.planner == "m"
    assert planning.plan.label.trusted
    return True


def pieces(*deltas, finish="stop"):
    return [
        *(event(chunk(delta)) for delta in deltas),
        event(chunk({}, finish)),
    ]


half, rest = TEXT[:50], TEXT[50:]
WELL = {
    "as the reference server": says(TEXT),
    "in a fence": says(f"```json\n{TEXT}\n```"),
    "in prose": says(f"Sure! Here is [the plan]:\n\n{TEXT}\n\nLet me know {{if}} it helps."),
    "after thinking aloud": says(f'<think>maybe {{"kind": "refuse"}}?</think>\n{TEXT}'),
    "with a trailing comma": says(TEXT[:-1] + ",}"),
    "pretty": says(json.dumps(PLAN, indent=2)),
    "within another object": says(json.dumps({"plan": PLAN})),
    "only the steps": says(json.dumps(PLAN["steps"])),
    "by the call that was offered": calls(("submit_plan", TEXT)),
    "by calls, the text empty": stream(
        pieces({"content": None, "tool_calls": [{"id": "x", "function": {"name": "submit_plan", "arguments": PLAN}}]})
    ),
    "by a legacy call": stream(pieces({"function_call": {"name": "submit_plan", "arguments": TEXT}})),
    "without streaming": one_document({"role": "assistant", "content": TEXT}),
    "without streaming, pretty": one_document({"role": "assistant", "content": TEXT}, pretty=True),
    "without streaming, by a call": one_document(
        {"content": None, "tool_calls": [{"id": "x", "function": {"name": "submit_plan", "arguments": TEXT}}]}
    ),
    "content in parts": stream(pieces({"content": [{"type": "text", "text": half}, {"text": rest}]})),
    "without usage": says(TEXT, usage=None),
    "usage of nonsense": stream(
        [*pieces({"content": TEXT}), event({"usage": {"prompt_tokens": "many", "completion_tokens": -5}})]
    ),
    "without an end": stream(pieces({"content": TEXT})),
    "without a finish reason": stream([event(chunk({"content": TEXT}))]),
    "lines without data": stream(
        [json.dumps(chunk({"content": part})).encode() + b"\n" for part in (half, rest)]
    ),
    "no blank lines between": stream(
        [b"data:" + json.dumps(chunk({"content": part})).encode() + b"\n" for part in (half, rest)]
    ),
    "carriage returns, comments and ids": stream(
        [
            b": ping\r\n\r\nevent: message\r\nid: 7\r\nretry: 10\r\n"
            + event(chunk({"content": TEXT})).replace(b"\n", b"\r\n")
            + b": ping\r\n\r\ndata: [DONE]\r\n\r\n"
        ]
    ),
    "an event over several data lines": stream(
        [b"data: " + json.dumps(chunk({"content": TEXT}), indent=1).replace("\n", "\ndata: ").encode() + b"\n\n"]
    ),
    "byte by byte": stream(
        [bytes([byte]) for byte in event(chunk({"content": TEXT.replace("look", "schön ☂")}))]
    ),
    "the whole message again at the end": stream(
        [*pieces({"content": half}, {"content": rest}), event({"choices": [{"message": {"content": TEXT}}]})]
    ),
    "chunks of nonsense between": stream(
        [b"data: 7\n\n", b'data: {"choices": "x"}\n\n', b'data: {"choices": [null, 3]}\n\n', b"data: {oops\n\n",
         b'data: {"choices": [{"delta": null}]}\n\n',
         b'data: {"choices": [{"delta": {"tool_calls": [null, {"function": 3}]}}]}\n\n',
         *pieces({"content": TEXT}), b"data: [DONE]\n\n", b"data: {}\n\n"]
    ),
    "more than one choice": stream(
        [event({"choices": [{"index": 1, "delta": {"content": "no"}}]}), *pieces({"content": TEXT})]
    ),
}  # fmt: skip


@pytest.mark.parametrize("dialect", WELL)
async def test_every_dialect_comes_to_the_same_plan(at, dialect):
    at.server.answers(WELL[dialect])
    planning = await at.planner().plan(REQUEST, TOOLS)
    assert fine(planning)
    assert planning.tokens > 0
    assert len(at.server.received) == 1


PICKY = {
    "response_format": "prompted or called",
    "tool_choice": "",
    "max_completion_tokens": "",
    "stream_options": "",
    "temperature": "",
}


@pytest.mark.parametrize("parameter", PICKY)
@pytest.mark.parametrize("silent", [False, True])
async def test_what_a_server_turns_down_is_left_out_and_remembered(at, parameter, silent):
    at.server.answers(picky(parameter, says(TEXT), silent=silent))
    planner = at.planner()
    assert fine(await planner.plan(REQUEST, TOOLS))
    asked = len(at.server.received)
    assert asked <= 6
    assert fine(await planner.plan(REQUEST, TOOLS))
    assert len(at.server.received) == asked + 1


async def test_the_form_of_the_answer_is_asked_for_less_and_less_strictly(at):
    at.server.answers(picky("response_format", picky("tools", says(TEXT))))
    assert fine(await at.planner().plan(REQUEST, TOOLS))
    first, second, third = (received.json for received in at.server.received)
    assert first["response_format"]["json_schema"]["schema"]["properties"]["steps"]
    assert second["tools"][0]["function"]["name"] == second["tool_choice"]["function"]["name"] == "submit_plan"
    assert "tools" not in third
    assert "response_format" not in third
    assert first["max_completion_tokens"] == 4096
    assert first["temperature"] == 0


async def test_a_grammar_that_the_server_can_not_build_is_not_asked_for_again(at):
    broken = status(500, {"message": "failed to parse grammar of json_schema"})
    at.server.answers(broken, calls(("submit_plan", TEXT)))
    planner = at.planner()
    assert fine(await planner.plan(REQUEST, TOOLS))
    assert fine(await planner.plan(REQUEST, TOOLS))
    assert ["response_format" in received.json for received in at.server.received] == [True, False, False]


async def test_a_server_that_ignores_the_schema_is_asked_otherwise_next(at):
    at.server.answers(says("I would check for drift first."), calls(("submit_plan", TEXT)))
    planner = at.planner()
    assert fine(await planner.plan(REQUEST, TOOLS))
    assert ["tools" in received.json for received in at.server.received] == [False, True]
    assert planner._model._dialects.get(f"{at.server.url} m").structure is Structure.TOOL


async def test_a_schema_that_was_kept_to_is_asked_for_again_though_the_plan_was_wrong(at):
    at.server.answers(says('{"kind": "clarify", "question": null, "steps": []}'), says(TEXT))
    assert fine(await at.planner().plan(REQUEST, TOOLS))
    assert ["response_format" in received.json for received in at.server.received] == [True, True]


async def test_tools_that_are_called_outright_become_steps(at):
    drift = ("stack_drift", '{"stack": "development"}')
    at.server.answers(calls(drift, ("notify", '{"channel": "#ops", "content": "done"}')))
    planning = await at.planner().plan(REQUEST, TOOLS)
    assert [(step.tool, step.needs) for step in planning.plan.steps] == [("stack_drift", []), ("notify", ["s1"])]
    assert planning.plan.steps[1].args == {"channel": "#ops", "content": "done"}


FAILING = {
    "a refused key": (status(401, {"message": "bad key"}), errors.KeyRefused, OperatorMustAct),
    "a forbidden model": (status(403, {"message": "no"}), errors.KeyRefused, OperatorMustAct),
    "a refused key, said otherwise": (
        status(400, {"message": "API key not valid. Please pass a valid API key."}),
        errors.KeyRefused,
        OperatorMustAct,
    ),
    "an unknown model": (status(404, {"code": "model_not_found"}), errors.UnknownModel, OperatorMustAct),
    "an unknown model, said otherwise": (
        status(400, {"message": "m is not a valid model ID"}), errors.UnknownModel, OperatorMustAct),
    "a rate limit": (status(429, {"code": "rate_limit_exceeded"}), errors.RateLimited, OperatorMustAct),
    "no quota": (status(429, {"code": "insufficient_quota"}), errors.QuotaUsedUp, OperatorMustAct),
    "payment required": (status(402), errors.QuotaUsedUp, OperatorMustAct),
    "a failing server": (status(503, b"<html>down</html>"), errors.ServerFailing, OperatorMustAct),
    "too long a prompt": (
        status(400, {"code": "context_length_exceeded"}), errors.PromptTooLong, RequesterMustFix),
    "a request that it doesn't take": (status(400, {"message": "no"}), errors.RequestRejected, OperatorMustAct),
    "a method that it doesn't take": (status(405, {"message": "no"}), errors.RequestRejected, OperatorMustAct),
    "a refusal": (refuses(), errors.ModelRefused, RequesterMustFix),
    "a refusal in one document": (
        one_document({"content": None, "refusal": "No."}), errors.ModelRefused, RequesterMustFix),
    "a content filter": (says("", finish="content_filter"), errors.ModelRefused, RequesterMustFix),
    "a truncated answer": (says(TEXT[:80], finish="length"), errors.AnswerTruncated, ModelCanFix),
    "prose": (says("I'd rather talk about the weather."), errors.NotAnAnswer, ModelCanFix),
    "another object": (says('{"answer": 42}'), errors.NotAnAnswer, ModelCanFix),
    "half an object": (says(TEXT[:60]), errors.NotAnAnswer, ModelCanFix),
    "nothing": (stream([b"data: [DONE]\n\n"]), errors.ServerFailing, OperatorMustAct),
    "an empty body": (body(b""), errors.ServerFailing, OperatorMustAct),
    "no JSON": (body(b"hello"), errors.ServerFailing, OperatorMustAct),
    "another API's JSON": (body(b'{"completion": "hi"}'), errors.ServerFailing, OperatorMustAct),
    "a web page": (body(b"<html>sign in</html>", "text/html"), errors.ServerFailing, OperatorMustAct),
    "bytes of nothing": (body(bytes(range(256)) * 50), errors.ServerFailing, OperatorMustAct),
    "packed bytes": (packed(TEXT), errors.ServerFailing, OperatorMustAct),
    "an error in the stream": (
        stream([b'data: {"error": {"message": "boom"}}\n\n']), errors.ServerFailing, OperatorMustAct),
    "an error late in the stream": (
        stream([*pieces({"content": half}), b'event: error\ndata: {"error": "boom"}\n\n']),
        errors.ServerFailing, OperatorMustAct),
    "a stream that breaks off": (
        stream(pieces({"content": half})[:1], complete=False), errors.NoConnection, OperatorMustAct),
    "no answer at all": (hangs_up(), errors.NoConnection, OperatorMustAct),
    "a redirect": (
        status(307, location="http://127.0.0.1:1/v1/chat/completions"), errors.ForeignAddress, OperatorMustAct),
    "a deep document": (body(b'{"choices": ' + b"[" * 100_000), errors.ServerFailing, OperatorMustAct),
    "a deep plan": (says('{"steps": ' + "[" * 3_000), errors.NotAnAnswer, ModelCanFix),
}  # fmt: skip


@pytest.mark.parametrize("trouble", FAILING)
async def test_every_failure_has_a_name_and_says_what_to_do(at, trouble):
    reply, named, acts = FAILING[trouble]
    at.server.answers(reply)
    with pytest.raises(SophiaError) as caught:
        await at.planner(retries=1).plan(REQUEST, TOOLS)
    error = caught.value
    assert type(error) is named
    assert isinstance(error, acts)
    assert "nothing was done" in error.not_done.lower()
    assert error.to_do
    assert error.__cause__ is None
    assert error.__context__ is None
    assert "boom" not in str(error)


async def test_without_a_key_where_one_is_wanted(at):
    at.server.answers(status(401, {"message": "no key"}))
    with pytest.raises(errors.MissingKey, match="SOPHIA_API_KEY"):
        await at.planner(api_key=None).plan(REQUEST, TOOLS)
    assert "authorization" not in at.server.received[0].headers
    with pytest.raises(errors.MissingKey):
        await at.planner(api_key=SecretStr(" "), base_url=None).plan(REQUEST, TOOLS)


async def test_a_server_of_ones_own_needs_no_key(at):
    at.server.answers(says(TEXT))
    assert fine(await at.planner(api_key=None).plan(REQUEST, TOOLS))


async def test_nobody_there(at):
    with pytest.raises(errors.NoConnection, match="no connection"):
        await at.planner(base_url="http://127.0.0.1:9/v1").plan(REQUEST, TOOLS)
    assert at.waited == pytest.approx([0.5, 1.0])


@pytest.mark.parametrize(
    "trouble",
    [
        status(429, {"message": "slow down"}),
        status(500),
        status(502, b"bad gateway"),
        status(503),
        hangs_up(),
        stream([b'data: {"error": {"type": "rate_limit_error"}}\n\n']),
    ],
)
async def test_what_may_pass_is_tried_again_after_a_while(at, trouble):
    at.server.answers(trouble, trouble, says(TEXT))
    assert fine(await at.planner().plan(REQUEST, TOOLS))
    assert at.waited == pytest.approx([0.5, 1.0])
    assert [text for kind, text in at.heard if kind == "wait"]


@pytest.mark.parametrize(
    "header, seconds", [({"retry_after": "7"}, 7), ({"retry_after_ms": "1500"}, 1.5), ({"retry_after": "soon"}, 0.5)]
)
async def test_the_server_says_how_long_to_wait(at, header, seconds):
    at.server.answers(status(429, **header), says(TEXT))
    assert fine(await at.planner().plan(REQUEST, TOOLS))
    assert at.waited == [seconds]


@pytest.mark.parametrize("value", ["100000", "inf", "Wed, 21 Oct 2099 07:28:00 GMT"])
async def test_nobody_waits_for_ever(at, value):
    at.server.answers(status(429, retry_after=value))
    with pytest.raises(errors.RateLimited):
        await at.planner(Limits(seconds_per_turn=30)).plan(REQUEST, TOOLS)
    assert sum(at.waited) < 30


async def test_what_will_not_pass_is_not_tried_again(at):
    at.server.answers(status(401))
    with pytest.raises(errors.KeyRefused):
        await at.planner().plan(REQUEST, TOOLS)
    assert len(at.server.received) == 1
    assert at.waited == []


@pytest.mark.parametrize(
    "reply",
    [
        silent(),
        endless(b": ping\n\n", pause=0.05),
        endless(event(chunk({"content": " "})), pause=0.05),
    ],
)
async def test_time_is_bounded(at, reply):
    at.server.answers(reply)
    started = time.monotonic()
    with pytest.raises(errors.ModelTimeout, match="1 seconds"):
        await at.planner(timeout_seconds=1.0, retries=0).plan(REQUEST, TOOLS)
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    "part",
    [
        event(chunk({"content": "tokens " * 100})),
        event(chunk({"tool_calls": [{"index": 0, "function": {"name": "x", "arguments": "y" * 500}}]})),
        event(chunk({"reasoning_content": "hmm " * 100})),
        b"data: " + b"x" * 60_000,
        b": ping\n" * 5000,
        b"\n" * 60_000,
        event({"choices": [], "usage": {"completion_tokens": 1}}) * 200,
        event({"choices": [{"index": 0, "delta": {"tool_calls": [{"index": n} for n in range(500)]}}]}),
    ],
    ids=["content", "arguments", "thoughts", "one line", "comments", "blank lines", "usage", "calls of nothing"],
)  # fmt: skip
async def test_a_flood_is_cut_off(at, part):
    at.server.answers(endless(part))
    with pytest.raises(errors.AnswerTooLong):  # and not that it took too long
        await at.planner(max_output_tokens=500, timeout_seconds=20).plan(REQUEST, TOOLS)
    assert len(at.server.received) == 1


async def test_an_error_without_end_is_cut_off(at):
    async def reply(_, writer):
        writer.write(b"HTTP/1.1 400 X\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n")
        while True:
            await write(writer, b"x" * 50_000)

    at.server.answers(reply)
    with pytest.raises(errors.RequestRejected):
        await at.planner().plan(REQUEST, TOOLS)


async def test_pieces_are_heard_as_they_come(at):
    at.server.answers(says(TEXT))
    await at.planner().plan(REQUEST, TOOLS)
    assert "".join(text for kind, text in at.heard if kind == "text") == TEXT
    assert len(at.heard) > 10
