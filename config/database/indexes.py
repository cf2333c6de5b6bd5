"""Covering indexes, and how they are built while the ledger is in use."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddIndex
from django.db.models import F, Value
from django.db.models.expressions import Combinable

_NOTHING = "SELECT 1"  # a statement that does nothing


class CoveringIndex(models.Index):
    """An index that also has the columns `include`, for index-only scans.

    SQLite has no INCLUDE: there they are its last keys. It reads generated columns from such an
    index only if the index has an expression, here `pk + 0`. PostgreSQL allows 32 columns in all.
    """

    def create_sql(
        self, model: Any, schema_editor: BaseDatabaseSchemaEditor, using: str = "", **options: Any
    ) -> Any:
        if schema_editor.connection.features.supports_covering_indexes:
            return super().create_sql(model, schema_editor, using, **options)
        further = [name for name in self.include if name != model._meta.pk.name]
        keys: list[Combinable | str] = [*self.expressions, *further]  # type: ignore[list-item]
        all_keys = models.Index(*keys, F("pk") + Value(0), name=self.name)
        return all_keys.create_sql(model, schema_editor, using, **options)


class IndexOnPostgreSQL(models.Index):
    """An index that SQLite does not get: its planner would prefer it to covering indexes."""

    def create_sql(
        self, model: Any, schema_editor: BaseDatabaseSchemaEditor, *a: Any, **o: Any
    ) -> Any:
        if not schema_editor.connection.features.supports_covering_indexes:
            return _NOTHING
        return super().create_sql(model, schema_editor, *a, **o)

    def remove_sql(
        self, model: Any, schema_editor: BaseDatabaseSchemaEditor, **options: Any
    ) -> Any:
        if not schema_editor.connection.features.supports_covering_indexes:
            return _NOTHING
        return super().remove_sql(model, schema_editor, **options)


class Likely(models.Func):
    """A condition that most rows meet.

    SQLite expects an equation to select few, and would read the table by an index that has its
    column, although another index has all columns. PostgreSQL has statistics.
    """

    function = "LIKELY"
    output_field: Any = models.BooleanField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="(%(expressions)s)", **context)


def index_orders(prefix: str, **columns: str) -> list[models.Index]:
    """Build the indexes for lists ordered by a column; `columns` by the ends of their names."""
    return [
        models.Index(fields=[column, "id"], name=f"{prefix}_by_{name}")
        for name, column in columns.items()
    ]


class AddIndexBesideWriters(AddIndexConcurrently):
    """Adds an index without a lock on PostgreSQL, in a migration that is not atomic.

    It drops the invalid index of an interrupted build.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if not schema_editor.connection.features.has_select_for_update:
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        remains = schema_editor.quote_name(self.index.name)
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {remains}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.features.has_select_for_update:
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)
