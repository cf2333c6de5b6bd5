"""Stored rows and lists of rows that change, written set by set for bodies and sheets alike."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.db.models import Model

from parks.cell_lookup import create_rows
from parks.recording.recording import OF_EVERY_VERSION

Columns = dict[str, Any]  # values by attname


def update_rows(model: Any, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Write the columns that change, by the keys of rows; each row gets a new version."""
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for key, columns in changes.items():
        if columns:
            alike[tuple(sorted(columns))].append(key)
    for names, keys in alike.items():
        if len(keys) == 1:  # as it is most often: no cases are to be told apart
            model.objects.update_by_keys(keys, changes[keys[0]])
            continue
        fields = [model._meta.get_field(name).name for name in names]
        changed = [model(pk=key, **changes[key]) for key in keys]
        model.objects.bulk_update(changed, fields, batch_size=200)


def change_lists(model: Any, listed: Mapping[int, tuple[Iterable[Any], list[Any]]]) -> set[int]:
    """Give projects, by key, the rows that they are to have in place of those that they have.

    Returns the keys of those in which something changes. Rows without a key are new.
    """
    new: list[Columns] = []
    values: dict[int, Columns] = {}
    changed: set[int] = set()
    for project, (stored, rows) in listed.items():
        kept = {row.pk: row for row in rows if row.pk is not None}
        for row in stored:
            if row.pk not in kept:
                row.delete()
                changed.add(project)
            elif difference := find_changed_values(kept[row.pk], row):
                values[row.pk] = difference
                changed.add(project)
        new += [{**read_given_values(row), "project_id": project} for row in rows if not row.pk]
    update_rows(model, values)
    create_rows(model, new)
    return changed | {row["project_id"] for row in new}


def find_changed_values(row: Model, stored: Model) -> Columns:
    """Find the columns in which a row is to be another than it is stored, with their new values."""
    return {
        name: value
        for name, _default in list_written_columns(type(row))
        if (value := getattr(row, name)) != getattr(stored, name)
    }


def read_given_values(row: Model) -> Columns:
    """Read the columns of a new row that have another value than those of any new row."""
    return {
        name: value
        for name, default in list_written_columns(type(row))
        if (value := getattr(row, name)) != default
    }


@cache
def list_written_columns(model: type[Model]) -> list[tuple[str, Any]]:
    """List the columns of a model that are written as they are said, and what new rows have."""
    return [
        (field.attname, field.get_default())
        for field in model._meta.concrete_fields
        if not (field.generated or field.primary_key or field.name in OF_EVERY_VERSION)
    ]
