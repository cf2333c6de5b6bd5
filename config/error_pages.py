"""Errors as pages for people: in the frame of the site, without a look at the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.cache import patch_vary_headers

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
