"""Renderers: JSON by orjson with RFC 3339 times and exact numbers, and the types of files."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.db.models import QuerySet
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer
from rest_framework.utils.encoders import JSONEncoder

CSV_MEDIA_TYPE = "text/csv; charset=%s; header=present"
GEOJSON = "application/geo+json"
JSON_LINES = "application/x-ndjson"
PARQUET = "application/vnd.apache.parquet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Times read from the database are in UTC and are written with a Z; naive ones count as UTC.
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


def dump_json(data: Any) -> bytes:
    """Dump `data` as UTF-8 JSON: dates as RFC 3339, Decimals as strings, lazy text as text."""
    try:
        return orjson.dumps(data, default=_plain_value, option=_OPTIONS)
    except TypeError:
        # orjson refuses integers of more than 64 bits and lone surrogates; both can come back
        # in a message about a refused value. The standard encoder escapes them.
        return json.dumps(data, cls=JSONEncoder).encode()


def _plain_value(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, QuerySet | set | frozenset):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


class JSONRenderer(BaseRenderer):
    """Renders `application/json`."""

    media_type = "application/json"
    format = "json"
    # JSON is UTF-8 by definition and its media type has no charset parameter.
    charset = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return b"" if data is None else dump_json(data)


class FileRenderer(BaseRenderer):
    """A type of file in content negotiation; the view writes the file and nothing is rendered."""


def name_type(ending: str, media_type: str) -> type[FileRenderer]:
    return type(ending, (FileRenderer,), {"media_type": media_type, "format": ending})


# By the endings of files of lists
FILE_RENDERERS = {
    "csv": name_type("csv", "text/csv"),
    "jsonl": name_type("jsonl", JSON_LINES),
    "geojson": name_type("geojson", GEOJSON),
    "xlsx": name_type("xlsx", XLSX),
    "parquet": name_type("parquet", PARQUET),
}


class BytesRenderer(FileRenderer):
    """Any binary file: generated clients ask for it by this type."""

    media_type = "application/octet-stream"
    format = "bytes"
