"""Many projects in one request: all of them are written, or none, and every error is reported."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import get_error_detail
from rest_framework.serializers import (
    CharField,
    Field,
    IntegerField,
    ListField,
    ListSerializer,
    Serializer,
)

from config.api.fields import WordField
from config.api.problems.errors import MAX_ERRORS
from config.api.readers import Query, Reader, Reading, describe_unknown_word
from config.api.strict import StrictSerializerMixin
from config.api.views import LedgerViewSet
from config.mistakes import Mistake
from config.suggestions import nearest
from parks.publishing import PUBLISH_NEEDED
from parks.recording.recording import recorded
from projects.body_reading import BodyReader, drop_shown, find_targets, read_code
from projects.doubts.asking import ask
from projects.doubts.doubts import Doubt, DoubtfulWriteError, DoubtKind
from projects.doubts.profiles import IDENTITY
from projects.doubts.views import build_confirmation_error, locate_doubt
from projects.models import Project
from projects.serializers import ProjectDetailSerializer
from projects.stated import StatedProject, write_stated

MAX_BULK_ROWS = 1000
RESULTS = ("created", "changed", "same")
REFUSE, UPDATE = ON_EXISTING = ("refuse", "update")
ON_EXISTING_PARAMETER = OpenApiParameter(
    "on_existing",
    description=gettext_lazy(
        "What becomes of a row without `version` whose `code` is that of a stored project, or that "
        "has no code and the national code of one: it is refused, or updates that project as a "
        "PATCH would."
    ),
    enum=ON_EXISTING,
    default=REFUSE,
)


class ConfirmField(ListField):
    """The kinds of doubts that are settled."""

    child: Field = WordField(choices=DoubtKind.choices)


class BulkRowSerializer(ProjectDetailSerializer):
    """A project to be created; with `version`, the fields to be changed of a stored one."""

    confirm = ConfirmField(
        required=False,
        write_only=True,
        help_text=gettext_lazy(
            "What is right in this row although it is doubtful: see the parameter."
        ),
    )
    version = IntegerField(
        required=False,
        help_text=gettext_lazy("Changes the project of this code, if that is its version still."),
    )

    class Meta(ProjectDetailSerializer.Meta):
        fields = [*ProjectDetailSerializer.Meta.fields, "confirm"]


class BulkSerializer(StrictSerializerMixin, Serializer):
    """Many projects to be written together."""

    projects: Field = ListSerializer(
        child=BulkRowSerializer(), min_length=1, max_length=MAX_BULK_ROWS
    )


class BulkProjectSerializer(Serializer):
    """A project that was written, or is as it was to be."""

    code = CharField()
    version = IntegerField()
    result = WordField(choices=[(word, word) for word in RESULTS])


class BulkAnswerSerializer(Serializer):
    """What was written, in the order of the rows."""

    created = IntegerField()
    changed = IntegerField()
    same = IntegerField()
    projects = BulkProjectSerializer(many=True)


class WrittenRow(NamedTuple):
    """What became of a row: `result` is one of RESULTS."""

    code: str
    version: int
    result: str


class OnExistingReader(Reader[bool]):
    """Reads `on_existing`: whether rows without a version may change stored projects."""

    parameters = ("on_existing",)

    def read(self, query: Query, view: Any) -> Reading[bool]:
        word = query.get("on_existing", REFUSE)
        errors = (
            [] if word in ON_EXISTING else [describe_unknown_word("on_existing", word, ON_EXISTING)]
        )
        return word == UPDATE, errors


ON_EXISTING_ROWS = OnExistingReader()


class WrongRowsError(ValidationError):
    """What is wrong with the rows that were read, and how many were not read any more."""

    def __init__(self, errors: list[Any], left_out: int) -> None:
        super().__init__({"projects": errors})
        self.members = {"rows_left_out": left_out} if left_out else {}


class BulkWrite:
    """The rows of a body `{"projects": [...]}`, read one by one and written set by set.

    A row with a `version` changes the project of its `code`, if that is its version still; its
    other fields are as those of a PATCH. A row without creates a project, as POST does; where
    stored projects are to be updated, it changes the one of its code, or of its national code
    where it has no code. A row that was exported says what is stored again: that is left out.
    A row may refer to those before it. `confirmed` are the kinds of doubts
    that are settled for all rows; `confirm` of a row has those that are settled for it.
    """

    def __init__(
        self, view: LedgerViewSet, body: Any, confirmed: Collection[str], *, updates: bool = False
    ) -> None:
        self.view = view
        self.confirmed = confirmed
        self.updates = updates
        self.rows = read_rows_of_body(body)
        codes = (read_code(row) for row in self.rows)
        self.repeated = {code for code, times in Counter(codes).items() if code and times > 1}
        self.places: dict[int, int] = {}  # the row of each project that was written, by key

    def write(self) -> list[WrittenRow]:
        """Write all rows; return what became of each, in their order.

        Raises `ValidationError` with what is wrong with each row, at its place, and reads
        none after MAX_ERRORS wrong ones; where nothing is, `ConfirmationError` with what is
        doubtful and not confirmed.
        """
        try:
            with recorded() as unit:
                unit.publishes_needed = PUBLISH_NEEDED in self.confirmed
                self.targets = find_targets(self.view.request.user, self.rows, self.updates)
                self.rows = drop_shown(self.view, self.rows, self.targets)
                self.reader = BodyReader(self.view, self.rows, self.targets)
                with ask(self.view.request.user, self.find_confirmed, self.find_doubted()):
                    stated, changed = self.write_rows()
        except DoubtfulWriteError as error:
            places = {key: ("projects", place) for key, place in self.places.items()}
            raise build_confirmation_error(error.doubts, self.locate, places) from error
        return [
            WrittenRow(
                each.row.code,
                each.row.version,
                "created" if each.stored is None else "changed" if key in changed else "same",
            )
            for key, each in zip(self.places, stated, strict=True)
        ]

    def write_rows(self) -> tuple[list[StatedProject], Collection[int]]:
        """Read and write all rows; return the projects, and the keys of those that were written."""
        stated = self.read_rows()
        self.places = {each.row.pk: place for place, each in enumerate(stated)}
        try:
            with transaction.atomic(), recorded() as unit:
                written = write_stated(stated)
                for each in stated:
                    unit.tell_at_end(each.row)
                return stated, written
        except IntegrityError:
            # Found by the database; asked again, the rows say which rules they break.
            self.reader.checks_constraints = True
            self.read_rows()
            raise

    def read_rows(self) -> list[StatedProject]:
        errors: list[Any] = []
        stated: list[StatedProject] = []
        wrong = 0
        for place in range(len(self.rows)):
            errors.append({})
            try:
                stated.append(self.read_row(place))
            except ValidationError as error:
                errors[-1] = error.detail
                wrong += 1
                if wrong == MAX_ERRORS:  # more than that are not listed
                    break
        if wrong:
            raise WrongRowsError(errors, left_out=len(self.rows) - len(errors))
        return stated

    def read_row(self, place: int) -> StatedProject:
        row = self.rows[place]
        if read_code(row) in self.repeated:
            raise build_error(
                "code", "repeated_value", _("This code is in the body more than once.")
            )
        if "confirm" in row:
            check_confirm(row["confirm"])
        project = self.targets.get(place)
        if "version" in row:
            check_version(row, project)
        if project is not None:
            self.view.check_object_permissions(self.view.request, project)
        return self.reader.read(place, project)

    def find_doubted(self) -> list[int]:
        """Find the keys of the stored projects that may become like others."""
        rows = ((self.rows[place], project) for place, project in self.targets.items())
        return [project.pk for row, project in rows if not IDENTITY.isdisjoint(row)]

    def find_confirmed(self, project: int) -> Collection[str]:
        """Find the kinds of doubts that are settled for a project that was written."""
        return {*self.confirmed, *self.rows[self.places[project]].get("confirm", ())}

    def locate(self, doubt: Doubt) -> Sequence[str | int]:
        """Find the place in the body that a doubt is about."""
        place = self.places[doubt.project]
        return ("projects", place, *locate_doubt(self.rows[place], doubt.field))


def check_version(row: Mapping[str, Any], project: Project | None) -> None:
    """Raise `ValidationError` unless the row has the code and the version of a stored project."""
    code, version = row.get("code"), row["version"]
    if not isinstance(code, str):
        raise build_error(
            "code", "required", _("Give the code of the project that has this version.")
        )
    if project is None:
        text = _("There is no %(kind)s “%(code)s”.")
        kind = Project._meta.verbose_name
        raise build_error("code", "unknown_value", text % {"kind": kind, "code": code})
    if isinstance(version, bool) or not isinstance(version, int):
        raise build_error("version", "invalid", _("A version is a whole number."))
    if version != project.version:
        text = _("The project has been changed since: it is at version %(version)d.")
        raise build_error("version", "version_conflict", text % {"version": project.version})


def read_rows_of_body(body: Any) -> list[Any]:
    """Read the rows of a body; `ValidationError` where there are none, or too many."""
    if not isinstance(body, Mapping):
        raise ValidationError(_("Send an object with a list “projects”."), "invalid")
    unknown = {
        name: get_error_detail(
            Mistake("unknown_field", _("There is no such field."), nearest(name, ["projects"]))
        )
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


def build_error(field: str, code: str, message: str) -> ValidationError:
    return ValidationError({field: [ErrorDetail(message, code)]})
