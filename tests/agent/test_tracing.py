"""Traces by the standard variables: over gRPC and over HTTP, to a collector of the tests' own."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from concurrent import futures
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from agent.serving.tracing import span, tracing

ABOUT = {"thread": "c_one", "turn": "t_one"}


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Keeps what it is sent, either way, as service, span and attributes."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, str, dict[str, str]]] = []
        self.headers: dict[str, str] = {}

    def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - the service's own name for it
        self.headers |= {str(key): str(value) for key, value in context.invocation_metadata()}
        self.keep(request)
        return trace_service_pb2.ExportTraceServiceResponse()

    def keep(self, request: Any) -> None:
        for each in request.resource_spans:
            resource = {pair.key: pair.value.string_value for pair in each.resource.attributes}
            for scope in each.scope_spans:
                for found in scope.spans:
                    told = {pair.key: pair.value.string_value for pair in found.attributes}
                    self.spans.append((resource["service.name"], found.name, told))


@contextlib.contextmanager
def by_grpc() -> Iterator[tuple[Collector, str]]:
    collector = Collector()
    server = grpc.server(futures.ThreadPoolExecutor(1))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield collector, f"http://127.0.0.1:{port}"
    server.stop(None)


@contextlib.contextmanager
def by_http() -> Iterator[tuple[Collector, str]]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.headers |= {key.lower(): value for key, value in self.headers.items()}
            if self.path == "/v1/traces":
                collector.keep(trace_service_pb2.ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own name for it
            """Nothing is said."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield collector, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def traced(monkeypatch: pytest.MonkeyPatch, environ: Mapping[str, str]) -> bool:
    """One span with these variables set; whether anything was to be exported. The exporters read them themselves."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with tracing(environ) as exported, span("drive", ABOUT):
        pass
    return exported


EXPECTED = ("drive", {"sophia.thread": "c_one", "sophia.turn": "t_one"})
HTTP = {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}


def test_over_http_with_its_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    with by_http() as (collector, url):
        more = {"OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=payready", "OTEL_SERVICE_NAME": "sophia-east"}
        assert traced(monkeypatch, {"OTEL_EXPORTER_OTLP_ENDPOINT": url, **HTTP, **more})
    assert collector.spans == [("sophia-east", *EXPECTED)]
    assert collector.headers["x-tenant"] == "payready"


def test_over_grpc_unless_something_else_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with by_grpc() as (collector, url):
        assert traced(monkeypatch, {"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_EXPORTER_OTLP_PROTOCOL": ""})
    assert collector.spans == [("sophia", *EXPECTED)]


def test_the_port_that_is_registered_for_http_is_spoken_to_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with by_http() as (collector, url):
        monkeypatch.setattr("agent.serving.tracing._HTTP_PORT", int(url.rpartition(":")[2]))
        assert traced(monkeypatch, {"OTEL_EXPORTER_OTLP_ENDPOINT": url})
    assert collector.spans == [("sophia", *EXPECTED)]


def test_what_is_said_for_traces_alone_counts_more(monkeypatch: pytest.MonkeyPatch) -> None:
    with by_http() as (collector, url):
        environ = {
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{url}/v1/traces",
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            "OTEL_RESOURCE_ATTRIBUTES": "service.name=sophia-west,deployment.environment=test",
        }
        assert traced(monkeypatch, environ)
    assert collector.spans == [("sophia-west", *EXPECTED)]


@pytest.mark.parametrize(
    "environ, said",
    [
        ({}, ""),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "{url}", "OTEL_TRACES_EXPORTER": "none"}, ""),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "{url}", "OTEL_SDK_DISABLED": "TRUE", **HTTP}, ""),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "{url}", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}, "http/json isn't known"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "{url}", "OTEL_TRACES_EXPORTER": "zipkin"}, "zipkin isn't known"),
    ],
)
def test_nothing_is_sent_where_it_is_not_wanted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, environ: dict[str, str], said: str
) -> None:
    with by_http() as (collector, url):
        assert not traced(monkeypatch, {name: value.format(url=url) for name, value in environ.items()})
    assert collector.spans == []
    assert said in caplog.text
    assert bool(said) == bool(caplog.text)
