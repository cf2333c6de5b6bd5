"""Examples in the OpenAPI document, built from the schemas so that they always match."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from django.utils.translation import gettext_lazy

from api.problems.problems import PROBLEM_MEDIA_TYPE, PROBLEM_TYPES, TYPE_OF_STATUS

Schema = Mapping[str, Any]
MAX_DEPTH = 12
MAX_LISTS = 2  # levels of nested lists
JSON = "application/json"
FORM = "multipart/form-data"
SOME_ID = "17"  # of rows that are numbered


@dataclass
class AppExamples:
    """Examples of an app, which registers its own."""

    rows: dict[str, str] = field(default_factory=dict)  # codes by resource
    unshipped: dict[str, str] = field(default_factory=dict)  # if the shipped ledger has no row
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)  # by operation
    parameters: dict[str, str] = field(default_factory=dict)  # values of required ones
    words: dict[str, Any] = field(default_factory=dict)  # by field, if its schema allows it
    texts: dict[str, str] = field(default_factory=dict)  # for patterns; the first match is shown
    problems: dict[str, Any] = field(default_factory=dict)  # by member of a problem
    parts: dict[str, Any] = field(default_factory=dict)  # descriptions of parts of URLs
    files: dict[str, Any] = field(default_factory=dict)  # by media type other than JSON
    upload: dict[str, Any] = field(default_factory=dict)  # fields of a form


OTHER_TEXTS = ("CNY", "A", "1")  # for patterns that none of `texts` matches
ANY_NAME = "*"  # in `words`: the name of a member that may have any name
SHOWN_EXAMPLES = AppExamples(
    words={
        "version": 4,
        "id": 17,
        "currency": "USD",
        "url": "https://example.org/report",
        "count": 12,
        "previous": None,
        "request_id": "3d068c16b6f84c0bb0d3f8f7a2a4c7d1",
    },
    texts={"month": "2023-11", "year": "2023", "amount": "1.5亿元"},
    parts={
        "code": gettext_lazy("The public code, in upper or lower case."),
        "id": gettext_lazy("The number of the row, as in its list."),
        "version": gettext_lazy("The number of a version, from the history."),
    },
)


def register_examples(examples: AppExamples) -> None:
    for each in fields(AppExamples):
        getattr(SHOWN_EXAMPLES, each.name).update(getattr(examples, each.name))


PAGE_MEMBERS = {"results", "next", "previous", "count"}
FORMATS = {
    "date": "2023-11-29",
    "date-time": "2024-03-05T02:11:09Z",
    "uri": "https://example.org/report",
    "uri-reference": "/problems/validation-failed",
    "binary": "",
}


def add_examples(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Add an example to each JSON body, in responses to its schema: a postprocessing hook."""
    schemas = result.get("components", {}).get("schemas", {})
    sent, answered = Examples(schemas), Examples(schemas, is_answer=True)
    for response in result.get("components", {}).get("responses", {}).values():
        add_problem(response)
    for path, operations in result["paths"].items():
        for operation in operations.values():
            add_request(path, operation)
            for kind, media in _find_media(operation.get("requestBody", {})):
                if kind.endswith("json"):
                    media["example"] = sent.of(media["schema"])
            for answer in operation["responses"].values():
                for kind, media in _find_media(answer):
                    if kind in SHOWN_EXAMPLES.files:
                        media["example"] = SHOWN_EXAMPLES.files[kind]
                    elif kind == JSON:
                        answered.add_to(media["schema"])
    return result


