"""OpenAPI of the contract: names, problems of each operation, and shared components."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from copy import copy
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _, gettext_lazy
from drf_spectacular.drainage import warn
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, get_view_model
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.permissions import SAFE_METHODS

from api.lists.as_of import AS_OF_NAME
from api.lists.filters import FILTERS
from api.openapi.examples import JSON, SHOWN_EXAMPLES
from api.openapi.extensions import describe_texts  # which register themselves
from api.openapi.problem_schema import EXTRA_HEADERS, PROBLEMS, build_problem_schema, header
from api.problems.problems import PROBLEM_MEDIA_TYPE
from api.readers import FIELD_NAME, MOMENT, SHARED, array_like, array_of
from api.renderers import GEOJSON, JSON_LINES, PARQUET, XLSX, BytesRenderer

# Descriptions of all operations of a kind
PROMISES = {
    "list": gettext_lazy(
        "Filters are combined with AND; several values of one, separated by commas, with OR. The "
        "list continues at `next`, and what is unknown comes last."
    ),
    "retrieve": gettext_lazy("By its public code, in upper or lower case."),
    "create": gettext_lazy(
        "All errors are reported at once, and then nothing is stored. `Location` is the URL of "
        "what was created."
    ),
    "update": gettext_lazy(
        "Creates or replaces it: what is left out gets its default. A retry does no harm."
    ),
    "partial_update": gettext_lazy("Changes the fields that are given, and no others."),
    "destroy": gettext_lazy(
        "Refused while something refers to it. The code of a deleted row is never given again."
    ),
}
SUMMARIES = {
    "list": gettext_lazy("List %(many)s"),
    "retrieve": gettext_lazy("Read one %(one)s"),
    "create": gettext_lazy("Create one %(one)s"),
    "update": gettext_lazy("Replace one %(one)s"),
    "partial_update": gettext_lazy("Change one %(one)s"),
    "destroy": gettext_lazy("Delete one %(one)s"),
}
DONE = {
    "200": gettext_lazy("What was asked for."),
    "201": gettext_lazy("Created; this is what is stored."),
    "204": gettext_lazy("Deleted."),
}
FILE_HEADERS = {
    "Content-Disposition": header("string", gettext_lazy("The name to keep it under.")),
    "X-Row-Count": header("integer", gettext_lazy("How many rows it has.")),
    "Repr-Digest": header("string", gettext_lazy("Its SHA-256 (RFC 9530).")),
}
EDITS = ("PUT", "PATCH", "DELETE")
# Parts of URLs that are numbers, bounded by their patterns
NUMBERED = {
    "id": {"type": "integer", "format": "int64", "minimum": 0, "maximum": 10**18 - 1},
    "version": {"type": "integer", "minimum": 0, "maximum": 10**9 - 1},
}
FIELDS_PARAMETER = OpenApiParameter(
    "fields",
    description=gettext_lazy("Names of fields, separated by commas: the answer has only these."),
    type=array_like(FIELD_NAME, uniqueItems=True),
)
AS_OF_PARAMETER = OpenApiParameter(
    AS_OF_NAME,
    description=gettext_lazy(
        "As it stood at the end of this day, month or year, or at this time with its offset."
    ),
    pattern=MOMENT,
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    location=OpenApiParameter.HEADER,
    description=gettext_lazy("The ETag of an earlier answer: 304 if it is still right."),
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    location=OpenApiParameter.HEADER,
    description=gettext_lazy(
        "The ETag of what was read, or `*` to overwrite whatever is there; without it an edit is "
        "refused."
    ),
    pattern=r'^(\*|(W/)?"[^"]+"(, *(W/)?"[^"]+")*)$',
    examples=[OpenApiExample("overwrite", "*"), OpenApiExample("as read", '"4"')],
)
IF_MATCH_OF_EDIT = copy(IF_MATCH)
IF_MATCH_OF_EDIT.required = True
CREATE_ONLY = OpenApiParameter(
    "If-None-Match",
    location=OpenApiParameter.HEADER,
    enum=["*"],
    description=gettext_lazy("`*`: create only; refused if something exists at the URL."),
)


class LedgerSchema(AutoSchema):
    """DEFAULT_SCHEMA_CLASS: adds the contract that all operations share."""

    view: Any  # a LedgerView

    @property
    def action(self) -> str | None:
        """The action of the view; None in views without actions."""
        return getattr(self.view, "action", None)

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        for status in self.get_problem_statuses():
            operation["responses"].setdefault(str(status), self._problem(status))
        if self.method == "PUT":
            operation["responses"]["201"] = {**operation["responses"]["200"]}
        if self.action == "create" and getattr(self.view, "answers_repeated", False):
            operation["responses"]["200"] = {**operation["responses"]["201"]}
        for status, response in operation["responses"].items():
            if status in DONE:
                response["description"] = str(DONE[status])
                if any(isinstance(each, BytesRenderer) for each in self.view.get_renderers()):
                    media = {"schema": {"type": "string", "format": "binary"}}
                    response.setdefault("content", {})[BytesRenderer.media_type] = media
            self._add_headers(status, response)
        if "requestBody" in operation:
            operation["requestBody"]["required"] = self.action not in self.view.bodies_left_out
        self._mark_deprecated(operation)
        self._complete_parameters(operation)
        if self.view.is_kept and self.method == "GET":
            operation["responses"]["304"] = {
                "description": _("The client has this answer already.")
            }
        return operation

    def _mark_deprecated(self, operation: dict[str, Any]) -> None:
        if self.view.get_deprecation(()):
            operation["deprecated"] = True
        for parameter in operation.get("parameters", ()):
            if parameter["name"] in self.view.deprecated_parameters:
                parameter["deprecated"] = True

    def _complete_parameters(self, operation: dict[str, Any]) -> None:
        """Add patterns of texts, and warn of parameters not both understood and described."""
        parameters = operation.get("parameters", ())
        described, lists = set(), set()
        for parameter in parameters:
            if parameter["in"] == "query":
                described.add(parameter["name"])
                if parameter["schema"].get("type") == "array":
                    lists.add(parameter["name"])
                    parameter["explode"] = False
                describe_texts(parameter["schema"], is_filled=True)
                parameter["schema"] = self._share(parameter["schema"])
        for name in sorted(described ^ self.view.get_query_parameters()):
            warn(f"{self.method} {self.path}: “{name}” is not both understood and described.")
        for name in sorted(lists ^ self.view.get_list_parameters()):
            warn(f"{self.method} {self.path}: “{name}” is not both read and described as a list.")

    def _share(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Refer to the shared schema of a text with a frequent pattern."""
        name = SHARED.get(schema.get("pattern", ""))
        if name is None or schema.keys() != {"type", "pattern"}:
            return schema
        shared = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, name)
        self.registry.register_on_missing(shared)
        return shared.ref

    def get_override_parameters(self) -> list[Any]:
        return [*super().get_override_parameters(), *self._list_shared_parameters()]

    def get_problem_statuses(self) -> list[int]:
        statuses = {400, 401, 406, 414, 429, 431, 500, 503}
        if "{" in self.path:
            statuses.add(404)
        if self.method not in SAFE_METHODS:
            statuses |= {403, 409, 411, 413, 415}
        if self.method in EDITS or self.view.restores:
            statuses |= {412, 428}
        return sorted(statuses.union(self.view.further_problems.get(self.action or "get", ())))

    def get_operation_id(self) -> str:
        """Name it `rows_list`; name extra actions by their URL: `rows_summary`."""
        if not self._is_extra_action():
            return re.sub(r"\W", "_", super().get_operation_id())
        names = [re.sub(r"\W", "_", step) for step in self._tokenize_path()]
        return "_".join(names if self.method == "GET" else [*names, self.method.lower()])

    def get_tags(self) -> list[str]:
        """Return the resource: the first step of the URL, without a file's ending."""
        return [tag.split(".")[0] for tag in super().get_tags()]

    def get_summary(self) -> str | None:
        """Build the summary from the names of the model; extra actions declare theirs."""
        if self.action == "show":
            return str(self.view.summary)
        model = get_view_model(self.view, emit_warnings=False)
        if model is None:
            return None
        names = {"one": model._meta.verbose_name, "many": model._meta.verbose_name_plural}
        return str(SUMMARIES[self._kind_of_action()] % names)

    def get_description(self) -> str:  # type: ignore[override]
        """Join the description of the view and that of the kind of operation."""
        promise = "" if self._is_extra_action() else str(PROMISES[self._kind_of_action()])
        return "\n\n".join(filter(None, (str(getattr(self.view, "about", "")), promise)))

    def get_response_serializers(self) -> Any:
        answer = self.view.answered_by if self.action == "show" else None
        return answer or super().get_response_serializers()

    def get_filter_backends(self) -> list[Any]:
        """Return the backends whose parameters the operation takes, which may not be a list."""
        is_filtered = self.view.get_query_parameters().intersection(FILTERS.names(self.view))
        return [*self.view.filter_backends] if is_filtered else []

    def _get_pagination_parameters(self) -> list[dict[str, Any]]:
        paginator = self._get_paginator()
        if paginator is None:
            return []
        known = paginator.get_schema_operation_parameters(self.view)
        taken = self.view.get_query_parameters()
        return [parameter for parameter in known if parameter["name"] in taken]

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super()._resolve_path_parameters(variables)
        for parameter in found:
            if parameter["name"] in NUMBERED:
                parameter["schema"] = dict(NUMBERED[parameter["name"]])
            parameter["description"] = str(SHOWN_EXAMPLES.parts.get(parameter["name"], ""))
        return found

    def _list_shared_parameters(self) -> list[OpenApiParameter]:
        taken = self.view.get_query_parameters()
        shared = [each for each in self.view.described_parameters if each.name in taken]
        if "expand" in taken:
            text = gettext_lazy(
                "What lies below each row, separated by commas: the answer has these rows, too."
            )
            names = array_of(getattr(self.view, "expandable", ()), uniqueItems=True)
            shared.append(OpenApiParameter("expand", description=text, type=names))
        shared += [each for each in (FIELDS_PARAMETER, AS_OF_PARAMETER) if each.name in taken]
        if self.view.is_kept and self.method == "GET":
            shared.append(IF_NONE_MATCH)
        if self.method in EDITS:
            shared.append(IF_MATCH if self.method == "PUT" else IF_MATCH_OF_EDIT)
        if self.method == "PUT":
            shared.append(CREATE_ONLY)
        if self.view.restores:
            shared += [IF_MATCH, CREATE_ONLY]
        return shared

    def _add_headers(self, status: str, response: dict[str, Any]) -> None:
        headers = {}
        if status == "201":
            headers["Location"] = header("string", _("Its URL."), format="uri")
        if status in ("200", "201") and self.view.is_kept:
            if self.method in ("GET", "PUT", "PATCH") or status == "201":
                headers["ETag"] = header(
                    "string", _("Which answer this is; of a single record, `If-Match` takes it.")
                )
            if AS_OF_NAME in self.view.get_query_parameters():
                headers["Memento-Datetime"] = header(
                    "string", _("With `as_of`: the moment it is of.")
                )
            if self.method == "GET" and self._is_list_view():
                headers["Link"] = header(
                    "string", _("The next and the previous page, as RFC 8288 has them.")
                )
        if {"text/csv", GEOJSON, JSON_LINES, PARQUET, XLSX} & response.get("content", {}).keys():
            headers |= FILE_HEADERS
        if headers:
            response["headers"] = headers | response.get("headers", {})

    def get_auth(self) -> list[dict[str, Any]]:
        auths = super().get_auth()
        if settings.PUBLIC_READ and self.method in SAFE_METHODS and {} not in auths:
            auths.append({})
        return auths

    def _kind_of_action(self) -> str:
        if self.method == "GET":
            return "list" if self._is_list_view() else "retrieve"
        return self.method_mapping[self.method.lower()]

    def _is_extra_action(self) -> bool:
        return self.action not in (None, "list", *self.method_mapping.values())

    def _problem(self, status: int) -> dict[str, Any]:
        problem = ResolvedComponent("Problem", ResolvedComponent.SCHEMA, object="Problem")
        if problem not in self.registry:
            problem.schema = build_problem_schema()
            self.registry.register(problem)
        response = ResolvedComponent(
            name=f"Problem{status}",
            type=ResolvedComponent.RESPONSE,
            object=f"problem {status}",
            schema={
                "description": PROBLEMS[status],
                "headers": EXTRA_HEADERS.get(status, {}),
                "content": {PROBLEM_MEDIA_TYPE: {"schema": problem.ref, "x-status": status}},
            },
        )
        self.registry.register_on_missing(response)
        return response.ref


