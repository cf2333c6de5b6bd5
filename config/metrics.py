"""Metrics for Prometheus, at an address that is not public.

Each process counts in its own file; the one that answers adds them up. Gauges such as free disk
space are read at that time.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.values import MutexValue, ValueClass

from config.examinations import GAUGES
from config.postgresql.base import count_unconfirmed

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
_REQUESTS = Counter(
    "ledger_requests", "Requests that were answered.", ["method", "route", "status"]
)
_SECONDS = Histogram(
    "ledger_request_seconds",
    "Seconds until an answer was ready to be sent.",
    ["method", "route"],
    buckets=_BUCKETS,
)
_EXPORTED = Counter("ledger_exports", "Files of rows that were made.", ["route"])
_EXPORTED_ROWS = Counter("ledger_exported_rows", "Rows in files that were made.", ["route"])
_IMPORTS = Counter("ledger_imports", "Files that were sent to be imported.", ["status"])
_POOL = {
    name: Gauge(f"ledger_database_{name}", said, multiprocess_mode="livesum")
    for name, said in {
        "pool_size": "Connections that the pools of all processes hold.",
        "pool_available": "Connections of the pools that nobody uses.",
        "requests_waiting": "Requests that wait for a connection.",
    }.items()
}
_UNCONFIRMED = Gauge(
    "ledger_writes_unconfirmed",
    "Writes that no standby confirmed in time.",
    multiprocess_mode="sum",
)
Answer = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class MetricsMiddleware(MiddlewareMixin):
    """Counts requests by route, and measures how long each takes."""

    def __call__(self, request: HttpRequest) -> Any:
        begun = time.perf_counter()
        response: Any = self.get_response(request)
        match = request.resolver_match
        # By name: with codes in URLs, each row would be a series
        route = (match.view_name if match else "") or "unknown"
        method = request.method if request.method in _METHODS else "other"
        _SECONDS.labels(method, route).observe(time.perf_counter() - begun)
        _REQUESTS.labels(method, route, response.status_code).inc()
        if rows := response.headers.get("X-Row-Count"):
            _EXPORTED.labels(route).inc()
            _EXPORTED_ROWS.labels(route).inc(int(rows))
        if method == "POST" and route == "import-list":
            _IMPORTS.labels(response.status_code).inc()
        _UNCONFIRMED.set(count_unconfirmed())
        if (pool := getattr(connection, "pool", None)) is not None:
            stats = pool.get_stats()
            for name, gauge in _POOL.items():
                gauge.set(stats.get(name, 0))
        return response


_METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}


def wrap_application(application: Answer) -> Answer:
    """Serve metrics to requests at METRICS_ADDRESS, and the application to all others."""
    port = int(settings.METRICS_ADDRESS.rpartition(":")[2])

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        # Unlike a header, the socket cannot be forged
        if environ["gunicorn.socket"].getsockname()[1] != port:
            return application(environ, start_response)
        if environ["PATH_INFO"] != "/metrics":
            start_response("404 Not Found", [("Content-Length", "0")])
            return [b""]
        body = b"".join(_write_metrics())
        headers = [("Content-Type", CONTENT_TYPE_LATEST), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [body]

    return answer


def _write_metrics() -> Iterator[bytes]:
    counted = REGISTRY
    if ValueClass is not MutexValue:  # several processes
        counted = CollectorRegistry()
        MultiProcessCollector(counted)
    yield generate_latest(counted)
    for name, said, read in GAUGES:
        try:
            value = read()
        except (Error, OSError):
            continue
        values = value if isinstance(value, Mapping) else {"": value}
        yield f"# HELP {name} {said}\n# TYPE {name} gauge\n".encode()
        for task, each in values.items():
            label = f'{{task="{task}"}}' if task else ""
            yield f"{name}{label} {each}\n".encode()
    connection.close_if_unusable_or_obsolete()
    if connection.settings_dict["OPTIONS"].get("pool"):
        connection.close()  # back to the pool
