"""Pages of the admin that answer whatever they are sent; Django's own fail for some of it."""

from collections.abc import Callable
from itertools import chain
from typing import Any

from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase

from config.forms import RowSelect
from config.texts import describe_refused

_NUL = "\x00"


class StrictAdmin(BaseModelAdmin):
    """The base of each page and inline: rows are chosen by keys, and found by known fields."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request) and "widget" not in kwargs:
            kwargs["widget"] = RowSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Get the row of a page; an empty `_to_field` names no field."""
        return super().get_object(request, object_id, from_field or None)  # type: ignore[misc]


class RefuseNulMiddleware:
    """Answers 400 where an address or a form of the admin holds NUL, which PostgreSQL rejects.

    Forms refuse it in texts, but not in the keys of rows that are looked up by what was sent.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        if request.resolver_match is None or "admin" not in request.resolver_match.app_names:
            return
        sent = [values for data in (request.GET, request.POST) for _name, values in data.lists()]
        if any(_NUL in text for text in chain([request.path_info], *sent)):
            raise BadRequest(describe_refused(_NUL))
