"""Bulk writes: all projects of a request are written, or none, and every error is reported.

Rows are read as the bodies of POST and PATCH; rows they refer to are looked up together.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q, prefetch_related_objects
from django.utils.translation import gettext as _, gettext_lazy
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

from api.problems.errors import MAX_ERRORS
from api.readers import FlagReader
from api.renderers import dump_json
from api.serializers import ReferenceField, WordField
from api.strict import StrictSerializerMixin
from api.views import LedgerViewSet
from config.database.bulk_insert import reserve_keys
from config.mistakes import Mistake, nearest
from parks.access import select_readable
from parks.publishing import PUBLISH_NEEDED
from parks.recording.recording import recorded
from parks.recording.records import RetiredCode
from projects.models import Project, naming
from projects.serializers import LISTS_IN_BODIES, ProjectDetailSerializer
from projects.writing.doubted import build_confirmation_error, locate_doubt
from projects.writing.doubts import IDENTITY, Doubt, DoubtfulWriteError, DoubtKind
from projects.writing.writing import StatedProject, open_revision, write_projects

MAX_BULK_ROWS = 1000
APART = {"confirm", "version"}  # members of a row that are not fields of its project
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
    """The outcome of a row: `result` is one of RESULTS."""

    code: str
    version: int
    result: str


ON_EXISTING_ROWS = FlagReader("on_existing", ON_EXISTING)


class WrongRowsError(ValidationError):
    """The errors of the rows that were read, and the number of rows that were not."""

    def __init__(self, errors: list[Any], left_out: int) -> None:
        super().__init__({"projects": errors})
        self.members = {"rows_left_out": left_out} if left_out else {}


class BulkWrite:
    """The rows of a body `{"projects": [...]}`, read one by one and written together.

    A row with a `version` changes the project with its `code`, if that version is current, as PATCH
    does. A row without one creates a project, as POST does; with `updates`, it changes the stored
    project with its code, or with its national code if it has no code. Unchanged values of an
    exported row are left out. A row may refer to earlier rows. `confirmed` are the kinds of doubts
    confirmed for all rows; `confirm` of a row has those confirmed for it.
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
        self.places: dict[int, int] = {}  # the row of each written project, by key

    def write(self) -> list[WrittenRow]:
        """Write all rows; return the outcome of each, in order.

        Raises `ValidationError` with the errors of each row at its place, up to MAX_ERRORS rows
        with errors, or else `ConfirmationError` for doubts that are not confirmed.
        """
        try:
            with recorded() as writer:
                writer.publishes_needed = PUBLISH_NEEDED in self.confirmed
                self.targets = find_targets(self.view.request.user, self.rows, self.updates)
                self.rows = drop_shown(self.view, self.rows, self.targets)
                self.reader = BodyReader(self.view, self.rows, self.targets)
                with open_revision(
                    self.view.request.user, self.find_confirmed, self.find_doubted()
                ):
                    rows, changed = self.write_rows()
        except DoubtfulWriteError as error:
            places = {key: ("projects", place) for key, place in self.places.items()}
            raise build_confirmation_error(error.doubts, self.locate, places) from error
        return [
            WrittenRow(
                row.code,
                row.version,
                ("changed" if row.pk in changed else "same")
                if place in self.targets
                else "created",
            )
            for place, row in enumerate(rows)
        ]

    def write_rows(self) -> tuple[list[Any], Collection[int]]:
        """Read and write all rows; return the projects, and the keys of the written ones."""
        stated = self.read_rows()
        rows: list[Any] = [each.row for each in stated]
        self.places = {row.pk: place for place, row in enumerate(rows)}
        try:
            with transaction.atomic(), recorded() as writer:
                written = write_projects(stated)
                for row in rows:
                    writer.refresh_at_end(row)
                return rows, written
        except IntegrityError:
            # Read the rows again with all rules, to find the errors that the database found
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
                if wrong == MAX_ERRORS:
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
            try:
                ConfirmField().run_validation(row["confirm"])
            except ValidationError as error:
                raise ValidationError({"confirm": error.detail}) from error
        project = self.targets.get(place)
        if "version" in row:
            check_version(row, project)
        if project is not None:
            self.view.check_object_permissions(self.view.request, project)
        return self.reader.read(place, project)

    def find_doubted(self) -> list[int]:
        """Find the keys of the stored projects that may become duplicates."""
        rows = ((self.rows[place], project) for place, project in self.targets.items())
        return [project.pk for row, project in rows if not IDENTITY.isdisjoint(row)]

    def find_confirmed(self, project: int) -> Collection[str]:
        """Find the kinds of doubts that are confirmed for a written project."""
        return {*self.confirmed, *self.rows[self.places[project]].get("confirm", ())}

    def locate(self, doubt: Doubt) -> Sequence[str | int]:
        """Find the place of a doubt in the body."""
        place = self.places[doubt.project]
        return ("projects", place, *locate_doubt(self.rows[place], doubt.field))


