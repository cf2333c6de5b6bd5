"""Many projects in one request: all of them are written, or none, and every error is reported."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.serializers import (
    BaseSerializer,
    CharField,
    Field,
    IntegerField,
    ListField,
    ListSerializer,
    Serializer,
)

from config.api.fields import WordField
from config.api.problems.errors import MAX_ERRORS, ErrorCode
from config.api.strict import StrictSerializerMixin
from config.api.views import LedgerViewSet
from config.suggestions import nearest
from parks.publishing import PUBLISH_NEEDED
from parks.recording.recording import recorded
from projects.doubts.asking import ask
from projects.doubts.doubts import Doubt, DoubtfulWriteError, DoubtKind
from projects.doubts.profiles import IDENTITY
from projects.doubts.views import build_confirmation_error, locate_doubt
from projects.models import Project
from projects.serializers import ProjectDetailSerializer

MAX_BULK_ROWS = 1000


class ConfirmField(ListField):
    """The kinds of doubts that are settled."""

    child: Field = WordField(choices=DoubtKind.choices)


class BulkRowSerializer(ProjectDetailSerializer):
    """A project to be created; with `version`, the fields to be changed of a stored one."""

    confirm = ConfirmField(
        required=False,
        write_only=True,
        help_text="What is right in this row although it is doubtful: see the parameter.",
    )
    version = IntegerField(
        required=False, help_text="Changes the project of this code, if that is its version still."
    )

    class Meta(ProjectDetailSerializer.Meta):
        fields = [*ProjectDetailSerializer.Meta.fields, "confirm"]


class BulkSerializer(StrictSerializerMixin, Serializer):
    """Many projects to be written together."""

    projects: Field = ListSerializer(
        child=BulkRowSerializer(), min_length=1, max_length=MAX_BULK_ROWS
    )


class BulkProjectSerializer(Serializer):
    """A project that was written."""

    code = CharField()
    version = IntegerField()


class BulkAnswerSerializer(Serializer):
    """What was written, in the order of the rows."""

    created = IntegerField()
    changed = IntegerField()
    projects = BulkProjectSerializer(many=True)


class WrongRowsError(ValidationError):
    """What is wrong with the rows that were read, and how many were not read any more."""

    def __init__(self, errors: list[Any], left_out: int) -> None:
        super().__init__({"projects": errors})
        self.members = {"rows_left_out": left_out} if left_out else {}


class BulkWrite:
    """The rows of a body `{"projects": [...]}`, written one after the other in one revision.

    A row with a `version` changes the project of its `code`, if that is its version still; its
    other fields are as those of a PATCH. A row without creates a project, as POST does. A row may
    refer to those before it. `confirmed` are the kinds of doubts that are settled for all rows;
    `confirm` of a row has those that are settled for it.
    """

    def __init__(self, view: LedgerViewSet, body: Any, confirmed: Collection[str]) -> None:
        self.view = view
        self.confirmed = confirmed
        self.rows = read_rows_of_body(body)
        codes = (read_code(row) for row in self.rows)
        self.repeated = {code for code, times in Counter(codes).items() if code and times > 1}
        self.created = 0
        self.places: dict[int, int] = {}  # the row of each project that was written, by key

    def write(self) -> list[Project]:
        """Write all rows; return the projects as they are then, in the order of the rows.

        Raises `ValidationError` with what is wrong with each row, at its place, and reads
        none after MAX_ERRORS wrong ones; where nothing is, `ConfirmationError` with what is
        doubtful and not confirmed.
        """
        try:
            with recorded() as unit:
                unit.publishes_needed = PUBLISH_NEEDED in self.confirmed
                self.stored = self.lock_stored()
                with ask(self.view.request.user, self.find_confirmed, self.find_doubted()):
                    self.write_rows()
        except DoubtfulWriteError as error:
            places = {key: ("projects", place) for key, place in self.places.items()}
            raise build_confirmation_error(error.doubts, self.locate, places) from error
        found = Project.objects.in_bulk(self.places)
        return [found[key] for key in self.places]

    def write_rows(self) -> None:
        errors: list[Any] = []
        wrong = 0
        for place, row in enumerate(self.rows):
            errors.append({})
            try:
                self.places[self.write_row(row).pk] = place
            except ValidationError as error:
                errors[-1] = error.detail
                wrong += 1
                if wrong == MAX_ERRORS:  # more than that are not listed
                    break
        if wrong:
            raise WrongRowsError(errors, left_out=len(self.rows) - len(errors))

    def find_doubted(self) -> list[int]:
        """Find the keys of the stored projects that may become like others."""
        codes = [read_code(row) for row in self.rows if not IDENTITY.isdisjoint(row)]
        return [self.stored[code].pk for code in codes if code in self.stored]

    def find_confirmed(self, project: int) -> Collection[str]:
        """Find the kinds of doubts that are settled for a project that was written."""
        return {*self.confirmed, *self.rows[self.places[project]].get("confirm", ())}

    def locate(self, doubt: Doubt) -> Sequence[str | int]:
        """Find the place in the body that a doubt is about."""
        place = self.places[doubt.project]
        row = self.rows[place]
        return ("projects", place, *locate_doubt(row, doubt.field))

    def lock_stored(self) -> dict[str, Project]:
        """Lock the projects that are to be changed, in one order; by code in lower case."""
        codes = [read_code(row) for row in self.rows if "version" in row]
        visible = Project.objects.visible_to(self.view.request.user).filter(code_key__in=codes)
        locked = visible.order_by("pk").select_for_update(of=("self",), no_key=True)
        return {project.code_key: project for project in locked}

    def write_row(self, row: Mapping[str, Any]) -> Project:
        if read_code(row) in self.repeated:
            raise build_error(
                "code", "repeated_value", _("This code is in the body more than once.")
            )
        if "confirm" in row:
            check_confirm(row["confirm"])
        project = self.find_project(row) if "version" in row else None
        serializer = self.build_serializer(project, row, is_bulk=True)
        serializer.is_valid(raise_exception=True)
        try:
            with transaction.atomic():
                written: Any = serializer.save()
        except IntegrityError:
            # Found by the database; asked again, the row says which rules it breaks.
            self.build_serializer(project, row).is_valid(raise_exception=True)
            raise
        self.view.check_written(written)
        self.created += project is None
        return written

    def find_project(self, row: Mapping[str, Any]) -> Project:
        """Find the stored project that a row is about, at the version that the row says."""
        code, version = row.get("code"), row["version"]
        if not isinstance(code, str):
            raise build_error(
                "code", "required", _("Give the code of the project that has this version.")
            )
        project = self.stored.get(code.lower())
        if project is None:
            text = _("There is no %(kind)s “%(code)s”.")
            kind = Project._meta.verbose_name
            raise build_error("code", "unknown_value", text % {"kind": kind, "code": code})
        self.view.check_object_permissions(self.view.request, project)
        if isinstance(version, bool) or not isinstance(version, int):
            raise build_error("version", "invalid", _("A version is a whole number."))
        if version != project.version:
            text = _("The project has been changed since: it is at version %(version)d.")
            raise build_error("version", "version_conflict", text % {"version": project.version})
        return project

    def build_serializer(
        self, project: Project | None, row: Mapping[str, Any], **context: bool
    ) -> BaseSerializer[Any]:
        context = {**self.view.get_serializer_context(), **context}
        apart = {"confirm"} if project is None else {"code", "confirm", "version"}
        given = {name: value for name, value in row.items() if name not in apart}
        if project is None:
            return ProjectDetailSerializer(data=given, context=context)
        return ProjectDetailSerializer(project, data=given, partial=True, context=context)


def read_rows_of_body(body: Any) -> list[Any]:
    """Read the rows of a body; `ValidationError` where there are none, or too many."""
    if not isinstance(body, Mapping):
        raise ValidationError(_("Send an object with a list “projects”."), "invalid")
    unknown = {
        name: [ErrorDetail(_("There is no such field."), suggest_field(name))]
        for name in body
        if name != "projects"
    }
    if unknown:
        raise ValidationError(unknown)
    rows = body.get("projects")
    if not isinstance(rows, list) or not rows:
        raise build_error("projects", "required", _("Send a list of projects."))
    if len(rows) > MAX_BULK_ROWS:
        text = _("A request takes at most %(max)d projects; this one has %(count)d.")
        raise build_error(
            "projects", "too_many_rows", text % {"max": MAX_BULK_ROWS, "count": len(rows)}
        )
    if any(not isinstance(row, Mapping) for row in rows):
        message = ErrorDetail(_("Each project is an object."), "invalid")
        wrong: list[Any] = [{} if isinstance(row, Mapping) else [message] for row in rows]
        raise ValidationError({"projects": wrong})
    return rows


def check_confirm(given: Any) -> None:
    """Raise `ValidationError` where a row confirms what no doubt is about."""
    try:
        ConfirmField().run_validation(given)
    except ValidationError as error:
        raise ValidationError({"confirm": error.detail}) from error


def read_code(row: Mapping[str, Any]) -> str:
    """Read the code that a row names, in lower case; "" where it names none."""
    code = row.get("code")
    return code.lower() if isinstance(code, str) else ""


def suggest_field(name: str) -> ErrorCode:
    return ErrorCode("unknown_field", suggestion=nearest(name, ["projects"]))


def build_error(field: str, code: str, message: str) -> ValidationError:
    return ValidationError({field: [ErrorDetail(message, code)]})
