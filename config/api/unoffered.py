"""What other APIs offer and this one does not: each is refused with the way that is offered."""

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from config.mistakes import Mistake, Text

# Headers that would be ignored, although what is meant by them is not what is done then
_ANY_REQUEST: Mapping[str, Text] = {
    **dict.fromkeys(
        ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"),
        gettext_lazy("Send the method itself; no header takes its place."),
    ),
    **dict.fromkeys(
        ("X-API-Key", "X-Auth-Token", "X-Access-Token"),
        gettext_lazy("Send a token as “Authorization: Bearer ...”."),
    ),
}
_WRITES: Mapping[str, Text] = {
    **dict.fromkeys(
        ("Idempotency-Key", "X-Idempotency-Key"),
        gettext_lazy(
            "What is sent twice is not remembered. PUT creates at a code that you choose, and "
            "with “If-None-Match: *” once only; an edit with If-Match is made once."
        ),
    ),
    "Content-Range": gettext_lazy("A body is sent whole. PATCH changes the fields that it names."),
}
_CREATIONS: Mapping[str, Text] = {
    "If-Match": gettext_lazy(
        "A POST is of no version. PATCH and PUT compare If-Match; of many rows each says its own "
        "“version”."
    ),
    "If-None-Match": gettext_lazy("PUT with “If-None-Match: *” creates only what is not there."),
}
# Preferences that would change what is done; the others change nothing and may be ignored
_PREFERENCES: Mapping[str, Text] = {
    "count": gettext_lazy("The parameter “count=exact” counts the rows of a list."),
    "resolution": gettext_lazy("PUT creates a row or replaces it."),
    "tx": gettext_lazy("Nothing is tried out by a header; imports can be checked first."),
    "handling": gettext_lazy("Nothing is ignored that is not understood."),
}
PARAMETERS: Mapping[str, Text] = {
    **dict.fromkeys(
        ("page", "offset", "start", "skip", "page_number", "page_token"),
        gettext_lazy("Pages have no numbers: follow “next” of the answer."),
    ),
    **dict.fromkeys(
        ("format", "output"),
        gettext_lazy("A file has a URL of its own, with .csv or .xlsx at its end."),
    ),
    **dict.fromkeys(
        ("expand", "include", "embed", "populate"),
        gettext_lazy("The URL of one row shows what belongs to it; some lists take “expand”."),
    ),
    **dict.fromkeys(
        ("group_by", "groupby", "aggregate", "measures"),
        gettext_lazy("Totals have a URL of their own, with /summary at its end."),
    ),
    **dict.fromkeys(
        ("lang", "language", "locale"),
        gettext_lazy("The header Accept-Language chooses the language."),
    ),
    **dict.fromkeys(("api_key", "apikey", "access_token", "token"), _ANY_REQUEST["X-API-Key"]),
    **dict.fromkeys(("_method", "method"), _ANY_REQUEST["X-HTTP-Method"]),
}


def find_header_errors(request: Request, *, is_edit: bool = False) -> Iterator[Mistake]:
    """Find the headers of a request that ask for what is not offered.

    `is_edit` says of a POST that it is one of a row at its URL, which has versions.
    """
    refused = dict(_ANY_REQUEST)
    if request.method not in SAFE_METHODS:
        refused |= _WRITES
    if request.method == "POST" and not is_edit:
        refused |= _CREATIONS
    for name, remedy in refused.items():
        given = request.headers.get(name)
        if given is not None and (name, given.strip()) != ("If-Match", "*"):
            yield _refuse_header(name, remedy)
    for preference in request.headers.get("Prefer", "").split(","):
        word = preference.partition("=")[0].strip().lower()
        if word in _PREFERENCES:
            yield _refuse_header("Prefer", _PREFERENCES[word])


def _refuse_header(name: str, remedy: Text) -> Mistake:
    detail = _("The header “%(name)s” is not understood here. %(remedy)s")
    return Mistake("unsupported_header", detail % {"name": name, "remedy": remedy}).at(header=name)


def describe_methods(method: str, allowed: Sequence[str], remedy: Text = "") -> str:
    """Describe what a URL takes in place of a method that it does not."""
    detail = _("“%(method)s” is not possible here; possible are: %(allowed)s.")
    told = detail % {"method": method, "allowed": ", ".join(allowed)}
    return f"{told} {remedy}".strip()
