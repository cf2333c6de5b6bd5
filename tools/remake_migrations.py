"""Write the first migrations again from the models, which is allowed until 1.0.0.

`python -m tools.remake_migrations` replaces `*/migrations/0001_initial.py`. What Django writes by
itself would add fields, indexes and constraints one by one, each of which copies a table on SQLite,
and would not keep the columns in the order of the model: here each table is made once, whole. The
migrations beside the first ones are written by hand and stay.
"""

import graphlib
import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.apps import apps  # noqa: E402 after the set-up
from django.db.migrations import AddField, CreateModel, Migration  # noqa: E402
from django.db.migrations.state import ModelState, ProjectState  # noqa: E402
from django.db.migrations.writer import MigrationWriter  # noqa: E402

from tools.release import is_stable  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
BEFORE = {
    "parks": [("contenttypes", "0002_remove_content_type_name"), ("auth", "__first__")],
    "projects": [("parks", "0002_texts_by_index")],
}
# Sources and organisations may be of a park, which in turn has one of each.
LATE = {("park", "operator"), ("park", "source")}
Models = dict[str, ModelState]  # by name in small letters


def main() -> None:
    """Write a first migration for each of our apps that has tables."""
    if is_stable():
        raise SystemExit("From 1.0.0 on migrations are added, none is made again: makemigrations.")
    states = ProjectState.from_apps(apps).models
    for label, dependencies in BEFORE.items():
        models = {name: state for (app, name), state in states.items() if app == label}
        migration = build_migration(label, models)
        migration.dependencies = dependencies
        text = MigrationWriter(migration, include_header=False).as_string()
        (ROOT / label / "migrations" / "0001_initial.py").write_text(text)


def build_migration(label: str, models: Models) -> Migration:
    """Make each table whole, after those that it refers to; the late fields follow.

    Raises `graphlib.CycleError` where tables refer to each other otherwise.
    """
    before = {name: find_referred(name, models) for name in sorted(models)}
    migration = Migration("0001_initial", label)
    migration.initial = True
    for name in graphlib.TopologicalSorter(before).static_order():
        migration.operations.append(create_whole(models[name]))
    for name, field in sorted(LATE):
        if name in models:
            migration.operations.append(AddField(name, field, models[name].fields[field]))
    return migration


def find_referred(name: str, models: Models) -> list[str]:
    """Find the other tables of the same app to which a table refers."""
    referred = [
        field.remote_field.model.lower().split(".")[-1]
        for key, field in models[name].fields.items()
        if field.is_relation and (name, key) not in LATE
    ]
    return sorted({other for other in referred if other in models and other != name})


def create_whole(state: ModelState) -> CreateModel:
    """Make a table with its indexes and constraints."""
    late = {field for name, field in LATE if name == state.name_lower}
    fields = [pair for pair in state.fields.items() if pair[0] not in late]
    options = {name: value for name, value in state.options.items() if value != []}
    return CreateModel(state.name, fields, options, state.bases, state.managers)


if __name__ == "__main__":
    main()
