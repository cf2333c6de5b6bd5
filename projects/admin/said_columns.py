"""Columns of files that people read: words in place of the values of programs, and percent."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DecimalField,
    ExpressionWrapper,
    F,
    Model,
    Value,
    When,
)
from django.db.models.lookups import Exact
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy

from config.spreadsheets import Column
from config.spreadsheets.columns import LANGUAGE_CODES
from projects.admin.drop_downs import COUNTED_FILTERS
from projects.dimensions.dimensions import OfWords

_SHARE = "share_bp"
_SHARE_LABEL = gettext_lazy("share (%)")


def say_in_words(columns: Sequence[Column], model: type[Model], header: str) -> list[Column]:
    """Give the columns of a file with headers in a language: what they hold is in it, too.

    Words, yes and no; shares in percent. With names of columns for headers all stays as it is.
    """
    if header not in LANGUAGE_CODES:
        return [*columns]
    with translation.override(LANGUAGE_CODES[header]):
        return [_say(column, model) for column in columns]


def _say(column: Column, model: type[Model]) -> Column:
    if column.name == _SHARE:
        return replace(column, label=_SHARE_LABEL, path=_say_percent)
    if column.kind == "flag":
        said: Mapping[Any, str] = {True: gettext("yes"), False: gettext("no")}
    elif column.kind == "word" and isinstance(column.path, str):
        said = {word: str(label) for word, label in _list_words(column, model) if word}
    else:
        return column
    return replace(column, kind="word", path=_make_words(column, said)) if said else column


def _list_words(column: Column, model: type[Model]) -> Sequence[tuple[Any, Any]]:
    """List the words of a column, and what people call them; nothing for codes of places."""
    dimension = COUNTED_FILTERS.get(column.name)
    field: Any = model._meta.get_field(str(column.path))
    if field.choices or not isinstance(dimension, OfWords):
        return list(field.flatchoices)
    return list(dimension.choices.choices)


def _make_words(column: Column, said: Mapping[Any, str]) -> Any:
    """Make what the database says for each of the words."""

    def say(actor: Any) -> Case:
        held = F(column.path) if isinstance(column.path, str) else column.path(actor)
        whens = [When(Exact(held, Value(word)), then=Value(label)) for word, label in said.items()]
        default = held if column.kind == "word" else Value("")
        return Case(*whens, default=default, output_field=CharField())

    return say


def _say_percent(actor: Any) -> ExpressionWrapper:
    percent = F(_SHARE) * Value(Decimal("0.01"))
    return ExpressionWrapper(percent, DecimalField(max_digits=5, decimal_places=2))
