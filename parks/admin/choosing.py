"""Fields that complete what is typed: the best match first, and where each is, beside its name."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest

from parks.admin.base import has_at_most
from parks.choosing import load_choices
from parks.models.spellings import read_letters


class ChosenByName(admin.ModelAdmin):
    """Rows that are found by all that `parks.choosing` knows of their names."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(pk__in=self.find_best(search_term)), False

    def find_best(self, typed: str) -> list[Any]:
        """Find the keys of what is meant, the best first."""
        return load_choices(self.model).find(typed)

    def describe_choice(self, row: Any) -> str:
        """Name a row to choose, with what it lies in."""
        outer = load_choices(self.model).name_outer(row.pk)
        return f"{row.name} · {outer} ({row.code})" if outer else f"{row.name} ({row.code})"


# So many can be sorted while somebody types; of more, those that come first are shown as they come
SORTED_AT_MOST = 1_000


class ChoosingView(AutocompleteJsonView):
    """What a field can be completed to: rows called so, then rows that begin so, then others."""

    names: ClassVar[tuple[str, ...]] = ("name_zh", "name_en", "title")

    def get_queryset(self) -> QuerySet:
        found = super().get_queryset()
        typed = self.term.strip()
        page: Any = self.model_admin
        if not typed:
            return found
        if isinstance(page, ChosenByName):
            places = enumerate(page.find_best(typed))
            order = [When(pk=key, then=Value(place)) for place, key in places]
        else:
            columns = {field.name for field in found.model._meta.concrete_fields}
            names = [name for name in self.names if name in columns]
            if not names or not has_at_most(found, SORTED_AT_MOST):
                return found
            called, begins = Q(), Q()
            for name in names:
                called |= Q(**{f"{name}__iexact": typed})
                begins |= Q(**{f"{name}__istartswith": typed})
            spellings, letters = getattr(page, "spellings", None), read_letters(typed)
            if spellings and letters:
                spelled = spellings.objects.filter(Q(whole=letters) | Q(initials=letters))
                called |= Q(pk__in=spelled.values("row"))
            order = [When(called, then=Value(0)), When(begins, then=Value(1))]
        if not order:
            return found
        best = Case(*order, default=Value(len(order)), output_field=IntegerField())
        return found.order_by(best, "pk")

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        described = super().serialize_result(obj, to_field_name)
        page: Any = self.model_admin
        if isinstance(page, ChosenByName):
            described["text"] = page.describe_choice(obj)
        return described