Described = dict[str, Any]
OF_STATUS = {"201": "Created", "204": "Deleted", "304": "NotModified"}


class Place(NamedTuple):
    """A parameter, header or response: its container, its key there, and its operation."""

    kind: str
    name: str
    holder: Any
    key: Any
    operation: Described


def name_repeated(result: Described, **_options: Any) -> Described:
    """Share each repeated parameter, header and response as a component: a postprocessing hook."""
    operations = [each for item in result["paths"].values() for each in item.values()]
    components = result.setdefault("components", {})
    places = [place for each in operations for place in _find_places(each)]
    for kind in ("headers", "parameters", "responses"):  # responses have references to headers
        named = components.get(kind, {})
        named |= _lift(kind, [place for place in places if place.kind == kind], {*named})
        components[kind] = dict(sorted(named.items()))
    result |= _share_security(operations)
    # Schemas of requests of read-only fields are unused
    schemas, text = components.get("schemas", {}), json.dumps(result, default=str)
    for name in [each for each in schemas if f'"#/components/schemas/{each}"' not in text]:
        del schemas[name]
    return result


def _share_security(operations: list[Described]) -> Described:
    # The most frequent security becomes the default of the document
    texts = [json.dumps(each["security"]) for each in operations if "security" in each]
    if not texts:
        return {}
    ((usual, _times),) = Counter(texts).most_common(1)
    for operation in operations:
        if json.dumps(operation.get("security")) == usual:
            del operation["security"]
    return {"security": json.loads(usual)}


