"""A list as JSON lines: every matching row as the list shows it, with what lies below it."""

import hashlib
from itertools import islice
from typing import IO, Any, ClassVar

from django.http import HttpResponseBase
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from config.api.as_of import AS_OF
from config.api.files.list_files import TableFilesMixin, translate_title
from config.api.files.responses import JSON_LINES, build_file
from config.api.lists.filters import FILTERS
from config.api.lists.ordering import ORDERING
from config.api.readers import Readers
from config.api.renderers import dump_json
from config.api.sparse_fields import EXPAND, WHOLE_FIELDS
from config.snapshots import snapshot
from config.spreadsheets import Layout, Written

ROWS_AT_ONCE = 500  # each with the rows below it, which are read by a query a kind


class JSONLinesMixin(TableFilesMixin):
    """Gives a list a file of JSON lines; what lies below a row stands in its line."""

    readers: ClassVar[Readers] = {"jsonl": (AS_OF, FILTERS, ORDERING, EXPAND, WHOLE_FIELDS)}

    @extend_schema(
        summary=gettext_lazy("All matching rows, whole, each as JSON on a line of its own"),
        description=gettext_lazy(
            "Each has all that `expand` can name, unless `expand` or `fields` say less. "
            "Complete, or not sent at all: `X-Row-Count` and `Repr-Digest` say what it holds."
        ),
        responses={(200, JSON_LINES): OpenApiTypes.STR},
    )
    def jsonl(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """Give all matching rows, each as JSON on a line of its own."""
        title = translate_title(self.table.title, Layout())
        return build_file(self.write_lines, f"{self.file_name()}.jsonl", JSON_LINES, title)

    def write_lines(self, file: IO[bytes]) -> Written:
        """Write all rows as they are at one moment; memory holds a few hundred of them."""
        digest, count = hashlib.sha256(), 0
        view: Any = self
        planned = view.plan_rows(self.get_value(WHOLE_FIELDS))
        with snapshot():
            keys = self.file_rows().values_list("pk", flat=True).iterator(ROWS_AT_ONCE)
            while some := list(islice(keys, ROWS_AT_ONCE)):
                rows = planned.build(planned.find_by_keys(some))
                lines = b"".join(dump_json(row) + b"\n" for row in rows)
                digest.update(lines)
                file.write(lines)
                count += len(rows)
        return Written(count, digest.digest())
