"""Errors outside the views of the API: middleware, unknown URLs, and error pages for people."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from itertools import chain
from typing import Any

from django.contrib import admin
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.template import loader
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import Throttled

from api.problems.errors import is_unavailable
from api.problems.problems import (
    PROBLEM_MEDIA_TYPE,
    PROBLEM_TYPES,
    TYPE_OF_STATUS,
    answer_forbidden,
    answer_not_found,
    answer_suspicious,
    answer_too_large,
    exception_handler,
    explain_unavailable,
    failure_response,
    problem_response,
)
from config.database.history import ClockBehindError
from config.mistakes import SYNONYMS
from config.texts import describe_refused

_TEMPLATE = "error.html"  # of an app, which has the layout of its pages
_OF_USERS = {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}


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
    """Build a page that says what is wrong and what may be meant.

    Who is signed in keeps the header. Of a failure the template gets no request: to find the user,
    it would query a database that may be away.
    """
    shown = {"title": title, "details": details, "remedies": remedies}
    shown["address"] = request.get_full_path()
    page = loader.render_to_string(_TEMPLATE, shown)
    if status in _OF_USERS:
        with suppress(AttributeError, DatabaseError):  # without a user, or a database
            is_of_admin = request.path_info.startswith("/admin/") and request.user.is_staff
            shown |= admin.site.each_context(request) if is_of_admin else {}
            template = "admin/error.html" if is_of_admin else _TEMPLATE
            page = loader.render_to_string(template, shown, request)
    response = HttpResponse(page, status=status, headers=headers)
    response.headers["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["Accept", "Accept-Language", "Cookie"])
    return response


API_PREFIX = "/api/"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
_NUL = "\x00"
LONGEST_ADDRESS = 8_190  # bytes: room for 200 values and a cursor
_RESOURCES = "/api/v1"  # what they stand below
_BEFORE_RESOURCES = re.compile(r"^/((api|v\d+)(/v\d+)*(?=/|$))?", re.IGNORECASE)
# Rows below what is a filter of theirs, and a file of one row
_BELOW = re.compile(r"(?P<kind>\w+)s/(?P<code>[\w-]+)/(?P<rows>\w+)")
_FILE_OF_ONE = re.compile(r"(?P<rows>\w+)/(?P<code>[\w-]+)\.(?P<ending>csv|xlsx)")
# Of files that there are not: the ending of an address that may be meant
_RIGHT_ENDINGS = {
    **{"json": ("",), "xls": (".xlsx",), "pdf": (".svg", ".xlsx"), "html": ("",)},
    **{"docx": (".xlsx",), "parquet": (".xlsx",)},
}


def is_for_program(request: HttpRequest) -> bool:
    """Return whether an error is a problem document: below /api/, or if HTML is not accepted."""
    is_page_wanted = "text/html" in request.headers.get("Accept", "")
    return request.path_info.startswith(API_PREFIX) or not is_page_wanted


class ProblemMiddleware(MiddlewareMixin):
    """Turns errors that are not problem documents yet into them, such as a plain view's 405."""

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        is_problem = response.headers.get("Content-Type") == PROBLEM_MEDIA_TYPE
        if response.status_code < HTTPStatus.BAD_REQUEST or is_problem:
            return response
        # The admin answers with pages whatever is accepted
        is_page = isinstance(response, HttpResponse) and bool(response.content)
        if is_page and not request.path_info.startswith(API_PREFIX):
            return response
        return _as_problem(request, response) if is_for_program(request) else response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 503 where a page, such as one of the admin, cannot date a write."""
        if not isinstance(error, ClockBehindError):
            return None
        if is_for_program(request):
            return exception_handler(error, {"request": request})
        title, headers = str(PROBLEM_TYPES[error.type].title), {"Retry-After": str(error.wait)}
        return answer_error_page(request, 503, title, [str(error.detail)], headers=headers)


class CautiousMiddleware(MiddlewareMixin):
    """Refuses unknown methods, and keeps caches from storing responses without Cache-Control.

    The admin would treat TRACE as GET, and browsers cache what they like.
    """

    def __call__(self, request: HttpRequest) -> Any:
        if request.method not in METHODS:
            headers = {"Allow": ", ".join(METHODS)}
            return problem_response(
                request, HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed", headers=headers
            )
        response: Any = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class AddressLengthMiddleware(MiddlewareMixin):
    """Refuses a URL that is too long, with a page or a problem."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        # As it was sent, if the server says so: Chinese is longer once it is encoded
        sent = request.META.get("RAW_URI") or request.get_full_path()
        if len(sent) <= LONGEST_ADDRESS:
            return None
        if is_for_program(request):
            return problem_response(request, HTTPStatus.REQUEST_URI_TOO_LONG, "address-too-long")
        detail = _("What was asked for is too long for an address. Ask for less, or shorter words.")
        request.META["QUERY_STRING"] = ""  # the page links to its own address
        title = _("The address is too long")
        return answer_error_page(request, HTTPStatus.REQUEST_URI_TOO_LONG, title, [detail])


