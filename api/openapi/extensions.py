"""Extensions of drf-spectacular for our filters, bodies, fields, docstrings and sign-in."""

from inspect import cleandoc
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext as translate
from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import is_patched_serializer
from drf_spectacular.utils import Direction
from rest_framework.serializers import ListSerializer

from api.readers import FILLED_LINE, FILLED_LINES, LINE, PARTIAL_DATE, SEVERAL_LINES
from api.strict import has_lines


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
