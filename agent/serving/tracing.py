"""OpenTelemetry, when its standard variables are set: a span for each drive of a turn and each arrival.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables: the SDK and its exporter read
OTEL_EXPORTER_OTLP_ENDPOINT and the rest themselves.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from opentelemetry import trace

__all__ = ["span", "tracing"]

_WANTED = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


@contextlib.contextmanager
def tracing(environ: Mapping[str, str]) -> Iterator[bool]:
    """Export spans while the block runs; whether the variables ask for it. What is left is sent at the end."""
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or not any(environ.get(name) for name in _WANTED):
        yield False
        return
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": environ.get("OTEL_SERVICE_NAME") or "sophia"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    try:
        yield True
    finally:
        provider.shutdown()


@contextlib.contextmanager
def span(name: str, about: Mapping[str, str]) -> Iterator[None]:
    """A span with the conversation and the turn that it is about; nothing where nobody exports."""
    with trace.get_tracer("sophia").start_as_current_span(
        name, attributes={f"sophia.{k}": v for k, v in about.items()}
    ):
        yield
