"""OpenAPI of the contract: names, summaries, and the problems that each operation may answer."""

import re
from http import HTTPStatus
from inspect import cleandoc
from typing import Any

import django_filters
from django.conf import settings
from django.db.models import Model
from django.utils.translation import gettext as _
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiFilterExtension, OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, get_view_model
from drf_spectacular.utils import Direction
from rest_framework.permissions import SAFE_METHODS

from config.api.problems import PROBLEM_MEDIA_TYPE, PROBLEM_TYPES
from config.api.strict import StrictViewMixin

ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["code", "detail"],
    "properties": {
        "parameter": {"type": "string", "description": "The query parameter that is wrong."},
        "pointer": {
            "type": "string",
            "description": "The place in the request body that is wrong, as a JSON pointer.",
            "examples": ["#/investors/0/share_bp"],
        },
        "code": {"type": "string", "description": "What is wrong, for programs; stable."},
        "detail": {"type": "string", "description": "What is wrong, for people; localised."},
        "suggestion": {"type": "string", "description": "The nearest thing that would do."},
        "candidates": {
            "type": "array",
            "items": {},
            "description": "What can be meant by an ambiguous or unknown value.",
        },
    },
}

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong, as RFC 9457 describes it.",
    "required": ["type", "title", "status", "detail", "errors", "request_id"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "enum": [f"/problems/{slug}" for slug in PROBLEM_TYPES],
        },
        "title": {"type": "string", "description": "The same for every problem of the type."},
        "status": {"type": "integer", "description": "The HTTP status once more."},
        "detail": {"type": "string", "description": "What went wrong this time; localised."},
        "errors": {"type": "array", "items": ERROR_SCHEMA},
        "request_id": {
            "type": "string",
            "description": "The id under which the log speaks of this request.",
        },
        "dependents": {
            "type": "integer",
            "description": "With a refused deletion: how many records depend on this one.",
        },
    },
}

# Status -> when it is answered. The names of the statuses are the names of the components.
_PROBLEMS = {
    400: "The request is not understood: nothing was returned or changed.",
    401: "A sign-in or token is needed, or the one given is not valid.",
    403: "Not allowed for this user.",
    404: "There is nothing at this address.",
    406: "Only other media types than the Accept header names can be had.",
    409: "The request contradicts what is stored.",
    415: "The request body is of another media type than can be read.",
    503: "The database is away, busy or too slow; try again after `Retry-After` seconds.",
}

_EXTRA_HEADERS = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "How to sign in."}},
    503: {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}},
}


class LedgerSchema(AutoSchema):
    """DEFAULT_SCHEMA_CLASS: what drf-spectacular finds out, and the contract that all share."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        for status in self.get_problem_statuses():
            operation["responses"].setdefault(str(status), self._problem(status))
        created = operation["responses"].get("201")
        if created is not None:
            location = {
                "schema": {"type": "string", "format": "uri"},
                "description": "Its address.",
            }
            created.setdefault("headers", {}).setdefault("Location", location)
        return operation

    def get_problem_statuses(self) -> list[int]:
        """The statuses of the problems that this operation may answer with."""
        statuses = {400, 401, 406, 503}
        if "{" in self.path:
            statuses.add(404)
        if self.method not in SAFE_METHODS:
            statuses |= {403, 409}
        if self.method in ("POST", "PUT", "PATCH"):
            statuses.add(415)
        return sorted(statuses)

    def get_operation_id(self) -> str:
        """`projects_list`; an action of its own is named by its address: `projects_facets`."""
        if not self._is_extra_action():
            return re.sub(r"\W", "_", super().get_operation_id())
        names = [re.sub(r"\W", "_", step) for step in self._tokenize_path()]
        return "_".join(names if self.method == "GET" else [*names, self.method.lower()])

    def get_tags(self) -> list[str]:
        """The resource, which is the first step of the address, without a file's ending."""
        return [tag.split(".")[0] for tag in super().get_tags()]

    def get_summary(self) -> str | None:
        """The first line of the operation's docstring, else a sentence about its resource."""
        if doc := self._own_doc():
            return doc.splitlines()[0].rstrip(".")
        model = get_view_model(self.view, emit_warnings=False)
        return None if model is None else _resource_summary(self._kind_of_action(), model)

    def get_description(self) -> str:  # type: ignore[override]
        """The rest of the operation's docstring, else the docstring of its view class."""
        if doc := self._own_doc():
            return "\n".join(doc.splitlines()[1:]).strip()
        # The docstrings of our base classes explain code to programmers, not the API to clients.
        return cleandoc(type(self.view).__doc__ or "")

    def get_filter_backends(self) -> list[Any]:
        """The backends whose parameters the operation takes; not lists alone filter."""
        taken = self._query_parameters()
        backends = getattr(self.view, "filter_backends", ())
        return [made for made in backends if taken & made().query_parameters(self.view)]

    def _get_pagination_parameters(self) -> list[dict[str, Any]]:
        paginator = self._get_paginator()
        if paginator is None:
            return []
        known = paginator.get_schema_operation_parameters(self.view)
        taken = self._query_parameters()
        return [parameter for parameter in known if parameter["name"] in taken]

    def _query_parameters(self) -> set[str]:
        """What the view itself says it understands: the document cannot say anything else."""
        return set(
            self.view.get_query_parameters() if isinstance(self.view, StrictViewMixin) else ()
        )

    def get_auth(self) -> list[dict[str, Any]]:
        auths = super().get_auth()
        if settings.PUBLIC_READ and self.method in SAFE_METHODS and {} not in auths:
            auths.append({})  # reading needs no sign-in
        return auths

    def _kind_of_action(self) -> str:
        if self.method == "GET":
            return "list" if self._is_list_view() else "retrieve"
        return self.method_mapping[self.method.lower()]

    def _is_extra_action(self) -> bool:
        action = getattr(self.view, "action", None)
        return action not in (None, "list", *self.method_mapping.values())

    def _own_doc(self) -> str:
        """What the operation says of itself: nothing where it is one of the usual actions."""
        view: Any = self.view
        if self._is_extra_action():
            return cleandoc(getattr(view, view.action).__doc__ or "")
        if hasattr(view, "action"):
            return ""
        handler = getattr(view, self.method.lower())
        return cleandoc(handler.__doc__ or type(view).__doc__ or "")

    def _problem(self, status: int) -> dict[str, Any]:
        """A reference to the shared description of problems with this status."""
        problem = ResolvedComponent("Problem", ResolvedComponent.SCHEMA, PROBLEM_SCHEMA, "Problem")
        self.registry.register_on_missing(problem)
        response = ResolvedComponent(
            name="".join(filter(str.isalpha, HTTPStatus(status).phrase)),
            type=ResolvedComponent.RESPONSE,
            object=f"problem {status}",
            schema={
                "description": _PROBLEMS[status],
                "headers": _EXTRA_HEADERS.get(status, {}),
                "content": {PROBLEM_MEDIA_TYPE: {"schema": problem.ref}},
            },
        )
        self.registry.register_on_missing(response)
        return response.ref


