"""OpenTelemetry, when its standard variables are set: a span for each drive of a turn and each arrival.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables and
https://opentelemetry.io/docs/specs/otel/protocol/exporter: the SDK and its exporters read address, headers,
certificates, time-outs, sampler and resource themselves; here it is decided whether anything is exported, and by which.

Only Sophia's own spans are: libraries that trace themselves aren't handed the provider, as nobody has looked at what
they would tell.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from opentelemetry import trace

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import TracerProvider

__all__ = ["span", "tracing"]

_log = logging.getLogger(__name__)
_ADDRESSES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_HTTP_PORT = 4318
"""Registered for OTLP over HTTP; where no protocol is named, the SDK for Python takes gRPC."""


class _Exporting:
    """The provider of this process, while it exports."""

    provider: TracerProvider | None = None


@contextlib.contextmanager
def tracing(environ: Mapping[str, str]) -> Iterator[bool]:
    """Export spans while the block runs; whether that is done. What is left is sent at the end."""
    exporter = _exporter(environ)
    if exporter is None:
        yield False
        return
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create()
    if str(resource.attributes["service.name"]).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": "sophia"}))
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _Exporting.provider = provider
    try:
        yield True
    finally:
        _Exporting.provider = None
        provider.shutdown()


def _exporter(environ: Mapping[str, str]) -> SpanExporter | None:
    """What the variables ask for; None when nothing is exported, which is said where it was meant otherwise."""
    wanted = _first(environ, ("OTEL_TRACES_EXPORTER",)).lower()
    asked = wanted or _first(environ, _ADDRESSES)
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true" or not asked or wanted == "none":
        return None
    if wanted == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter()
    protocol = _protocol(environ)
    if wanted in ("", "otlp") and protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as by_grpc

        return by_grpc.OTLPSpanExporter()
    if wanted in ("", "otlp") and protocol == "http/protobuf":
        from opentelemetry.exporter.otlp.proto.http import trace_exporter as by_http

        return by_http.OTLPSpanExporter()
    _log.error(
        "no traces are exported: %s isn't known here; OTEL_TRACES_EXPORTER is otlp, console or none, and "
        "OTEL_EXPORTER_OTLP_PROTOCOL grpc or http/protobuf",
        f"the exporter {wanted}" if wanted not in ("", "otlp") else f"the protocol {protocol}",
    )
    return None


def _protocol(environ: Mapping[str, str]) -> str:
    named = _first(environ, _PROTOCOLS).lower()
    if named:
        return named
    try:
        port = urlsplit(_first(environ, _ADDRESSES)).port
    except ValueError:  # the exporter says what is wrong with the address
        port = None
    return "http/protobuf" if port == _HTTP_PORT else "grpc"


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str:
    """The first of these variables that is set and not empty, which counts as unset by the specification."""
    return next((found for name in names if (found := environ.get(name, "").strip())), "")


@contextlib.contextmanager
def span(name: str, about: Mapping[str, str]) -> Iterator[None]:
    """A span with the conversation and the turn that it is about; nothing where nobody exports."""
    attributes = {f"sophia.{key}": value for key, value in about.items()}
    with trace.get_tracer("sophia", tracer_provider=_Exporting.provider).start_as_current_span(
        name, attributes=attributes
    ):
        yield
