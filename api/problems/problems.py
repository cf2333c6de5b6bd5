"""RFC 9457 problem details: the one shape of every error of the API."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    ValidationError as DjangoValidationError,
)
from django.core.signals import got_request_exception
from django.db import DataError, IntegrityError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils.log import log_response
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from rest_framework import exceptions
from rest_framework.request import Request

from api.problems.errors import (
    MAX_ERRORS,
    ConfirmationError,
    QueryError,
    find_body_errors,
    find_model_errors,
    find_violation,
    is_unavailable,
    json_pointer,
)
from api.renderers import dump_json
from api.requests import get_request_id
from config.mistakes import Mistake, Text
from config.texts import shorten_quotes

PROBLEM_MEDIA_TYPE = "application/problem+json"
BUSY_SECONDS = 2  # Retry-After: most restarts of the database take less

AnyRequest = HttpRequest | Request

# Conflicts with other rows or edits, whether found by us or by the database
_UNIQUE_CODES = {"unique", "unique_together", "code_retired", "version_conflict", "term_in_use"}


@dataclass(frozen=True)
class ProblemType:
    """The status and title of `/problems/<slug>`."""

    status: int
    title: Text


PROBLEM_TYPES: dict[str, ProblemType] = {
    "moved": ProblemType(308, gettext_lazy("Merged into another")),
    "validation-failed": ProblemType(400, gettext_lazy("Validation failed")),
    "unknown-parameter": ProblemType(400, gettext_lazy("Unknown parameter")),
    "not-authenticated": ProblemType(401, gettext_lazy("Not signed in")),
    "forbidden": ProblemType(403, gettext_lazy("Not allowed")),
    "not-found": ProblemType(404, gettext_lazy("Not found")),
    "method-not-allowed": ProblemType(405, gettext_lazy("Method not allowed")),
    "not-acceptable": ProblemType(406, gettext_lazy("No such representation")),
    "conflict": ProblemType(409, gettext_lazy("Conflict with what is stored")),
    "confirmation-required": ProblemType(409, gettext_lazy("To be confirmed")),
    "gone": ProblemType(410, gettext_lazy("No longer kept")),
    "length-required": ProblemType(411, gettext_lazy("Length required")),
    "version-conflict": ProblemType(412, gettext_lazy("Not as the request expects it")),
    "too-large": ProblemType(413, gettext_lazy("Too large")),
    "address-too-long": ProblemType(414, gettext_lazy("URL too long")),
    "unsupported-media-type": ProblemType(415, gettext_lazy("Unsupported media type")),
    "precondition-required": ProblemType(428, gettext_lazy("Precondition required")),
    "throttled": ProblemType(429, gettext_lazy("Too many requests")),
    "headers-too-large": ProblemType(431, gettext_lazy("Headers too large")),
    "internal-error": ProblemType(500, gettext_lazy("Internal error")),
    "unavailable": ProblemType(503, gettext_lazy("Not available at the moment")),
    "clock-behind": ProblemType(503, gettext_lazy("The clock is behind")),
}


def problem_response(
    request: AnyRequest | None,
    status: int,
    type: str,
    title: Text | None = None,
    detail: Text | None = None,
    errors: Sequence[Mistake | dict[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> HttpResponse:
    """Build an `application/problem+json` response, whatever the client said it accepts.

    `type` is a slug of PROBLEM_TYPES and gives the default title. `members` are further members of
    the problem. The first MAX_ERRORS errors are listed; `errors_left_out` counts the others.
    """
    title = title or PROBLEM_TYPES[type].title
    if len(errors) > MAX_ERRORS:
        members["errors_left_out"] = len(errors) - MAX_ERRORS
    problem = {
        "type": f"/problems/{type}",
        "title": str(title),
        "status": status,
        "detail": shorten_quotes(detail or title),
        "errors": [
            each if isinstance(each, dict) else each.as_dict() for each in errors[:MAX_ERRORS]
        ],
        "request_id": get_request_id(request),
        **members,
    }
    return HttpResponse(
        dump_json(problem), status=status, content_type=PROBLEM_MEDIA_TYPE, headers=headers
    )


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Build the problem for any exception of an API view: DRF's EXCEPTION_HANDLER."""
    request = context["request"]
    for kinds, answer in _ANSWERS:
        if isinstance(exc, kinds):
            return answer(request, exc)
    return _failure(request, exc)