def check_version(row: Mapping[str, Any], project: Project | None) -> None:
    """Raise `ValidationError` unless the row has the code and the version of a stored project."""
    code, version = row.get("code"), row["version"]
    if not isinstance(code, str):
        text = _("Give the code of the project that has this version.")
        raise build_error("code", "required", text)
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
        text %= {"max": MAX_BULK_ROWS, "count": len(rows)}
        raise build_error("projects", "too_many_rows", text)
    if any(not isinstance(row, Mapping) for row in rows):
        message = ErrorDetail(_("Each project is an object."), "invalid")
        wrong: list[Any] = [{} if isinstance(row, Mapping) else [message] for row in rows]
        raise ValidationError({"projects": wrong})
    return rows


def build_error(field: str, code: str, message: str) -> ValidationError:
    return ValidationError({field: [ErrorDetail(message, code)]})


def read_code(row: Mapping[str, Any]) -> str:
    """Read the code of a row in lower case; "" without one."""
    code = row.get("code")
    return code.lower() if isinstance(code, str) else ""


def read_code_of_state(row: Mapping[str, Any]) -> str:
    """Read the normalised national code of a row; "" without one."""
    code = row.get("national_code")
    return naming.normalise(code) if isinstance(code, str) else ""


def find_targets(
    actor: Any, rows: Sequence[Mapping[str, Any]], updates: bool
) -> dict[int, Project]:
    """Find and lock, in a fixed order, the stored projects that rows change, by place of the row.

    A row with a version names a project by its code; with `updates`, so does any row, or by its
    national code. Projects that the actor may not see are not found.
    """
    places = [place for place, row in enumerate(rows) if updates or "version" in row]
    codes = {code: place for place in places if (code := read_code(rows[place]))}
    national = {
        code: place
        for place in places
        if not read_code(rows[place]) and (code := read_code_of_state(rows[place]))
    }
    if not codes and not national:
        return {}
    visible = select_readable(Project, actor).filter(
        Q(code_key__in=codes) | Q(national_code__in=national)
    )
    found: dict[int, Project] = {}
    for project in visible.order_by("pk").select_for_update(of=("self",), no_key=True):
        place = codes.get(project.code_key, national.get(project.national_code))
        if place is not None:
            found.setdefault(place, project)
    given = {name for place in found for name in rows[place]}
    prefetch_related_objects([*found.values()], *(n for n in LISTS_IN_BODIES if n in given))
    return found


def find_references(serializer: Serializer, bodies: Sequence[Mapping[str, Any]]) -> None:
    """Look up the rows that bodies refer to, with one query for each kind."""
    for name, field in serializer.fields.items():
        given = [body[name] for body in bodies if name in body]
        if isinstance(field, ReferenceField) and not field.read_only:
            field.find_rows(given)
        elif isinstance(field, ListSerializer) and isinstance(field.child, Serializer):
            lists = [rows for rows in given if isinstance(rows, list)]
            below = [row for rows in lists for row in rows if isinstance(row, Mapping)]
            find_references(field.child, below)


def drop_shown(
    view: LedgerViewSet, rows: Sequence[Mapping[str, Any]], targets: Mapping[int, Project]
) -> list[Mapping[str, Any]]:
    """Drop unchanged values from exported rows, so that only changes are read.

    A changed read-only field stays, and is rejected.
    """
    fields = ProjectDetailSerializer().fields
    read_only = {name for name, field in fields.items() if field.read_only}
    exported = {
        place: project.pk
        for place, project in targets.items()
        if not read_only.isdisjoint({*rows[place]} - APART)
    }
    if not exported:
        return [*rows]
    planned = view.plan_rows()
    built = planned.build(planned.find_by_keys([*exported.values()]))
    shown = {row["code"].lower(): json.loads(dump_json(row)) for row in built}
    return [
        dict(_find_changes(row, shown.get(targets[place].code_key, {}), fields))
        if place in exported
        else row
        for place, row in enumerate(rows)
    ]


