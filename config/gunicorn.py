"""gunicorn's settings: `gunicorn --config config/gunicorn.py config.wsgi`.

Processes with threads: $WEB_CONCURRENCY times $WEB_THREADS requests at once, each waiting mostly
for the database. Logs go to stderr.
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
from config.logs import build_formatter

bind = [f"{site.HOST}:{site.PORT}"]
if site.METRICS_ADDRESS:
    bind.append(site.METRICS_ADDRESS)
    # Where processes count; read when prometheus_client is imported, with the site.
    _memory = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
    METRICS_FOLDER = tempfile.mkdtemp(prefix="ledger-metrics-", dir=_memory)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = METRICS_FOLDER
worker_class = "gthread"
workers = site.WEB_CONCURRENCY
threads = site.WEB_THREADS  # DATABASE_POOL_MAX should not be less
timeout = 60  # seconds without a sign of life until a worker is replaced
graceful_timeout = 20
keepalive = 5
# Workers show that they live by touching a file: in memory no slow disk can make them look dead.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
# Bytes of a first line that are read. The site itself refuses what is longer than an address may
# be, with a page or a problem (AddressLengthMiddleware), as whoever asks reads it.
limit_request_line = http_message.MAX_REQUEST_LINE = 65_536
# Load the site once, before the workers: a wrong setting stops the server with its message
# instead of being met again and again by new workers, and they share the memory.
preload_app = True
# No header of a request sets a variable of WSGI, whoever sends it: SCRIPT_NAME would break the
# addresses of all pages.
forwarder_headers = ""
# Nothing steers the running server but signals.
control_socket_disable = True


def on_starting(server: Arbiter) -> None:
    """Refuse to serve what anybody could break into."""
    if site.DEBUG:
        sys.exit(
            "DEBUG is on: it shows errors with all their data. Leave it out, or use `make dev`."
        )


class Utf8Request(Request):
    """Takes Chinese in a URL as it is typed.

    Browsers percent-encode it, `curl '...?investment_min=1亿'` does not, and gunicorn would answer
    such a request with a bare 400 of its own.
    """

    def parse_request_line(self, line_bytes: bytes) -> None:
        encoded = re.sub(rb"[\x80-\xff]", lambda byte: b"%%%02X" % byte[0][0], line_bytes)
        super().parse_request_line(encoded)


RequestParser.mesg_class = Utf8Request
http_parser = "python"  # the other one, in C, does not ask our class


REFUSED_BY_SERVER = {
    400: "validation-failed",
    403: "forbidden",
    414: "address-too-long",
    431: "headers-too-large",
    500: "internal-error",
}


def write_problem(sock: Any, status: int, reason: str, message: str) -> None:
    """Answer what Django never hears of, such as a URL that is too long, with a problem."""
    request_id = uuid.uuid4().hex
    logging.getLogger("gunicorn.error").warning("%d %s %s", status, reason, request_id)
    problem = {
        "type": f"/problems/{REFUSED_BY_SERVER[status]}"
        if status in REFUSED_BY_SERVER
        else "about:blank",
        "title": reason,
        "status": status,
        "detail": reason,  # the message would repeat what was sent
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
    """Let a process that has grown end once all that it has begun is answered: a new one follows.

    What was freed after a large file is often not given back to the system.
    """
    held = read_memory()
    if worker.alive and 0 < site.WORKER_MAX_BYTES < held:
        worker.log.info("Replaced, as it holds %d MB.", held // 2**20)
        worker.alive = False


def read_memory() -> int:
    """Read how many bytes of memory this process holds; 0 where the system does not tell."""
    statistics = Path("/proc/self/statm")
    if not statistics.exists():
        return 0
    return int(statistics.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE")


def child_exit(server: Arbiter, worker: Worker) -> None:
    """Forget what a worker that has ended held at the time; what it counted stays counted."""
    if site.METRICS_ADDRESS:
        for path in Path(METRICS_FOLDER).glob(f"gauge_live*_{worker.pid}.db"):
            path.unlink(missing_ok=True)


def on_exit(server: Arbiter) -> None:
    """Remove the counts."""
    if site.METRICS_ADDRESS:
        shutil.rmtree(METRICS_FOLDER, ignore_errors=True)


def when_ready(server: Arbiter) -> None:
    """Load what is loaded lazily before the workers start, and spare the garbage collector it."""
    get_resolver().url_patterns  # noqa: B018
    collect_seldom()


class AccessLogger(Logger):
    """Access log lines that name the request id and do not tell what was asked for."""

    def atoms(self, resp: Any, req: Request, environ: dict[str, Any], request_time: Any) -> Any:
        # The URL as it was sent: decoded, it could hold a line end and forge a line.
        path, asked, query = environ["RAW_URI"].partition("?")
        address = path + asked + re.sub(r"=[^&]*", "=-", query)
        return super().atoms(resp, req, environ, request_time) | {"address": address}


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
        # Django leaves it to the server to drop the body of an answer to HEAD: no news.
        "gunicorn.http.wsgi": {"level": "ERROR"},
        "gunicorn.access": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