def _invalid(request: AnyRequest, errors: Sequence[Mistake], **members: Any) -> HttpResponse:
    is_conflict = bool(errors) and all(error.code in _UNIQUE_CODES for error in errors)
    status, type = (409, "conflict") if is_conflict else (400, "validation-failed")
    return problem_response(
        request, status, type, detail=_summary(errors), errors=errors, **members
    )


def _validation_error(request: AnyRequest, exc: exceptions.ValidationError) -> HttpResponse:
    return _invalid(request, list(find_body_errors(exc.detail)), **getattr(exc, "members", {}))


def _confirmation_error(request: AnyRequest, exc: ConfirmationError) -> HttpResponse:
    detail = ngettext(
        "There is %(count)d doubt; nothing was written.",
        "There are %(count)d doubts; nothing was written.",
        len(exc.errors),
    ) % {"count": len(exc.errors)}
    return problem_response(
        request, exc.status_code, "confirmation-required", detail=detail, errors=exc.errors
    )


def _parse_error(request: AnyRequest, exc: exceptions.ParseError) -> HttpResponse:
    return _invalid(request, [Mistake("parse_error", str(exc.detail)).at(pointer=json_pointer())])


def _not_authenticated(request: AnyRequest, exc: exceptions.APIException) -> HttpResponse:
    # One text for a missing, wrong, expired or revoked credential: the difference helps only a
    # thief. It stays 401 where DRF answers 403 because sessions have no challenge.
    headers = {"WWW-Authenticate": getattr(exc, "auth_header", None) or 'Session realm="api"'}
    detail = _("This needs a valid sign-in, or a token as “Authorization: Bearer ...”.")
    return problem_response(request, 401, "not-authenticated", detail=detail, headers=headers)


def _not_read(request: Request, exc: exceptions.UnsupportedMediaType) -> HttpResponse:
    detail = _("This URL does not read “%(type)s”; it reads: %(types)s.")
    types = dict.fromkeys(parser.media_type for parser in request.parsers or ())
    params = {"type": request.content_type, "types": ", ".join(types)}
    detail = detail % params if types else str(exc.detail)
    if "patch+json" in request.content_type:
        detail += " " + _("PATCH takes the fields that change, as one object of JSON.")
    return problem_response(request, exc.status_code, "unsupported-media-type", detail=detail)


def _not_shown(request: Request, exc: exceptions.NotAcceptable) -> HttpResponse:
    detail = _(
        "This URL answers as: %(types)s. The file of a list has a URL of its own, with .csv or "
        ".xlsx at its end."
    )
    types = ", ".join(dict.fromkeys(each.media_type for each in exc.available_renderers or ()))
    detail = detail % {"types": types} if types else str(exc.detail)
    return problem_response(request, exc.status_code, "not-acceptable", detail=detail)


def answer_not_found(request: AnyRequest, exc: Exception) -> HttpResponse:
    return problem_response(request, 404, "not-found", detail=_("There is nothing at this URL."))


def answer_forbidden(request: AnyRequest, exc: Exception) -> HttpResponse:
    return problem_response(request, 403, "forbidden", detail=_("You are not allowed to do this."))