def _find_changes(
    row: Mapping[str, Any], shown: Mapping[str, Any], fields: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield the members of a row that differ from the stored project; of figures the new ones."""
    for name, value in row.items():
        before: Any = shown.get(name)
        is_list = isinstance(value, list) and isinstance(before, list)
        if name in APART or name == "code" or name not in shown:
            yield name, value
        elif _write_plainly(value) == _write_plainly(before):
            continue
        elif is_list and name == "figures":
            known = {*map(_write_plainly, before)}
            yield name, [figure for figure in value if _write_plainly(figure) not in known]
        elif is_list and name == "investors":
            yield name, [_drop_names(each, before, fields[name].child) for each in value]
        else:
            yield name, value


def _drop_names(row: Any, before: Sequence[Mapping[str, Any]], child: Serializer) -> Any:
    """Drop the read-only names of the organisation from an exported investor."""
    names = {name for name, field in child.fields.items() if field.read_only}
    known = {"organisation", *names}
    if not isinstance(row, Mapping) or not any(
        all(row.get(name) == each[name] for name in known) for each in before
    ):
        return row
    return {name: value for name, value in row.items() if name not in names}


def _write_plainly(value: Any) -> str:
    """Dump a JSON value to compare it; 1, 1.0 and true differ."""
    return json.dumps(value, sort_keys=True)


class BodyReader:
    """Reads rows into stated projects; a row may refer to stored rows and to earlier ones.

    Constraints are left to the database, unless it `checks_constraints`.
    """

    checks_constraints = False

    def __init__(
        self, view: LedgerViewSet, rows: Sequence[Mapping[str, Any]], targets: Mapping[int, Project]
    ) -> None:
        self.rows = rows
        new = [place for place in range(len(rows)) if place not in targets]
        self.keys = dict(zip(new, reserve_keys(Project, len(new)), strict=True)) if new else {}
        self.places: dict[str, int] = {}  # of rows, by national code
        codes = {code for place in new if (code := read_code(rows[place]))}
        national = {code for place in new if (code := read_code_of_state(rows[place]))}
        label = Project._meta.label_lower
        retired = RetiredCode.objects.filter(model=label, code_key__in=codes)
        stored = Project.objects.filter(Q(code_key__in=codes) | Q(national_code__in=national))
        taken = stored.values_list("code_key", "national_code") if codes or national else ()
        self.taken = {code for pair in taken for code in pair if code}
        self.context = {
            **view.get_serializer_context(),
            "free_codes": codes - {*retired.values_list("code_key", flat=True)},
            "found_rows": {},
        }
        self.creating = ProjectDetailSerializer(data={}, context=self.context)
        self.changing = ProjectDetailSerializer(data={}, partial=True, context=self.context)
        find_references(self.creating, rows)

    def read(self, place: int, project: Project | None) -> StatedProject:
        """Read a row into a new project, or into changes of the stored one."""
        row = self.rows[place]
        codes = {read_code(row), read_code_of_state(row)}
        is_checked = self.checks_constraints or not codes.isdisjoint(self.taken)
        is_checked = is_checked or (project is not None and "national_code" in row)
        self.context["is_bulk"] = not is_checked
        national_code = read_code_of_state(row)
        if national_code and self.places.setdefault(national_code, place) != place:
            message = _("Another project has this national code.")
            raise build_error("national_code", "unique", message)
        serializer: Any = self.creating if project is None else self.changing
        apart = APART - {"version"} if project is None else {*APART, "code"}
        serializer.instance = project
        serializer.run_validation({name: row[name] for name in row if name not in apart})
        stated: StatedProject = serializer.stated
        if project is None:
            new = serializer.drafted
            new.pk = stated.columns["id"] = self.keys[place]
            self.context["found_rows"][Project, new.code.lower()] = new
        return stated
