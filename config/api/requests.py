"""Request ids: every answer carries one, and every log line written meanwhile names it."""

import logging
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase

REQUEST_ID_HEADER = "X-Request-Id"

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def get_request_id(request: object = None) -> str:
    """The id (32 hex digits) of `request`, or of the request being answered; "" outside one."""
    return getattr(request, "request_id", "") or _request_id.get()


class RequestIdMiddleware:
    """Gives each request an id of our own making.

    A client's X-Request-Id is not taken over: it could forge log lines and collide with others.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        token = _request_id.set(request_id)
        try:
            response = self.get_response(request)
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