def answer_too_large(request: AnyRequest, exc: Exception) -> HttpResponse:
    """Answer 413 with the number of bytes that are allowed."""
    limit = getattr(exc, "limit", settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    detail = _("The request body is too large: at most %(limit)d bytes are accepted.")
    return problem_response(
        request, 413, "too-large", detail=detail % {"limit": limit}, limit=limit
    )


def answer_suspicious(request: AnyRequest, exc: Exception) -> HttpResponse:
    if isinstance(exc, DisallowedHost):
        detail = _("The Host header is not one of the names of this site (ALLOWED_HOSTS).")
    else:
        detail = _("The request is malformed or has too many parts.")
    return problem_response(request, 400, "validation-failed", detail=detail)


def _too_many_parameters(request: AnyRequest, exc: Exception) -> HttpResponse:
    # Django has not read them
    error = Mistake("too_many_parameters", _("There are too many parameters.")).at(parameter="")
    return exception_handler(QueryError([error]), {"request": request})


def _integrity_error(request: AnyRequest, exc: IntegrityError) -> HttpResponse:
    broken = find_violation(exc)
    status, type = (409, "conflict") if broken.is_conflict else (400, "validation-failed")
    return problem_response(
        request, status, type, detail=broken.error.message, errors=[broken.error]
    )


def _data_error(request: AnyRequest, exc: DataError) -> HttpResponse:
    detail = _("A value is too long or outside the range that can be stored.")
    return _invalid(request, [Mistake("out_of_range", detail).at(pointer=json_pointer())])


def _still_referenced(request: AnyRequest, exc: ProtectedError | RestrictedError) -> HttpResponse:
    objects = exc.protected_objects if isinstance(exc, ProtectedError) else exc.restricted_objects
    kinds = Counter(row._meta.model_name for row in set(objects))
    dependents = kinds.total()
    detail = ngettext(
        "%(count)d other record depends on this one, so it cannot be deleted.",
        "%(count)d other records depend on this one, so it cannot be deleted.",
        dependents,
    ) % {"count": dependents}
    members: dict[str, Any] = {"dependents": dependents, "dependents_by_kind": dict(kinds)}
    return problem_response(request, 409, "conflict", detail=detail, **members)


def _api_exception(request: Request, exc: exceptions.APIException) -> HttpResponse:
    status = exc.status_code
    if status >= 500 and status != 503:
        return _failure(request, exc)
    wait = getattr(exc, "wait", None)
    if wait is None and status == 503:
        wait = BUSY_SECONDS
    headers = {"Retry-After": f"{wait:.0f}"} if wait is not None else {}
    headers |= getattr(exc, "headers", {})
    errors: list[Any] = list(getattr(exc, "errors", ()))
    if isinstance(exc.detail, list | dict):
        errors += find_body_errors(exc.detail)
    detail = _summary(errors) if errors else str(exc.detail)
    type = getattr(exc, "type", "") or TYPE_OF_STATUS.get(status, "validation-failed")
    members = getattr(exc, "members", {})
    return problem_response(
        request, status, type, detail=detail, errors=errors, headers=headers, **members
    )


def _failure(request: Request, exc: Exception) -> HttpResponse:
    response = failure_response(request, exc)
    if response.status_code == 500:
        # For listeners such as error trackers and the test client
        got_request_exception.send(sender=None, request=request)
    text = f"{response.reason_phrase}: {request.path}"
    log_response("%s", text, response=response, request=request, exception=exc)
    return response


def failure_response(request: AnyRequest, exc: BaseException | None) -> HttpResponse:
    """Answer 503 when the database cannot serve us, else 500 without internal details."""
    if is_unavailable(exc):
        detail, headers = explain_unavailable(exc)
        return problem_response(request, 503, "unavailable", detail=detail, headers=headers)
    detail = _("This is our mistake; the log has the details under this request_id.")
    return problem_response(request, 500, "internal-error", detail=detail)


def explain_unavailable(error: BaseException | None) -> tuple[str, dict[str, str]]:
    """Return why the database cannot serve us, and the header that says when to try again."""
    busy = _("The ledger is busy or being restarted; please try again in a moment.")
    wait = getattr(error, "wait", BUSY_SECONDS)
    return str(getattr(error, "detail", busy)), {"Retry-After": str(wait)}


def _summary(errors: Sequence[Mistake]) -> str:
    if len(errors) == 1:
        return str(errors[0].message)
    return ngettext(
        "There is %(count)d error; nothing was done.",
        "There are %(count)d errors; nothing was done.",
        len(errors),
    ) % {"count": len(errors)}


TYPE_OF_STATUS = {problem.status: slug for slug, problem in reversed(PROBLEM_TYPES.items())}

# The first match answers: derived exceptions come before their bases
_ANSWERS: Sequence[tuple[type | tuple[type, ...], Callable[..., HttpResponse]]] = (
    (exceptions.ValidationError, _validation_error),
    (exceptions.ParseError, _parse_error),
    (ConfirmationError, _confirmation_error),
    ((exceptions.NotAuthenticated, exceptions.AuthenticationFailed), _not_authenticated),
    (exceptions.UnsupportedMediaType, _not_read),
    (exceptions.NotAcceptable, _not_shown),
    (exceptions.APIException, _api_exception),
    (Http404, answer_not_found),
    (PermissionDenied, answer_forbidden),
    (DjangoValidationError, lambda request, exc: _invalid(request, find_model_errors(exc))),
    ((ProtectedError, RestrictedError), _still_referenced),
    (IntegrityError, _integrity_error),
    (DataError, _data_error),
    (RequestDataTooBig, answer_too_large),
    (TooManyFieldsSent, _too_many_parameters),
    ((SuspiciousOperation, UnreadablePostError), answer_suspicious),
)
