"""Who sends a request: request ids, client addresses, and the rows that a client may read."""

import ipaddress
import logging
import uuid
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

from config.logs import find_client

REQUEST_ID_HEADER = "X-Request-Id"

_logger = logging.getLogger(__name__)

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def get_request_id(request: object = None) -> str:
    """Return the id (32 hex digits) of `request`, or of the one being answered; else ""."""
    return getattr(request, "request_id", "") or _request_id.get()


def client_address(request: HttpRequest) -> str:
    """Return the address of the client: "203.0.113.7", "2001:db8::1", or "" if unknown.

    Each proxy appends its client's address to X-Forwarded-For; only the last TRUSTED_PROXIES
    entries can be trusted.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.headers.get("X-Forwarded-For", "")
    if settings.TRUSTED_PROXIES:
        return find_client(peer, forwarded, settings.TRUSTED_PROXIES)
    if forwarded:
        _warn_of_proxy(peer)
    return peer


@lru_cache(maxsize=16)
def _warn_of_proxy(peer: str) -> None:
    with suppress(ValueError):
        # Anybody can send this header from a public address
        if ipaddress.ip_address(peer).is_private:
            _logger.warning(
                "%s passes on requests of others, and TRUSTED_PROXIES is 0: all of them count as "
                "one client, those of this machine as none. Set TRUSTED_PROXIES=1 if it is your "
                "proxy.",
                peer,
            )


class RequestIdMiddleware(MiddlewareMixin):
    """Gives each request an id.

    It ignores the client's X-Request-Id, which could forge log lines and collide with others.
    """

    def __call__(self, request: HttpRequest) -> Any:
        request_id = uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        token = _request_id.set(request_id)
        try:
            response: Any = self.get_response(request)
        finally:
            # Worker threads are reused: the next request must not inherit this id.
            _request_id.reset(token)
        response.headers[REQUEST_ID_HEADER] = request_id
        return response


class RequestIdFilter(logging.Filter):
    """Logging filter that sets `request_id` on each record ("-" outside a request)."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django logs refused requests after the middleware has returned, with the request attached.
        record.request_id = get_request_id(getattr(record, "request", None)) or "-"
        return True


@dataclass(frozen=True)
class Client:
    """The user of a request. Clients with the same `visibility` see the same rows and are equal."""

    visibility: str
    person: Any = field(compare=False)


_registered: list[Callable[[Any, Any], Any]] = []


def register_selection(select: Callable[[Any, Any], Any]) -> None:
    """Register the function that selects the rows that a person may read."""
    _registered[:] = [select]


def select_visible(rows: Any, person: Any) -> Any:
    """Select the rows that a person may read, of a queryset or of a model."""
    return _registered[0](rows, person)
