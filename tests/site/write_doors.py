"""Every way to write over the API, with the rows that a body of it may refer to."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.serializers import BaseSerializer, ListSerializer

from api.serializers import ReferenceField

WRITE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
Door = tuple[str, str]  # route and method


def walk_routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route below a resolver with its pattern: groups of regular expressions as `{name}`."""
    for pattern in resolver.url_patterns:
        text = before + re.sub(r"^\^|\$$", "", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from walk_routes(pattern, text)
        elif isinstance(pattern, URLPattern):
            yield re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", text).replace(r"\.", "."), pattern


def find_api() -> URLResolver:
    """The resolver of all that is below `/api/v1/`."""
    (api,) = (
        pattern
        for pattern in get_resolver().url_patterns
        if isinstance(pattern, URLResolver) and str(pattern.pattern) == "api/v1/"
    )
    return api


@cache
def list_doors() -> dict[Door, tuple[Any, str]]:
    """Every route and method that writes, with its view, and the action that answers."""
    return {
        (route, method.upper()): (pattern.callback, action)
        for route, pattern in walk_routes(find_api())
        for method, action in getattr(pattern.callback, "actions", {}).items()
        if method.upper() in WRITE_METHODS and method in pattern.callback.cls.http_method_names
    }


def find_references(door: Door) -> dict[str, Any]:
    """The fields of a body that name a row which may be hidden, by path, each with its model."""
    callback, action = list_doors()[door]
    view = callback.cls(**callback.initkwargs)
    view.action, view.request, view.format_kwarg, view.kwargs = action, None, None, {}
    return dict(_walk_fields(view.get_serializer_class()()))


def _walk_fields(serializer: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, field in serializer.fields.items():
        if field.read_only:
            continue
        member: Any = getattr(field, "child_relation", None) or getattr(field, "child", None)
        found = next((each for each in (field, member) if isinstance(each, ReferenceField)), None)
        queryset: Any = found and found.get_queryset()
        if queryset is not None and is_hideable(queryset.model):
            yield f"{above}{name}", queryset.model
        inner = member if isinstance(field, ListSerializer) else field
        if isinstance(inner, BaseSerializer):
            yield from _walk_fields(inner, f"{above}{name}.")


def is_hideable(model: Any) -> bool:
    """Whether there can be rows of a model that not everybody sees."""
    audience = getattr(model, "audience", None)
    return audience is not None and bool(audience.park or audience.public is not None)