class LedgerSessionScheme(SessionScheme):
    """Describes any session authentication, ours included."""

    target_class = "rest_framework.authentication.SessionAuthentication"
    match_subclasses = True
    priority = 1


class StrictFilterExtension(OpenApiFilterExtension):
    """Describes a filter by what it reads: its words, or text where it has none.

    A filter says more of itself by `help_text`; else the docstring of its class speaks for it.
    """

    target_class = "config.api.filters.StrictFilterBackend"
    priority = 1

    def get_schema_operation_parameters(
        self, auto_schema: AutoSchema, *args: Any, **kwargs: Any
    ) -> list[dict[str, Any]]:
        filterset_class = self.target.get_filterset_class(auto_schema.view)
        return [
            {
                "name": name,
                "in": "query",
                "description": _filter_description(made),
                "schema": _filter_schema(made),
            }
            for name, made in filterset_class.base_filters.items()
        ]


class StrictSerializerExtension(OpenApiSerializerExtension):
    """Says of strict bodies that they have no other fields than the ones listed."""

    target_class = "config.api.strict.StrictSerializerMixin"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}


def _resource_summary(action: str, model: type[Model]) -> str:
    names = {"one": model._meta.verbose_name, "many": model._meta.verbose_name_plural}
    sentences = {
        "list": _("List %(many)s"),
        "retrieve": _("Read one %(one)s"),
        "create": _("Create one %(one)s"),
        "update": _("Replace one %(one)s"),
        "partial_update": _("Change one %(one)s"),
        "destroy": _("Delete one %(one)s"),
    }
    return sentences[action] % names


def _filter_description(made: django_filters.Filter) -> str:
    said = made.extra.get("help_text") or cleandoc(type(made).__doc__ or "").partition("\n\n")[0]
    text = " ".join(str(said).split())
    return _("Everything but these: %(text)s") % {"text": text} if made.exclude else text


def _filter_schema(made: django_filters.Filter) -> dict[str, Any]:
    if isinstance(made, django_filters.BooleanFilter):
        return {"type": "boolean"}
    if isinstance(made, django_filters.NumberFilter):
        return {"type": "number"}
    if isinstance(made, django_filters.DateFilter):
        return {"type": "string", "format": "date"}
    if words := made.extra.get("words"):
        one = "|".join(re.escape(str(word)) for word in words)
        return {"type": "string", "pattern": f"^({one})(,({one}))*$"}
    if isinstance(made, django_filters.ChoiceFilter):
        return {"type": "string", "enum": [str(value) for value, _label in made.extra["choices"]]}
    return {"type": "string"}
