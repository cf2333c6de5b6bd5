"""Any list as a file: the whole filtered set, at the URL of the list with a suffix."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, Any, ClassVar, TypeVar

from django.db.models import Max, Model, QuerySet
from django.http import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from config.api.as_of import AS_OF
from config.api.files.responses import CSV_MEDIA_TYPE, XLSX, build_file
from config.api.lists.filters import FILTERS
from config.api.lists.ordering import ORDERING, Ordering, put_in_order
from config.api.patterns import FIELD_NAME, array_like
from config.api.problems.problems import problem_response
from config.api.readers import (
    Query,
    Reader,
    Readers,
    Reading,
    describe_unknown_word,
    read_distinct_names,
)
from config.api.strict import StrictViewMixin
from config.mistakes import Mistake
from config.snapshots import snapshot
from config.spreadsheets import (
    Column,
    DoesNotFit,
    Layout,
    Sheet,
    Table,
    Workbook,
    Written,
    write_query_csv,
)
from config.spreadsheets.about import About, about_sheet
from config.spreadsheets.columns import LANGUAGE_CODES, RowProgress, report_progress
from config.spreadsheets.queries import READ_AT_ONCE
from config.spreadsheets.xlsx_writing import MAX_SHEET_ROWS, too_many_rows

LAYOUT_PARAMETERS = ("columns", "header", "unit")
ENCODING_PARAMETERS = ("bom", "encoding")  # of CSV alone
ALL_COLUMNS = "all"
FILE_WORDS: dict[str, Mapping[str, Any]] = {
    "header": {"code": "code", "zh": "zh", "en": "en"},
    "unit": {"yuan": "yuan", "wan": "wan", "yi": "yi"},
    "bom": {"true": True, "false": False},
    "encoding": {"utf-8": "utf-8", "gb18030": "gb18030"},
}
FILE_PARAMETERS = [
    OpenApiParameter(
        "columns",
        description=gettext_lazy(
            "Names of columns, separated by commas, in the order wanted; or `all`."
        ),
        type=array_like(FIELD_NAME, uniqueItems=True),
    ),
    OpenApiParameter(
        "header",
        description=gettext_lazy("What the header row holds: the names of the columns, or labels."),
        enum=[*FILE_WORDS["header"]],
        default="code",
    ),
    OpenApiParameter(
        "unit",
        description=gettext_lazy(
            "The unit of money: 1, 10,000 or 100,000,000 yuan; headers name it."
        ),
        enum=[*FILE_WORDS["unit"]],
        default="yuan",
    ),
    OpenApiParameter(
        "bom",
        bool,
        description=gettext_lazy(
            "Whether UTF-8 begins with a byte order mark; without it Excel guesses the encoding."
        ),
        default=True,
    ),
    OpenApiParameter(
        "encoding",
        description=gettext_lazy("GB 18030 is for programs that read nothing else."),
        enum=[*FILE_WORDS["encoding"]],
        default="utf-8",
    ),
]
_Rows = TypeVar("_Rows", bound=QuerySet)


@dataclass
class FileOptions:
    """How a file is to be: its columns, their headers and units, its encoding."""

    columns: Sequence[Column]
    layout: Layout = field(default_factory=Layout)
    bom: bool = True
    encoding: Any = "utf-8"

    @property
    def csv(self) -> dict[str, Any]:
        """How a CSV file is to be written, as `write_csv` takes it."""
        return {"bom": self.bom, "encoding": self.encoding, "layout": self.layout}


class FileOptionsReader(Reader[FileOptions]):
    """Reads how the file of a view's table is to be."""

    lists = ("columns",)

    def names(self, view: Any) -> Collection[str]:
        names = {*LAYOUT_PARAMETERS} if self.has_money(view) else {*LAYOUT_PARAMETERS} - {"unit"}
        return names.union(ENCODING_PARAMETERS) if view.action.endswith("csv") else names

    def read(self, query: Query, view: Any) -> Reading[FileOptions]:
        return read_file_options(query, self.get_table(view))

    def has_money(self, view: Any) -> bool:
        """Tell whether a unit of money can be asked for."""
        return bool(view.table.has_money)

    def get_table(self, view: Any) -> Table:
        """Give the columns that there are."""
        table: Table = view.table
        return table


