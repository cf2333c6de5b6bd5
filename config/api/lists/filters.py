"""Filters that refuse what they do not understand, with the nearest value that would be."""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import Filter
from django_filters.constants import EMPTY_VALUES
from django_filters.filterset import BaseFilterSet, FilterSet
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from config.api.readers import Query, Reader, Reading
from config.mistakes import Mistake
from config.suggestions import nearest

# The words of forms for what the API calls by one name everywhere.
_CODES = {
    "invalid_choice": "unknown_value",
    "min_value": "out_of_range",
    "max_value": "out_of_range",
}


class LedgerFilterSet(FilterSet):
    """Filters of which a request pays for those alone that it names.

    The form fields are made once: a request has copies of the few that it fills in.
    """

    filters: dict[str, Filter]

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        declared: Any = type(self).base_filters
        self.__dict__["base_filters"] = {}  # of a hundred each would be copied deeply
        super().__init__(data, *args, **kwargs)
        named = sorted(declared.keys() & (data or ()), key=[*declared].index)
        self.filters = {name: self._adopt(declared[name]) for name in named}

    def _adopt(self, declared: Filter) -> Filter:
        adopted = _copy(declared)
        adopted.model, adopted.parent = self.queryset.model, self
        adopted._field = _copy(_make_field(declared))
        return adopted

    @property
    def form(self) -> forms.Form:
        if not hasattr(self, "_form"):
            self._form = self._meta.form(self.data if self.is_bound else None)
            self._form.fields = {name: each.field for name, each in self.filters.items()}
        return self._form


def _copy(made: Any) -> Any:
    """Copy an object as `copy` does, which asks how for half of the time of a filter."""
    copied = object.__new__(type(made))
    vars(copied).update(vars(made))
    return copied


@cache  # as many as are declared
def _make_field(declared: Filter) -> forms.Field:
    field: forms.Field = _copy(declared).field
    return field


class FilterReader(Reader[BaseFilterSet | None]):
    """Reads the view's `filterset_class`; None for a view without one.

    A filter's form field may raise a Mistake with what was probably meant.
    """

    lists = ("code", "code_not")

    def names(self, view: Any) -> Collection[str]:
        filterset_class = getattr(view, "filterset_class", None)
        return filterset_class.base_filters if filterset_class else ()

    def takes_one(self, name: str, view: Any) -> bool:
        return getattr(view.filterset_class.base_filters[name], "takes_one", False)

    def read(self, query: Query, view: Any) -> Reading[BaseFilterSet | None]:
        filterset_class = getattr(view, "filterset_class", None)
        if filterset_class is None:
            return None, []
        # Of the rows only the model is looked at: which ones are filtered is said by the view later
        filterset = filterset_class(query, queryset=view.queryset, request=view.request)
        return filterset, list(find_filter_errors(filterset))


FILTERS = FilterReader()


class StrictFilterBackend(BaseFilterBackend):
    """Filters by what FILTERS has read."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        filterset = view.get_value(FILTERS)
        return queryset if filterset is None else filterset.filter_queryset(queryset)


def find_filter_errors(filterset: BaseFilterSet) -> Iterator[Mistake]:
    """Find one error for each parameter of `filterset` that cannot be used."""
    for name, errors in filterset.errors.as_data().items():
        yield _parameter_error(filterset, name, errors[0])
    for name, value in filterset.form.cleaned_data.items():
        # Some fields make nothing of a value they do not understand, and the filter would then
        # be left out silently.
        if filterset.data.get(name) and value in EMPTY_VALUES:
            detail = _("“%(value)s” is not understood.") % {"value": filterset.data[name]}
            yield Mistake("invalid", detail).at(parameter=name)


def _parameter_error(filterset: BaseFilterSet, name: str, error: ValidationError) -> Mistake:
    code = error.code or "invalid"
    suggestion = _nearest_choice(filterset, name) if code == "invalid_choice" else None
    return Mistake(_CODES.get(code, code), error.messages[0], suggestion).at(parameter=name)


def _nearest_choice(filterset: BaseFilterSet, name: str) -> str | None:
    field = filterset.form.fields.get(name)
    if not isinstance(field, forms.ChoiceField) or isinstance(field, forms.ModelChoiceField):
        return None  # choices that are rows would have to be read from the database
    choices = [str(value) for value, _label in field.widget.choices if value]
    return nearest(filterset.data.get(name, ""), choices)
