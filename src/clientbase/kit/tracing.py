"""Traces of requests, where the extra `otel` is installed and a collector is named in the settings."""

from typing import Any

from fastapi import FastAPI

from clientbase.config import settings

try:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    INSTALLED = True
except ImportError:
    INSTALLED = False


def instrument(app: FastAPI) -> None:
    """Send the traces of the app to the collector of the settings; without one nothing is done.

    Raises RuntimeError when a collector is named and the extra is not installed.
    """
    endpoint = settings().otel_endpoint
    if not endpoint:
        return
    if not INSTALLED:
        raise RuntimeError("CLIENTBASE_OTEL_ENDPOINT is set: install the extra `otel`.")
    provider = TracerProvider(resource=Resource.create({"service.name": "clientbase"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
    FastAPIInstrumentor.instrument_app(
        app,
        tracer_provider=provider,
        server_request_hook=_without_query,
        excluded_urls="livez,readyz,metrics",
        exclude_spans=["receive", "send"],
    )


def _without_query(span: Any, scope: dict[str, Any]) -> None:
    """A query may hold phones and names: the address is told without it."""
    for name in ("http.url", "url.full", "http.target"):
        span.set_attribute(name, scope["path"])
    span.set_attribute("url.query", "")
