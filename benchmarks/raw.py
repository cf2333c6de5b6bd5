"""A WSGI application that answers the same JSON from raw SQL: psycopg or sqlite3, and orjson.

`/list?broad`, `/summary?plain` and the like; see `ANSWERS`. It is served as the ledger is.
"""

import os
import sqlite3
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

import orjson
import psycopg

from benchmarks import raw_sql
from benchmarks.questions import LIMIT, LISTS

URL = os.environ["DATABASE_URL"]
VENDOR = "sqlite" if URL.startswith("sqlite") else "postgresql"
_local = threading.local()


def fetch(sql: str) -> list[Any]:
    """Run a statement on this thread's connection."""
    database: Any = getattr(_local, "database", None)
    if database is None:
        database = _local.database = connect()
    return database.execute(sql).fetchall()


def connect() -> Any:
    if VENDOR == "postgresql":
        return psycopg.connect(URL, autocommit=True)
    database = sqlite3.connect(f"file:{URL.removeprefix('sqlite:///')}?mode=ro", uri=True)
    database.execute("PRAGMA mmap_size=268435456")
    database.execute("PRAGMA cache_size=-16384")
    return database


@cache
def page_sql(name: str) -> str:
    return raw_sql.page(LISTS[name], VENDOR)


def answer_list(name: str) -> Any:
    found = fetch(page_sql(name))
    ids = ", ".join(str(row[0]) for row in found[:LIMIT])
    rows = raw_sql.build_rows(found[:LIMIT], fetch(raw_sql.INVESTORS.format(ids=ids)))
    more = "cursor" if len(found) > LIMIT else None
    return {"results": rows, "next": more, "previous": None, "count": None}


def answer_summary(name: str) -> Any:
    sql = raw_sql.plain_summary(VENDOR) if name == "plain" else raw_sql.RAW_SUMMARY
    return fetch(sql)


ANSWERS: dict[str, Callable[[str], Any]] = {"/list": answer_list, "/summary": answer_summary}


def as_number(value: Any) -> int:
    return int(value)  # sums of PostgreSQL are decimals


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer one request of ANSWERS; anything else is an empty answer, such as that it serves."""
    answer = ANSWERS.get(environ["PATH_INFO"])
    found = answer(environ["QUERY_STRING"]) if answer else None
    body = orjson.dumps(found, default=as_number, option=orjson.OPT_UTC_Z)
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]
