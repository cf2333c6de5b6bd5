"""Ask the API within the process, as the requesting person: pages show what its views answer."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.urls import resolve
from django.utils.http import urlencode

from api.lists.as_of import AS_OF_NAME
from api.load import reading_seconds
from api.requests import get_request_id

API_ROOT = "/api/v1"
# What a client says of its own answer, not of the one that its page is made of. A page is for who
# has a session: a token would note its use while only reading is allowed.
_LEFT_OUT = {
    *("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE"),
    *("HTTP_AUTHORIZATION", "HTTP_ACCEPT_ENCODING", "CONTENT_TYPE"),
}

AskedQuery = Mapping[str, Any]  # texts by parameter; a QueryDict where one is repeated


class RefusedError(Exception):
    """What the API refuses; `problem` is its problem document (RFC 9457).

    `location` is where it leads instead; blank where it leads nowhere.
    """

    def __init__(self, problem: dict[str, Any], location: str = "") -> None:
        super().__init__(problem["detail"])
        self.problem = problem
        self.location = location

    @property
    def status(self) -> int:
        return int(self.problem["status"])


def ask_api(request: HttpRequest, resource: str, question: AskedQuery | None = None) -> Any:
    """Ask the API what it answers to GET for whoever asks for the page, in their language.

    `resource` is the path below /api/v1 (`attention`). RefusedError with the problem where
    it is refused. It is not counted by the rate limits, and what was kept is given again.
    """
    return orjson.loads(ask_for_bytes(request, resource, question))


def ask_for_bytes(
    request: HttpRequest, resource: str, question: AskedQuery | None = None, accept: str = "*/*"
) -> bytes:
    """Ask for an answer that is no JSON, such as a picture; RefusedError where it is refused.

    Each answer may take as long as if it were asked for alone.
    """
    asked = derive_request(request, f"{API_ROOT}/{resource}", question or {}, accept)
    match = resolve(asked.path_info)
    asked.resolver_match = match
    with reading_seconds():
        answer: Any = match.func(asked, *match.args, **match.kwargs)
        if not getattr(answer, "is_rendered", True):
            answer.render()
    content = b"".join(answer) if answer.streaming else getattr(answer, "content", b"")
    if answer.status_code >= 300:
        raise RefusedError(orjson.loads(content), answer.headers.get("Location", ""))
    return content


def build_call(resource: str, question: AskedQuery | None = None) -> str:
    """Build the address (from / on) at which the API answers a question itself."""
    query = f"?{urlencode(question, doseq=True)}" if question else ""
    return f"{API_ROOT}/{resource}{query}"


def date_question(resource: str, question: AskedQuery, moment: str | None) -> dict[str, Any]:
    """Copy a question as it is asked of a moment: with `as_of` where the past is kept, or without.

    What has no past, such as a vocabulary, is what it is.
    """
    lists = getattr(question, "lists", None)
    asked = dict(lists()) if lists else dict(question)
    if not has_past(resource):
        asked.pop("as_of", None)
    elif moment:
        asked.setdefault("as_of", moment)
    return asked


def has_past(resource: str) -> bool:
    """Tell whether the API answers, for a path below /api/v1, as of a moment in the past."""
    func: Any = resolve(f"{API_ROOT}/{resource}").func
    return hasattr(func, "cls") and takes_moment(func.cls, getattr(func, "actions", {}).get("get"))


def takes_moment(kind: Any, action: str | None) -> bool:
    """Tell whether an action of a view of the API understands `as_of`."""
    view = kind()
    view.action = action
    return AS_OF_NAME in view.get_query_parameters()


def derive_request(
    request: HttpRequest, path: str, question: AskedQuery, accept: str = "*/*"
) -> HttpRequest:
    """Build the request of the same person for another address."""
    meta = {name: value for name, value in request.META.items() if name not in _LEFT_OUT}
    script = request.path.removesuffix(request.path_info)
    asked: Any = WSGIRequest(
        {
            **meta,
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": script,
            "PATH_INFO": unquote_to_bytes(path).decode("iso-8859-1"),  # as WSGI has it
            "QUERY_STRING": urlencode(question, doseq=True),
            "CONTENT_LENGTH": "0",
            "HTTP_ACCEPT": accept,
            "wsgi.input": BytesIO(),
        }
    )
    for name in ("user", "session", "LANGUAGE_CODE"):
        setattr(asked, name, getattr(request, name))
    asked.request_id = get_request_id(request)
    return asked
