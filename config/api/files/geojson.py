"""A list as GeoJSON (RFC 7946): those of its rows that have a point, for maps."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import IO, Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from config.api.as_of import AS_OF
from config.api.files.list_files import (
    TableFilesMixin,
    annotate_for_file,
    translate_title,
)
from config.api.files.responses import GEOJSON, build_file
from config.api.lists.filters import FILTERS
from config.api.lists.ordering import ORDERING
from config.api.readers import Readers
from config.api.renderers import dump_json
from config.snapshots import snapshot
from config.spreadsheets import Column, Layout, Written
from config.spreadsheets.queries import READ_AT_ONCE

_FEATURE = {
    "type": "object",
    "required": ["type", "id", "geometry", "properties"],
    "properties": {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": {"type": "string"},
        "geometry": {
            "type": "object",
            "required": ["type", "coordinates"],
            "properties": {
                "type": {"type": "string", "enum": ["Point"]},
                "coordinates": {"type": "array", "items": {"type": "number"}},
            },
        },
        "properties": {"type": "object", "additionalProperties": {}},
    },
}
COLLECTION = {
    "type": "object",
    "required": ["type", "features", "datums", "without_point"],
    "properties": {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": _FEATURE},
        "datums": {"type": "object", "additionalProperties": {"type": "integer"}},
        "without_point": {"type": "integer"},
    },
}
_OPENING = b'{"type":"FeatureCollection","features":['
_POINT = ("latitude", "longitude")
_DATUM = "point_datum"


class GeoJSONMixin(TableFilesMixin):
    """Gives a list of what has `latitude`, `longitude` and `point_datum` a file for maps.

    The view names which columns of its table are the `properties` of a feature.
    """

    readers: ClassVar[Readers] = {"geojson": (AS_OF, FILTERS, ORDERING)}
    point_properties: ClassVar[Collection[str]]

    @extend_schema(
        summary=gettext_lazy("All matching rows that have a point, as GeoJSON"),
        description=gettext_lazy(
            "One FeatureCollection (RFC 7946), complete, or not sent at all. Degrees are as the "
            "source gives them, and never converted: `point_datum` says what they are measured "
            "by, `datums` at the end how many there are of each, and `without_point` how many "
            "matching rows have no point and are left out."
        ),
        responses={(200, GEOJSON): COLLECTION},
    )
    def geojson(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """Give all matching rows that have a point, for maps."""
        title = translate_title(self.table.title, Layout())
        return build_file(self.write_features, f"{self.file_name()}.geojson", GEOJSON, title)

    def write_features(self, file: IO[bytes]) -> Written:
        """Write a feature for each row that has a point, as they are at one moment."""
        digest, datums = hashlib.sha256(), Counter[str]()
        with snapshot():
            rows = self.file_rows()
            written = (dump_json(feature) for feature in self.build_features(rows, datums))
            lines = (b",\n" * (number > 0) + line for number, line in enumerate(written))
            for part in chain([_OPENING], lines):
                digest.update(part)
                file.write(part)
            without = rows.order_by().filter(latitude__isnull=True).count()
            end = b"]," + dump_json({"datums": datums, "without_point": without})[1:]
        digest.update(end)
        file.write(end)
        return Written(datums.total(), digest.digest())

    def build_features(self, rows: QuerySet, datums: Counter[str]) -> Iterator[dict[str, Any]]:
        """Build the features one by one, and count the datums of their points."""
        named = {column.name: column for column in self.table.columns}
        shown = [named[name] for name in self.point_properties]
        asked = [named[name] for name in _POINT] + shown
        placed = annotate_for_file(rows.filter(latitude__isnull=False), asked, self.request.user)
        values = placed.values_list(*[path for column in asked for path in column.paths])
        for latitude, longitude, *rest in values.iterator(READ_AT_ONCE):
            properties = build_properties(shown, rest)
            datums[properties[_DATUM]] += 1
            yield {
                "type": "Feature",
                "id": properties["code"],
                "geometry": {"type": "Point", "coordinates": [float(longitude), float(latitude)]},
                "properties": properties,
            }


def build_properties(columns: Sequence[Column], values: Sequence[Any]) -> Mapping[str, Any]:
    """Name the values of a row as JSON does: a word that is not said is null."""
    return {
        column.name: (value or None) if column.kind == "word" else value
        for column, value in zip(columns, values, strict=True)
    }
