"""Problems in OpenAPI: their members, and the meaning of each status."""

from copy import deepcopy
from typing import Any

from django.utils.translation import gettext_lazy as _

from api.openapi.examples import SHOWN_EXAMPLES
from api.problems.errors import MAX_ERRORS
from api.problems.problems import PROBLEM_TYPES


def member(kind: str | list[str], description: Any, **more: Any) -> dict[str, Any]:
    return {"type": kind, **more, "description": description}


def header(kind: str, description: Any, **more: Any) -> dict[str, Any]:
    return {"schema": {"type": kind, **more}, "description": description}


ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["code", "detail"],
    "properties": {
        "parameter": member("string", _("The query parameter that is wrong.")),
        "pointer": member(
            "string", _("The place in the request body that is wrong, as a JSON pointer.")
        ),
        "header": member("string", _("The header that is wrong.")),
        "code": member("string", _("What is wrong, for programs; stable.")),
        "detail": member("string", _("What is wrong, for people; localised.")),
        "suggestion": member("string", _("The nearest thing that would do.")),
        "candidates": member(
            "array",
            _(
                "What can be meant by an ambiguous or unknown value; with a doubt, the stored rows "
                "that it may be."
            ),
            items={},
        ),
        "confirm": member("string", _("With a doubt: the word of `confirm` that settles it.")),
    },
}

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": _("What went wrong, as RFC 9457 describes it."),
    "required": ["type", "title", "status", "detail", "errors", "request_id"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "enum": [f"/problems/{slug}" for slug in PROBLEM_TYPES],
        },
        "title": member("string", _("The same for every problem of the type.")),
        "status": member("integer", _("The HTTP status once more.")),
        "detail": member("string", _("What went wrong this time; localised.")),
        "errors": {"type": "array", "items": ERROR_SCHEMA, "maxItems": MAX_ERRORS},
        "errors_left_out": member("integer", _("How many more errors there are than are listed.")),
        "rows_left_out": member(
            "integer", _("With many rows, of which too many were wrong: how many were not read.")
        ),
        "request_id": member("string", _("The id under which the log speaks of this request.")),
        "dependents": member(
            "integer", _("With a refused deletion: how many records depend on this one.")
        ),
        "limit": member("integer", _("With a body that is too large: how many bytes are taken.")),
        "dependents_by_kind": member(
            "object",
            _("With a refused deletion: how many records of each kind these are."),
            additionalProperties={"type": "integer"},
        ),
        "current_version": member(
            "integer", _("With a refused edit: the version that the record has now.")
        ),
        "changed_fields": member(
            "array",
            _("With a refused edit: what changed since the version the client read."),
            items={"type": "string"},
        ),
        "changed_by": member(["string", "null"], _("With a refused edit: who changed it last.")),
        "changed_at": member(
            "string", _("With a refused edit: when it was changed last."), format="date-time"
        ),
    },
}


def build_problem_schema() -> dict[str, Any]:
    """Build the schema of a problem, with the apps' examples of its members."""
    schema = deepcopy(PROBLEM_SCHEMA)
    properties = schema["properties"]
    for members in (properties, properties["errors"]["items"]["properties"]):
        for name in members.keys() & SHOWN_EXAMPLES.problems.keys():
            members[name]["examples"] = [SHOWN_EXAMPLES.problems[name]]
    return schema


PROBLEMS = {
    400: _("The request is not understood: nothing was returned or changed."),
    401: _("A sign-in or token is needed, or the one given is not valid."),
    403: _("Not allowed for this user."),
    404: _("There is nothing at this URL."),
    406: _("Only other media types than the Accept header names can be had."),
    409: _("The request contradicts what is stored, or is doubtful and not confirmed."),
    410: _("This was known once and is no longer kept."),
    411: _("The body has no `Content-Length`, so it may be cut short."),
    412: _("The record is not as `If-Match` or `If-None-Match` expects it; nothing was done."),
    413: _(
        "More than is taken, or than the file can hold; the problem's `limit` says how much is."
    ),
    414: _("The URL is longer than is accepted, about 8,000 bytes."),
    415: _("The request body is of another media type than can be read."),
    428: _("The edit does not say which version it is of: send `If-Match`."),
    429: _("Too many requests in this minute; go on after `Retry-After` seconds."),
    431: _("The headers are longer than is taken."),
    500: _("A mistake of ours, which the log has under the problem's `request_id`."),
    503: _("The database is away, busy or too slow; try again after `Retry-After` seconds."),
}

EXTRA_HEADERS = {
    401: {"WWW-Authenticate": header("string", _("How to sign in."))},
    412: {"ETag": header("string", _("The tag of what is there now."))},
    429: {
        "Retry-After": header("integer", _("Seconds to wait.")),
        "RateLimit": header("string", _("How many requests are left, and for how many seconds.")),
        "RateLimit-Policy": header("string", _("How many requests a minute has.")),
    },
    503: {"Retry-After": header("integer", _("Seconds to wait."))},
}
