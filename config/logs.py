"""Log formatters: lines of text or JSON, with times that have an offset from UTC."""

import ipaddress
import json
import logging
import socket
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

# Atoms of gunicorn's access log
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
    """Writes a line of text, with line ends in messages replaced; tracebacks have more lines."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 as logging calls it
        return _write_time(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 as logging calls it
        return " ".join(super().formatMessage(record).splitlines())


class JSONFormatter(logging.Formatter):
    """Writes an object a line, for programs that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": _write_time(record),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
        }
        atoms = record.args
        if record.name == "gunicorn.access" and isinstance(atoms, Mapping):
            line |= {name: atoms[atom] for name, atom in _OF_ACCESS.items()}
            line["request_id"] = atoms["{x-request-id}o"]
        else:
            line["message"] = record.getMessage()
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def _write_time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created).astimezone()
    return at.isoformat(timespec="milliseconds")


FORMATTERS = {"line": LineFormatter, "json": JSONFormatter}


def build_syslog(address: str) -> dict[str, Any]:
    """Build the settings of a handler for syslog at a socket, or at a host and port by UDP."""
    host, _colon, port = address.rpartition(":")
    if not (address.startswith("/") or (host and port.isdecimal())):
        raise SystemExit(f"SYSLOG_ADDRESS is {address}: set /dev/log, or such as 10.0.0.9:514.")
    try:
        socket.getaddrinfo(host, port) if host else Path(address).stat()
    except OSError as error:
        raise SystemExit(f"SYSLOG_ADDRESS is {address}, which is not found: {error}") from None
    return {
        "class": "logging.handlers.SysLogHandler",
        "address": (host, int(port)) if host else address,
        "facility": "authpriv",
        "formatter": "syslog",
    }


def find_client(peer: str, forwarded: str, proxies: int) -> str:
    """Return the client that the last of our own proxies names in X-Forwarded-For, or the peer."""
    named = [part.strip() for part in forwarded.split(",")]
    claimed = named[-proxies] if 0 < proxies <= len(named) else peer
    try:
        return str(ipaddress.ip_address(claimed))
    except ValueError:
        return peer


def build_formatter(name: str, more: str = "") -> dict[str, Any]:
    """Build the settings of a formatter; `more` comes before the message of a line."""
    text = f"%(asctime)s %(levelname)s %(name)s {more}%(message)s"
    return {"()": FORMATTERS[name], "format": text}
