"""Ask the API within the process, as the requesting person: pages show what its views answer."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import orjson
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpRequest
from django.urls import resolve
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import get_language

from api.lists.as_of import AS_OF_NAME
from api.problems.problems import answer_not_found
from api.requests import get_request_id
from config.database.time_limits import reading_seconds

API_ROOT = "/api/v1"
# Headers that concern the page's own response. Pages need a session: a token would record its use,
# which is a write.
_LEFT_OUT = {
    *("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE"),
    *("HTTP_AUTHORIZATION", "HTTP_ACCEPT_ENCODING", "CONTENT_TYPE"),
}

ApiQuery = Mapping[str, Any]  # texts by parameter; a QueryDict where one is repeated


class RefusedError(Exception):
    """An error response of the API: its problem document (RFC 9457), and its Location or ""."""

    def __init__(self, problem: dict[str, Any], location: str = "") -> None:
        super().__init__(problem["detail"])
        self.problem = problem
        self.location = location

    @property
    def status(self) -> int:
        return int(self.problem["status"])


def ask_api(request: HttpRequest, resource: str, question: ApiQuery | None = None) -> Any:
    """Return the API's JSON response to the user's GET of a path below /api/v1 (`attention`).

    Raises RefusedError for an error response. Rate limits do not count it; kept responses serve it.
    """
    return orjson.loads(ask_for_bytes(request, resource, question))


def ask_for_bytes(
    request: HttpRequest, resource: str, question: ApiQuery | None = None, accept: str = "*/*"
) -> bytes:
    """Return the body of a response, such as a picture; it has the time limit of a request."""
    inner = derive_request(request, f"{API_ROOT}/{resource}", question or {}, accept)
    inner.resolver_match = match = resolve(inner.path_info)
    with reading_seconds():
        response: Any = match.func(inner, *match.args, **match.kwargs)
        if not getattr(response, "is_rendered", True):
            response.render()
    content = b"".join(response) if response.streaming else getattr(response, "content", b"")
    if response.status_code >= 300:
        if not content:  # a redirect, because of a slash too many
            content = answer_not_found(inner, Http404()).content
        raise RefusedError(orjson.loads(content), response.headers.get("Location", ""))
    return content


def build_call(resource: str, question: ApiQuery | None = None) -> str:
    """Build the path and query at which the API itself answers."""
    query = f"?{urlencode(question, doseq=True)}" if question else ""
    return f"{API_ROOT}/{resource}{query}"


def date_question(resource: str, question: ApiQuery, moment: str | None) -> dict[str, Any]:
    """Copy a question with `as_of` where the resource keeps its past, and without it elsewhere."""
    lists = getattr(question, "lists", None)
    dated = dict(lists()) if lists else dict(question)
    if not has_past(resource):
        dated.pop("as_of", None)
    elif moment:
        dated.setdefault("as_of", moment)
    return dated


def has_past(resource: str) -> bool:
    """Return whether a path below /api/v1 understands `as_of`."""
    view = find_view(resource)
    return view is not None and AS_OF_NAME in view.get_query_parameters()


def title_list(resource: str) -> str:
    """Return the title of a list below /api/v1, as its files have it."""
    return capfirst(str(find_view(resource).table.title))


def find_view(resource: str) -> Any:
    """Find the view that answers a GET of a path below /api/v1; None if it is none of a class."""
    func: Any = resolve(f"{API_ROOT}/{resource}").func
    if not hasattr(func, "cls"):
        return None
    view = func.cls()
    view.action = getattr(func, "actions", {}).get("get")
    return view


def build_site_request(user: Any) -> HttpRequest:
    """Build a request of a user to the site in the active language, where no client has asked."""
    site = urlsplit(settings.SITE_URL or f"http://localhost:{settings.PORT}")
    environ = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": site.scheme, "HTTP_HOST": site.netloc}
    request: Any = WSGIRequest({**environ, "wsgi.input": BytesIO()})
    request.user, request.session, request.LANGUAGE_CODE = user, {}, get_language()
    return request


def derive_request(
    request: HttpRequest, path: str, question: ApiQuery, accept: str = "*/*"
) -> HttpRequest:
    """Build a request of the same user for another path."""
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
