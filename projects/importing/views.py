"""Imports over HTTP: check or apply a spreadsheet, look at what was said, apply later, undo."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _, gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, NotFound, PermissionDenied, ValidationError
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from api import files
from api.base import LedgerView
from api.lists.filters import FILTERS
from api.lists.pagination import ORDERING, PAGE, KeysetPagination, Ordering
from api.problems.errors import MAX_ERRORS
from api.problems.problems import BUSY_SECONDS, problem_response
from api.readers import (
    Query,
    Reader,
    Reading,
    array_of,
    describe_unknown_word,
    read_whole_parameter,
)
from api.renderers import FILE_RENDERERS, XLSX, JSONRenderer
from api.strict import MultiPartParser
from api.views import AnswerViewSet
from config.mistakes import Mistake
from parks.access import LedgerPermission, Write, check_scope, may_write_some, select_readable
from parks.models import ImportBatch
from parks.views import ForRolesMixin
from projects.filters import ProjectFilterSet
from projects.importing import batches
from projects.importing.asking.answers import unite_alike
from projects.importing.reconciling import RECONCILIATION, reconcile
from projects.importing.serializers import (
    ApplySerializer,
    ImportDetailSerializer,
    ImportSerializer,
    ReconciledSerializer,
    ReconciliationSerializer,
    UploadSerializer,
)
from projects.importing.sheets import build_template_fields, write_failures, write_marked_sheet
from projects.importing.undoing import may_read, may_undo, undo
from projects.models import Project
from projects.writing.doubted import CONFIRM, CONFIRM_PARAMETER
from sheets.imports import ACTIONS
from sheets.reading.apart import BUSY
from sheets.writing.columns import LANGUAGE_CODES, Layout, Written
from sheets.writing.xlsx_writing import write_template

REPEATED = ("map", "ignore", "unit", "confirm")


def read_parts(request: Request) -> dict[str, Any]:
    """Read the parts of the form, each with one value but those that may be repeated."""
    data: Any = request.data
    parts = dict(data.lists()) if data else {}  # without any body it is no form
    message = _("This is given more than once.")
    errors = {
        name: [ErrorDetail(message, "repeated_parameter")]
        for name, values in parts.items()
        if len(values) > 1 and name not in REPEATED
    }
    if errors:
        raise ValidationError(errors)
    if "confirm" in parts:
        parts["confirm"] = [word for text in parts["confirm"] for word in text.split(",")]
    return {name: values if name in REPEATED else values[0] for name, values in parts.items()}


def refuse_file(request: Request, error: Mistake) -> HttpResponse:
    """Answer that a file, or a part of the form beside it, is wrong as a whole.

    If the server was too busy to read it, the answer is a 503.
    """
    if error.code == BUSY:
        wait = {"Retry-After": str(BUSY_SECONDS)}
        return problem_response(request, 503, "unavailable", detail=error.message, headers=wait)
    is_large = error.code == "file_too_large"
    code, kind = (413, "too-large") if is_large else (400, "validation-failed")
    place = {"pointer": f"#/{batches.PARTS_OF_MISTAKES.get(error.code, 'file')}", **error.as_dict()}
    return problem_response(request, code, kind, detail=error.message, errors=[place])


class HeaderReader(Reader[Layout]):
    """Reads `header`: how the template is to be laid out."""

    parameters = ("header",)

    def read(self, query: Query, view: Any) -> Reading[Layout]:
        words, errors = files.read_words(query, {"header": files.FILE_WORDS["header"]})
        return Layout(words.get("header", "code")), errors


HEADER = HeaderReader()


class TemplateView(LedgerView):
    """`GET /imports/template.xlsx`."""

    readers = {"get": (HEADER,)}

    renderer_classes = [FILE_RENDERERS["xlsx"]]

    def get_renderers(self) -> list[BaseRenderer]:
        # What it says of itself (OPTIONS) is no workbook.
        is_file = self.request.method in ("GET", "HEAD")
        return super().get_renderers() if is_file else [JSONRenderer()]

    @extend_schema(
        summary=gettext_lazy("An empty workbook for an import of projects"),
        description=gettext_lazy(
            "With notes, and drop-down lists of words and of the parks that you see."
        ),
        parameters=[
            OpenApiParameter(
                "header",
                description=gettext_lazy("Headers and words: codes, Chinese or English."),
                enum=[*files.FILE_WORDS["header"]],
                default="code",
            )
        ],
        responses={(200, XLSX): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> FileResponse:
        layout = self.get_value(HEADER)

        def write(file: IO[bytes]) -> Written:
            with translation.override(LANGUAGE_CODES.get(layout.header, "en")):
                fields = build_template_fields(layout.header, request.user)
                write_template(_("projects"), fields, file, layout)
            file.seek(0)
            return Written(0, hashlib.sha256(file.read()).digest())

        return files.build_file(write, "projects-template.xlsx", XLSX, self.title())

    def title(self) -> str:
        """Say what people call the file."""
        return files.translate_title(
            gettext_lazy("projects to be imported"), self.get_value(HEADER)
        )


_MOST_ROWS = 1_000  # of a report in one answer
LAST_LINE = 2_000_000  # that can be asked for


class ImportPermission(BasePermission):
    """For those who may write projects; files and reports may hold what is not public."""

    message = LedgerPermission.message

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        if request.method not in SAFE_METHODS:
            check_scope(request)
        return may_write_some(request.user, Write.ADD, Project)


@dataclass(frozen=True)
class Lines:
    """Which lines of an import are asked for: with these actions, if any, after which, how many."""

    actions: frozenset[str] = frozenset()
    after: int = 0
    limit: int = _MOST_ROWS


class LinesReader(Reader[Lines]):
    """Reads which lines of an import are to be shown."""

    parameters = ("action", "after", "limit")
    lists = ("action",)

    def read(self, query: Query, view: Any) -> Reading[Lines]:
        actions = frozenset(word for word in query.get("action", "").split(",") if word)
        unknown = sorted(actions - {*ACTIONS})
        errors = [describe_unknown_word("action", word, ACTIONS) for word in unknown]
        after, wrong_after = read_whole_parameter(query, "after", 0, 0, LAST_LINE)
        limit, wrong_limit = read_whole_parameter(query, "limit", _MOST_ROWS, 1, _MOST_ROWS)
        return Lines(actions, after, limit), errors + wrong_after + wrong_limit


LINES_READER = LinesReader()


class FilesViewMixin(LedgerView):
    """Answers a file that is wrong as a whole, or is not kept any more."""

    action: str

    def handle_exception(self, exc: Exception) -> Any:
        if not isinstance(exc, Mistake):
            return super().handle_exception(exc)
        if self.action in ("errors", "sheet"):
            return problem_response(self.request, 409, "conflict", detail=exc.message)
        return refuse_file(self.request, exc)


class ImportViewSet(FilesViewMixin, mixins.ListModelMixin, GenericViewSet):
    """Imports of spreadsheets, each with what became of every line of its file."""

    readers = {
        "list": (ORDERING, PAGE),
        "retrieve": (LINES_READER,),
        "create": (CONFIRM,),
        "apply": (CONFIRM,),
    }
    bodies_left_out = ("apply",)
    queryset = ImportBatch.objects.defer("packed_rows", "packed_content", "summary")
    permission_classes = [ImportPermission]
    pagination_class = KeysetPagination
    ordering_fields: Mapping[str, Ordering | str] | Sequence[str] = ["created_at"]
    ordering_default = "-created_at"
    lookup_field = "code"
    lookup_value_regex = "[A-Za-z0-9_-]+"
    filter_backends = ()
    further_problems = {
        "list": (403,),
        "retrieve": (403,),
        "errors": (403, 409),
        "sheet": (403, 409),
    }

    def get_queryset(self) -> QuerySet:
        rows: Any = super().get_queryset()
        return select_readable(rows, self.request.user)

    def get_parsers(self) -> list[Any]:
        is_upload = getattr(self, "action_map", {}).get("post") == "create"
        return [MultiPartParser()] if is_upload else super().get_parsers()

    def takes_or_gives_file(self, request: Request) -> bool:
        # To apply or undo is to write the whole file, too
        return request.method == "POST" or super().takes_or_gives_file(request)

    def get_serializer_class(self) -> Any:
        return ImportSerializer if self.action == "list" else ImportDetailSerializer

    @extend_schema(
        summary=gettext_lazy("The imports that you made"), responses=ImportSerializer(many=True)
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The imports that you made, the newest first; superusers see everybody's."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        summary=gettext_lazy("Check a spreadsheet, or import it"),
        request={"multipart/form-data": UploadSerializer},
        parameters=[CONFIRM_PARAMETER],
        responses={201: ImportDetailSerializer},
    )
    def create(self, request: Request) -> Response | HttpResponse:
        """Check a file, and with `dry_run=false` import it: as a whole, or not at all."""
        serializer = UploadSerializer(data=read_parts(request))
        serializer.is_valid(raise_exception=True)
        dry_run = serializer.validated_data["dry_run"]
        upload = serializer.upload(self.values.get(CONFIRM, ()))
        batch = batches.run_import(upload, request.user, apply=not dry_run)
        if not dry_run and batch.state == ImportBatch.State.REFUSED:
            return self.refuse(request, batch)
        if not dry_run and batch.doubts:
            return self.ask(request, batch)
        answer = self.answer(batch, status.HTTP_201_CREATED)
        answer.headers["Location"] = self.address(batch)
        return answer

    @extend_schema(
        summary=gettext_lazy("An import, line by line"),
        parameters=[
            OpenApiParameter(
                "action",
                description=gettext_lazy("Only rows with these outcomes, separated by commas."),
                type=array_of(ACTIONS),
            ),
            OpenApiParameter(
                "after",
                {"type": "integer", "minimum": 0, "maximum": LAST_LINE},
                description=gettext_lazy("Only rows after this line."),
            ),
            OpenApiParameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": _MOST_ROWS, "default": _MOST_ROWS},
                description=gettext_lazy("1 to 1000 rows, by default 1000."),
            ),
        ],
        responses=ImportDetailSerializer,
    )
    def retrieve(self, request: Request, code: str) -> Response:
        """What was said of each line of the file."""
        return self.answer(self.get_object())

    @extend_schema(
        summary=gettext_lazy("The failing rows as a file"),
        description=gettext_lazy(
            "The rows that failed, with `_line` and `_error`: repair them and import the "
            "file. `X-Left-Out` says how many rows of the file are not in it."
        ),
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    @action(detail=True, url_path="errors.csv", renderer_classes=[FILE_RENDERERS["csv"]])
    def errors(self, request: Request, code: str) -> FileResponse:
        batch = self.get_object()
        file = SpooledTemporaryFile(max_size=files.SPOOL_BYTES)  # noqa: SIM115 the response closes it
        written, left_out = write_failures(batch, file)
        answer = files.build_file_response(
            file, f"{batch.code}-errors.csv", "text/csv; charset=utf-8", written
        )
        answer.headers["X-Left-Out"] = str(left_out)
        return answer

    @extend_schema(
        summary=gettext_lazy("The whole sheet, what is wrong marked in it"),
        description=gettext_lazy(
            "The file as it was sent, wrong cells coloured: repair it and import it again. "
            "Its last column says what is wrong, as of now and in the language that is asked "
            "for."
        ),
        responses={(200, XLSX): OpenApiTypes.BINARY},
    )
    @action(detail=True, url_path="sheet.xlsx", renderer_classes=[FILE_RENDERERS["xlsx"]])
    def sheet(self, request: Request, code: str) -> FileResponse:
        batch = self.get_object()
        write = partial(write_marked_sheet, batch, request.user)
        return files.build_file(write, f"{batch.code}.xlsx", XLSX)

    @extend_schema(
        summary=gettext_lazy("Apply an import that was checked"),
        description=gettext_lazy(
            "Import what was checked before, if it would still do the same; else 409 says "
            "what. With `on_error` `skip` the good rows of a file that was refused are "
            "brought in."
        ),
        request=ApplySerializer,
        parameters=[CONFIRM_PARAMETER],
        responses=ImportDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, code: str) -> Response | HttpResponse:
        batch = self.get_object()
        serializer = ApplySerializer(data=request.data or {})
        serializer.is_valid(raise_exception=True)
        on_error = serializer.validated_data.get("on_error")
        if not batch.may_be_applied and not (on_error == "skip" and batch.good_rows):
            detail = _("Only an import that was checked and found free of errors can be applied.")
            return problem_response(request, 409, "conflict", detail=detail)
        try:
            confirm = sorted(self.values.get(CONFIRM, ()))
            choices = serializer.validated_data.get("choices", {})
            batches.apply_batch(batch, request.user, confirm, choices, on_error=on_error)
        except batches.OutcomeChangedError as error:
            error.members = {"import_url": self.address(batch)}
            raise
        if batch.state == ImportBatch.State.REFUSED:
            return self.refuse(request, batch)
        return self.ask(request, batch) if batch.doubts else self.answer(batch)

    @extend_schema(
        summary=gettext_lazy("Take an import back"),
        description=gettext_lazy(
            "Take an import back as a whole, while nothing that it wrote was changed since."
        ),
        request=None,
        responses=ImportDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, code: str) -> Response:
        batch = self.get_object()
        if not may_undo(batch, request.user):
            raise PermissionDenied
        return self.answer(undo(batch, request.user))

    def get_object(self) -> ImportBatch:
        code = self.kwargs["code"]
        batch = select_readable(ImportBatch, self.request.user).filter(code=code.lower()).first()
        if batch is None:
            raise NotFound(_("There is no import “%(code)s”.") % {"code": code})
        # Whoever has lost a park reads nothing of it any more, not even in what they sent.
        if not may_read(batch, self.request.user):
            raise PermissionDenied
        return batch

    def address(self, batch: ImportBatch) -> str:
        return reverse("import-detail", kwargs={"code": batch.code}, request=self.request)

    def answer(self, batch: ImportBatch, code: int = status.HTTP_200_OK) -> Response:
        """Answer with an import and the lines of it that are asked for."""
        asked = self.values.get(LINES_READER, Lines())
        shown_rows = (
            row
            for row in batch.read_rows()
            if row["line"] > asked.after and (not asked.actions or row["action"] in asked.actions)
        )
        rows = [*islice(shown_rows, asked.limit + 1)]
        page = rows[: asked.limit]
        following = None
        if len(rows) > asked.limit:
            query = self.request.query_params.copy()
            query["after"] = str(page[-1]["line"])
            following = f"{self.address(batch)}?{query.urlencode()}"
        shown = ImportSerializer(batch).data
        doubts = unite_alike(batch.summary.get("doubts", ()))
        read = {"warnings": [], **batch.summary, "doubts": doubts}
        body = {**shown, **read, "rows": page, "next": following}
        return Response(body, code, headers={"Cache-Control": "no-store"})

    def ask(self, request: Request, batch: ImportBatch) -> HttpResponse:
        """Answer 409 with every doubt, and the URL of the whole report."""
        words = ", ".join(dict.fromkeys(each["confirm"] for each in batch.doubts))
        detail = _("Something is doubtful, and nothing was imported: confirm it with “%(words)s”.")
        detail %= {"words": words}
        if any("choices" in each for each in batch.doubts):
            answer = _("Or answer line by line with “choices”.")
            detail = f"{detail} {answer}"
        return problem_response(
            request,
            409,
            "confirmation-required",
            detail=detail,
            errors=unite_alike(batch.doubts),
            counts=batch.counts,
            import_url=self.address(batch),
        )

    def refuse(self, request: Request, batch: ImportBatch) -> HttpResponse:
        """Answer 400 with the first bad cells, and the URL of the whole report."""
        count = batch.counts["errors"] + batch.counts["conflict"]
        left_out = {"errors_left_out": count - MAX_ERRORS} if count > MAX_ERRORS else {}
        detail = _("The file was not imported; the number of errors is %(count)d.")
        detail %= {"count": count}
        if batch.good_rows:
            remedy = _(
                'To bring in the %(count)d good rows now, apply it with {"on_error": "skip"}.'
            )
            detail = f"{detail} {remedy % {'count': batch.good_rows}}"
        return problem_response(
            request,
            400,
            "validation-failed",
            detail=detail,
            errors=list_errors(batch),
            counts=batch.counts,
            good_rows=batch.good_rows,
            import_url=self.address(batch),
            **left_out,
        )


def list_errors(batch: ImportBatch) -> list[dict[str, Any]]:
    """List what is wrong with a file, its cells and what was changed since: MAX_ERRORS of it."""
    cells = (error for row in batch.read_rows() for error in row.get("errors", ()))
    conflicts = (
        {"line": row["line"], "code": "conflict", "detail": str(ACTIONS["conflict"])}
        for row in batch.read_rows()
        if row["action"] == "conflict"
    )
    return [*islice(chain(batch.summary["problems"], cells, conflicts), MAX_ERRORS)]


class ReconciliationViewSet(FilesViewMixin, ForRolesMixin, AnswerViewSet):
    """Compares a list from another platform with the ledger; parameters choose our projects."""

    summary = gettext_lazy("Compare a list with the ledger")
    about = gettext_lazy(
        "For those who have a role in a park. Each line is matched by code or national code, "
        "suggested by name, or absent; its contradictions are listed field by field. "
        "`missing` are your projects, as the parameters choose them, that no line names. "
        "Nothing is written or kept."
    )
    answered_by = ReconciledSerializer
    has_past = False
    asks = (FILTERS,)
    further_problems = dict.fromkeys(("show", "csv", "xlsx"), (403, 413))
    table = RECONCILIATION
    rows_are = Project
    queryset = Project.objects.all()
    serializer_class = ReconciliationSerializer
    filterset_class = ProjectFilterSet

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser(), *super().get_parsers()]

    def check_permissions(self, request: Request) -> None:
        self.require_role()  # nothing is written

    def compute_answer(self) -> dict[str, Any]:
        return self.compared

    @cached_property
    def compared(self) -> dict[str, Any]:
        """The comparison; Mistake for an unreadable file."""
        data = self.request.data
        parts = read_parts(self.request) if hasattr(data, "lists") else data
        serializer = ReconciliationSerializer(data=parts)
        serializer.is_valid(raise_exception=True)
        chosen = self.filter_queryset(self.get_queryset())
        return reconcile(serializer.upload(), self.request.user, chosen)

    def compute_rows(self) -> Any:
        """Compute the rows of a file, in the language of its header."""
        language = LANGUAGE_CODES.get(self.file_options.layout.header)
        with translation.override(language or translation.get_language()):
            return self.compared["rows"]
