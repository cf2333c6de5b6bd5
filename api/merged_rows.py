"""One list of the rows of several tables: in one order, in pages by keyset, and in files."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cmp_to_key
from heapq import merge
from operator import itemgetter
from typing import IO, Any

from django.db.models import F, Max, Model, QuerySet

from api.files import annotate_for_file
from api.lists.pagination import (
    ORDERING,
    OrderingKey,
    PageCursor,
    PageFinder,
    build_ordering_keys,
    put_in_order,
)
from api.lists.planned_rows import PlannedRows
from api.views import LedgerReadViewSet
from config.database.prepared import snapshot
from sheets.writing.columns import Column, Sheet, Written, report_progress
from sheets.writing.csv_writing import READ_AT_ONCE, write_csv

# Before and after every primary key
_FIRST, _LAST = 0, 2**62


@dataclass(frozen=True)
class MergedRows:
    """Rows of several tables in one list; those with equal keys are in the order of the tables.

    Each table has the columns or annotations of the order and the filters. Its own order ends with
    the primary key.
    """

    parts: Sequence[QuerySet]

    @property
    def model(self) -> type[Model]:
        """The model of the first part, whose columns are the keys."""
        return self.parts[0].model

    def count(self) -> int:
        return sum(part.count() for part in self.parts)


def merge_in_order(
    parts: Sequence[Iterable[Any]],
    keys: Sequence[OrderingKey],
    read: Callable[[Any], Sequence[Any]],
    *,
    backward: bool = False,
) -> Iterator[Any]:
    """Merge ordered rows; `read` returns the values of the keys of a row."""

    def compare(one: Any, other: Any) -> int:
        for key, left, right in zip(keys, read(one), read(other), strict=True):
            if left == right:
                continue
            if left is None or right is None:
                return -1 if (right is None) != backward else 1
            return -1 if (left < right) != (key.is_descending != backward) else 1
        return 0

    turned = parts[::-1] if keys[-1].is_descending != backward else parts
    return merge(*turned, key=cmp_to_key(compare))


@dataclass(frozen=True)
class MergedFinder(PageFinder):
    """Finds MergedRows: pairs of the number of the part, which ends a position, and the row."""

    parts: Sequence[PlannedRows]

    def read_position(self, row: Any, keys: Sequence[OrderingKey]) -> list[Any]:
        place, found = row
        return [*self.parts[place].read_position(found, keys), place]

    def find_beyond(
        self, rows: MergedRows, keys: Sequence[OrderingKey], cursor: PageCursor, count: int
    ) -> list[Any]:
        """Find a page of each table by one query, and merge them."""
        parts = []
        for place, (part, planned) in enumerate(zip(rows.parts, self.parts, strict=True)):
            found = planned.find_beyond(part, keys, _place_in_part(cursor, place, keys), count)
            parts.append([(place, row) for row in found])
        merged = merge_in_order(
            parts, keys[:-1], lambda placed: placed[1][-len(keys) : -1], backward=cursor.backward
        )
        return list(merged)[:count]

    def build(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """Build the responses of the rows, part by part, in their order."""
        built = [
            iter(planned.build([found for at, found in rows if at == place]))
            for place, planned in enumerate(self.parts)
        ]
        return [next(built[place]) for place, _found in rows]


def _place_in_part(cursor: PageCursor, place: int, keys: Sequence[OrderingKey]) -> PageCursor:
    # A part's rows with equal keys are all before or all after the position in another part
    if cursor.position is None:
        return cursor
    *values, pk, reached = cursor.position
    if place != reached:
        is_rising = keys[-1].is_descending == cursor.backward
        is_beyond = (place > reached) == is_rising
        pk = _FIRST if is_beyond == is_rising else _LAST
    return replace(cursor, position=[*values, pk])


class MergedFilesMixin(LedgerReadViewSet):
    """Builds the files of MergedRows. A column that a table lacks is empty in its rows."""

    def filter_queryset(self, queryset: Any) -> Any:
        if not isinstance(queryset, MergedRows):
            return super().filter_queryset(queryset)
        return MergedRows(
            [super(MergedFilesMixin, self).filter_queryset(p) for p in queryset.parts]
        )

    def file_rows(self) -> Any:
        rows: Any = self.filter_queryset(self.get_queryset())
        ordering = self.get_value(ORDERING)
        return MergedRows([put_in_order(part, ordering, self) for part in rows.parts])

    def write_csv(self, file: IO[bytes]) -> Written:
        options = self.file_options
        with snapshot():
            values = self.merge_values(self.file_rows(), options.columns)
            return write_csv(
                options.columns, report_progress(values, self.progress), file, **options.csv
            )

    def build_first_sheet(self, rows: Any, columns: Sequence[Column]) -> Sheet:
        return Sheet(str(self.table.title), columns, self.merge_values(rows, columns))

    def merge_values(self, rows: MergedRows, columns: Sequence[Column]) -> Iterator[Sequence[Any]]:
        """Read the values of the columns' `paths`, row by row, in the order of the list."""
        keys = build_ordering_keys(self.get_value(ORDERING), self, rows.model)[:-1]
        parts = [self._read_values(part, columns, keys) for part in rows.parts]
        return (values for _keys, values in merge_in_order(parts, keys, itemgetter(0)))

    def _read_values(
        self, part: QuerySet, columns: Sequence[Column], keys: Sequence[OrderingKey]
    ) -> Iterator[tuple[Sequence[Any], Sequence[Any]]]:
        read = annotate_for_file(part, columns, self.request.user)
        wanted = [path for column in columns for path in column.paths]
        known = {path for path in wanted if has_path(read, path)}
        places = {path: place for place, path in enumerate(sorted(known))}
        names = {f"ordering_key_{index}": F(key.path) for index, key in enumerate(keys)}
        values = read.annotate(**names).values_list(*sorted(known), *names)
        for row in values.iterator(READ_AT_ONCE):
            shown = [row[places[path]] if path in places else None for path in wanted]
            yield row[len(places) :], shown

    def find_newest(self, rows: Any) -> Any:
        newest = (part.order_by().aggregate(newest=Max("updated_at")) for part in rows.parts)
        return max((each["newest"] for each in newest if each["newest"]), default=None)

    def file_sources(self, rows: Any) -> Iterator[tuple[str, str, str]]:
        found = {
            each for part in rows.parts for each in super(MergedFilesMixin, self).file_sources(part)
        }
        yield from sorted(found, key=lambda source: source[0].lower())


def has_path(rows: QuerySet, path: str) -> bool:
    """Return whether rows have the column or annotation with which a lookup path begins."""
    first, beyond, _rest = path.partition("__")
    if first in rows.query.annotations:
        return not beyond
    return any(first in (each.name, each.attname) for each in rows.model._meta.concrete_fields)
