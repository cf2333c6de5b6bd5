"""How a line of the log is written: times with their offset from UTC, as text or as JSON."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

# What gunicorn knows of a request, by the names that its format for access lines has for it
_OF_ACCESS = {
    "client": "h",
    "method": "m",
    "address": "address",
    "status": "s",
    "bytes": "B",
    "milliseconds": "M",
    "agent": "a",
}


class LineFormatter(logging.Formatter):
    """Writes a line of text; what a message brings cannot begin another one."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 as logging calls it
        """Write when it was: 2026-11-27T19:49:33.120+08:00."""
        return _write_time(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 as logging calls it
        """Write the message in one line; what a traceback says follows in lines of its own."""
        return " ".join(super().formatMessage(record).splitlines())


class JSONFormatter(logging.Formatter):
    """Writes an object a line, for programs that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Write time, level, logger, id of the request, message, and an error with its place."""
        said: dict[str, Any] = {
            "at": _write_time(record),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
        }
        atoms = record.args
        if record.name == "gunicorn.access" and isinstance(atoms, Mapping):
            said |= {name: atoms[atom] for name, atom in _OF_ACCESS.items()}
            said["request_id"] = atoms["{x-request-id}o"]
        else:
            said["message"] = record.getMessage()
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


def _write_time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created).astimezone()
    return at.isoformat(timespec="milliseconds")


FORMATTERS = {"line": LineFormatter, "json": JSONFormatter}


def build_formatter(name: str, more: str = "") -> dict[str, Any]:
    """Build what logging is told of a formatter; `more` stands before the message of a line."""
    return {
        "()": FORMATTERS[name],
        "format": f"%(asctime)s %(levelname)s %(name)s {more}%(message)s",
    }
