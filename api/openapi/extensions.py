"""Extensions of drf-spectacular: how bodies, fields and words are described, and docstrings."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

from django.utils.translation import gettext as _, gettext as translate
from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import is_patched_serializer
from drf_spectacular.utils import Direction
from rest_framework.serializers import ListSerializer

from api.readers import FILLED_LINE, FILLED_LINES, LINE, PARTIAL_DATE, PUBLIC_CODE, SEVERAL_LINES
from api.strict import has_lines
from sheets.dates import MEANT_DAYS

LARGEST_INT32 = 2**31 - 1
MANY_OWNERS = 3  # schemas that share the words of a field, which then are named by it alone
_Words = tuple[str, ...]


class StrictSerializerExtension(OpenApiSerializerExtension):
    """Describes strict bodies, which have no other fields than the ones listed."""

    target_class = "api.strict.StrictSerializerMixin"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        # The docstrings of our base classes are for programmers, not for clients
        schema.pop("description", None)
        if own := vars(type(self.target)).get("__doc__"):
            schema["description"] = cleandoc(own)
        mendable = getattr(self.target, "MENDABLE", None)
        if mendable is not None and is_patched_serializer(self.target, direction):
            given = schema["properties"]
            schema["properties"] = {name: given[name] for name in given if name in mendable}
        if direction == "response":
            left_out = getattr(self.target, "on_request", ())
            schema["required"] = sorted({*schema["properties"]}.difference(left_out))
        else:
            for name, described in schema.get("properties", {}).items():
                field = self.target.fields[name]
                describe_texts(described, has_lines=has_lines(field))
                if isinstance(field, ListSerializer):
                    names = {"minItems": "min_length", "maxItems": "max_length"}
                    bounds = {word: getattr(field, name) for word, name in names.items()}
                    described |= {word: bound for word, bound in bounds.items() if bound}
                    if getattr(field.child, "is_named_by_code", False):
                        code = {"type": "string", "pattern": f"^{PUBLIC_CODE}$"}
                        described["items"] = {"anyOf": [described["items"], code]}
        return {**schema, "additionalProperties": False}


class WordFieldExtension(OpenApiSerializerFieldExtension):
    """A word of a vocabulary, null where none is known; a blank in a body is null, too."""

    target_class = "api.serializers.WordField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        words: list[Any] = [str(word) for word in self.target.choices]
        if not (self.target.allow_blank or self.target.allow_null or self._is_of_blank_column()):
            return {"type": "string", "enum": words}
        blank = [""] if direction == "request" and self.target.allow_blank else []
        # drf-spectacular adds the type null for `allow_null`
        kinds = "string" if self.target.allow_null else ["string", "null"]
        return {"type": kinds, "enum": [*words, *blank, None]}

    def _is_of_blank_column(self) -> bool:
        # DRF sets no `allow_blank` on read-only fields
        model = getattr(getattr(self.target.parent, "Meta", None), "model", None)
        if model is None or not self.target.read_only:
            return False
        return any(
            column.name == self.target.source and column.blank
            for column in model._meta.concrete_fields
        )


class PartialDateFieldExtension(OpenApiSerializerFieldExtension):
    """A date that may be known in part; a blank in a body is null, too."""

    target_class = "api.serializers.PartialDateField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        return {
            "type": "string",
            "pattern": f"^({PARTIAL_DATE})?$" if direction == "request" else f"^{PARTIAL_DATE}$",
            "examples": ["2023-11"],
            "description": _("A year, quarter, month or day: 2023, 2023-Q4, 2023-11, 2023-11-29."),
        }


class WholeDateFieldExtension(OpenApiSerializerFieldExtension):
    """A day; in a body a month or year will do where it says from when or until when."""

    target_class = "api.serializers.WholeDateField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        if direction == "response" or self.target.field_name not in MEANT_DAYS:
            return {"type": "string", "format": "date"}
        return {
            "type": "string",
            "pattern": f"^{PARTIAL_DATE}$",
            "examples": ["2019-05-31"],
            "description": _("A day; a month or year stands for its first or last day."),
        }


def describe_texts(
    schema: dict[str, Any], *, has_lines: bool = False, is_filled: bool = False
) -> None:
    """Add the pattern of allowed texts to a schema and its members."""
    members = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    for member in members + ([schema["items"]] if "items" in schema else []):
        describe_texts(member, has_lines=has_lines, is_filled=is_filled)
    if "string" not in schema.get("type", ()) or {"enum", "pattern", "format"} & schema.keys():
        return
    if is_filled or schema.get("minLength") == 1:
        schema.pop("minLength", None)  # the pattern implies it
        schema["pattern"] = FILLED_LINES if has_lines else FILLED_LINE
    elif schema.get("maxLength") != 0:
        schema["pattern"] = SEVERAL_LINES if has_lines else LINE


def translate_docstrings(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Translate the descriptions of schemas, which are docstrings: a postprocessing hook."""
    for schema in result["components"].get("schemas", {}).values():
        if text := schema.get("description"):
            schema["description"] = translate(str(text))
    return result