def _find_places(operation: Described) -> Iterator[Place]:
    parameters, answers = operation.get("parameters", []), operation["responses"]
    for number, parameter in enumerate(parameters):
        yield Place("parameters", parameter["name"], parameters, number, operation)
    for status, answer in answers.items():
        for name in answer.get("headers", ()):
            yield Place("headers", name, answer["headers"], name, operation)
        if "$ref" not in answer:
            yield Place("responses", _name_answer(status, answer), answers, status, operation)


def _name_answer(status: str, answer: Described) -> str:
    """Name a response by its content and status: `Row`, `RowCreated`, `CsvFile`."""
    done = OF_STATUS.get(status, "")
    for media_type, media in answer.get("content", {}).items():
        if media_type == JSON:
            return f"{media['schema'].get('$ref', 'Answer').rpartition('/')[2]}{done}"
        form = media_type.partition(";")[0].partition("/")[2].split(".")[-1].partition("+")[0]
        return f"{form.capitalize()}File"
    return done


def _lift(kind: str, places: list[Place], used: set[str]) -> Described:
    """Replace repeated contents by references, and return the contents by name.

    A content has its own name, or one with its tag or operation if several have it.
    """
    same: dict[str, list[Place]] = defaultdict(list)  # by content, in which some texts are lazy
    for place in places:
        content = json.dumps(place.holder[place.key], sort_keys=True, default=str)
        same[content].append(place)
    times = Counter(found[0].name for found in same.values())
    lifted: Described = {}
    for found in same.values():
        _kind, name, holder, key, operation = found[0]
        ways = [name] if times[name] == 1 else []
        ways += [f"{name}.{operation['tags'][0]}", f"{name}.{operation['operationId']}"]
        chosen = next(way for way in ways if way not in used)
        used.add(chosen)
        if len(found) > 1:
            lifted[chosen] = holder[key]
            for place in found:
                place.holder[place.key] = {"$ref": f"#/components/{kind}/{chosen}"}
    return lifted
