"""What differs between two versions of a row: as data for programs, in words for people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import models
from django.utils.translation import gettext as _, pgettext

from config.database.history import OPEN, PUBLICATION
from parks.access import is_shared, may_be_draft, rights_of, select_readable
from parks.models import Claim, Post
from parks.recording.recording import has_history
from sheets.amounts import WRITTEN_BEFORE, Qualifier, active_language, format_hedged, plain_number
from sheets.dates import print_partial_date
from sheets.forms import TypedAmount

KEEPING_FIELDS = {"version", "created_at", "updated_at", "code"}  # never a change of its own
_VALUE = "value"  # of a claim: one of three columns
NOTHING = (None, "", False, ())  # what a new row has in a column that was not filled in
JOINS = {Post: ["person"]}  # what the name of a row is made of

Members = Mapping[int, Mapping[str, tuple[Any, ...]]]
Key = tuple[type[models.Model], Any]


@dataclass(frozen=True)
class ComparedColumn:
    """A field as users know it: a date and its precision are one; so is the value of a claim."""

    name: str
    label: Any
    field: Any
    is_derived: bool = False

    @property
    def is_link(self) -> bool:
        return self.field.is_relation

    @property
    def is_of_claim(self) -> bool:
        """Whether it is the value of a claim, which is stored in one of three columns."""
        return self.name == _VALUE and isinstance(self.field, models.DecimalField)

    def find_qualifier(self, version: Any) -> str:
        """Find with which qualifier a version has its amount; exact where it has none."""
        stem = self.name.rpartition("_")[0]  # that of investment_cny is investment_qualifier
        name = "qualifier" if self.name == _VALUE else f"{stem}_qualifier"
        return getattr(version, name, "") or Qualifier.EXACT

    def value(self, version: Any, members: Members) -> Any:
        """Return the value of a version to compare: for a link the key, for several a tuple."""
        if self.field.many_to_many:
            return members.get(version.history_id, {}).get(self.name, ())
        if self.is_of_claim:
            number = version.value_text if version.value is None else version.value
            return number if version.amount_cny is None else version.amount_cny
        if isinstance(self.field, models.DateField):
            day = getattr(version, self.name)
            if hasattr(version, f"{self.name}_precision"):
                return print_partial_date(day, getattr(version, f"{self.name}_precision"))
            return day and (f"{day:%Y-%m}" if self.name == "month" else day.isoformat())
        value = getattr(version, self.field.attname)
        if self.name == PUBLICATION:
            return value or OPEN  # blank in versions older than the column
        return value or None if self.field.choices else value


@dataclass(frozen=True)
class Difference:
    """A column in which two versions differ, with both values and their qualifiers."""

    column: ComparedColumn
    old: Any
    new: Any
    old_qualifier: str
    new_qualifier: str


@dataclass(frozen=True)
class Reference:
    """A row that a version refers to, as far as the reader may see it."""

    code: str | None
    text: str | None


HIDDEN = Reference(None, None)


@cache
def list_columns(
    model: Any, *, is_inside: bool, sees_work: bool = False
) -> tuple[ComparedColumn, ...]:
    """List the columns that the history of a model shows.

    `is_inside` (pages of the admin) adds the private columns and those of `work`, `sees_work`
    (the roles of the park) only the latter. Generated columns, those that change with every
    version, and the link to the owner are left out.
    """
    names = {field.name for field in model._meta.concrete_fields}
    left_out = KEEPING_FIELDS | {model.audience.owner.split("__")[0]}
    left_out |= {name for name in names if name.removesuffix("_precision") in names - {name}}
    left_out |= set() if is_inside else model.private
    left_out |= set() if is_inside or sees_work else model.work
    found = []
    for field in model._meta.concrete_fields:
        if field.generated or field.primary_key or field.name in left_out:
            continue
        if issubclass(model, Claim) and field.name in (_VALUE, "value_text"):
            continue
        if issubclass(model, Claim) and field.name == "amount_cny":
            field = model._meta.get_field(_VALUE)
        is_derived = field.name in model.computed_columns
        found.append(ComparedColumn(field.name, field.verbose_name, field, is_derived))
    for field in model.history.model._history_m2m_fields:
        found.append(ComparedColumn(field.name, field.verbose_name, field))
    return tuple(found)


def differences(
    before: Any, after: Any, members: Members, shown: Iterable[ComparedColumn]
) -> list[Difference]:
    """Find the differences of two versions: of a new row its values, of a deleted row none."""
    if after is None:
        return []
    found = []
    for column in shown:
        old = None if before is None else column.value(before, members)
        new = column.value(after, members)
        if new not in NOTHING if before is None else old != new:
            qualifiers = column.find_qualifier(before), column.find_qualifier(after)
            found.append(Difference(column, old, new, *qualifiers))
    return found


class References:
    """The rows that versions refer to, loaded with one query per model."""

    def __init__(self, actor: Any, keys: Iterable[Key]) -> None:
        self.actor = actor
        self.known: dict[Key, Reference] = {}
        wanted: dict[type[models.Model], set[Any]] = {}
        for model, key in keys:
            wanted.setdefault(model, set()).add(key)
        for model, of_model in wanted.items():
            self.look_up(model, of_model)

    def look_up(self, model: Any, keys: set[Any]) -> None:
        is_hidden_from_some = may_be_draft(model)
        everything = model._default_manager.all()
        rows = select_readable(model, self.actor) if is_hidden_from_some else everything
        for row in rows.filter(pk__in=keys).select_related(*JOINS.get(model, ())):
            self.known[model, row.pk] = Reference(str(getattr(row, "code", row.pk)), str(row))
        missing = {key for key in keys if (model, key) not in self.known}
        if is_hidden_from_some and not rights_of(self.actor).is_superuser:
            if not is_shared(model):
                return
            hidden = model._default_manager.filter(pk__in=missing) if missing else ()
            missing -= {row.pk for row in hidden}
        if not missing:
            return
        gone = Reference(None, _("(deleted)"))
        self.known |= dict.fromkeys(((model, key) for key in missing), gone)
        if has_history(model):
            for version in model.history.model.objects.filter(id__in=missing, history_type="-"):
                if is_shared(model) and version.publication not in ("", OPEN):
                    continue  # hidden when it was deleted
                self.known[model, version.id] = Reference(version.code, str(version.instance))

    def find(self, model: Any, key: Any) -> Reference:
        """Find the row with this key; `HIDDEN` if the reader may not see it."""
        return self.known.get((model, key), HIDDEN)

    def data(self, column: ComparedColumn, value: Any) -> Any:
        """Format a value for programs: codes of rows, whole yuan, dates as text, null."""
        if isinstance(value, tuple):
            return [self.find(column.field.related_model, key).code for key in value]
        if column.is_link and value is not None:
            return self.find(column.field.related_model, value).code
        return plain_number(value) if isinstance(value, Decimal) else value

    def text(
        self, column: ComparedColumn, value: Any, qualifier: str = Qualifier.EXACT
    ) -> str | None:
        """Format a value for users in the active language; None if it is empty."""
        if value in (None, "", ()):
            return None
        if isinstance(value, tuple):
            found = (self.find(column.field.related_model, key).text for key in value)
            return pgettext("between names", ", ").join(filter(None, found))
        if column.is_link:
            return self.find(column.field.related_model, value).text
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if column.field.choices:
            return str(dict(column.field.flatchoices).get(value, value))
        return _number_in_words(column, value, qualifier)

    def describe(self, found: Iterable[Difference]) -> list[dict[str, Any]]:
        """Describe differences, without those of which the reader sees neither side."""
        described = [
            {
                "field": each.column.name,
                "label": str(each.column.label),
                "old": self.data(each.column, each.old),
                "new": self.data(each.column, each.new),
                "old_text": self.text(each.column, each.old, each.old_qualifier),
                "new_text": self.text(each.column, each.new, each.new_qualifier),
                "derived": each.column.is_derived,
            }
            for each in found
        ]
        return [
            each
            for each in described
            if (each["old"], each["old_text"]) != (each["new"], each["new_text"])
        ]


def _number_in_words(column: ComparedColumn, value: Any, qualifier: str) -> str:
    if column.name.endswith("_bp"):
        return f"{Decimal(value) / 100:f}%"
    is_money = column.name.endswith("_cny") or column.is_of_claim
    if is_money and isinstance(value, int):
        return str(TypedAmount(value, qualifier))
    if isinstance(value, Decimal):
        return format_hedged(value, qualifier, language=active_language())
    before = WRITTEN_BEFORE[active_language()][qualifier] if isinstance(value, int) else ""
    return f"{before}{value}"


def keys_in(found: Iterable[Difference]) -> Iterable[Key]:
    """List the rows that differences refer to."""
    for each in found:
        if each.column.is_link:
            for value in (each.old, each.new):
                keys = value if isinstance(value, tuple) else (value,)
                yield from ((each.column.field.related_model, key) for key in keys if key)