class NulMiddleware(MiddlewareMixin):
    """Answers 400 where the URL or form of a page holds NUL, which PostgreSQL rejects.

    The API refuses it as any control character; forms do so in texts, but not in keys of rows.
    """

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        if request.path_info.startswith(API_PREFIX):
            return
        sent = [values for data in (request.GET, request.POST) for _name, values in data.lists()]
        if any(_NUL in text for text in chain([request.path_info], *sent)):
            raise BadRequest(describe_refused(_NUL))


def _as_problem(request: HttpRequest, response: Any) -> HttpResponse:
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
    if isinstance(exception, SessionInterrupted):
        cause: BaseException | None = exception
        while cause is not None and not is_unavailable(cause):
            cause = cause.__context__
        if cause is not None:
            return _answer_failure(request, cause)
    if not is_for_program(request):
        return answer_error_page(request, 400, _("Not understood"))
    answer = answer_too_large if isinstance(exception, RequestDataTooBig) else answer_suspicious
    return answer(request, exception)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_for_program(request):
        return answer_error_page(request, 403, _("Not allowed"), [_("You have no right to this.")])
    return answer_forbidden(request, exception)


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_for_program(request):
        detail = _("There is nothing at this address.")
        return answer_error_page(request, 404, _("Not found"), [detail])
    return answer_unknown_url(request)


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer with a problem, or a page; 503 when the database is away."""
    return _answer_failure(request, sys.exc_info()[1])


def _answer_failure(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    if is_for_program(request):
        return failure_response(request, error)
    if not is_unavailable(error):
        detail = _("This is a mistake of ours, and noted in the log.")
        return answer_error_page(request, 500, _("Internal error"), [detail])
    return answer_unavailable(request, error)


def answer_throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
    """Answer 429 with a problem, or a page."""
    if is_for_program(request):
        return exception_handler(error, {"request": request})
    wait = int(getattr(error, "wait", None) or 0)
    detail = _("Please try again in %(seconds)d seconds.") % {"seconds": wait}
    headers = {"Retry-After": str(wait)}
    return answer_error_page(request, 429, _("Too many requests"), [detail], headers=headers)


def answer_unavailable(request: HttpRequest, error: BaseException | None = None) -> HttpResponse:
    """Answer 503 with a page: the database is away, or busy."""
    detail, headers = explain_unavailable(error)
    title = _("Not available at the moment")
    return answer_error_page(request, 503, title, [detail], headers=headers)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer with a problem, or Django's page: CSRF_FAILURE_VIEW."""
    if not is_for_program(request):
        detail = _("The form has expired or was sent from elsewhere: load its page again.")
        return answer_error_page(request, 403, _("Not allowed"), [detail])
    detail = _("The CSRF token is missing or wrong.")
    return problem_response(request, 403, "forbidden", detail=detail)


@csrf_exempt
def answer_unknown_url(request: HttpRequest) -> HttpResponse:
    """Answer 404 and name a similar URL that exists.

    It is also the last route below /api/, where DEBUG would show an HTML page.
    """
    path, script = request.path_info, request.path.removesuffix(request.path_info)
    for right in _list_near_paths(path):
        if right != path and _leads_somewhere(request, right):
            if right == path.rstrip("/") and request.method in ("GET", "HEAD"):
                url = request.get_full_path().replace(f"{script}{path}", f"{script}{right}", 1)
                return HttpResponsePermanentRedirect(url, preserve_request=True)
            detail = (
                _("URLs have no slash at the end; the right one is %(url)s")
                if right == path.rstrip("/")
                else _("There is nothing at this URL; the right one may be %(url)s")
            ) % {"url": f"{script}{right}"}
            return problem_response(request, 404, "not-found", detail=detail)
    return answer_not_found(request, Http404())


def _list_near_paths(path: str) -> Iterator[str]:
    """List similar paths: with another slash, version, ending, case or number."""
    plain = path.rstrip("/")
    yield plain
    below = _BEFORE_RESOURCES.sub("", plain).lstrip("/")
    if found := _BELOW.fullmatch(below):
        yield f"{_RESOURCES}/{found['rows']}?{found['kind']}={found['code']}"
    if found := _FILE_OF_ONE.fullmatch(below):
        yield f"{_RESOURCES}/{found['rows']}.{found['ending']}?code={found['code']}"
    for spelt in (below, below.lower()):
        for meant in SYNONYMS.get(spelt.partition(".")[0].strip("/"), "").split():
            yield f"{_RESOURCES}/{meant}"
        stem, _dot, ending = spelt.rpartition(".")
        for right in _RIGHT_ENDINGS.get(ending, ()):
            yield f"{_RESOURCES}/{stem}{right}"
        yield f"{_RESOURCES}/{spelt}"
        name, slash, rest = spelt.partition("/")
        yield f"{_RESOURCES}/{name}s{slash}{rest}"
        yield f"{_RESOURCES}/{name.replace('_', '-')}{slash}{rest}"


def _leads_somewhere(request: HttpRequest, path: str) -> bool:
    try:
        found = resolve(path.partition("?")[0], getattr(request, "urlconf", None))
    except Resolver404:
        return False
    return found.func is not answer_unknown_url
