"""Filters that refuse what they do not understand, with the nearest value that would be."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.constants import EMPTY_VALUES
from django_filters.filterset import BaseFilterSet, FilterSet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from config.api.problems.errors import ParameterError, QueryError
from config.suggestions import nearest

# The words of forms for what the API calls by one name everywhere.
_CODES = {
    "invalid_choice": "unknown_value",
    "min_value": "out_of_range",
    "max_value": "out_of_range",
}


class LedgerFilterSet(FilterSet):
    """Filters of which a request pays for those alone that it names."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        # Otherwise each of the hundred filters of projects would be copied and become a field
        declared: Any = type(self).base_filters
        asked = {name: made for name, made in declared.items() if name in (data or ())}
        self.__dict__["base_filters"] = asked
        super().__init__(data, *args, **kwargs)


class StrictFilterBackend(DjangoFilterBackend):
    """Filters by the view's `filterset_class`; a value it cannot use is a QueryError.

    A filter's form field may raise a ValidationError whose `params` hold `suggestion`,
    `candidates` or, for mistakes of several parameters together, `parameter`.
    """

    def query_parameters(self, view: Any) -> set[str]:
        """The names of the view's filters."""
        filterset_class = self.get_filterset_class(view)
        return set(filterset_class.base_filters) if filterset_class else set()

    def query_errors(self, request: Request, view: Any) -> list[ParameterError]:
        """What is wrong with the values of the filters."""
        filterset = self.filterset(request, view)
        return [] if filterset is None else list(filter_errors(filterset))

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        filterset = self.filterset(request, view)
        if filterset is None:
            return queryset
        errors = list(filter_errors(filterset))
        if errors:
            raise QueryError(errors)
        return filterset.filter_queryset(queryset)

    def get_filterset_kwargs(self, request: Request, queryset: QuerySet, view: Any) -> Any:
        """What the filters are made of: without parameters that are refused already."""
        made = super().get_filterset_kwargs(request, queryset, view)
        refused = made["data"].keys() & getattr(view, "refused_parameters", ())
        if refused:
            made["data"] = made["data"].copy()
            for name in refused:
                del made["data"][name]
        return made

    def filterset(self, request: Request, view: Any) -> BaseFilterSet | None:
        """The filters of a request, read; None for a view without any."""
        # Made once for each request: checking and filtering share the form and its clean values.
        # Of the rows only the model is looked at: which ones are filtered is said by then.
        made: dict[str, Any] = vars(view)
        if "strict_filterset" not in made:
            made["strict_filterset"] = self.get_filterset(request, view.queryset, view)
        return made["strict_filterset"]


def filter_errors(filterset: BaseFilterSet) -> Iterator[ParameterError]:
    """One error for each parameter of `filterset` that cannot be used."""
    for name, errors in filterset.errors.as_data().items():
        yield _parameter_error(filterset, name, errors[0])
    for name, value in filterset.form.cleaned_data.items():
        # Some fields make nothing of a value they do not understand, and the filter would then
        # be left out silently.
        if filterset.data.get(name) and value in EMPTY_VALUES:
            detail = _("“%(value)s” is not understood.") % {"value": filterset.data[name]}
            yield ParameterError(name, "invalid", detail)


def _parameter_error(filterset: BaseFilterSet, name: str, error: ValidationError) -> ParameterError:
    params: dict[str, Any] = error.params or {}
    suggestion = params.get("suggestion")
    if suggestion is None and error.code == "invalid_choice":
        suggestion = _nearest_choice(filterset, name)
    return ParameterError(
        parameter=params.get("parameter", name),
        code=_CODES.get(error.code or "", error.code or "invalid"),
        detail=error.messages[0],
        suggestion=suggestion,
        candidates=params.get("candidates"),
    )


def _nearest_choice(filterset: BaseFilterSet, name: str) -> str | None:
    field = filterset.form.fields.get(name)
    if not isinstance(field, forms.ChoiceField) or isinstance(field, forms.ModelChoiceField):
        return None  # choices that are rows would have to be read from the database
    choices = [str(value) for value, _label in field.widget.choices if value]
    return nearest(filterset.data.get(name, ""), choices)
