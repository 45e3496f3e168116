"""`sophia serve` as it is run: its logs, spans, health and end; and the files that run it in containers."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import pytest
import yaml
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from agent.settings import load
from tests.slack.server import BOT_TOKEN, BOT_USER, SECRET, TEAM, SlackServer

ROOT = Path(__file__).parents[2]
CONFIGURATION = """
[people.ann]
roles = ["requester"]
slack = [{{ workspace = "{team}", user = "U0ANN00001" }}]
[slack]
api_url = "{url}/api/"
[schedules]
sweep = "off"
drift = "off"
digest = "off"
audit = "off"
"""


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Takes spans as an OpenTelemetry collector does."""

    def __init__(self) -> None:
        self.spans: dict[str, dict[str, str]] = {}

    async def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - the service's own name
        for resource in request.resource_spans:
            self.service = {each.key: each.value.string_value for each in resource.resource.attributes}["service.name"]
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self.spans[span.name] = {each.key: each.value.string_value for each in span.attributes}
        return trace_service_pb2.ExportTraceServiceResponse()


@asynccontextmanager
async def collecting() -> AsyncIterator[tuple[Collector, str]]:
    collector, server = Collector(), grpc.aio.server()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield collector, f"http://127.0.0.1:{port}"
    await server.stop(None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def answered(url: str, process: asyncio.subprocess.Process) -> str:
    async with asyncio.timeout(300), aiohttp.ClientSession() as session:
        while True:
            assert process.returncode is None
            try:
                async with session.get(url) as answer:
                    return f"{answer.status} {(await answer.text()).strip()}"
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_the_process_says_how_it_is_and_what_it_does(slack: SlackServer, tmp_path: Path) -> None:
    (tmp_path / "sophia.toml").write_text(CONFIGURATION.format(team=TEAM, url=slack.url))
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    async with collecting() as (collector, endpoint):
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("SOPHIA_", "OTEL_"))}
        environ |= {
            "SOPHIA_HOME": str(tmp_path / "home"),
            "SOPHIA_SLACK_BOT_TOKEN": BOT_TOKEN,
            "SOPHIA_SLACK_SIGNING_SECRET": SECRET,
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "PYTHONPATH": str(ROOT),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "agent", "serve", "--port", str(port), cwd=tmp_path, env=environ,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert await answered(f"{base}/ready", process) == "200 ready"
        assert await answered(f"{base}/health", process) == "200 ok"
        slack.events_url = f"{base}/slack/events"
        thread = await slack.say("U0ANN00001", f"<@{BOT_USER}> what are you doing?")
        await slack.until(lambda: "done" in slack.text("C0GENERAL1", thread), 200)
        process.send_signal(signal.SIGTERM)
        _, said = await asyncio.wait_for(process.communicate(), 120)
        assert process.returncode == 0
    conversation = f"slack.{TEAM}.C0GENERAL1.{thread}"
    assert collector.service == "sophia"
    assert collector.spans["drive"]["sophia.thread"] == conversation
    assert collector.spans["arrival"]["sophia.arrival"].startswith("message:")
    lines = [json.loads(line) for line in said.decode().splitlines() if line.startswith("{")]
    driven = next(line for line in lines if line["message"] == "driven: done")
    assert driven["thread"] == conversation
    assert driven["turn"] == collector.spans["drive"]["sophia.turn"]
    assert not any(BOT_TOKEN in line or SECRET in line for line in said.decode().splitlines())


def compose() -> dict[str, Any]:
    found = yaml.safe_load((ROOT / "compose.yaml").read_text())
    assert isinstance(found, dict)
    return found


def test_what_compose_hands_over_is_understood(tmp_path: Path) -> None:
    services = compose()["services"]
    given = services["sophia"]["environment"]
    example = {name: re.sub(r"\$\{(\w+):?[^}]*\}", "x", value) for name, value in given.items()}
    (tmp_path / "sophia.toml").write_text("read_only = true\n")
    example |= {"SOPHIA_CONFIG": str(tmp_path / "sophia.toml"), "SOPHIA_BASE_URL": "http://model:8000/v1"}
    settings = load(directory=tmp_path, environ=example)
    read = settings.storage.database_url, settings.slack.bot_token, settings.slack.app_token, settings.model.api_key
    assert all(read)
    assert settings.storage.chroma_url
    assert settings.read_only
    bare = {name: re.sub(r"\$\{[^}]*\}", "", value) for name, value in given.items()}
    bare |= {"SOPHIA_CONFIG": example["SOPHIA_CONFIG"], "SOPHIA_DATABASE_URL": example["SOPHIA_DATABASE_URL"]}
    assert load(directory=tmp_path, environ=bare).slack.mode is None  # what isn't in .env counts as not set


def test_compose_and_dockerfile_agree() -> None:
    found, image = compose(), (ROOT / "Dockerfile").read_text()
    services = found["services"]
    for service in services.values():
        for volume in service.get("volumes", []):
            name = volume.partition(":")[0]
            assert name.startswith("./") or name in found["volumes"]
        for other, how in dict(service.get("depends_on", {})).items():
            assert how["condition"] in ("service_healthy", "service_started")
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[other] or "HEALTHCHECK" in image
    assert services["sophia"]["environment"]["SOPHIA_DATABASE_URL"].endswith("@postgres/sophia")
    assert "SOPHIA_HOME=/data" in image
    assert services["sophia"]["volumes"][1].split(":")[1].split()[0] == "/data"
    assert f'"{services["worker"]["command"][-1]}"' in image
    copied = re.findall(r"^COPY (\w+) \1$", image, re.MULTILINE)
    assert set(copied) == {"agent", "tools", "memory", "infra", "prompts", "evals"}
    assert all((ROOT / name).exists() for name in re.findall(r"(\S+\.(?:toml|lock|md))\b", image))
