"""What is checked of a row, whoever writes it: its texts, and what a change may break.

The database holds every constraint and link of what it has. So only those can be broken by a write
that have a column in which it changes something; to ask about the others takes a quarter of it.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.constraints import BaseConstraint, CheckConstraint, UniqueConstraint

from config.texts import check_text


class WithTexts(models.Model):
    """A row whose texts, those in lists included, hold nothing but characters, and not too many."""

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        errors: dict[str, Any] = {}
        try:
            super().clean_fields(exclude)
        except ValidationError as error:
            errors = error.update_error_dict({})
        for field in self._meta.concrete_fields:
            value = None if field.generated else getattr(self, field.attname)
            if not (value and isinstance(value, str | dict | list)):
                continue
            if field.name in (exclude or ()) or field.name in errors:
                continue
            try:
                for text in _find_texts(value):
                    check_text(text, has_lines=isinstance(field, models.TextField))
            except ValidationError as error:
                errors[field.name] = error.error_list
        if errors:
            raise ValidationError(errors)


def _find_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _find_texts([*value, *value.values()])
    elif isinstance(value, list):
        for member in value:
            yield from _find_texts(member)


class CheckedWhereChanged(models.Model):
    """A row whose links and constraints are checked only where something has changed.

    `unchanged` names the columns that are as they are stored: whoever drafts a change says so.
    """

    unchanged: frozenset[str] = frozenset()

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        links = {f.name for f in self._meta.concrete_fields if f.is_relation}
        super().clean_fields({*(exclude or ()), *(links & self.unchanged)})

    def get_constraints(self) -> list[tuple[type[models.Model], Sequence[BaseConstraint]]]:
        """List the constraints that a change may break, as Django asks for them."""
        model = type(self)
        found = find_columns_of_constraints(model)
        return [(model, [each for each, columns in found if not columns <= self.unchanged])]


def find_columns_of_constraints(
    model: type[models.Model],
) -> list[tuple[BaseConstraint, frozenset[str]]]:
    """Find which columns each constraint of a model is about."""
    return [(each, frozenset(_list_columns(model, each))) for each in model._meta.constraints]


def _list_columns(model: Any, constraint: BaseConstraint) -> Iterator[str]:
    """The names of the columns, of generated ones what they are made of."""
    parts: list[Any] = []
    if isinstance(constraint, CheckConstraint):
        parts = [constraint.condition]
    elif isinstance(constraint, UniqueConstraint):
        parts = [*map(models.F, constraint.fields), *constraint.expressions]
        parts += [constraint.condition] if constraint.condition else []
    for part in parts:
        yield from _list_references(model, part)


def _list_references(model: Any, expression: Any) -> Iterator[str]:
    for name, *_path in model._get_expr_references(expression):
        column = model._meta.get_field("id" if name == "pk" else name)
        if column.generated:
            yield from _list_references(model, column.expression)
        yield column.name
