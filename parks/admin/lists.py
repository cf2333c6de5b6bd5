"""Lists of the admin that stay quick however many rows there are."""

from typing import Any

from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

COUNTED_AT_MOST = 10_000


def has_at_most(rows: QuerySet, most: int) -> bool:
    """Tell whether there are at most so many rows, without counting all that are more."""
    return count_up_to(rows, most) <= most


def count_up_to(rows: QuerySet, most: int) -> int:
    """Count rows; one more than `most` stands for all that are more."""
    return rows.order_by().values("pk")[: most + 1].count()


class BoundedPaginator(Paginator):
    """Pages of a list, of which the first COUNTED_AT_MOST rows are counted and shown."""

    @cached_property
    def count(self) -> int:
        return min(self.counted, COUNTED_AT_MOST)

    @cached_property
    def counted(self) -> int:
        """How many rows there are; one more than COUNTED_AT_MOST for all that are more."""
        rows: Any = self.object_list
        return count_up_to(rows, COUNTED_AT_MOST)

    @property
    def is_cut(self) -> bool:
        return self.counted > COUNTED_AT_MOST


class IndexedList(ChangeList):
    """A list that is sorted by those columns alone that the page offers: they have an index.

    What its rows refer to is read for the rows of the page: SQLite would begin with what is joined,
    and sort all rows.
    """

    def apply_select_related(self, qs: QuerySet) -> QuerySet:
        names: Any = self.list_select_related
        return qs.prefetch_related(*names) if names else qs

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[Any]:
        """Give the order that is asked for; equal rows in that of their keys, as in an index."""
        if ORDER_VAR not in self.params:
            return super().get_ordering(request, queryset)
        order: list[Any] = super().get_ordering(request, queryset.order_by())
        if order[-1] == "-pk" and not str(order[0]).startswith("-"):
            order[-1] = "pk"
        return order

    def get_ordering_field(self, field_name: Any) -> Any:
        """Give what a column is sorted by; None if it is not."""
        sortable: Any = self.sortable_by
        if field_name not in sortable:
            return None
        if field_name == "code" and hasattr(self.model, "code_key"):
            return "code_key"  # codes are the same in either case, and so is their index
        return super().get_ordering_field(field_name)