FILE_OPTIONS = FileOptionsReader()


def read_file_options(query: Mapping[str, str], table: Table) -> tuple[FileOptions, list[Mistake]]:
    """Read the options that a query asks for, and what is wrong with them."""
    columns, errors = _read_columns(query.get("columns"), table)
    words, more = read_words(query, FILE_WORDS)
    errors += more
    if "bom" in words and words.get("encoding") == "gb18030":
        detail = _("Only UTF-8 has a byte order mark; leave out “bom” or “encoding”.")
        errors.append(Mistake("contradiction", detail).at(parameter="bom"))
    layout = Layout(words.get("header", "code"), words.get("unit", "yuan"))
    encoding = words.get("encoding", "utf-8")
    return FileOptions(columns, layout, words.get("bom", True), encoding), errors


def read_words(
    query: Mapping[str, str], names: Iterable[str]
) -> tuple[dict[str, Any], list[Mistake]]:
    """Read those of the parameters that a query has: their values by name, and what is wrong."""
    read, errors = {}, []
    for name in names:
        if name not in query:
            continue
        values = FILE_WORDS[name]
        if query[name] in values:
            read[name] = values[query[name]]
        else:
            errors.append(describe_unknown_word(name, query[name], values, values))
    return read, errors


def _read_columns(text: str | None, table: Table) -> tuple[list[Column], list[Mistake]]:
    """Read the columns that `columns=` names, in its order."""
    if text is None:
        return [*table.columns], []
    offered = {column.name: column for column in [*table.columns, *table.more]}
    if text == ALL_COLUMNS:
        return [*offered.values()], []
    message = _("There is no column “%(name)s”.")
    names, errors = read_distinct_names("columns", text, offered, message)
    return [offered[name] for name in names if name in offered], errors


def annotate_for_file(rows: _Rows, columns: Sequence[Column], actor: Any) -> _Rows:
    """Annotate rows with the expressions that the columns read, made for `actor`."""
    made = {c.source: c.path(actor) for c in columns if not isinstance(c.path, str)}
    return rows.select_related(None).prefetch_related(None).annotate(**made)


def build_sheet(title: str, rows: QuerySet, columns: Sequence[Column], actor: Any) -> Sheet:
    """Build a sheet of the rows of an ordered queryset, which are read while they are written."""
    paths = [path for column in columns for path in column.paths]
    values = annotate_for_file(rows, columns, actor).values_list(*paths)
    return Sheet(title, columns, values.iterator(READ_AT_ONCE))


def translate_title(title: Any, layout: Layout) -> str:
    """Translate the title of a file: into Chinese if its header is, or people's language."""
    with translation.override(LANGUAGE_CODES.get(layout.header, translation.get_language())):
        return str(title)