def complete_schemas(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Make schemas fit for generators of clients: a postprocessing hook.

    Whole numbers without a small bound have 64 bits: by default several languages read 32.
    Labels of fields are left out, as classes would be named by them in the reader's language.
    """
    name_words(result["components"]["schemas"])
    for schema in _find_schemas(result):
        kinds = schema.get("type", ())
        is_whole = "integer" in ([kinds] if isinstance(kinds, str) else kinds)
        if is_whole and schema.get("maximum", LARGEST_INT32 + 1) > LARGEST_INT32:
            schema["format"] = "int64"
        if isinstance(schema.get("title"), str):
            del schema["title"]
        if len(schema.get("allOf", ())) == 1:
            schema |= schema.pop("allOf")[0]
        # A text or a blank is one text: of two kinds generators make a class
        kind, *others = schema.get("oneOf", [{}])
        if others == [{"type": "string", "maxLength": 0}] and "pattern" in kind:
            del schema["oneOf"]
            schema |= kind | {"pattern": f"^({kind['pattern'].strip('^$')})?$"}
    about: dict[str, str] = {}  # what the first operation of each tag does
    for operation in (each for item in result["paths"].values() for each in item.values()):
        about.setdefault(operation["tags"][0], operation["summary"])
    tags = [{"name": tag, "description": about[tag]} for tag in sorted(about)]
    return result | {"tags": tags}


def _find_schemas(part: Any) -> Iterator[dict[str, Any]]:
    """Find what has a type or is made of others, at any depth."""
    for member in [*part.values()] if isinstance(part, dict) else part:
        if isinstance(member, dict | list):
            yield from _find_schemas(member)
    if isinstance(part, dict) and (
        part.keys() & {"allOf", "oneOf", "$ref"} or isinstance(part.get("type"), str | list)
    ):
        yield part


def name_words(schemas: dict[str, Any]) -> None:
    """Give each closed list of words in the fields of schemas a component: `Stage`, `ParkKind`."""
    found: dict[_Words, list[tuple[str, str, dict[str, Any]]]] = defaultdict(list)
    for name, schema in schemas.items():
        for field, described in schema.get("properties", {}).items():
            described = described.get("items", described)
            if words := tuple(word for word in described.get("enum", ()) if word):
                found[words].append((name, field, described))
    lists_of = Counter(field for places in found.values() for field in {at[1] for at in places})
    for words, places in found.items():
        owners = Counter(re.sub("^Patched|Detail|Request$", "", at[0]) for at in places)
        field = max(sorted(at[1] for at in places), key=[at[1] for at in places].count)
        name = field.title().replace("_", "")
        if len(owners) < MANY_OWNERS or lists_of[field] > 1 or name in schemas:
            name = max(sorted(owners), key=owners.__getitem__) + name
        schemas[name] = {"type": "string", "enum": [*words]}
        for _name, _field, described in places:
            _refer(described, name)


def _refer(described: dict[str, Any], name: str) -> None:
    """Put a reference in the place of words; a field that may be unknown takes null besides."""
    reference = {"$ref": f"#/components/schemas/{name}"}
    is_nullable = None in described.pop("enum") or "null" in described["type"]
    del described["type"]
    described |= {"oneOf": [reference, {"type": "null"}]} if is_nullable else reference
