"""Each field of a project is everywhere, or is said not to be: what is forgotten fails here.

Columns and JSON are compared in `tests/site/test_docs.py`, imports in
`tests/projects/importing/test_import_columns.py`.
"""

from projects.admin.projects import ProjectAdmin
from projects.columns import PROJECT_COLUMNS
from projects.filters import ProjectFilterSet
from projects.models import Project
from projects.models.words import DERIVED
from projects.serializers import ProjectSerializer
from tools.docs import pages, tables

# What people enter: its precision belongs to a date, and what is derived to nobody.
FIELDS = {
    field.name
    for field in Project._meta.concrete_fields
    if field.editable and field.name not in DERIVED and not field.name.endswith("_precision")
} - {"id", "pk"}
# Never public; only the admin and the import know it.
PRIVATE = {"contact"}
# Of the ledger's own keeping
KEPT = {"code", "version", "created_at", "updated_at"}
# Texts are found by `q` or not at all, and nobody has asked for the rest yet.
UNFILTERED = {
    *(
        "name_zh",
        "name_en",
        "capital_type_stated",
        "origin_basis",
        "origin_text",
        "sector_basis",
        "sector_text",
    ),
    *("standing_on", "standing_reason", "is_umbrella", "duplicate_of", "part_of", "reported_on"),
    *(
        "note",
        "land_qualifier",
        "open_issues",
        "further_columns",
        "address",
        "site",
        "building",
        "latitude",
        "longitude",
    ),
    *("point_accuracy", "point_datum", "region"),  # `project_region` is asked for
    "review_on",  # `review_from` and `review_to` are
}
SUFFIXES = ("", "_min", "_max", "_from", "_to")


def test_json_has_every_field() -> None:
    assert FIELDS - PRIVATE - {*ProjectSerializer.Meta.fields} == set()


def test_files_have_every_field() -> None:
    assert FIELDS - PRIVATE - {column.name for column in PROJECT_COLUMNS} == set()


def test_every_field_has_a_filter_or_is_said_to_have_none() -> None:
    names = {*ProjectFilterSet.base_filters}
    filtered = {field for field in FIELDS if names & {f"{field}{suffix}" for suffix in SUFFIXES}}
    assert FIELDS - filtered - PRIVATE - KEPT == UNFILTERED


def test_every_field_is_typed_in_in_the_admin() -> None:
    asked: set[str] = set()
    for _title, options in ProjectAdmin.fieldsets:
        for row in options["fields"]:
            asked.update([row] if isinstance(row, str) else row)
    assert FIELDS - KEPT - asked == set()


def test_every_field_has_a_meaning() -> None:
    rows = tables.read_rows(pages.read_tables()["columns"])
    meant = {name.strip("`") for name, cells in rows.items() if cells[tables.MEANING]}
    assert FIELDS - PRIVATE - meant == set()
