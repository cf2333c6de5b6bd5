"""A WSGI application that runs the statements of drawn requests alone: `/statements?17`."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from benchmarks.drawn.statements import run_raw  # noqa: E402

_kept = pickle.loads(Path(os.environ["DRAWN_STATEMENTS"]).read_bytes())  # noqa: S301 our own


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer with the rows of each statement as JSON; `X-Times` says what each took in ms."""
    body, times = b"null", list[float]()
    if environ["PATH_INFO"] == "/statements":
        body, times = run_raw(_kept[int(environ["QUERY_STRING"])])
    headers = [("Content-Type", "application/json"), ("X-Times", orjson.dumps(times).decode())]
    start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
    return [body]
