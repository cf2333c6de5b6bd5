"""Errors outside the views of the API: middleware, unknown URLs, and error pages for people."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import chain
from typing import Any

from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template import loader
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import Throttled

from api.problems.database_errors import is_unavailable
from api.problems.problems import (
    BUSY_SECONDS,
    PROBLEM_MEDIA_TYPE,
    PROBLEM_TYPES,
    TYPE_OF_STATUS,
    answer_forbidden,
    answer_not_found,
    answer_suspicious,
    answer_too_large,
    exception_handler,
    failure_response,
    problem_response,
    try_again,
)
from config.database.history import ClockBehindError
from config.texts import describe_refused

# An app brings it: it is in the frame of its pages
_TEMPLATE = "error.html"


@dataclass(frozen=True)
class Remedy:
    """What may be meant instead: a text, and the address that it opens."""

    text: str
    href: str


def answer_error_page(
    request: HttpRequest,
    status: int,
    title: str,
    details: Sequence[str] = (),
    remedies: Sequence[Remedy] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Answer with a page that says what is wrong, and what may be meant instead.

    It is rendered without who asks: that would be looked up where nothing may answer.
    """
    shown = {
        "title": title,
        "details": details,
        "remedies": remedies,
        "address": request.get_full_path(),
    }
    page = loader.render_to_string(_TEMPLATE, shown)
    response = HttpResponse(page, status=status, headers=headers)
    response.headers["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["Accept", "Accept-Language", "Cookie"])
    return response


API_PREFIX = "/api/"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
_NUL = "\x00"
LONGEST_ADDRESS = 8_190  # bytes: room for 200 values and a cursor
_RESOURCES = "/api/v1"  # what they stand below
_BEFORE_RESOURCES = re.compile(r"^/(api(/v\d+)*(?=/|$))?", re.IGNORECASE)
# Of files that there are not: the ending of an address that may be meant
_RIGHT_ENDINGS = {"json": ("",), "xls": (".xlsx",), "pdf": (".svg", ".xlsx"), "html": ("",)}


def is_for_program(request: HttpRequest) -> bool:
    """Tell whether an error is a problem document: always under /api/, else unless HTML is wanted.

    Browsers ask for HTML by name, programs do not.
    """
    is_page_wanted = "text/html" in request.headers.get("Accept", "")
    return request.path_info.startswith(API_PREFIX) or not is_page_wanted


class ProblemMiddleware:
    """Makes a problem of every error that is none yet, such as a plain view's 405."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_problem = response.headers.get("Content-Type") == PROBLEM_MEDIA_TYPE
        if response.status_code < HTTPStatus.BAD_REQUEST or is_problem:
            return response
        # What the admin answers with is a page, whoever asks.
        is_page = isinstance(response, HttpResponse) and bool(response.content)
        if is_page and not request.path_info.startswith(API_PREFIX):
            return response
        return _as_problem(request, response) if is_for_program(request) else response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a view that is none of the API, such as a page of the admin."""
        return answer_clock_behind(request, error) if isinstance(error, ClockBehindError) else None


class CautiousMiddleware:
    """Refuses methods that nothing here has; nobody keeps an answer that says nothing about that.

    The admin would take TRACE for GET, and browsers keep what they find worth it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in METHODS:
            headers = {"Allow": ", ".join(METHODS)}
            return problem_response(
                request, HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed", headers=headers
            )
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class AddressLengthMiddleware:
    """Refuses an address that is longer than is accepted, with a page or a problem."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # As it was sent, where the server tells; what was typed in Chinese is longer coded
        sent = request.META.get("RAW_URI") or request.get_full_path()
        if len(sent) <= LONGEST_ADDRESS:
            return self.get_response(request)
        if is_for_program(request):
            return problem_response(request, HTTPStatus.REQUEST_URI_TOO_LONG, "address-too-long")
        detail = _("What was asked for is too long for an address. Ask for less, or shorter words.")
        request.META["QUERY_STRING"] = ""  # the page leads back to its address
        title = _("The address is too long")
        return answer_error_page(request, HTTPStatus.REQUEST_URI_TOO_LONG, title, [detail])


class NulMiddleware:
    """Answers 400 where the address or form of a page holds NUL, which PostgreSQL rejects.

    The API refuses it as any control character. Forms refuse it in texts, but not in the keys of
    rows that are looked up by what was sent.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        if request.path_info.startswith(API_PREFIX):
            return
        sent = [values for data in (request.GET, request.POST) for _name, values in data.lists()]
        if any(_NUL in text for text in chain([request.path_info], *sent)):
            raise BadRequest(describe_refused(_NUL))


def _as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    slug = TYPE_OF_STATUS.get(response.status_code, "validation-failed")
    kept = {
        name: value
        for name, value in response.headers.items()
        if name.lower() not in ("content-type", "content-length", "content-disposition")
    }
    problem = problem_response(
        request, response.status_code, slug, PROBLEM_TYPES[slug].title, headers=kept
    )
    problem.cookies = response.cookies
    return problem


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer with a problem, or a page; 503 where the session could not be saved."""
    if isinstance(exception, SessionInterrupted) and (locked := find_unavailable(exception)):
        return _answer_failure(request, locked)
    if not is_for_program(request):
        return answer_error_page(request, 400, _("Not understood"))
    answer = answer_too_large if isinstance(exception, RequestDataTooBig) else answer_suspicious
    return answer(request, exception)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer with a problem, or a page."""
    if not is_for_program(request):
        return answer_error_page(request, 403, _("Not allowed"), [_("You have no right to this.")])
    return answer_forbidden(request, exception)


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer with a problem, or a page."""
    if not is_for_program(request):
        detail = _("There is nothing at this address.")
        return answer_error_page(request, 404, _("Not found"), [detail])
    return answer_unknown_url(request)


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer with a problem, or a page; 503 when the database is away."""
    return _answer_failure(request, sys.exc_info()[1])


def find_unavailable(error: BaseException | None) -> BaseException | None:
    """Find among what led to an error what says that the database is away or busy."""
    while error is not None and not is_unavailable(error):
        error = error.__context__
    return error


def _answer_failure(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    if is_for_program(request):
        return failure_response(request, error)
    if not is_unavailable(error):
        detail = _("This is a mistake of ours, and noted in the log.")
        return answer_error_page(request, 500, _("Internal error"), [detail])
    return answer_unavailable(request)


def answer_throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
    """Answer 429 with a problem, or a page."""
    if is_for_program(request):
        return exception_handler(error, {"request": request})
    wait = int(getattr(error, "wait", None) or 0)
    detail = _("Please try again in %(seconds)d seconds.") % {"seconds": wait}
    headers = {"Retry-After": str(wait)}
    return answer_error_page(request, 429, _("Too many requests"), [detail], headers=headers)


def answer_clock_behind(request: HttpRequest, error: ClockBehindError) -> HttpResponse:
    """Answer 503 with a problem, or a page: a write cannot be dated."""
    if is_for_program(request):
        return exception_handler(error, {"request": request})
    title, headers = str(PROBLEM_TYPES[error.type].title), {"Retry-After": str(error.wait)}
    return answer_error_page(request, 503, title, [str(error.detail)], headers=headers)


def answer_unavailable(request: HttpRequest) -> HttpResponse:
    """Answer 503 with a page: the database is away, or busy."""
    title, wait = _("Not available at the moment"), {"Retry-After": str(BUSY_SECONDS)}
    return answer_error_page(request, 503, title, [try_again()], headers=wait)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer with a problem, or Django's page: CSRF_FAILURE_VIEW."""
    if not is_for_program(request):
        detail = _("The form has expired or was sent from elsewhere: load its page again.")
        return answer_error_page(request, 403, _("Not allowed"), [detail])
    detail = _("The CSRF token is missing or wrong.")
    return problem_response(request, 403, "forbidden", detail=detail)


@csrf_exempt
def answer_unknown_url(request: HttpRequest) -> HttpResponse:
    """Answer 404 at a URL that leads nowhere; name the right one where it is near.

    May also stand as the last route under /api/, so that DEBUG shows no HTML page there.
    """
    path, script = request.path_info, request.path.removesuffix(request.path_info)
    for right in _list_near_paths(path):
        if right != path and _leads_somewhere(request, right):
            told = (
                _("URLs have no slash at the end; the right one is %(url)s")
                if right == path.rstrip("/")
                else _("There is nothing at this URL; the right one may be %(url)s")
            )
            detail = told % {"url": f"{script}{right}"}
            return problem_response(request, 404, "not-found", detail=detail)
    return answer_not_found(request, Http404())


def _list_near_paths(path: str) -> Iterator[str]:
    """List what may be meant by a path: with another slash, version, ending, case or number."""
    plain = path.rstrip("/")
    yield plain
    below = _BEFORE_RESOURCES.sub("", plain).lstrip("/")
    for spelt in (below, below.lower()):
        stem, _dot, ending = spelt.rpartition(".")
        for right in _RIGHT_ENDINGS.get(ending, ()):
            yield f"{_RESOURCES}/{stem}{right}"
        yield f"{_RESOURCES}/{spelt}"
        name, slash, rest = spelt.partition("/")
        yield f"{_RESOURCES}/{name}s{slash}{rest}"
        yield f"{_RESOURCES}/{name.replace('_', '-')}{slash}{rest}"


def _leads_somewhere(request: HttpRequest, path: str) -> bool:
    try:
        return resolve(path, getattr(request, "urlconf", None)).func is not answer_unknown_url
    except Resolver404:
        return False
