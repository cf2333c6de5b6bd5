"""Lists of rows in the body of a project: match them with the stored rows, and draft them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Model, prefetch_related_objects
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import get_error_detail
from rest_framework.serializers import ListSerializer, as_serializer_error

from projects.models import SAID_BY_A_MILESTONE, SECOND_LEAD, Investor, Milestone, check_shares
from projects.models.words import MilestoneStatus

Attributes = dict[str, Any]  # the validated fields of one row
ReadRows = Sequence[Attributes | None]  # None: a row with errors


class OwnedListSerializer(ListSerializer):
    """The rows of one kind in the body of a project, read into drafts of stored and new rows.

    Fields that the body leaves out of a stored row stay as they are.
    """

    child: Any

    def get_stored(self) -> list[Any]:
        """Return the stored rows of the project, from one query."""
        project = self.parent.instance
        if project is None:
            return []
        prefetch_related_objects([project], str(self.source))
        return list(getattr(project, str(self.source)).all())

    def to_internal_value(self, data: Any) -> list[Any]:
        rows, errors = self.read_rows(data)
        if not any(errors):
            self.check_rows(rows)
        stored = self.match(rows)
        drafts = []
        for place, (attributes, row) in enumerate(zip(rows, stored, strict=True)):
            if attributes is not None:
                try:
                    drafts.append(self.draft(attributes, row))
                except ValidationError as error:
                    errors[place] = error.detail
        if any(errors):
            raise ValidationError(errors)
        self.check_drafts(drafts)
        return drafts

    def read_rows(self, data: Any) -> tuple[list[Any], list[Any]]:
        """Validate each row by itself: return its fields, and its errors."""
        if not isinstance(data, list):
            message = self.error_messages["not_a_list"].format(input_type=type(data).__name__)
            raise ValidationError([ErrorDetail(message, "not_a_list")])
        rows: list[Attributes | None] = []
        errors: list[Any] = []
        for item in data:
            try:
                self.child.validate_empty_values(item)
                row = self.child.to_internal_value(item)
                self.require_fields(item)
            except ValidationError as error:
                rows.append(None)
                errors.append(as_serializer_error(error))
            else:
                rows.append(row)
                errors.append({})
        return rows, errors

    def require_fields(self, item: Mapping[str, Any]) -> None:
        """Raise `ValidationError` for missing fields: even in a PATCH a row is complete."""
        fields = self.child.fields.values()
        missing = [each for each in fields if each.required and each.field_name not in item]
        if missing:
            raise ValidationError({each.field_name: describe_missing(each) for each in missing})

    def check_rows(self, rows: list[Attributes]) -> None:
        """Raise `ValidationError` for rows that contradict each other."""

    def match(self, rows: ReadRows) -> Sequence[Any]:
        """Find the stored row of each row; None for a new row."""
        raise NotImplementedError

    def draft(self, attributes: Attributes, stored: Any) -> Any:
        """Draft a row; raise `ValidationError` for the rules of the model."""
        self.child.instance = stored
        try:
            self.child.validate(attributes)
        finally:
            self.child.instance = None
        return self.child.drafted

    def check_drafts(self, drafts: list[Any]) -> None:
        """Raise `ValidationError` for drafts that cannot all be stored."""


class InvestorListSerializer(OwnedListSerializer):
    """The investors of a project, identified by organisation and role."""

    def check_rows(self, rows: list[Attributes]) -> None:
        """Reject a second lead; of investors without a role the first leads."""
        roles = [(row["organisation"].pk, row.get("role", Investor.Role.LEAD)) for row in rows]
        if len(set(roles)) < len(roles):
            message = _("An organisation can have each role only once.")
            raise ValidationError([ErrorDetail(message, "repeated_value")])
        leads = [place for place, (_key, role) in enumerate(roles) if role == Investor.Role.LEAD]
        stated = [place for place in leads if "role" in rows[place]]
        if len(stated) > 1:
            errors: list[Any] = [{} for _row in rows]
            errors[stated[1]] = {"role": [ErrorDetail(str(SECOND_LEAD), "second_lead")]}
            raise ValidationError(errors)
        for place in leads:
            is_first = place == [*stated, *leads][0]
            rows[place]["role"] = Investor.Role.LEAD if is_first else Investor.Role.CO

    def match(self, rows: ReadRows) -> Sequence[Any]:
        stored = {(row.organisation_id, row.role): row for row in self.get_stored()}
        return [
            stored.get((row["organisation"].pk, row.get("role"))) if row else None for row in rows
        ]

    def draft(self, attributes: Attributes, stored: Any) -> Any:
        # A PUT replaces the share, too
        is_replaced = stored is not None and self.context.get("is_replacement")
        return super().draft(({"share_bp": None} if is_replaced else {}) | attributes, stored)

    def check_drafts(self, drafts: list[Any]) -> None:
        try:
            check_shares(draft.share_bp for draft in drafts)
        except DjangoValidationError as error:
            raise ValidationError(get_error_detail(error)) from error


class MilestoneListSerializer(OwnedListSerializer):
    """The milestones of a project, identified by `id`, or by type, status, dates and source.

    A row may leave some of these out.
    """

    def match(self, rows: ReadRows) -> Sequence[Any]:
        stored = {row.pk: row for row in self.get_stored()}
        found = self.match_ids(rows, stored)
        for find_identity in (_find_whole, _find_identity, _find_scheduled):
            for place, row in enumerate(rows):
                if found[place] is None and row is not None:
                    columns = find_identity(row)
                    same = (each for each in stored.values() if _has_values(each, columns))
                    found[place] = next(same, None)
                    stored.pop(getattr(found[place], "pk", None), None)
        if None not in rows:  # a row with errors may be one of those left
            refuse_to_leave_out(stored.values())
        return found

    def match_ids(self, rows: ReadRows, stored: dict[int, Any]) -> list[Milestone | None]:
        """Pop the rows named by `id` from `stored`; `ValidationError` for unknown ids."""
        errors: list[Any] = []
        found: list[Milestone | None] = []
        for row in rows:
            key = row.pop("id", None) if row else None
            found.append(None if key is None else stored.pop(key, None))
            errors.append({})
            if key is not None and found[-1] is None:
                text = _("The project has no milestone %(id)d, or it is in the list twice.")
                errors[-1] = {"id": [ErrorDetail(text % {"id": key}, "unknown_value")]}
            elif row is not None and found[-1] is None and "type" not in row:
                errors[-1] = {"type": describe_missing(self.child.fields["type"])}
        if any(errors):
            raise ValidationError(errors)
        return found

    def check_drafts(self, drafts: list[Any]) -> None:
        """Reject a milestone that is in the list twice."""
        columns = [f.attname for f in Milestone._meta.concrete_fields if not f.generated]
        rows = [tuple(getattr(draft, name) for name in columns) for draft in drafts]
        error = [ErrorDetail(_("This milestone is in the list twice."), "repeated_value")]
        errors: list[Any] = [error if row in rows[:n] else {} for n, row in enumerate(rows)]
        if any(errors):
            raise ValidationError(errors)


class FigureListSerializer(OwnedListSerializer):
    """Claims to add to a project; a claim that is stored already is not added again.

    Each is a draft with the stored claim that it supersedes, or None.
    """

    def to_internal_value(self, data: Any) -> list[Any]:
        return [draft for draft in super().to_internal_value(data) if draft is not None]

    def match(self, rows: ReadRows) -> Sequence[Any]:
        return [None] * len(rows)

    def draft(self, attributes: Attributes, stored: Any) -> Any:
        columns = self.child.sort_given(attributes)
        values = _find_columns({name: columns[name] for name in columns if name != "supersedes"})
        if any(_has_values(each, values) for each in self.get_stored()):
            return None
        code = values.get("code", "").lower()
        if code and any(each.code_key == code for each in self.get_stored()):
            message = _("A claim cannot be overwritten: add a new one that supersedes it.")
            raise ValidationError({"code": [ErrorDetail(message, "append_only")]})
        earlier = columns.get("supersedes")  # the draft pops it
        return super().draft(columns, None), earlier


def describe_missing(field: Any) -> list[ErrorDetail]:
    """Build the errors of a required field that is missing."""
    return [ErrorDetail(str(field.error_messages["required"]), "required")]


def refuse_to_leave_out(milestones: Any) -> None:
    """Raise `ValidationError` for each milestone that is met or promised: it is only revoked."""
    text = _(
        "Milestone %(id)d (%(milestone)s) is met or promised, and is not in the list. Such a step "
        "is not removed: give it with its “id”, and with “status” revoked and a “reason” if it "
        "does not hold after all."
    )
    kept = [e for e in milestones if e.status == MilestoneStatus.MET or e.promised_on]
    details = [text % {"id": each.pk, "milestone": each} for each in kept]
    if details:
        raise ValidationError([ErrorDetail(detail, "met_left_out") for detail in details])


def _find_whole(row: Attributes) -> Attributes:
    """Find the columns that identify a milestone; missing fields are defaults."""
    fields: dict[str, Any] = {n: Milestone._meta.get_field(n) for n in SAID_BY_A_MILESTONE}
    defaults = {name: field.get_default() for name, field in fields.items()}
    return _find_columns({**defaults, **{name: row[name] for name in fields if name in row}})


def _find_identity(row: Attributes) -> Attributes:
    """Find the given columns that identify a milestone."""
    rest = {"status": Milestone._meta.get_field("status").get_default()}
    return _find_columns(rest | {name: row[name] for name in SAID_BY_A_MILESTONE if name in row})


def _find_scheduled(row: Attributes) -> Attributes:
    """Find the columns of the scheduled step that a row moves or meets, whatever its plan."""
    row.setdefault("status", Milestone._meta.get_field("status").get_default())
    return {"type": row.get("type"), "status": MilestoneStatus.SCHEDULED}


def _find_columns(values: Mapping[str, Any]) -> Attributes:
    return {
        f"{name}_id" if isinstance(value, Model) else name: getattr(value, "pk", value)
        for name, value in values.items()
    }


def _has_values(row: Any, columns: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in columns.items())
