"""Rows read by a plan, as plain values, by SQL of which most is compiled once.

A page is found by the columns that it is filtered and ordered by, and only then joined to what is
shown of its rows. To compile a query of some eighty columns takes longer than to answer it, and
that part is the same for every page: what changes is the page that is found.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from config import history
from config.api.fields import WorkedOutField
from config.api.lists.ordering import OrderingKey
from config.api.lists.plans import Children, RowPlan, SeenReference
from config.api.lists.statements import (
    BoundSQL,
    Row,
    compile_conditions,
    compile_plan,
    execute,
    execute_all,
    find_conversion,
    mark_values,
    read_codes,
    read_selected,
    write_select,
)
from config.clients import Client


class PlannedRows:
    """The rows of a plan as a client sees them: found, then built as they are shown.

    `context` is that of serializers, whose methods some fields are shown by.
    """

    def __init__(self, plan: RowPlan, client: Client, context: Mapping[str, Any]) -> None:
        self.plan, self.client, self.context = plan, client, context
        self.statement = compile_plan(
            plan, client, connection.alias, history.today(), settings.STALE_MONTHS
        )

    # --- Finding --------------------------------------------------------------------------------

    def find(
        self,
        rows: QuerySet,
        count: int,
        keys: Sequence[OrderingKey] = (),
        *,
        backward: bool = False,
    ) -> list[Row]:
        """Find the first rows of a queryset in the order of `keys`, with their values at the end.

        The keys are columns of the model. Of the queryset only its conditions count, and they alone
        are compiled.
        """
        columns = [self._name(key.path) for key in keys]
        terms = [
            f"{column} {_direction(key, backward)}"
            for column, key in zip(columns, keys, strict=True)
        ]
        order = f" ORDER BY {', '.join(terms)}" if terms else ""
        pk = self._name("pk")
        try:
            tables, where, params = compile_conditions(rows)
        except EmptyResultSet:
            return []
        selected = where and f" WHERE {where}"
        page = f"SELECT {pk} AS pk FROM {tables}{selected}{order} LIMIT {count}"  # noqa: S608
        if history.moment() is not None:
            # Tables of the past have no index in order: whole rows would be sorted to the last one
            page_keys = [key for (key,) in execute(page, params)]
            return self._select(order, columns, (f"{pk} IN ({mark_values(page_keys)})", page_keys))
        source = f"({page}) page INNER JOIN {self.statement.table} ON {pk} = page.pk"
        return self._select(order, columns, source=(source, params))

    def find_by_keys(self, keys: Collection[Any]) -> list[Row]:
        """Find the rows with these keys, in their order; what may not be shown is left out."""
        found = self._select("", (), (f"{self._name('pk')} IN ({mark_values(keys)})", keys))
        place = self.plan.places["pk"]
        by_key = {row[place]: row for row in found}
        return [by_key[key] for key in keys if key in by_key]

    def ask_below(self, children: Children, owners: Collection[Any]) -> BoundSQL:
        """Ask for the rows that belong to these owners, in order, with the owner's key last."""
        owner = self._name(children.owner)
        terms = [
            self._name(term.removeprefix("-")) + (" DESC" if term.startswith("-") else "")
            for term in children.order
        ]
        condition = f"{owner} IN ({mark_values(owners)})"
        return self._ask(f" ORDER BY {', '.join(terms)}", [owner], (condition, owners))

    def read_position(self, row: Row, keys: Sequence[OrderingKey]) -> list[Any]:
        """Read the values of the keys by which a row was found."""
        values = row[len(row) - len(keys) :]
        position = []
        for value, key in zip(values, keys, strict=True):
            convert = find_conversion(_own_field(self.plan.model, key.path).cached_col)
            position.append(convert(value) if convert else value)
        return position

    def read_version(self, row: Row) -> int | None:
        """Read the version of a row that was found; None where rows have none."""
        version: int | None = row[self.plan.places["version"]]
        return version

    def _name(self, path: str) -> str:
        column = _own_field(self.plan.model, path).column
        return f"{self.statement.table}.{connection.ops.quote_name(column)}"

    def _select(self, *asked: Any, **source: Any) -> list[Row]:
        return read_selected(execute(*self._ask(*asked, **source)))

    def _ask(
        self,
        order: str,
        further: Collection[str],
        condition: BoundSQL = ("", ()),
        source: BoundSQL = ("", ()),
    ) -> BoundSQL:
        of = self.statement
        where = " AND ".join(filter(None, (of.where, condition[0])))
        sql = (
            f"SELECT {write_select([of.columns, *further])} FROM {source[0] or of.table}"  # noqa: S608
            f"{of.joins}{where and ' WHERE '}{where}{order}"
        )
        params = (*of.column_params, *source[1], *of.join_params, *of.where_params, *condition[1])
        return sql, params

    # --- Building -------------------------------------------------------------------------------

    def build(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        """Build what is shown of rows that were found: by name, in the order of the answer."""
        found = list(rows)
        built = [self.statement.build(row) for row in found]
        if found:
            self._add_references(found, built)
            self._add_children(found, built)
            self._finish(found, built)
        return built

    def _add_references(self, found: Sequence[Row], built: Sequence[dict[str, Any]]) -> None:
        """Name the rows that are referred to: of what the client may not see, not even the code."""
        for reference in self.plan.list_parts(SeenReference):
            name = reference.name
            keys = {shown[name] for shown in built} - {None}
            codes = read_codes(reference.model, self.client, keys) if keys else {}
            for shown in built:
                shown[name] = codes.get(shown[name])

    def _add_children(self, found: Sequence[Row], built: Sequence[dict[str, Any]]) -> None:
        place = self.plan.places["pk"]
        owners = [row[place] for row in found]
        readers = [
            (children, PlannedRows(children.plan, self.client, self.context))
            for children in self.plan.list_parts(Children)
        ]
        answers = execute_all([read.ask_below(children, owners) for children, read in readers])
        for (children, read), rows in zip(readers, answers, strict=True):
            below: dict[Any, list[Any]] = {owner: [] for owner in owners}
            found_below = read_selected(rows)
            for row, shown in zip(found_below, read.build(found_below), strict=True):
                below[row[-1]].append(shown if children.plan.serializer else row[0])
            for owner, shown in zip(owners, built, strict=True):
                shown[children.name] = below[owner]

    def _finish(self, found: Sequence[Row], built: Sequence[dict[str, Any]]) -> None:
        """Add what is worked out of all the others, and take away what is not shown."""
        plan = self.plan
        for worked_out in plan.list_parts(WorkedOutField):
            for shown in built:
                shown[worked_out.field_name] = worked_out.work_out(
                    self.context, *[shown[name] for name in worked_out.of]
                )
        if plan.methods:
            self._call_methods(found, built)
        for shown in built if plan.unshown else ():
            for name in plan.unshown:
                del shown[name]
        if plan.reserved:
            sees_all = plan.serializer.judge_readers(self.client.person)
            place = plan.places[plan.serializer.reserved_for]
            for row, shown in zip(found, built, strict=True):
                if not sees_all(row[place]):
                    shown |= plan.reserved

    def _call_methods(self, found: Sequence[Row], built: Sequence[dict[str, Any]]) -> None:
        """Show what methods of the serializer read for a row of which they know key and code."""
        plan = self.plan
        serializer = plan.serializer(context=self.context)
        names = [str(plan.model._meta.pk.attname), "code"]
        key, code = plan.places["pk"], plan.places["code"]
        for row, shown in zip(found, built, strict=True):
            instance = plan.model.from_db(connection.alias, names, [row[key], row[code]])
            for name, method in plan.methods:
                shown[name] = getattr(serializer, method)(instance)


def _own_field(model: Any, path: str) -> Any:
    return model._meta.pk if path == "pk" else model._meta.get_field(path)


def _direction(key: OrderingKey, backward: bool) -> str:
    """How SQL says the order by a key, as `OrderingKey.order_by` does."""
    direction = "DESC" if key.is_descending != backward else "ASC"
    nulls = " NULLS FIRST" if backward else " NULLS LAST"
    return f"{direction}{nulls if key.is_nullable else ''}"
