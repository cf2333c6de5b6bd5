"""gunicorn's settings: `gunicorn --config config/gunicorn.py config.wsgi`.

$WEB_CONCURRENCY processes of $WEB_THREADS threads, which mostly wait for the database. Logs go to
stderr.
"""

import json
import logging
import os
import re
import shutil
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

from django.urls import get_resolver
from gunicorn import util
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.http import message as http_message
from gunicorn.http.message import Request
from gunicorn.http.parser import RequestParser
from gunicorn.workers.base import Worker

from config import settings as site
from config.environment import collect_seldom
from config.logs import build_formatter, find_client

_memory = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
bind = [f"{site.HOST}:{site.PORT}"]
if site.METRICS_ADDRESS:
    bind.append(site.METRICS_ADDRESS)
    # prometheus_client reads this when it is imported, with the site
    METRICS_FOLDER = tempfile.mkdtemp(prefix="ledger-metrics-", dir=_memory)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = METRICS_FOLDER
worker_class = "gthread"
workers = site.WEB_CONCURRENCY
threads = site.WEB_THREADS  # DATABASE_POOL_MAX should not be less
timeout = 60  # seconds without a heartbeat until a worker is replaced
graceful_timeout = 40  # longer than a client of the feed can wait
keepalive = 5
worker_tmp_dir = _memory  # of heartbeats, which a slow disk would delay
# Longer than the site accepts: AddressLengthMiddleware refuses it with a page or a problem
limit_request_line = http_message.MAX_REQUEST_LINE = 65_536
# Load the site once, before the workers, which share the memory: a wrong setting stops the server
preload_app = True
forwarder_headers = ""  # no header may set SCRIPT_NAME, which would break all URLs of pages
control_socket_disable = True


def on_starting(server: Arbiter) -> None:
    """Refuse to serve with DEBUG."""
    if site.DEBUG:
        sys.exit(
            "DEBUG is on: it shows errors with all their data. Leave it out, or use `make dev`."
        )


class Utf8Request(Request):
    """Accepts Chinese in a URL that is not percent-encoded, as curl sends it.

    gunicorn would answer with its own 400.
    """

    def parse_request_line(self, line_bytes: bytes) -> None:
        encoded = re.sub(rb"[\x80-\xff]", lambda byte: b"%%%02X" % byte[0][0], line_bytes)
        super().parse_request_line(encoded)


RequestParser.mesg_class = Utf8Request
http_parser = "python"  # the one in C does not use our class

REFUSED_BY_SERVER = {
    400: "validation-failed",
    403: "forbidden",
    414: "address-too-long",
    431: "headers-too-large",
    500: "internal-error",
}


def write_problem(sock: Any, status: int, reason: str, message: str) -> None:
    """Answer requests that do not reach Django, such as invalid ones, with a problem."""
    request_id = uuid.uuid4().hex
    logging.getLogger("gunicorn.error").warning("%d %s %s", status, reason, request_id)
    slug = REFUSED_BY_SERVER.get(status)
    problem = {
        "type": f"/problems/{slug}" if slug else "about:blank",
        "title": reason,
        "status": status,
        "detail": reason,  # `message` would repeat the request
        "errors": [],
        "request_id": request_id,
    }
    body = json.dumps(problem).encode()
    lines = (
        f"HTTP/1.1 {status} {reason}",
        "Connection: close",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        f"X-Request-Id: {request_id}",
        "Cache-Control: no-store",
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
        "Referrer-Policy: same-origin",
        "X-Content-Type-Options: nosniff",
        "X-Frame-Options: DENY",
    )
    util.write_nonblock(sock, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)


util.write_error = write_problem


def post_request(worker: Any, req: Request, environ: Any, resp: Any) -> None:
    """Replace a process that uses too much memory, once its requests are answered.

    Memory freed after a large file is often not returned to the system.
    """
    held = read_memory()
    if worker.alive and 0 < site.WORKER_MAX_BYTES < held:
        worker.log.info("Replaced, as it holds %d MB.", held // 2**20)
        worker.alive = False


def read_memory() -> int:
    """Return the bytes of memory of this process; 0 if they are unknown."""
    statistics = Path("/proc/self/statm")
    if not statistics.exists():
        return 0
    return int(statistics.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE")


def child_exit(server: Arbiter, worker: Worker) -> None:
    """Drop the gauges of a worker that has ended; its counts remain."""
    if site.METRICS_ADDRESS:
        for path in Path(METRICS_FOLDER).glob(f"gauge_live*_{worker.pid}.db"):
            path.unlink(missing_ok=True)


def on_exit(server: Arbiter) -> None:
    """Remove the metrics."""
    if site.METRICS_ADDRESS:
        shutil.rmtree(METRICS_FOLDER, ignore_errors=True)


def when_ready(server: Arbiter) -> None:
    """Load the URLs before the workers start, and freeze what is loaded."""
    get_resolver().url_patterns  # noqa: B018
    collect_seldom()


_OF_CLIENT = ("REMOTE_ADDR", "HTTP_X_FORWARDED_FOR")


class AccessLogger(Logger):
    """Writes access log lines without the values of parameters."""

    def atoms(self, resp: Any, req: Request, environ: dict[str, Any], request_time: Any) -> Any:
        # Not decoded: a line end could forge a line
        path, mark, query = environ["RAW_URI"].partition("?")
        address = path + mark + re.sub(r"=[^&]*", "=-", query)
        peer, forwarded = (str(environ.get(name, "")) for name in _OF_CLIENT)
        client = find_client(peer, forwarded, site.TRUSTED_PROXIES)
        atoms: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return atoms | {"address": address, "h": client or "-"}


logger_class = AccessLogger
access_log_format = (
    '%(h)s "%(m)s %(address)s" %(s)s %(B)s bytes %(M)s ms %({x-request-id}o)s "%(a)s"'
)
_stderr = {"class": "logging.StreamHandler", "formatter": "chosen"}
logconfig_dict = {
    "formatters": {"chosen": build_formatter(site.LOG_FORMAT)},
    "handlers": {"stderr": _stderr},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        # Without its warnings about bodies in responses to HEAD, which it drops
        "gunicorn.http.wsgi": {"level": "ERROR"},
        "gunicorn.access": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
