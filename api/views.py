"""Base classes of the views of resources, and the router of their URLs."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from importlib.util import find_spec
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import IO, Any, ClassVar

from django.db import IntegrityError
from django.db.models import Max, Model, QuerySet
from django.http import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _, gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.exceptions import (
    APIException,
    ErrorDetail,
    NotAcceptable,
    NotFound,
    ValidationError,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DynamicRoute, Route, SimpleRouter
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from api import files
from api.base import LedgerView
from api.caching import check_if_match, check_put, make_entity_tag
from api.lists.as_of import AS_OF
from api.lists.filters import FILTERS
from api.lists.pagination import ORDERING, PAGE, KeysetPagination, Ordering, put_in_order
from api.lists.planned_rows import PlannedRows, derive_plan, has_column
from api.load import sleep_while_connected
from api.problems.errors import QueryError
from api.problems.nearest_rows import find_no_row
from api.problems.problems import problem_response
from api.readers import Reader, Readers
from api.renderers import (
    CSV_MEDIA_TYPE,
    FILE_RENDERERS,
    GEOJSON,
    JSON_LINES,
    PARQUET,
    XLSX,
    dump_json,
)
from api.requests import Client, select_visible
from api.serializers import EXPAND, FIELDS, WHOLE_FIELDS
from config.database import history
from config.database.prepared import snapshot
from config.mistakes import Mistake, Text
from sheets.writing.columns import (
    LANGUAGE_CODES,
    Column,
    Layout,
    RowProgress,
    Sheet,
    Table,
    Written,
    report_progress,
)
from sheets.writing.csv_writing import READ_AT_ONCE, DigestedFile, write_csv, write_query_csv
from sheets.writing.parquet_writing import convert_csv
from sheets.writing.xlsx_writing import About, DoesNotFit, Workbook, about_sheet

MOST_WORKBOOK_ROWS = 100_000  # a row of XLSX takes twenty times as long as one of CSV


class LedgerReadViewSet(LedgerView, GenericViewSet):
    """List, detail and files of a resource whose rows have public codes.

    The router makes URLs of files for `file_endings`; GeoJSON needs `latitude`, `longitude` and
    `point_datum`. A view that computes its rows names in `rows_are` the model of their words; the
    paths of its columns are then paths into mappings or objects: `claim.as_of`.
    """

    is_kept = True
    has_past = True
    lookup_field = "code"
    lookup_value_regex = "[A-Za-z0-9_-]+"
    # Codes match in either case: the column to compare with, and its case
    code_column = "code_key"
    code_case: str = "lower"  # or "upper"

    readers: ClassVar[Readers] = {
        "list": (AS_OF, FILTERS, ORDERING, PAGE, EXPAND, FIELDS),
        "retrieve": (AS_OF, EXPAND, FIELDS),
        "csv": (AS_OF, FILTERS, ORDERING, files.FILE_OPTIONS),
        "xlsx": (AS_OF, FILTERS, ORDERING, files.FILE_OPTIONS),
        "parquet": (AS_OF, FILTERS, ORDERING, files.FILE_OPTIONS),
        "geojson": (AS_OF, FILTERS, ORDERING),
        "jsonl": (AS_OF, FILTERS, ORDERING, EXPAND, WHOLE_FIELDS),
    }
    pagination_class: type[KeysetPagination] | None = KeysetPagination
    ordering_fields: Mapping[str, Ordering | str] | Sequence[str] = ["code"]
    ordering_default = "code"
    expandable: ClassVar[Sequence[str]] = ()  # fields of child rows that `expand` may name
    actions_by_key = ("retrieve", "update", "partial_update", "destroy")
    # Of single rows, if they have more fields than those of lists
    detail_serializer_class: ClassVar[type[BaseSerializer[Any]] | None] = None
    table: ClassVar[Table]
    file_endings: ClassVar[Collection[str]] = files.TABLE_ACTIONS
    point_properties: ClassVar[Collection[str]] = ()  # columns that a feature of GeoJSON has
    rows_are: ClassVar[type[Model] | None] = None
    described_parameters: ClassVar[Sequence[OpenApiParameter]] = files.FILE_PARAMETERS
    further_problems: ClassVar[Mapping[str, Collection[int]]] = {"xlsx": (413,)}
    progress: RowProgress | None = None
    action: str

    def __init_subclass__(cls, **options: Any) -> None:
        """List all rows of the model that the serializer shows, unless the view names others."""
        super().__init_subclass__(**options)
        model = getattr(getattr(cls.serializer_class, "Meta", None), "model", None)
        if cls.queryset is None and model:
            cls.queryset = model._default_manager.all()

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        detail, is_list = self.detail_serializer_class, self.action in ("list", "jsonl")
        return super().get_serializer_class() if is_list or detail is None else detail

    def get_queryset(self) -> QuerySet:
        """Select the rows that the client may read."""
        return select_visible(super().get_queryset(), self.request.user)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = self.filter_queryset(self.get_queryset())
        planned = self.plan_rows(self.values.get(FIELDS))
        page: Any = self.paginator
        found = page.find_page(rows, planned, self)
        return self.get_paginated_response(self.build_rows(planned, found))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.read_row(self.values.get(FIELDS)))

    def plan_rows(self, names: Collection[str] | None = None) -> Any:
        """Plan how rows are read for this client: all fields, or those named."""
        plan = derive_plan(self.get_serializer_class(), names)
        return PlannedRows(plan, self.get_client(), self.get_serializer_context())

    def build_rows(self, planned: Any, found: Sequence[Any]) -> Sequence[dict[str, Any]]:
        """Build the response of rows that were found as planned."""
        return planned.build(found)

    def build_in_parts(self, planned: Any) -> Iterator[Sequence[dict[str, Any]]]:
        """Build all rows of the request, a few hundred at a time."""
        keys = self.file_rows().values_list("pk", flat=True).iterator(files.ROWS_AT_ONCE)
        while some := list(islice(keys, files.ROWS_AT_ONCE)):
            yield self.build_rows(planned, planned.find_by_keys(some))

    def get_client(self) -> Client:
        return Client(self.get_visibility(self.request), self.request.user)

    def read_row(self, names: Collection[str] | None = None) -> dict[str, Any]:
        """Read the fields of the row of the URL, all or those named; NotFound if there is none."""
        has_version = has_column(self.get_queryset().model, "version")
        planned = self.plan_rows(names if has_version else None)
        found = planned.find(self.narrow(self.get_queryset()), 1)
        if not found:
            raise self.build_not_found()
        (row,) = planned.build(found)
        self.shown_version = str(planned.read_version(found[0])) if has_version else digest_row(row)
        return row if names is None else {name: row[name] for name in row if name in names}

    def get_object(self) -> Model:
        """Return the row of the URL; NotFound if there is none that the client may see."""
        return self.require(self.find(self.get_queryset()))

    def find(self, rows: QuerySet) -> Model | None:
        """Return the one of these rows that the URL names, or None."""
        return self.narrow(rows).first()

    def narrow(self, rows: QuerySet) -> QuerySet:
        """Select the one of these rows that the URL names."""
        code: str = self.kwargs[self.lookup_field]
        folded = code.lower() if self.code_case == "lower" else code.upper()
        return rows.filter(**{self.code_column: folded})

    def require(self, row: Model | None) -> Model:
        """Return the row; raise NotFound without one, or what the permission raises."""
        if row is None:
            raise self.build_not_found()
        self.check_object_permissions(self.request, row)
        return row

    def build_not_found(self) -> NotFound:
        """Build the 404 for a row that does not exist or that the client may not see."""
        code = self.kwargs[self.lookup_field]
        return find_no_row(self.lookup_field, code, self.get_queryset())

    def version_of(self, row: Any) -> str:
        """Return the version of the row of the URL, for If-Match."""
        return str(row.version) if hasattr(row, "version") else digest_row(self.read_row())

    # --- Files -----------------------------------------------------------------------------------

    @property
    def file_options(self) -> files.FileOptions:
        return self.get_value(files.FILE_OPTIONS)

    def get_table(self) -> Table:
        return self.table

    @property
    def has_money(self) -> bool:
        """Whether the file may have columns of money, whose unit can be chosen."""
        return self.table.has_money

    @extend_schema(
        summary=gettext_lazy("All matching rows as one CSV file"),
        description=gettext_lazy(
            "Complete, or not sent at all: `X-Row-Count` and `Repr-Digest` say what it holds."
        ),
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def csv(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        content_type = CSV_MEDIA_TYPE % self.file_options.encoding
        return files.build_file(
            self.write_csv, f"{self.file_name()}.csv", content_type, self.title()
        )

    @extend_schema(
        summary=gettext_lazy("All matching rows as one workbook"),
        description=gettext_lazy(
            "Complete, or not sent at all. A second sheet says what was asked, and what the "
            "columns mean."
        ),
        responses={(200, XLSX): OpenApiTypes.BINARY},
    )
    def xlsx(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        try:
            return files.build_file(self.write_book, f"{self.file_name()}.xlsx", XLSX, self.title())
        except DoesNotFit as error:
            members: dict[str, Any] = {"limit": error.limit, "actual": error.actual}
            return problem_response(request, 413, "too-large", detail=str(error), **members)

    def write_csv(self, file: IO[bytes]) -> Written:
        """Write all rows, of one state of the ledger."""
        options = self.file_options
        if self.rows_are is not None:
            return write_csv(options.columns, self.read_computed(), file, **options.csv)
        return write_query_csv(
            options.columns,
            files.annotate_for_file(self.file_rows(), options.columns, self.request.user),
            file,
            **options.csv,
            progress=self.progress or self.check_client,
        )

    @extend_schema(
        summary=gettext_lazy("All matching rows as one Parquet file"),
        description=gettext_lazy(
            "The columns of CSV with types, complete, or not sent at all. 406 where pyarrow is not "
            "installed."
        ),
        responses={(200, PARQUET): OpenApiTypes.BINARY},
    )
    def parquet(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        if find_spec("pyarrow") is None:
            others = [ending.upper() for ending in self.file_endings if ending != "parquet"]
            detail = _(
                "This ledger cannot write Parquet: take %(others)s, or have its operator run "
                "`pip install -r requirements-optional.txt`."
            ) % {"others": ", ".join(others)}
            raise NotAcceptable(detail)
        return files.build_file(
            self.write_parquet, f"{self.file_name()}.parquet", PARQUET, self.title()
        )

    def write_parquet(self, file: IO[bytes]) -> Written:
        """Write the cells of the CSV file with their types."""
        with SpooledTemporaryFile(max_size=files.SPOOL_BYTES) as table:
            self.write_csv(table)
            table.seek(0)
            return convert_csv(self.file_options.columns, table, file)

    def check_client(self, _rows: int) -> None:
        """Stop writing a file whose client has disconnected."""
        if not sleep_while_connected(self.request, 0):
            raise files.ClientGoneError

    def write_book(self, file: IO[bytes]) -> Written:
        """Write the workbook, of one state of the ledger, in the language of its headers."""
        language = LANGUAGE_CODES.get(self.file_options.layout.header, "en")
        with Workbook(file, self.file_options.layout) as book:
            with snapshot(), translation.override(language):
                for sheet in self.sheets():
                    book.add(replace(sheet, rows=report_progress(sheet.rows, self.check_client)))
            return book.close()

    def sheets(self) -> Iterator[Sheet]:
        """Build the sheets: the rows, a description, and related rows."""
        if self.rows_are is not None:
            computed, columns = self.read_computed(), self.file_options.columns
            yield Sheet(str(self.get_table().title), columns, computed)
            yield self.about_file(len(computed), self.rows_are)
            return
        rows = self.file_rows()
        count = rows.count()
        if count > MOST_WORKBOOK_ROWS:
            raise self.refuse_workbook(count, MOST_WORKBOOK_ROWS)
        first = self.build_first_sheet(rows, self.file_options.columns)
        yield replace(first, rows=report_progress(first.rows, self.progress))
        newest, sources = self.find_newest(rows), list(self.file_sources(rows))
        yield self.about_file(count, rows.model, newest=newest, sources=sources)
        yield from self.further_sheets(rows)

    def refuse_workbook(self, count: int, most: int) -> QueryError:
        """Build the 400 for more rows than a workbook may have, which names the other files."""
        others = [ending.upper() for ending in self.file_endings if ending in ("csv", "jsonl")]
        detail = _(
            "%(count)d rows are more than an XLSX file may have (%(limit)d): narrow the list with "
            "filters, or take a file without a limit: %(others)s."
        ) % {"count": count, "limit": most, "others": ", ".join(others)}
        return QueryError([Mistake("too_many_rows", detail)])

    def build_first_sheet(self, rows: QuerySet, columns: Sequence[Column]) -> Sheet:
        return files.build_sheet(str(self.table.title), rows, columns, self.request.user)

    def file_rows(self) -> QuerySet:
        """Select the rows of the request, in its order."""
        rows = self.filter_queryset(self.get_queryset())
        return put_in_order(rows, self.get_value(ORDERING), self)

    def file_name(self) -> str:
        """Return the name of the file, in ASCII and without its ending."""
        return self.get_table().name

    def title(self) -> str:
        """Return the title of the file, in the language of its header."""
        return files.translate_title(self.get_table().title, self.file_options.layout)

    def about_file(self, count: int, model: type[Model], **more: Any) -> Sheet:
        """Build the second sheet of the workbook: the query, and the meaning of the columns."""
        about = About(
            title=str(self.get_table().title),
            address=self.request.path,
            query=sorted((name, str(value)) for name, value in self.request.GET.items()),
            count=count,
            columns=self.file_options.columns,
            model=model,
            **more,
        )
        return about_sheet(about, self.file_options.layout)

    def find_newest(self, rows: QuerySet) -> Any:
        """Return when the newest of the rows was changed; None without `updated_at`."""
        if not has_column(rows.model, "updated_at"):
            return None
        return rows.order_by().aggregate(newest=Max("updated_at"))["newest"]

    def file_sources(self, rows: QuerySet) -> Iterator[tuple[str, str, str]]:
        """Yield code, title and details of the sources of these rows."""
        fields = rows.model._meta.concrete_fields
        links: dict[str, Any] = {field.name: field.related_model for field in fields}
        if (sources := links.get("source")) is not None:
            named = rows.order_by().values("source")
            for each in sources.objects.filter(pk__in=named).order_by("code_key"):
                yield each.describe()

    def further_sheets(self, rows: QuerySet) -> Iterator[Sheet]:
        """Yield the sheets after the second one, of related rows."""
        yield from ()

    # --- Computed rows ----------------------------------------------------------------------------

    def compute_rows(self) -> Iterable[Any]:
        """Compute the rows of the response: by default the selected ones, as in JSON."""
        return chain.from_iterable(self.build_in_parts(self.plan_rows()))

    def read_computed(self) -> Sequence[Sequence[Any]]:
        """Read the values of all rows in the order of the columns, of one state of the ledger."""
        columns = self.file_options.columns
        ways = [path.split(".") for column in columns for path in column.paths]
        kinds = [column.kind for column in columns for _path in column.paths]
        with snapshot():
            return [
                [
                    files.read_moment(files.follow(row, way), kind)
                    for way, kind in zip(ways, kinds, strict=True)
                ]
                for row in self.compute_rows()
            ]

    # --- JSON lines and GeoJSON -----------------------------------------------------------------

    @extend_schema(
        summary=gettext_lazy("All matching rows, whole, each as JSON on a line of its own"),
        description=gettext_lazy(
            "Each has all that `expand` can name, unless `expand` or `fields` say less. "
            "Complete, or not sent at all: `X-Row-Count` and `Repr-Digest` say what it holds."
        ),
        responses={(200, JSON_LINES): OpenApiTypes.STR},
    )
    def jsonl(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        title = files.translate_title(self.table.title, Layout())
        return files.build_file(self.write_lines, f"{self.file_name()}.jsonl", JSON_LINES, title)

    def write_lines(self, file: IO[bytes]) -> Written:
        """Write all rows of one state of the ledger."""
        digested, count = DigestedFile(file), 0
        planned = self.plan_rows(self.get_value(WHOLE_FIELDS))
        with snapshot():
            for rows in self.build_in_parts(planned):
                self.check_client(count)
                digested.write(b"".join(dump_json(row) + b"\n" for row in rows))
                count += len(rows)
        return Written(count, digested.digest.digest())

    @extend_schema(
        summary=gettext_lazy("All matching rows that have a point, as GeoJSON"),
        description=gettext_lazy(
            "One FeatureCollection (RFC 7946), complete, or not sent at all. Degrees are as the "
            "source gives them, and never converted: `point_datum` says what they are measured "
            "by, `datums` at the end how many there are of each, and `without_point` how many "
            "matching rows have no point and are left out."
        ),
        responses={(200, GEOJSON): files.COLLECTION},
    )
    def geojson(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        title = files.translate_title(self.table.title, Layout())
        return files.build_file(self.write_features, f"{self.file_name()}.geojson", GEOJSON, title)

    def write_features(self, file: IO[bytes]) -> Written:
        """Write a feature for each row that has a point, of one state of the ledger."""
        digested, datums = DigestedFile(file), Counter[str]()
        digested.write(files.GEOJSON_OPENING)
        with snapshot():
            rows = self.file_rows()
            for number, feature in enumerate(self.build_features(rows, datums)):
                digested.write(b",\n" * (number > 0) + dump_json(feature))
            without = rows.order_by().filter(latitude__isnull=True).count()
        digested.write(b"]," + dump_json({"datums": datums, "without_point": without})[1:])
        return Written(datums.total(), digested.digest.digest())

    def build_features(self, rows: QuerySet, datums: Counter[str]) -> Iterator[dict[str, Any]]:
        """Build the features one by one, and count the datums of their points."""
        named = {column.name: column for column in self.table.columns}
        shown = [named[name] for name in self.point_properties]
        asked = [named[name] for name in files.POINT_COLUMNS] + shown
        placed = files.annotate_for_file(
            rows.filter(latitude__isnull=False), asked, self.request.user
        )
        values = placed.values_list(*[path for column in asked for path in column.paths])
        found = report_progress(values.iterator(READ_AT_ONCE), self.check_client)
        for latitude, longitude, *rest in found:
            properties: dict[str, Any] = {
                column.name: (value or None) if column.kind == "word" else value
                for column, value in zip(shown, rest, strict=True)
            }
            datums[properties[files.DATUM_COLUMN]] += 1
            yield {
                "type": "Feature",
                "id": properties["code"],
                "geometry": {"type": "Point", "coordinates": [float(longitude), float(latitude)]},
                "properties": properties,
            }


class AnswerViewSet(LedgerReadViewSet):
    """An answer that is computed, and its rows as files; `asks` reads what is asked.

    A view computes the rows, which then are the answer, or an answer with `rows`.
    """

    asks: ClassVar[Sequence[Reader[Any]]] = (AS_OF, FILTERS)
    # For OpenAPI: what it is, and its serializer or schema
    summary: ClassVar[Text]
    answered_by: ClassVar[Any] = None

    def get_readers(self) -> Sequence[Reader[Any]]:
        readers = {
            "show": self.asks,
            **dict.fromkeys(("csv", "xlsx"), (*self.asks, files.FILE_OPTIONS)),
        }
        return readers.get(self.action) or super().get_readers()

    def show(self, request: Request, **kwargs: Any) -> Response:
        """Show the answer, of one state of the ledger."""
        with snapshot():
            return Response(self.compute_answer())

    def compute_answer(self) -> Any:
        return [*self.compute_rows()]

    def compute_rows(self) -> Iterable[Any]:
        return self.compute_answer()["rows"]


def digest_row(shown: Mapping[str, Any]) -> str:
    """Digest (16 hex digits) the fields of a row, as the version of one that has none."""
    return blake2b(dump_json(shown), digest_size=8).hexdigest()


MINIMAL = "return=minimal"  # RFC 7240: the answer to a write has no body
WITH_PUT = ["get", "post", "put", "patch", "delete", "head", "options"]


class LedgerViewSet(
    mixins.CreateModelMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin, LedgerReadViewSet
):
    """A resource with POST, PATCH and DELETE, and PUT if `http_method_names` has it.

    Each write is one revision; edits lock the row and check the version that the client names.
    """

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    puts_new = False  # whether this PUT creates the row, which needs the permission to POST
    checks_as_added: ClassVar[bool] = False  # whether edits need it, too
    instead_of_methods = {
        "POST": gettext_lazy("POST to the list creates a row; PATCH at its URL changes it."),
        "PUT": gettext_lazy("PATCH at the URL of one row changes it."),
        "PATCH": gettext_lazy("PATCH at the URL of one row changes it."),
        "DELETE": gettext_lazy("DELETE at the URL of one row deletes it."),
    }
    answers_repeated: ClassVar[bool] = False  # with 200 if a POST repeats a stored row

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with history.recorded():
            self.lock_owner()
            serializer = self.get_serializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            repeated = self.find_repeated(serializer)
            if repeated is None:
                self.write(serializer)
        return self.build_answer(repeated or serializer.instance, is_new=repeated is None)

    def find_repeated(self, serializer: BaseSerializer[Any]) -> Model | None:
        """Return the stored row that a valid body repeats, or None."""
        return None

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with history.recorded():
            row = self.get_locked()
            check_if_match(request, row, self.version_of(row))
            serializer = self.get_serializer(row, data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            self.write(serializer)
        return self.build_answer(serializer.instance)

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        try:
            row, is_new = self.create_or_replace(request)
        except (IntegrityError, APIException):
            # Another client may have created it meanwhile
            if self.puts_new and (there := self.find(self.get_queryset())) is not None:
                check_put(request, there, self.version_of(there))
            raise
        return self.build_answer(row, is_new=is_new)

    def create_or_replace(self, request: Request) -> tuple[Any, bool]:
        """Create or replace the row of the URL; return it, and whether it is new."""
        with history.recorded():
            row = self.find_locked()
            self.puts_new = row is None
            if row is not None:
                self.check_object_permissions(request, row)
            check_put(request, row, "" if row is None else self.version_of(row))
            context = {**self.get_serializer_context(), "is_replacement": row is not None}
            serializer = self.get_serializer_class()(row, data=self.put_body(row), context=context)
            serializer.is_valid(raise_exception=True)
            self.write(serializer)
        return serializer.instance, row is None

    def put_body(self, row: Any) -> Any:
        """Return the body of a PUT with the code of its URL; ValidationError for another one."""
        body, code = self.request.data, self.kwargs[self.lookup_field]
        if not isinstance(body, Mapping):
            return body
        given = body.get("code", code)
        if not isinstance(given, str) or given.lower() != code.lower():
            message = _("The code is given by the URL: “%(code)s”.") % {"code": code}
            raise ValidationError({"code": [ErrorDetail(message, "immutable")]})
        return {**body, "code": given if row is None else row.code}

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with history.recorded():
            row = self.get_locked()
            check_if_match(request, row, self.version_of(row))
            self.perform_destroy(row)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def write(self, serializer: BaseSerializer[Any]) -> None:
        """Store a valid body."""
        if serializer.instance is None:
            self.perform_create(serializer)
        else:
            self.perform_update(serializer)

    def get_serializer_context(self) -> dict[str, Any]:
        """Add the check whether this client may write a row."""
        return {**super().get_serializer_context(), "check_drafted": self.check_written}

    def check_written(self, row: Any) -> None:
        """Check whether this client may write the row, which may have moved to another owner."""
        self.puts_new = self.puts_new or self.checks_as_added
        self.check_object_permissions(self.request, row)

    def lock_owner(self) -> None:
        """Lock the row to which the rows of this resource belong."""

    def find_locked(self) -> Model | None:
        """Return the row of the URL, locked, or None."""
        self.lock_owner()
        # Only its own table: the rows that it refers to stay free
        return self.find(self.get_queryset().select_for_update(of=("self",), no_key=True))

    def get_locked(self) -> Model:
        return self.require(self.find_locked())

    def build_answer(self, row: Any, *, is_new: bool = False) -> Response:
        """Build the response to a write by reading the row as GET does."""
        self.kwargs[self.lookup_field] = str(getattr(row, self.lookup_field))
        answer = Response(self.read_row())
        answer.headers["ETag"] = make_entity_tag(self.shown_version)
        if is_new:
            answer.status_code = status.HTTP_201_CREATED
            answer.headers["Location"] = self.reverse_action("detail", kwargs=self.kwargs)
        preferences = self.request.headers.get("Prefer", "").lower().replace(" ", "")
        if MINIMAL in re.split("[,;]", preferences):
            answer.data = None
            answer.status_code = answer.status_code if is_new else status.HTTP_204_NO_CONTENT
            answer.headers["Preference-Applied"] = MINIMAL
        return answer


FILE_ROUTES = [
    Route(
        url=rf"^{{prefix}}\.{ending}$",
        mapping={"get": ending},
        name=f"{{basename}}-{ending}",
        detail=False,
        initkwargs={"renderer_classes": [renderer]},
    )
    for ending, renderer in FILE_RENDERERS.items()
]


class LedgerRouter(SimpleRouter):
    """DRF's router without a slash at the end, and with the files of lists."""

    routes: list[Route | DynamicRoute] = [*FILE_ROUTES, *SimpleRouter.routes]

    def __init__(self) -> None:
        super().__init__(trailing_slash=False)

    def get_method_map(self, viewset: Any, method_map: Mapping[str, str]) -> dict[str, str]:
        """Leave out the files that the list does not have."""
        bound: dict[str, str] = super().get_method_map(viewset, method_map)
        endings = getattr(viewset, "file_endings", ())
        return {
            method: action
            for method, action in bound.items()
            if action not in FILE_RENDERERS or action in endings
        }