class TableFilesMixin(StrictViewMixin, GenericAPIView):
    """Gives a list its files. The view names the table; the router makes their URLs."""

    readers: ClassVar[Readers] = {
        "csv": (AS_OF, FILTERS, ORDERING, FILE_OPTIONS),
        "xlsx": (AS_OF, FILTERS, ORDERING, FILE_OPTIONS),
    }
    table: ClassVar[Table]
    described_parameters: ClassVar[Sequence[OpenApiParameter]] = FILE_PARAMETERS
    further_problems: ClassVar[Mapping[str, Collection[int]]] = {"xlsx": (413,)}
    progress: RowProgress | None = None
    action: str
    ordering_fields: Mapping[str, Ordering | str] | Sequence[str]
    ordering_default: str

    @property
    def file_options(self) -> FileOptions:
        return self.get_value(FILE_OPTIONS)

    @extend_schema(
        summary=gettext_lazy("All matching rows as one CSV file"),
        description=gettext_lazy(
            "Complete, or not sent at all: `X-Row-Count` and `Repr-Digest` say what it holds."
        ),
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def csv(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """Give all matching rows as CSV."""
        content_type = CSV_MEDIA_TYPE % self.file_options.encoding
        return build_file(self.write_csv, f"{self.file_name()}.csv", content_type, self.title())

    @extend_schema(
        summary=gettext_lazy("All matching rows as one workbook"),
        description=gettext_lazy(
            "Complete, or not sent at all. A second sheet says what was asked, and what the "
            "columns mean."
        ),
        responses={(200, XLSX): OpenApiTypes.BINARY},
    )
    def xlsx(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """Give all matching rows as a workbook."""
        try:
            return build_file(self.write_book, f"{self.file_name()}.xlsx", XLSX, self.title())
        except DoesNotFit as error:
            members: dict[str, Any] = {"limit": error.limit, "actual": error.actual}
            return problem_response(request, 413, "too-large", detail=str(error), **members)

    def write_csv(self, file: IO[bytes]) -> Written:
        """Write all rows by one query, which sees one state of the ledger."""
        options = self.file_options
        return write_query_csv(
            options.columns,
            annotate_for_file(self.file_rows(), options.columns, self.request.user),
            file,
            **options.csv,
            progress=self.progress,
        )

    def write_book(self, file: IO[bytes]) -> Written:
        """Write the workbook: all of one state of the ledger, in the language of its headers."""
        language = LANGUAGE_CODES.get(self.file_options.layout.header, "en")
        with Workbook(file, self.file_options.layout) as book:
            with snapshot(), translation.override(language):
                for sheet in self.sheets():
                    book.add(sheet)
            return book.close()

    def sheets(self) -> Iterator[Sheet]:
        """Give the sheets: the rows, what is to be told of them, and what belongs to them."""
        rows = self.file_rows()
        count = rows.count()
        if count > MAX_SHEET_ROWS:
            raise too_many_rows(count)
        first = self.build_first_sheet(rows, self.file_options.columns)
        yield replace(first, rows=report_progress(first.rows, self.progress))
        newest, sources = self.find_newest(rows), list(self.file_sources(rows))
        yield self.about_file(count, rows.model, newest=newest, sources=sources)
        yield from self.further_sheets(rows)

    def build_first_sheet(self, rows: QuerySet, columns: Sequence[Column]) -> Sheet:
        """Build the sheet of the rows themselves."""
        return build_sheet(str(self.table.title), rows, columns, self.request.user)

    def file_rows(self) -> QuerySet:
        """Give the rows that the filters of the request select, in the order that it asks for."""
        return put_in_order(
            self.filter_queryset(self.get_queryset()), self.get_value(ORDERING), self
        )

    def file_name(self) -> str:
        """Name the file, in ASCII and without its ending."""
        return self.table.name

    def title(self) -> str:
        """Name the file as people do: in Chinese if its header is, or their language."""
        return translate_title(self.table.title, self.file_options.layout)

    def about_file(self, count: int, model: type[Model], **more: Any) -> Sheet:
        """Build the second sheet of the workbook: what was asked, and what the columns mean."""
        about = About(
            title=str(self.table.title),
            address=self.request.path,
            query=sorted((name, str(value)) for name, value in self.request.GET.items()),
            count=count,
            columns=self.file_options.columns,
            model=model,
            **more,
        )
        return about_sheet(about, self.file_options.layout)

    def find_newest(self, rows: QuerySet) -> Any:
        """Find when the newest of the rows was changed; None for rows that do not say it."""
        if "updated_at" not in {column.name for column in rows.model._meta.concrete_fields}:
            return None
        return rows.order_by().aggregate(newest=Max("updated_at"))["newest"]

    def file_sources(self, rows: QuerySet) -> Iterable[tuple[str, str, str]]:
        """Give code, title and details of the sources that these rows name."""
        return ()

    def further_sheets(self, rows: QuerySet) -> Iterator[Sheet]:
        """Give the sheets after the second one: what belongs to these rows."""
        yield from ()
