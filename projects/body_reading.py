"""Rows of a bulk, read as bodies of POST and PATCH are: what they share is looked up once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Q, prefetch_related_objects
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.serializers import ListSerializer, Serializer

from config.api.fields import ReferenceField
from config.api.renderers import dump_json
from config.api.views import LedgerViewSet
from config.bulk_insert import reserve_keys
from parks.models.records import RetiredCode
from projects import national_codes
from projects.models import Project
from projects.serializers import LISTS_IN_BODIES, ProjectDetailSerializer
from projects.stated import StatedProject

APART = {"confirm", "version"}  # what a row says beside the fields of its project


def read_code(row: Mapping[str, Any]) -> str:
    """Read the code that a row names, in lower case; "" where it names none."""
    code = row.get("code")
    return code.lower() if isinstance(code, str) else ""


def read_code_of_state(row: Mapping[str, Any]) -> str:
    """Read the national code that a row names, as it is kept; "" where it names none."""
    code = row.get("national_code")
    return national_codes.normalise(code) if isinstance(code, str) else ""


def find_targets(
    actor: Any, rows: Sequence[Mapping[str, Any]], updates: bool
) -> dict[int, Project]:
    """Find and lock, in one order, the stored projects that rows change: by the place of the row.

    A row with a version names one by its code; where `updates`, so does one without, or by its
    national code if it has no code. What the actor may not see is not found.
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
    visible = Project.objects.visible_to(actor).filter(
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
    """Look up what bodies refer to, each kind at once: what is not found is said of its row."""
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
    """Drop from exported rows what their stored projects show, so that only changes are read.

    An exported row has fields that cannot be set: one that differs stays, and is refused.
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
    """Find the members of a row that the project does not show; of a list of figures new ones."""
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
    """Drop from an exported investor the names of its organisation, which cannot be set."""
    names = {name for name, field in child.fields.items() if field.read_only}
    told = {"organisation", *names}
    if not isinstance(row, Mapping) or not any(
        all(row.get(name) == each[name] for name in told) for each in before
    ):
        return row
    return {name: value for name, value in row.items() if name not in names}


def _write_plainly(value: Any) -> str:
    """Write a JSON value so that equal values, 1 and 1.0 and true apart, are equal texts."""
    return json.dumps(value, sort_keys=True)


class BodyReader:
    """Reads rows into projects as they are to be; each refers to what is stored, or stands before.

    Rules that only the database knows are left to it, unless it `checks_constraints`.
    """

    checks_constraints = False

    def __init__(
        self,
        view: LedgerViewSet,
        rows: Sequence[Mapping[str, Any]],
        targets: Mapping[int, Project],
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
        """Read a row into a project that is to be created, or the stored one to be changed."""
        row = self.rows[place]
        codes = {read_code(row), read_code_of_state(row)}
        is_checked = self.checks_constraints or not codes.isdisjoint(self.taken)
        is_checked = is_checked or (project is not None and "national_code" in row)
        self.context["is_bulk"] = not is_checked
        if national_code := read_code_of_state(row):
            self.refuse_repeated(national_code, place)
        serializer: Any = self.creating if project is None else self.changing
        apart = APART - {"version"} if project is None else {*APART, "code"}
        serializer.instance = project
        serializer.run_validation({name: row[name] for name in row if name not in apart})
        stated: StatedProject = serializer.stated
        if project is None:
            stated.row.pk = self.keys[place]
            self.context["found_rows"][Project, stated.row.code.lower()] = stated.row
        return stated

    def refuse_repeated(self, national_code: str, place: int) -> None:
        """Raise `ValidationError` where a row before this one has the national code already."""
        if self.places.setdefault(national_code, place) != place:
            message = _("Another project has this national code.")
            raise ValidationError({"national_code": [ErrorDetail(message, "unique")]})
