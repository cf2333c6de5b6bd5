"""OpenAPI of the contract: names, problems of each operation, and what repeats as components."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, MutableMapping
from copy import copy
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.drainage import warn
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, get_view_model
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.permissions import SAFE_METHODS

from api.base import LedgerView
from api.lists.as_of import AS_OF_NAME
from api.lists.filters import FILTERS
from api.openapi.examples import JSON, SHOWN_EXAMPLES
from api.openapi.extensions import describe_texts  # which register themselves
from api.openapi.problem_schema import EXTRA_HEADERS, PROBLEMS, build_problem_schema, header
from api.problems.problems import PROBLEM_MEDIA_TYPE
from api.readers import FIELD_NAME, MOMENT, SHARED, array_like, array_of
from api.renderers import GEOJSON, JSON_LINES, XLSX, BytesRenderer

# What all operations of a kind have in common
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
# Parts of URLs that are numbers; their patterns bound them
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
IF_MATCH_OF_EDIT.required = True  # a PUT may create, too
CREATE_ONLY = OpenApiParameter(
    "If-None-Match",
    location=OpenApiParameter.HEADER,
    enum=["*"],
    description=gettext_lazy("`*`: create only; refused if something exists at the URL."),
)


class LedgerSchema(AutoSchema):
    """DEFAULT_SCHEMA_CLASS: what drf-spectacular finds out, and the contract that all share."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        for status in self.get_problem_statuses():
            operation["responses"].setdefault(str(status), self._problem(status))
        if self.method == "PUT":
            operation["responses"]["201"] = {**operation["responses"]["200"]}
        if self.method == "POST" and self._is_repeatable():
            operation["responses"]["200"] = {**operation["responses"]["201"]}
        for status, response in operation["responses"].items():
            if status in DONE:
                response["description"] = str(DONE[status])
                self._describe_bytes(response)
            self._add_headers(status, response)
        if "requestBody" in operation:
            operation["requestBody"]["required"] = not self._may_leave_out_body()
        self._mark_deprecated(operation)
        self._complete_parameters(operation)
        if getattr(self.view, "is_kept", False) and self.method == "GET":
            operation["responses"]["304"] = {
                "description": _("The client has this answer already.")
            }
        return operation

    def _describe_bytes(self, response: dict[str, Any]) -> None:
        """Say of a file that it may be asked for as bytes, where the view does that."""
        if any(isinstance(each, BytesRenderer) for each in self.view.get_renderers()):
            media = {"schema": {"type": "string", "format": "binary"}}
            response.setdefault("content", {})[BytesRenderer.media_type] = media

    def _mark_deprecated(self, operation: dict[str, Any]) -> None:
        """Mark what the view declares as deprecated."""
        if not isinstance(self.view, LedgerView):
            return
        if self.view.get_deprecation(()):
            operation["deprecated"] = True
        for parameter in operation.get("parameters", ()):
            if parameter["name"] in self.view.deprecated_parameters:
                parameter["deprecated"] = True

    def _complete_parameters(self, operation: dict[str, Any]) -> None:
        """Say what no text may hold, and warn of parameters not both understood and described."""
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
        for name in sorted(described ^ self.get_query_parameters()):
            warn(f"{self.method} {self.path}: “{name}” is not both understood and described.")
        for name in sorted(lists ^ self.get_list_parameters()):
            warn(f"{self.method} {self.path}: “{name}” is not both read and described as a list.")

    def _share(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Refer to the shared description of a text that has nothing but a pattern of many."""
        name = SHARED.get(schema.get("pattern", ""))
        if name is None or schema.keys() != {"type", "pattern"}:
            return schema
        shared = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, name)
        self.registry.register_on_missing(shared)
        reference: dict[str, Any] = shared.ref
        return reference

    def get_override_parameters(self) -> list[Any]:
        return [*super().get_override_parameters(), *self._list_shared_parameters()]

    def get_problem_statuses(self) -> list[int]:
        """List the statuses of the problems that this operation may answer with."""
        statuses = {400, 401, 406, 414, 429, 431, 500, 503}
        if "{" in self.path:
            statuses.add(404)
        if self.method not in SAFE_METHODS:
            statuses |= {403, 409, 411, 413, 415}
        if self.method in EDITS or self._restores():
            statuses |= {412, 428}
        own = self.view.further_problems if isinstance(self.view, LedgerView) else {}
        return sorted(statuses.union(own.get(getattr(self.view, "action", None) or "get", ())))

    def get_operation_id(self) -> str:
        """Name it `rows_list`; an action of its own by its URL: `rows_summary`."""
        if not self._is_extra_action():
            return re.sub(r"\W", "_", super().get_operation_id())
        names = [re.sub(r"\W", "_", step) for step in self._tokenize_path()]
        return "_".join(names if self.method == "GET" else [*names, self.method.lower()])

    def get_tags(self) -> list[str]:
        """Name the resource, which is the first step of the URL, without a file's ending."""
        return [tag.split(".")[0] for tag in super().get_tags()]

    def get_summary(self) -> str | None:
        """Make a sentence about its resource; operations of their own declare theirs."""
        model = get_view_model(self.view, emit_warnings=False)
        return None if model is None else _resource_summary(self._kind_of_action(), model)

    def get_description(self) -> str:  # type: ignore[override]
        """Say what its view says of itself and what its kind promises."""
        promise = "" if self._is_extra_action() else str(PROMISES[self._kind_of_action()])
        return "\n\n".join(filter(None, (str(getattr(self.view, "about", "")), promise)))

    def get_filter_backends(self) -> list[Any]:
        """Find the backends whose parameters the operation takes; not lists alone filter."""
        is_filtered = self.get_query_parameters().intersection(FILTERS.names(self.view))
        view: Any = self.view
        return [*view.filter_backends] if is_filtered else []

    def _get_pagination_parameters(self) -> list[dict[str, Any]]:
        paginator = self._get_paginator()
        if paginator is None:
            return []
        known = paginator.get_schema_operation_parameters(self.view)
        taken = self.get_query_parameters()
        return [parameter for parameter in known if parameter["name"] in taken]

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super()._resolve_path_parameters(variables)
        for parameter in found:
            if parameter["name"] in NUMBERED:
                parameter["schema"] = dict(NUMBERED[parameter["name"]])
            parameter["description"] = str(SHOWN_EXAMPLES.parts.get(parameter["name"], ""))
        return found

    def _list_shared_parameters(self) -> list[OpenApiParameter]:
        """List those that the view describes, `fields`, `as_of`, conditional headers."""
        taken = self.get_query_parameters()
        described = getattr(self.view, "described_parameters", ())
        shared = [parameter for parameter in described if parameter.name in taken]
        if "expand" in taken:
            shared.append(_describe_expand(getattr(self.view, "expandable", ())))
        shared += [each for each in (FIELDS_PARAMETER, AS_OF_PARAMETER) if each.name in taken]
        if getattr(self.view, "is_kept", False) and self.method == "GET":
            shared.append(IF_NONE_MATCH)
        if self.method in EDITS:
            shared.append(IF_MATCH if self.method == "PUT" else IF_MATCH_OF_EDIT)
        if self.method == "PUT":
            shared.append(CREATE_ONLY)
        if self._restores():
            shared += [IF_MATCH, CREATE_ONLY]
        return shared

    def _add_headers(self, status: str, response: dict[str, Any]) -> None:
        headers = self._headers(status)
        if {"text/csv", GEOJSON, JSON_LINES, XLSX} & response.get("content", {}).keys():
            headers |= FILE_HEADERS
        if headers:
            response["headers"] = headers | response.get("headers", {})

    def _headers(self, status: str) -> dict[str, Any]:
        """Describe the headers of an answer that did what was asked."""
        headers = {}
        if status == "201":
            headers["Location"] = header("string", _("Its URL."), format="uri")
        if status in ("200", "201") and getattr(self.view, "is_kept", False):
            if self.method in ("GET", "PUT", "PATCH") or status == "201":
                headers["ETag"] = header(
                    "string", _("Which answer this is; of a single record, `If-Match` takes it.")
                )
            if AS_OF_NAME in self.get_query_parameters():
                headers["Memento-Datetime"] = header(
                    "string", _("With `as_of`: the moment it is of.")
                )
            if self.method == "GET" and self._is_list_view():
                headers["Link"] = header(
                    "string", _("The next and the previous page, as RFC 8288 has them.")
                )
        return headers

    def get_query_parameters(self) -> set[str]:
        """Name what the view itself says it understands: the document cannot say anything else."""
        return set(self.view.get_query_parameters() if isinstance(self.view, LedgerView) else ())

    def get_list_parameters(self) -> set[str]:
        """Name those of them that the view itself reads as lists."""
        return self.view.get_list_parameters() if isinstance(self.view, LedgerView) else set()

    def get_auth(self) -> list[dict[str, Any]]:
        auths = super().get_auth()
        if settings.PUBLIC_READ and self.method in SAFE_METHODS and {} not in auths:
            auths.append({})  # reading needs no sign-in
        return auths

    def _may_leave_out_body(self) -> bool:
        return getattr(self.view, "action", None) in getattr(self.view, "bodies_left_out", ())

    def _restores(self) -> bool:
        return getattr(self.view, "restores", False)

    def _is_repeatable(self) -> bool:
        """Tell whether a creation may say what is stored already, which is then the answer."""
        is_creation = getattr(self.view, "action", None) == "create"
        return is_creation and getattr(self.view, "answers_repeated", False)

    def _kind_of_action(self) -> str:
        if self.method == "GET":
            return "list" if self._is_list_view() else "retrieve"
        return self.method_mapping[self.method.lower()]

    def _is_extra_action(self) -> bool:
        action = getattr(self.view, "action", None)
        return action not in (None, "list", *self.method_mapping.values())

    def _problem(self, status: int) -> dict[str, Any]:
        """Refer to the shared description of problems with this status."""
        problem = ResolvedComponent(
            "Problem", ResolvedComponent.SCHEMA, build_problem_schema(), "Problem"
        )
        self.registry.register_on_missing(problem)
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


def _describe_expand(names: Iterable[str]) -> OpenApiParameter:
    return OpenApiParameter(
        "expand",
        description=gettext_lazy(
            "What lies below each row, separated by commas: the answer has these rows, too."
        ),
        type=array_of(names, uniqueItems=True),
    )


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


Described = dict[str, Any]
# A parameter, header or answer where it stands: what holds it, by which key, and its operation.
Place = tuple[MutableMapping[Any, Any] | list[Any], Any, Described]
OF_STATUS = {"201": "Created", "204": "Deleted", "304": "NotModified"}


def name_repeated(result: Described, **_options: Any) -> Described:
    """Refer to each parameter, header and answer that repeats: a postprocessing hook."""
    operations = [each for item in result["paths"].values() for each in item.values()]
    components = result.setdefault("components", {})
    for kind, find in (
        ("headers", _find_headers),
        ("parameters", _find_parameters),
        ("responses", _find_answers),
    ):
        named = components.setdefault(kind, {})
        named |= _lift(kind, [place for each in operations for place in find(each)], {*named})
        components[kind] = dict(sorted(named.items()))
    result |= _share_security(operations)
    _drop_unused(result)
    return result


def _drop_unused(result: Described) -> None:
    """Drop the schemas of bodies that nobody sends: those of fields that are only read."""
    schemas = result["components"].get("schemas", {})
    text = json.dumps(result, default=str)
    for name in [each for each in schemas if f'"#/components/schemas/{each}"' not in text]:
        del schemas[name]


def _share_security(operations: list[Described]) -> Described:
    """Take what most operations say of signing in from them; it holds where they say nothing."""
    texts = [json.dumps(each["security"]) for each in operations if "security" in each]
    if not texts:
        return {}
    ((usual, _times),) = Counter(texts).most_common(1)
    for operation in operations:
        if json.dumps(operation.get("security")) == usual:
            del operation["security"]
    return {"security": json.loads(usual)}


def _find_parameters(operation: Described) -> Iterator[tuple[str, Place]]:
    parameters = operation.get("parameters", [])
    for number, parameter in enumerate(parameters):
        yield parameter["name"], (parameters, number, operation)


def _find_headers(operation: Described) -> Iterator[tuple[str, Place]]:
    for answer in operation["responses"].values():
        for name in answer.get("headers", ()):
            yield name, (answer["headers"], name, operation)


def _find_answers(operation: Described) -> Iterator[tuple[str, Place]]:
    answers = operation["responses"]
    for status in answers:
        if "$ref" not in answers[status]:
            yield _name_answer(status, answers[status]), (answers, status, operation)


def _name_answer(status: str, answer: Described) -> str:
    """Name an answer by what it holds and what was done: `Row`, `RowCreated`, `CsvFile`."""
    done = OF_STATUS.get(status, "")
    for media_type, media in answer.get("content", {}).items():
        if media_type == JSON:
            return f"{media['schema'].get('$ref', 'Answer').rpartition('/')[2]}{done}"
        form = media_type.partition(";")[0].partition("/")[2].split(".")[-1].partition("+")[0]
        return f"{form.capitalize()}File"
    return done


def _lift(kind: str, found: list[tuple[str, Place]], taken: set[str]) -> Described:
    """Put a reference at each place whose content stands elsewhere, too; returns the contents."""
    texts = [
        json.dumps(holder[key], sort_keys=True, default=str)  # some texts are still lazy
        for _name, (holder, key, _operation) in found
    ]
    times, names = Counter(texts), _name_texts(found, texts, taken)
    lifted: Described = {}
    for text, (_name, (holder, key, _operation)) in zip(texts, found, strict=True):
        if times[text] > 1:
            lifted.setdefault(names[text], holder[key])
            holder[key] = {"$ref": f"#/components/{kind}/{names[text]}"}
    return lifted


def _name_texts(
    found: list[tuple[str, Place]], texts: list[str], taken: set[str]
) -> dict[str, str]:
    """Name each content: by its own name where one content has it, else with where it is used."""
    variants: dict[str, list[str]] = defaultdict(list)
    first_use: dict[str, Described] = {}
    for text, (name, (_holder, _key, operation)) in zip(texts, found, strict=True):
        if text not in first_use:
            first_use[text] = operation
            variants[name].append(text)
    names: dict[str, str] = {}
    used = {*taken}
    for name, same in variants.items():
        for text in same:
            operation = first_use[text]
            ways = [name] if len(same) == 1 else []
            ways += [f"{name}.{operation['tags'][0]}", f"{name}.{operation['operationId']}"]
            names[text] = next(way for way in ways if way not in used)
            used.add(names[text])
    return names