def _find_media(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind, media in body.get("content", {}).items():
        if "schema" in media and not {"example", "examples"} & media.keys():
            yield kind, media


def add_request(path: str, operation: dict[str, Any]) -> None:
    """Add a request that works with the shipped ledger: the URL, required parameters, the body."""
    steps = [step.partition(".")[0] for step in path.split("/")]  # without the ending of a file
    for parameter in operation.get("parameters", ()):
        name = parameter["name"]
        if parameter["in"] == "path" and "example" not in parameter:
            # The step before the parameter is its resource
            resource = steps[steps.index(f"{{{name}}}") - 1]
            codes = {**SHOWN_EXAMPLES.unshipped, **SHOWN_EXAMPLES.rows}
            is_number = parameter["schema"].get("type") == "integer"
            parameter["example"] = int(SOME_ID) if is_number else codes.get(resource, SOME_ID)
        elif parameter.get("required") and name in SHOWN_EXAMPLES.parameters:
            shown = SHOWN_EXAMPLES.parameters[name]
            is_list = parameter["schema"].get("type") == "array"
            parameter["example"] = shown.split(",") if is_list else shown
    content = operation.get("requestBody", {}).get("content", {})
    if operation["operationId"] in SHOWN_EXAMPLES.bodies:
        content[JSON]["example"] = SHOWN_EXAMPLES.bodies[operation["operationId"]]
    if FORM in content:
        content[FORM]["example"] = SHOWN_EXAMPLES.upload


def add_problem(response: dict[str, Any]) -> None:
    media = response.get("content", {}).get(PROBLEM_MEDIA_TYPE)
    if media is None:
        return
    slug = TYPE_OF_STATUS[media.pop("x-status")]
    media["example"] = {
        "type": f"/problems/{slug}",
        "title": str(PROBLEM_TYPES[slug].title),
        "status": PROBLEM_TYPES[slug].status,
        "detail": str(response["description"]),
        "errors": [],
        "request_id": SHOWN_EXAMPLES.words["request_id"],
    }


class Examples:
    """Builds values of schemas; `components` are the schemas that they refer to.

    Answers are shown without what they have on request.
    """

    def __init__(self, components: Mapping[str, Schema], *, is_answer: bool = False) -> None:
        self.components = components
        self.is_answer = is_answer

    def add_to(self, schema: Schema) -> None:
        """Add an example to the schema of a response, or to that of the rows of a page."""
        shown: Any = self.resolve(schema)
        properties = shown.get("properties", {})
        if properties.keys() == PAGE_MEMBERS:
            self.add_to(properties["results"]["items"])
        elif "examples" not in shown:
            shown["examples"] = [self.of(schema)]

    def of(self, schema: Schema, name: str = "", depth: int = 0) -> Any:
        """Build a value of a schema; `words` has values by the name of the field."""
        schema = self.resolve(schema)
        if examples := schema.get("examples"):
            return examples[0]
        for word in ("example", "const", "default"):
            if word in schema:
                return schema[word]
        if choices := schema.get("enum"):
            return choices[0]
        for word in ("oneOf", "anyOf"):
            if word in schema:
                return self.of(schema[word][0], name, depth)
        return self.by_type(schema, name, depth)

    def by_type(self, schema: Schema, name: str, depth: int) -> Any:
        kinds = schema.get("type", "object" if "properties" in schema else "string")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        kind = kinds[0]
        word = SHOWN_EXAMPLES.words.get(name)
        if name in SHOWN_EXAMPLES.words and fits(word, kinds, schema):
            return word
        if kind == "object":
            return self.object(schema, depth)
        if kind == "array":
            return [] if depth >= MAX_LISTS else [self.of(schema["items"], name, depth + 1)]
        return self.plain(kind, schema)

    def object(self, schema: Schema, depth: int) -> Any:
        if depth >= MAX_DEPTH:
            return {}
        properties = schema.get("properties", {})
        if self.is_answer and (always := schema.get("required")):
            properties = {name: properties[name] for name in properties if name in always}
        made = {name: self.of(each, name, depth + 1) for name, each in properties.items()}
        rest = schema.get("additionalProperties")
        if not properties and isinstance(rest, Mapping):
            made[SHOWN_EXAMPLES.words[ANY_NAME]] = self.of(rest, "", depth + 1)
        return made

    def plain(self, kind: str, schema: Schema) -> Any:
        if kind == "string":
            if pattern := schema.get("pattern"):
                texts = (*SHOWN_EXAMPLES.texts.values(), *OTHER_TEXTS)
                return next((text for text in texts if re.search(pattern, text)), "")
            text = FORMATS.get(schema.get("format", ""), "…")
            return text[: schema.get("maxLength", len(text))]
        if kind == "boolean":
            return False
        if kind in ("integer", "number"):
            return schema.get("minimum", 1)
        return None

    def resolve(self, schema: Schema) -> Schema:
        if reference := schema.get("$ref"):
            return self.resolve(self.components[reference.rsplit("/", 1)[-1]])
        if len(parts := schema.get("allOf", ())) == 1:
            return {**self.resolve(parts[0]), **{k: v for k, v in schema.items() if k != "allOf"}}
        return schema


def fits(value: Any, kinds: list[str], schema: Schema) -> bool:
    """Return whether a value has one of these types and matches the limits of the schema."""
    types: dict[str, Any] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "null": type(None),
    }
    if not any(isinstance(value, types[kind]) for kind in kinds if kind in types):
        return False
    if isinstance(value, str):
        is_short = len(value) <= schema.get("maxLength", len(value))
        return is_short and re.search(schema.get("pattern", ""), value) is not None
    if value is None:
        return True
    return schema.get("minimum", value) <= value <= schema.get("maximum", value)
